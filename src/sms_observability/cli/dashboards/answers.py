"""What the panels of a dashboard show: its file, and what a Prometheus answers to each question in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

from sms_observability.cli.dashboards.prometheus import AnswerError
from sms_observability.cli.dashboards.span import Span, span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sms_observability.cli.dashboards.prometheus import Logs, Prometheus

    Panel = Mapping[str, Any]

_SERIES_SHOWN = 60
_DOTS_SHOWN = 40
_label = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")
_values = re.compile(r"label_values\((.*),\s*(\w+)\)", re.DOTALL).fullmatch
_variable = re.compile(r"\$\{(\w+)(?::\w+)?\}|\$(\w+)")


class Answers:
    """Asks everything that one dashboard wants to know.

    Args:
        prometheus: Who is asked.
        logs: Who is asked for log lines; nobody if `None`.
        now: The last moment that is shown.
        interval: How often the data comes, in seconds.
        since: Its own time in the place of the dashboards', such as `now-1h`.
        chosen: Values of variables; of a variable that is not named, all.
    """

    def __init__(
        self,
        prometheus: Prometheus,
        logs: Logs | None,
        *,
        now: float,
        interval: float,
        since: str = "",
        chosen: Mapping[str, str] | None = None,
    ) -> None:
        self._prometheus = prometheus
        self._logs = logs
        self._now = now
        self._interval = interval
        self._since = since
        self._chosen = chosen or {}

    def dashboard(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """Give what the page shows of a dashboard.

        Args:
            content: The parsed file.
        """
        asked = [each for each in content["templating"]["list"] if each["type"] == "query"]
        every = {str(each["name"]): str(self._chosen.get(each["name"], each["allValue"])) for each in asked}
        whole = span(self._since or content["time"]["from"], now=self._now, interval=self._interval)
        variables = [
            {
                "name": each["name"],
                "label": each["label"],
                "chosen": self._chosen.get(each["name"], "All"),
                **self._choice(fill(each["query"]["query"], every), whole),
            }
            for each in asked
        ]
        return {
            "uid": content["uid"],
            "title": content["title"],
            "description": content["description"],
            "restricted": "restricted" in content["tags"],
            "from": whole.start,
            "to": whole.end,
            "variables": variables,
            "panels": [self._panel(panel, whole, every) for panel in _panels(content)],
        }

    def _choice(self, query: str, whole: Span) -> dict[str, Any]:
        found = _values(query)
        if found is None:
            return {"values": [], "why": f"{query} is no label_values(…)"}
        try:
            return {"values": self._prometheus.values(found[2], found[1], whole)}
        except AnswerError as error:
            return {"values": [], "why": str(error)}

    def _panel(self, panel: Panel, whole: Span, variables: Mapping[str, str]) -> dict[str, Any]:
        own = panel.get("timeFrom")
        over = span(own, now=self._now, interval=self._interval) if own else whole
        shown: dict[str, Any] = {
            "id": panel["id"],
            "title": panel["title"],
            "type": panel["type"],
            "description": panel.get("description", ""),
            "box": panel["gridPos"],
            "options": panel.get("options", {}),
            "field": panel.get("fieldConfig", {}).get("defaults", {}),
            "links": [each for each in panel.get("links", []) if str(each["url"]).startswith("http")],
            "renamed": _renamed(panel),
            "from": over.start,
            "to": over.end,
            "over": own or "",
            "series": [],
        }
        if panel["type"] in ("row", "text"):
            return shown
        try:
            if panel["type"] == "logs":
                return {**shown, **self._lines(panel, over)}
            found = [series for target in panel["targets"] for series in self._series(target, over, variables)]
            shown["series"] = [series for series in found if any(number is not None for _, number in series["values"])]
            shown["dots"] = [dot for target in panel["targets"] for dot in self._dots(target, over, variables)]
            if found and not shown["series"]:
                shown["why"] = "it is a share of nothing: none of what it counts has happened in this time"
            elif not found:
                shown["why"] = self._why_empty(panel, over, variables)
        except AnswerError as error:
            shown["error"] = str(error)
        hidden = len(shown["series"]) - _SERIES_SHOWN
        if hidden > 0:
            del shown["series"][_SERIES_SHOWN:]
            shown["hidden"] = hidden
        return shown

    def _series(self, target: Panel, over: Span, variables: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        expr = over.fill(fill(target["expr"], variables))
        found = self._prometheus.instant(expr, over.end) if target["instant"] else self._prometheus.over(expr, over)
        for series in found:
            yield {
                "name": _name(target["legendFormat"], series["metric"]),
                "labels": series["metric"],
                "values": [[float(moment), _number(text)] for moment, text in series["values"]],
                "step": over.step,
                "buckets": target["format"] == "heatmap",
            }

    def _dots(self, target: Panel, over: Span, variables: Mapping[str, str]) -> list[dict[str, Any]]:
        if not target["exemplar"]:
            return []
        found = self._prometheus.dots(over.fill(fill(target["expr"], variables)), over)[-_DOTS_SHOWN:]
        return [
            {
                "at": float(each["timestamp"]),
                "value": _number(each["value"]),
                "trace": each["labels"].get("trace_id", ""),
            }
            for each in found
        ]

    def _lines(self, panel: Panel, over: Span) -> dict[str, Any]:
        if self._logs is None:
            return {"why": "no log store was given: say --logs URL of a VictoriaLogs", "lines": []}
        lines = self._logs.lines(panel["targets"][0]["logsql"], over)
        return {"lines": lines} if lines else {"lines": [], "why": "no log line of this kind in this time"}

    def _why_empty(self, panel: Panel, over: Span, variables: Mapping[str, str]) -> str:
        exprs = [over.fill(fill(target["expr"], variables)) for target in panel["targets"]]
        missing = sorted({name for expr in exprs for name in self._prometheus.missing(expr, over)})
        if missing:
            return f"nothing reports {', '.join(missing)} in this time"
        return "there are such series, but none meets the panel's condition in this time"


def fill(text: str, variables: Mapping[str, str]) -> str:
    """Put the values of variables in their place; what begins with two underscores is Grafana's own."""

    def value(found: re.Match[str]) -> str:
        return variables.get(found[1] or found[2], found[0])

    return _variable.sub(value, text)


def _panels(content: Mapping[str, Any]) -> Iterator[Panel]:
    for panel in cast("list[dict[str, Any]]", content["panels"]):
        # What is closed at first says nothing that is not above it.
        if not (panel["type"] == "row" and panel["collapsed"]):
            yield panel


def _name(legend: str, labels: Mapping[str, str]) -> str:
    return _label.sub(lambda found: labels.get(found[1], ""), legend).strip() or "value"


def _renamed(panel: Panel) -> dict[str, str]:
    for each in panel.get("transformations", []):
        if each["id"] == "organize":
            return dict(each["options"]["renameByName"])
    return {}


def _number(text: str) -> float | None:
    number = float(text)
    # NaN and the infinities are no JSON; a share of nothing is nothing.
    return number if number - number == 0 else None
