"""Faults for demonstrations and tests: what the portal does wrong while a switch is on.

`PORTAL_FAULTS` names a file with the names of what is switched on, separated by white space. Every process looks at it,
at most five times a second. Without the variable nothing can be switched on.
"""

import os
import time
from pathlib import Path
from typing import Literal, get_args

Fault = Literal["supplier_fails", "slow_database", "login_storm", "export_storm", "vessel_silent"]
FAULTS: tuple[Fault, ...] = get_args(Fault)

_LOOK_AGAIN = 0.2
_seen: tuple[float, frozenset[str]] = (float("-inf"), frozenset())


def is_on(fault: Fault) -> bool:
    """Say whether a fault is switched on at this moment."""
    global _seen
    now = time.monotonic()
    if now - _seen[0] > _LOOK_AGAIN:
        _seen = (now, _read())
    return fault in _seen[1]


def switch(file: Path, fault: Fault, *, on: bool) -> None:
    """Switch a fault on or off for every process that looks at this file."""
    others = set(file.read_text(encoding="utf-8").split()) if file.exists() else set()
    text = " ".join(sorted(others | {fault} if on else others - {fault}))
    new = file.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    new.replace(file)


def _read() -> frozenset[str]:
    file = os.environ.get("PORTAL_FAULTS")
    try:
        return frozenset(Path(file).read_text(encoding="utf-8").split()) if file else frozenset()
    except OSError:
        return frozenset()
