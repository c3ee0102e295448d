"""A clock that stands still, and ids that count: what makes a snapshot of telemetry the same every time."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from sms_observability.testing.patches import TimeModule

if TYPE_CHECKING:
    from datetime import tzinfo

START_NS: Final = 1_767_225_600_000_000_000
"""Where the clock stands at the beginning of a test: 2026-01-01T00:00:00Z."""

_NS: Final = 1_000_000_000


class Clock:
    """Time that passes only when it is told to."""

    def __init__(self) -> None:
        self._elapsed_ns = 0

    def advance(self, seconds: float) -> None:
        """Let time pass; it never goes back."""
        if not seconds >= 0:
            msg = "time does not go back: advance takes seconds from 0 on"
            raise ValueError(msg)
        self._elapsed_ns += round(seconds * _NS)

    def time_ns(self) -> int:
        """Give nanoseconds since 1970."""
        return START_NS + self._elapsed_ns

    def time(self) -> float:
        """Give seconds since 1970."""
        return self.time_ns() / _NS

    def elapsed_ns(self) -> int:
        """Give nanoseconds that have passed in this test."""
        return self._elapsed_ns

    def elapsed(self) -> float:
        """Give seconds that have passed in this test."""
        return self._elapsed_ns / _NS

    def replacements(self) -> dict[object, object]:
        """Give what takes the place of the functions, the module and the class that tell the time."""
        functions: dict[str, object] = {
            "time_ns": self.time_ns,
            "time": self.time,
            "perf_counter_ns": self.elapsed_ns,
            "perf_counter": self.elapsed,
            "monotonic_ns": self.elapsed_ns,
            "monotonic": self.elapsed,
        }
        replaced: dict[object, object] = {getattr(time, name): function for name, function in functions.items()}
        replaced[time] = TimeModule(functions)
        replaced[datetime] = _datetime_of(self)
        return replaced


def _datetime_of(clock: Clock) -> type[datetime]:
    class Frozen(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            return datetime.fromtimestamp(clock.time(), UTC if tz is None else tz)

    return Frozen


class Ids:
    """Ids that count from 1, for traces and for spans."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._trace = 0
        self._span = 0

    def trace_id(self) -> int:
        """Give the id of the next trace."""
        with self._lock:
            self._trace += 1
            return self._trace

    def span_id(self) -> int:
        """Give the id of the next span."""
        with self._lock:
            self._span += 1
            return self._span
