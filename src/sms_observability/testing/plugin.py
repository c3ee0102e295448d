"""The pytest plugin: the fixture `telemetry`. Nothing else of the library is imported before a test uses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

    from sms_observability.testing.telemetry import Telemetry


@pytest.fixture
def telemetry() -> Generator[Telemetry]:
    """Capture what leaves the service during a test: `.spans`, `.logs`, `.metrics`, with a clock that stands still."""
    from sms_observability.testing.telemetry import Telemetry

    with Telemetry() as captured:
        yield captured
