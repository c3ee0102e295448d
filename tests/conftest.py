"""What holds for every test: nothing of the one before is left, and where CI is set nothing is skipped."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator

import hypothesis
import pytest

# Time limits of single examples say more about the machine than about the code.
hypothesis.settings.register_profile("default", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, database=None, print_blob=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "default")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell's background job ignores Ctrl-C, and so would every program that a test starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    """Undo `init_observability`, forget bound ids and restricted values, if the test came that far."""
    yield
    start = sys.modules.get("sms_observability.setup.start")
    if start is not None and start._state.house is not None:
        start.reset()
    context = sys.modules.get("sms_observability.context")
    if context is not None and context.bound_context():
        context.unbind_context(*context.bound_context())
    guard = sys.modules.get("sms_observability.privacy.guard")
    if guard is not None and guard._ambient.armed:
        # What was restricted in one test would be looked for in all that the next ones emit.
        guard.ValueGuard.__init__(guard._ambient)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Turn a skipped test into a failed one where CI is set: what is missing there has to be installed."""
    report = yield
    if report.skipped and os.environ.get("CI") and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and CI skips nothing: {reason}"
    return report
