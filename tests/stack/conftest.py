"""One stack for all tests of this room."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from stack.running import RunningStack, wait_for


@pytest.fixture(scope="session")
def stack() -> Iterator[RunningStack]:
    """A stack in compressed time; at the end it must stop cleanly and leave nothing behind."""
    with RunningStack("--quick") as running:
        yield running
        lasting = {"gateway", "vessel", "sampler", "prometheus", "prometheus-restricted", "alertmanager"}
        wait_for(lambda: lasting <= set(running.processes()), "each of its programs, killed ones included")
        assert running.stop() == 0, running.said()
        assert running.processes() == {}
        assert "Stopped." in running.said()
