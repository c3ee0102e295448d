"""How fast the stack lives: as in production, or with time compressed so that an alert fires while one watches."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from sms_observability.catalog.durations import DURATION, seconds

_IN_EXPRESSION = re.compile(rf"(?<=\[)({DURATION})(?=[\]:])|(?<=offset )({DURATION})")

# From, to (seconds), and in between proportionally. Windows of hours and days shrink to little more than those of
# minutes, so that they are full within a minute, and empty again: what matters is that their order stays. Windows of
# weeks stay weeks: nothing that needs one can be seen in minutes.
_WINDOWS = (
    (0, 0),
    (60, 8),
    (180, 11),
    (300, 13),
    (600, 14),
    (1800, 16),
    (3600, 18),
    (21600, 22),
    (86400, 24),
    (259200, 26),
)
_WAITS = ((0, 0), (10, 1), (60, 6), (300, 7), (3600, 9), (86400, 12), (2592000, 20))


# "Not fewer than 100 requests": in a shorter window there are fewer.
_GUARD = re.compile(r">= (\d+)\b")
_FEWER = 5


@dataclass(frozen=True)
class Tempo:
    """Intervals of everything that repeats itself.

    Attributes:
        compressed: Whether the windows and waits of rules and routes are shortened.
        export_interval: Seconds between two exports of metrics.
        scrape_interval: Seconds between two looks of Prometheus.
        evaluation_interval: Seconds between two evaluations of its rules.
        pace: Rounds a second that the portal's customers begin.
    """

    compressed: bool = False
    export_interval: float = 5.0
    scrape_interval: float = 5.0
    evaluation_interval: float = 5.0
    pace: float = 2.0

    def wait(self, text: str) -> str:
        """Give a `for` or a pause between notifications at this tempo."""
        return self._shortened(text, _WAITS)

    def expression(self, promql: str) -> str:
        """Give an expression with its windows at this tempo, and with as many events less as must be in them."""
        if not self.compressed:
            return promql
        shorter = _IN_EXPRESSION.sub(lambda found: self._shortened(found[0], _WINDOWS), promql)
        return _GUARD.sub(lambda found: f">= {int(found[1]) / _FEWER:g}", shorter)

    def _shortened(self, text: str, table: Sequence[tuple[float, float]]) -> str:
        if not self.compressed:
            return text
        # Nothing at all may stand without a unit.
        lasts = 0.0 if text == "0" else seconds(text)
        for (low, to_low), (high, to_high) in pairwise(table):
            if lasts <= high:
                return f"{(to_low + (lasts - low) / (high - low) * (to_high - to_low)) * 1000:.0f}ms"
        return text


USUAL = Tempo()
QUICK = Tempo(compressed=True, export_interval=1.0, scrape_interval=3.0, evaluation_interval=1.0, pace=2.5)
