"""Levels: their names, their numbers in OpenTelemetry, and which logger writes from which one on."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

NEVER: Final = 1000
"""Above every level: what a logger writes from on while nobody has configured it."""

NUMBERS: Final[dict[str, int]] = {"DEBUG": 10, "INFO": 20, "WARNING": 30, "ERROR": 40, "CRITICAL": 50}

_BOUNDS: Final = ((50, "CRITICAL", 21), (40, "ERROR", 17), (30, "WARNING", 13), (20, "INFO", 9))


_NAMED: Final = {bound: (name, severity) for bound, name, severity in _BOUNDS}


def named(number: int) -> tuple[str, int]:
    """Give the name of a level, the next lower one of the five, and its severity number in OpenTelemetry.

    Example:
        >>> named(20), named(35), named(5)
        (('INFO', 9), ('WARNING', 13), ('DEBUG', 5))
    """
    known = _NAMED.get(number)
    if known is not None:
        return known
    for bound, name, severity in _BOUNDS:
        if number >= bound:
            return name, severity
    return "DEBUG", 5


class Thresholds:
    """From which level on each logger writes.

    Args:
        level: Of all loggers.
        levels: Of single loggers, by name; each counts for those below it too, unless they have their own.

    Example:
        >>> thresholds = Thresholds("INFO", {"parts": "DEBUG"})
        >>> thresholds.of("parts.quotes"), thresholds.of("partsother"), thresholds.of("")
        (10, 20, 20)
    """

    def __init__(self, level: str, levels: Mapping[str, str]) -> None:
        self.default = NUMBERS.get(level, logging.INFO)
        self.single = {name: NUMBERS[text] for name, text in levels.items() if text in NUMBERS}

    def of(self, name: str) -> int:
        """Give the level of a logger."""
        while name:
            if name in self.single:
                return self.single[name]
            name = name.rpartition(".")[0]
        return self.default
