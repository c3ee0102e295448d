"""The time of a log line, as text: UTC, milliseconds, `Z`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

_second: tuple[int, str] = (0, "1970-01-01T00:00:00")

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
    seconds, rest = divmod(time_ns, 1_000_000_000)
    held, text = _second
    if held != seconds:
        text = datetime.fromtimestamp(min(max(seconds, 0), _LAST), UTC).strftime("%Y-%m-%dT%H:%M:%S")
        _second = (seconds, text)
    return f"{text}.{rest // 1_000_000:03d}Z"
