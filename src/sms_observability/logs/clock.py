"""The time of a log line, as text: UTC, milliseconds, `Z`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

_second: tuple[int, str] = (0, "1970-01-01T00:00:00.")
_THOUSANDTHS: Final = tuple(f"{number:03d}Z" for number in range(1000))

_SECOND: Final = 1_000_000_000
_LAST: Final = 253_402_300_799  # the year 9999 ends


def timestamp(time_ns: int) -> str:
    """Write a time.

    Args:
        time_ns: Nanoseconds since the epoch.

    Example:
        >>> timestamp(1_736_073_045_123_456_789)
        '2025-01-05T10:30:45.123Z'
    """
    global _second
    begin, text = _second
    rest = time_ns - begin
    if not 0 <= rest < _SECOND:
        seconds = min(max(time_ns // _SECOND, 0), _LAST)
        begin, text = seconds * _SECOND, datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.")
        _second = (begin, text)
        rest = min(max(time_ns - begin, 0), _SECOND - 1)
    return text + _THOUSANDTHS[rest // 1_000_000]
