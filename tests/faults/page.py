"""Writes `docs/reliability.md` from the table of faults: `python tests/faults/page.py`."""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from faults.table import FAULTS

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"

_HEAD = """# Reliability: what goes wrong, and what you see

Telemetry leaves through one door. It encodes each item by itself, keeps it within one budget of bytes
(`SMS_OBSERVABILITY_BUFFER_BYTES`, 64 MiB for all signals), sends it from one thread a signal, and accounts for it:
`emitted = delivered + spooled + queued + dropped{reason}`. `Observability.accounting()` gives the figures,
`sms_telemetry_*` are the metrics. Whatever goes wrong below, no call of yours raises, blocks or gets slower; only
`flush` and `shutdown` wait, as long as you say.

What the answer of a receiver says about the data decides: 400, 413 and 422 do, and the guilty item is found and dropped
alone. Everything else does not, and is tried again, longer apart each time (half a second to half a minute, with chance
in it), until it is delivered or the budget is full. Then the oldest goes first, of the signal that takes the most.
`flush` and `shutdown` cut a wait short. They keep trying until their time is over where the receiver worked within the
last half minute, and give up after three tries where it did not. They say `True` only if nothing that was emitted since
the last flush was lost or still waits.

The door's own trouble is told by the logger `sms_observability.export`: at most one line a minute and cause, never a
value.

| reason | what was dropped |
|---|---|
| `queue_full` | the budget was full |
| `too_large` | one item larger than the whole budget |
| `quarantined` | one item that cannot be encoded, or that the receiver refuses alone |
| `rejected` | the receiver took the request and rejected this part of it (partial success) |
| `off` | a mistake in the environment forbids to send this signal |
| `shutdown` | it was not delivered before `shutdown` ended, or emitted after |
| `emit_failed` | the library failed: please report it |
| `policy`, `restricted` | the catalogue says that it must not leave: no loss |

Each line below is a test in `tests/faults/`, on real sockets or with real processes.
"""


def page() -> str:
    """Give the text of the page."""
    from faults import answers, calls, connections, processes  # noqa: PLC0415  # they fill the table

    # Whoever was imported first filled the table first; the page has one order.
    order = [module.__name__ for module in (answers, connections, calls, processes)]
    faults = sorted(FAULTS, key=lambda fault: order.index(fault.module))
    groups = {fault.group: "" for fault in faults}
    for fault in faults:
        groups[fault.group] += f"| {fault.name} | {fault.seen} |\n"
    tables = [
        f"\n## {group}\n\n| what goes wrong | what you see |\n|---|---|\n{rows}" for group, rows in groups.items()
    ]
    return _HEAD + "".join(tables)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
