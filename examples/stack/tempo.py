"""How fast the stack lives: as in production, or with time compressed so that an alert fires while one watches."""

import re
from dataclasses import dataclass
from itertools import pairwise

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0, "y": 31536000.0}
_PART = re.compile(r"(\d+)(ms|[smhdwy])")
_DURATION = re.compile(r"(?:\d+(?:ms|[smhdwy]))+")
_IN_EXPRESSION = re.compile(rf"(?<=\[)({_DURATION.pattern})(?=[\]:])|(?<=offset )({_DURATION.pattern})")

# From, to (seconds). In between, proportionally. Windows of hours and days shrink to little more than those of minutes:
# what matters is that all of them are full of the same few moments.
_COMPRESSED = ((0, 0), (15, 1), (60, 3), (300, 20), (600, 22), (3600, 30), (21600, 36), (86400, 40), (2592000, 60))


@dataclass(frozen=True)
class Tempo:
    """Intervals of everything that repeats itself.

    Attributes:
        compressed: Whether the windows and waits of rules and routes are shortened.
        export_interval: Seconds between two exports of metrics.
        scrape_interval: Seconds between two looks of Prometheus, and between two evaluations.
        pace: Rounds a second that the portal's customers begin.
    """

    compressed: bool = False
    export_interval: float = 5.0
    scrape_interval: float = 5.0
    pace: float = 2.0

    def duration(self, text: str) -> str:
        """Give a duration of Prometheus or Alertmanager at this tempo."""
        return text if not self.compressed else f"{_compress(_seconds(text)) * 1000:.0f}ms"

    def expression(self, promql: str) -> str:
        """Give an expression with its windows at this tempo."""
        return _IN_EXPRESSION.sub(lambda found: self.duration(found[0]), promql)


USUAL = Tempo()
QUICK = Tempo(compressed=True, export_interval=1.0, scrape_interval=1.0, pace=5.0)


def _seconds(text: str) -> float:
    if text == "0":
        return 0.0
    if not _DURATION.fullmatch(text):
        msg = f"{text!r} is no duration such as 5m or 1h30m"
        raise ValueError(msg)
    return sum(int(number) * _UNITS[unit] for number, unit in _PART.findall(text))


def _compress(seconds: float) -> float:
    """Shorten, keeping the order: what was longer stays longer."""
    for (low, to_low), (high, to_high) in pairwise(_COMPRESSED):
        if seconds <= high:
            return to_low + (seconds - low) / (high - low) * (to_high - to_low)
    return float(_COMPRESSED[-1][1])
