"""How a field is read from a record that somebody else made, and what stands in for one that is no good."""

from __future__ import annotations

from typing import Any

from sms_observability.sanitise import MAX_ATTRIBUTES, sanitise_number, sanitise_text

MAX_PARTS = 1024
MAX_UINT32 = 2**32 - 1
MAX_UINT64 = 2**64 - 1


def read(record: Any, name: str) -> Any:
    """Read a field, which may be missing, or a property with a mind of its own: then it is `None`."""
    try:
        return getattr(record, name, None)
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001  # a field that raises is a field that is missing
        return None


def several(parts: Any, most: int | None = MAX_PARTS) -> list[Any]:
    """Copy the first parts of a list or tuple, all of them if `most` is `None`; anything else has none."""
    try:
        if isinstance(parts, (list, tuple)):
            return [*parts[:most]]
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001  # a subclass, or a `__class__`, with a mind of its own
        pass
    return []


def surplus(attributes: Any) -> int:
    """Count the attributes that sanitising leaves out."""
    try:
        return count(len(attributes) - MAX_ATTRIBUTES)
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001  # no mapping, or one with a mind of its own
        return 0


def optional_text(value: Any) -> str:
    """Sanitise text that may be missing."""
    return "" if value is None else sanitise_text(value)


def identifier(value: Any, bits: int) -> int:
    """Cut an identifier to its width; what is no integer is none, which is 0."""
    return value % 2**bits if type(value) is int else 0


def whole(value: Any) -> int:
    """Give an integer, 0 for what is none."""
    amount = sanitise_number(value)
    return amount if type(amount) is int else 0


def count(value: Any, most: int = MAX_UINT32) -> int:
    """Give a number of things, at least 0 and at most `most`."""
    number = value if type(value) is int else whole(value)
    return min(max(number, 0), most)


def choice(value: Any, first: int, last: int) -> int:
    """Give one of consecutive numbers, the first for anything else."""
    number = whole(value)
    return number if first <= number <= last else first


def small(value: Any) -> int:
    """Give an integer of 32 bits."""
    return min(max(whole(value), -(2**31)), 2**31 - 1)


def real(value: Any) -> float | None:
    """Give a float, if there is one."""
    amount = sanitise_number(value)
    return None if amount is None else float(amount)
