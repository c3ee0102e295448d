"""Halving what a receiver refuses until the guilty item is alone: a batch by its items, a metric by its points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from sms_observability.export.encode import wire
from sms_observability.export.protobuf import LENGTH, MalformedError, fields

if TYPE_CHECKING:
    from sms_observability.export.buffer import Item
    from sms_observability.export.records import Signal

# Where the five kinds of a `Metric` message hold their data; each holds its points as field 1.
_DATA: Final = frozenset({5, 7, 9, 10, 11})
_POINT: Final = 1


def halves(signal: Signal, items: list[Item]) -> tuple[list[Item], list[Item]] | None:
    """Halve a batch.

    Args:
        signal: What the items are.
        items: At least one.

    Returns:
        Two parts that together count for as much, or `None` if this cannot be halved.
    """
    if len(items) > 1:
        middle = len(items) // 2
        return items[:middle], items[middle:]
    if signal != "metrics" or items[0][2] < 2:  # noqa: PLR2004
        return None
    scope, body, count = items[0]
    try:
        parts = _halved(body)
    except (MalformedError, TypeError, ValueError):
        return None
    if parts is None:
        return None
    first, second, points = parts
    return [(scope, first, points)], [(scope, second, max(count - points, 0))]


def _halved(metric: bytes) -> tuple[bytes, bytes, int] | None:
    """Give two metrics of the same name, and how many points the first one holds."""
    head = b""
    data: tuple[int, list[bytes], bytes] | None = None
    for number, kind, content in fields(metric):
        if number not in _DATA:
            head += wire.field(number, kind, content)
            continue
        points: list[bytes] = []
        rest = b""
        for inner, inner_kind, value in fields(cast("bytes", content)):
            if inner == _POINT:
                points.append(cast("bytes", value))
            else:
                rest += wire.field(inner, inner_kind, value)
        data = number, points, rest
    if data is None or len(data[1]) < 2:  # noqa: PLR2004
        return None
    number, points, rest = data
    middle = len(points) // 2

    def made(some: list[bytes]) -> bytes:
        inside = b"".join([wire.field(_POINT, LENGTH, point) for point in some]) + rest
        return head + wire.field(number, LENGTH, inside)

    return made(points[:middle]), made(points[middle:]), middle
