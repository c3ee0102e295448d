"""The record of a reveal, which the restricted channel keeps: kind, reason and place, never the value."""

from __future__ import annotations

from time import time_ns
from typing import TYPE_CHECKING, Final

from sms_observability.export.records import LogData, Scope

if TYPE_CHECKING:
    from sms_observability.privacy import Reveal

_SCOPE: Final = Scope("sms_observability.privacy")
_INFO: Final = 9


def reveal_record(reveal: Reveal) -> LogData:
    """Make the log event `sms.restricted.revealed` or `sms.restricted.declassified` of a reveal.

    Args:
        reveal: What `on_reveal` told.
    """
    file, _, line = reveal.location.rpartition(":")
    what = "revealed" if reveal.kind == "reveal" else "declassified"
    return LogData(
        time_ns(),
        _INFO,
        "INFO",
        f"A restricted value was {what}",
        {
            "reason": reveal.reason,
            "code.file.path": file,
            "code.line.number": int(line) if line.isdigit() else 0,
            "sms.class": "restricted",
        },
        _SCOPE,
        event_name=f"sms.restricted.{what}",
    )
