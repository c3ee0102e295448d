"""Where rendered files are for: addresses that links in alerts lead to, and how fast time goes there."""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass

from sms_observability.catalog.durations import DURATION, seconds

_WINDOW = re.compile(rf"(?<=[\[:])({DURATION})(?=[\]:])|(?<=offset )({DURATION})")
_SPAN = re.compile(r"(?<=\* )(86400|3600|60)\b")


@dataclass(frozen=True, slots=True)
class Site:
    """What differs between places that monitor the same catalogue.

    Args:
        grafana_url: Where dashboards are; alerts link to their panel.
        runbook_url: Where runbooks are; alerts link to their page.
        environment: The environment that alerts are of if their series do not say.
        time_scale: How many times faster everything goes; tests make days of minutes.
        shortest: Seconds that no window of an expression falls below, so that it still holds a few samples.

    Example:
        >>> quick = Site(time_scale=60, shortest=10)
        >>> quick.duration("1h"), quick.expression("rate(x[5m]) > 2 * 86400")
        ('1m', 'rate(x[10s]) > 2 * 1440')
    """

    _: KW_ONLY
    grafana_url: str = "https://grafana.example.com"
    runbook_url: str = "https://runbooks.example.com"
    environment: str = "production"
    time_scale: float = 1.0
    shortest: float = 0.0

    def __post_init__(self) -> None:
        if not self.time_scale > 0:
            raise ValueError(f"time_scale={self.time_scale:g} does not let time pass; write a number above 0")

    def duration(self, text: str, *, window: bool = False) -> str:
        """Give a duration at this place's pace.

        Args:
            text: As Prometheus writes it, such as `1h30m`.
            window: It is a window, which must hold a few samples.
        """
        if self.time_scale == 1:
            return text
        lasts = seconds(text) / self.time_scale
        return _text(max(lasts, self.shortest) if window else lasts)

    def expression(self, promql: str) -> str:
        """Give an expression with its windows, and numbers of seconds behind a `*`, at this place's pace."""
        if self.time_scale == 1:
            return promql
        shorter = _WINDOW.sub(lambda found: self.duration(found[0], window=True), promql)
        return _SPAN.sub(lambda found: f"{int(found[0]) / self.time_scale:g}", shorter)


def _text(lasts: float) -> str:
    milliseconds = round(lasts * 1000)
    if not milliseconds:
        return "0s"
    for unit, size in (("h", 3_600_000), ("m", 60_000), ("s", 1000)):
        if milliseconds % size == 0:
            return f"{milliseconds // size}{unit}"
    return f"{milliseconds}ms"
