"""The accounts of the public and the restricted door, added up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from sms_observability.export.records import SIGNALS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sms_observability.export import Accounting
    from sms_observability.export.records import Signal

_FIGURES: Final[tuple[Literal["emitted", "delivered", "spooled", "queued"], ...]] = (
    "emitted",
    "delivered",
    "spooled",
    "queued",
)


def total(accounts: Iterable[Mapping[Signal, Accounting]]) -> dict[str, dict[str, Any]]:
    """Add up what doors account for.

    Args:
        accounts: What each door's `accounting()` gave.

    Returns:
        One account of the same form.

    Example:
        >>> one = {"traces": {"emitted": 2, "delivered": 1, "spooled": 0, "queued": 0, "dropped": {"full": 1}}}
        >>> total([one, one])["traces"]["dropped"]
        {'full': 2}
    """
    added: dict[str, dict[str, Any]] = {signal: {**dict.fromkeys(_FIGURES, 0), "dropped": {}} for signal in SIGNALS}
    for account in accounts:
        for signal, figures in account.items():
            sums = added[signal]
            for name in _FIGURES:
                sums[name] += figures[name]
            for reason, number in figures["dropped"].items():
                sums["dropped"][reason] = sums["dropped"].get(reason, 0) + number
    return added
