"""The named faults: what goes wrong, what the user sees, and a function that makes it happen and checks that."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One fault.

    Attributes:
        group: The heading under which it is documented.
        name: What goes wrong.
        seen: What the user sees.
        check: Makes it happen on real sockets, and checks `seen`.
        module: Which module of the table it stands in.
    """

    group: str
    name: str
    seen: str
    check: Callable[[], None]
    module: str


FAULTS: list[Fault] = []

RETRIED = "nothing is lost: it waits in memory and is sent again"


def fault(group: str, name: str, seen: str = RETRIED) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Add a function to the table."""
    module = str(sys._getframe(1).f_globals["__name__"])

    def add(check: Callable[[], None]) -> Callable[[], None]:
        FAULTS.append(Fault(group, name, seen, check, module))
        return check

    return add
