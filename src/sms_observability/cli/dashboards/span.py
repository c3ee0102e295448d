"""The time that a panel shows: Grafana's `now-6h`, `now/M` and the like, and the steps in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sms_observability.catalog import durations

_ago = re.compile(r"now-([0-9]+[smhdw])").fullmatch
_POINTS = 180
_SAMPLES = 4


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when, in seconds since 1970, and how far apart points are.

    Attributes:
        start: The first moment.
        end: The last moment.
        interval: How often the data comes; no step is shorter.
    """

    start: float
    end: float
    interval: float

    @property
    def seconds(self) -> int:
        """How long it is; never nothing."""
        return max(1, round(self.end - self.start))

    @property
    def step(self) -> int:
        """Seconds from one point to the next."""
        return max(1, round(self.interval), -(-self.seconds // _POINTS))

    def fill(self, expr: str) -> str:
        """Put the durations in the place of Grafana's macros."""
        window = max(round(_SAMPLES * self.interval), self.step + round(self.interval), 1)
        for name, seconds in (("rate_interval", window), ("interval", self.step), ("range", self.seconds)):
            expr = re.sub(rf"\$__{name}\b|\$\{{__{name}\}}", f"{seconds}s", expr)
        return expr


def span(since: str, *, now: float, interval: float) -> Span:
    """Give the time since a moment.

    Args:
        since: `now-6h`, or `now/d`, `now/w`, `now/M`, `now/y` for the day, week, month or year so far (UTC).
        now: The last moment.
        interval: How often the data comes.

    Raises:
        ValueError: The text is none of these.

    Example:
        >>> span("now-6h", now=1_000_000, interval=60).step
        120
    """
    if found := _ago(since):
        return Span(now - durations.seconds(found[1]), now, interval)
    today = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    starts = {
        "now/d": today,
        "now/w": today - timedelta(days=today.weekday()),
        "now/M": today.replace(day=1),
        "now/y": today.replace(month=1, day=1),
    }
    if since not in starts:
        raise ValueError(f"{since!r} is no time: write now-6h, now-7d, now/d, now/w, now/M or now/y")
    return Span(starts[since].timestamp(), now, interval)
