"""Mistakes in the variables of the exporters, each said once however many signals meet it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sms_observability.settings import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sms_observability.export.records import Signal

DEFAULT: Final = "the default is used"


class Mistake(NamedTuple):
    """What one signal met.

    Attributes:
        signal: The signal.
        variable: The variable that is wrong.
        what: What is wrong with it; never its value.
        remedy: What to do about it, if that does not follow.
        holds: What holds instead; empty if the signal is not exported.
    """

    signal: Signal
    variable: str
    what: str
    remedy: str = ""
    holds: str = DEFAULT


def said_once(mistakes: Iterable[Mistake]) -> list[Problem]:
    """Make one problem of what several signals met in the same variable.

    Example:
        >>> met = [Mistake(signal, "OTEL_EXPORTER_OTLP_ENDPOINT", "is wrong", "", "") for signal in ("traces", "logs")]
        >>> [str(problem) for problem in said_once(met)]
        ['OTEL_EXPORTER_OTLP_ENDPOINT is wrong: traces and logs are not exported']
    """
    signals: dict[tuple[str, str, str, str], list[Signal]] = {}
    for each in mistakes:
        signals.setdefault((each.variable, each.what, each.remedy, each.holds), []).append(each.signal)
    return [
        Problem(variable, what, "; ".join(filter(None, (holds or f"{_listed(names)} are not exported", remedy))))
        for (variable, what, remedy, holds), names in signals.items()
    ]


def _listed(names: list[Signal]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
