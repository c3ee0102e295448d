"""Every named fault ends as the table says, and the page shows the table."""

from __future__ import annotations

import pytest

from faults import answers, calls, connections, processes  # noqa: F401  # they fill the table
from faults.page import PAGE, page
from faults.table import FAULTS, Fault

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

_IDS = [f"{fault.group}-{fault.name}".replace(" ", "_") for fault in FAULTS]


@pytest.mark.parametrize("fault", FAULTS, ids=_IDS)
def test_fault(fault: Fault) -> None:
    """The fault happens on real sockets or in real processes, and the user sees what the page says."""
    fault.check()


@pytest.mark.soak
def test_a_thousand_children_of_a_busy_parent() -> None:
    """None hangs, and what parent and children emit arrives once."""
    processes.fork_while_busy(1000)


def test_there_are_enough_faults() -> None:
    """No fault is in the table twice, and there are more than 35."""
    assert len({(fault.group, fault.name) for fault in FAULTS}) == len(FAULTS) > 35


def test_the_page_shows_the_table() -> None:
    """`docs/reliability.md` is what `python tests/faults/page.py` writes."""
    assert PAGE.read_text(encoding="utf-8") == page()
