"""Amounts and timestamps: the values that must be numbers."""

from __future__ import annotations

from typing import Any

from sms_observability.sanitise.classes import class_of, defines, mro_of
from sms_observability.sanitise.leaves import MAX_INT, MIN_INT


def sanitise_number(amount: Any) -> int | float | None:
    """Turn an amount into a number that a metric can take.

    Args:
        amount: An `int` (clamped to 64 bits), a `bool` (0 or 1), a `float` (NaN and infinities stay), or something that
            converts itself by `__index__` or `__float__`: `Decimal`, `Fraction`, numpy scalars.

    Returns:
        The number, or `None` when there is none (text too: `"1"` is a mistake somewhere, not an amount).

    Example:
        >>> sanitise_number(10**400) == 2**63 - 1, sanitise_number(True), sanitise_number("1")
        (True, 1, None)
    """
    if type(amount) is float:
        return amount
    kind: Any = class_of(amount)
    whole: int
    try:
        if kind is int:
            whole = amount
        else:
            mro = mro_of(kind)
            if int in mro:
                whole = int.__int__(amount)
            elif float in mro:
                return float.__float__(amount)
            elif defines(mro, "__index__"):
                whole = int.__int__(kind.__index__(amount))
            elif defines(mro, "__float__"):
                return float.__float__(kind.__float__(amount))
            else:
                return None
        return min(max(whole, MIN_INT), MAX_INT)
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001  # the amount's own code may raise anything
        return None


def sanitise_timestamp(ns: Any, default: int) -> int:
    """Turn a timestamp into one that OTLP can carry.

    Args:
        ns: Nanoseconds since the epoch. A finite `float` is cut to an integer.
        default: What to say instead of anything that is no number, negative or 2**63 and more; must be valid itself.

    Returns:
        Nanoseconds, at least 0 and less than 2**63.

    Example:
        >>> sanitise_timestamp(5.7, 1), sanitise_timestamp(-1, 1), sanitise_timestamp("now", 1)
        (5, 1, 1)
    """
    whole: int = -1
    kind = class_of(ns)
    if kind is int:
        whole = ns
    elif kind is not bool:
        try:
            mro = mro_of(kind)
            if int in mro:
                whole = int.__int__(ns)
            elif float in mro:
                whole = float.__int__(ns)
        except (ValueError, OverflowError, RecursionError):
            return default
    return whole if 0 <= whole <= MAX_INT else default
