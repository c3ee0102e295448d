"""A panel of a dashboard: one question, the query that answers it, and how the answer is shown."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

from sms_observability.catalog.errors import CatalogError, nearest

if TYPE_CHECKING:
    from sms_observability.catalog.target import Target

Kind = Literal[
    "stat", "gauge", "bargauge", "timeseries", "heatmap", "table", "piechart", "state-timeline", "logs", "text"
]
Unit = Literal[
    "none", "short", "percent", "percentunit", "s", "bytes", "Bps", "reqps", "cps", "currencyUSD", "dateTimeFromNow"
]
Draw = Literal["lines", "bars", "area"]

KINDS: tuple[str, ...] = get_args(Kind)
UNITS: tuple[str, ...] = get_args(Unit)
_FROM_NOUGHT = frozenset({"s", "bytes", "Bps", "reqps", "cps", "currencyUSD"})
INSTANT = frozenset({"stat", "gauge", "bargauge", "table", "piechart"})
"""Kinds that show what is true now, or over the whole range; the others show how it went."""


@dataclass(frozen=True, slots=True)
class Query:
    """A question to Prometheus.

    Args:
        expr: PromQL, with Grafana's `$__range` and `$__rate_interval` and the dashboard's variables.
        legend: The name of each series, with its labels in double braces; a constant text if there is only one.
        buckets: The series are the buckets of a histogram, told apart by `le`.

    Raises:
        CatalogError: There is no expression or no legend, or buckets are asked for that the expression drops.

    Example:
        >>> Query("sum by (role) (sms_users_active)", "{{role}}").legend
        '{{role}}'
    """

    expr: str
    legend: str
    _: KW_ONLY
    buckets: bool = False

    def __post_init__(self) -> None:
        if not self.expr.strip():
            raise CatalogError("a query without expression shows nothing: write PromQL")
        if not self.legend.strip():
            msg = f"{self.expr!r} has no legend: name its series, such as '{{{{service}}}}'"
            raise CatalogError(msg)
        if self.buckets and "by (le)" not in self.expr:
            msg = f"{self.expr!r} shows buckets but drops them: write sum by (le) (…_bucket…)"
            raise CatalogError(msg)

    def to_json(self) -> dict[str, Any]:
        """Give the declaration as plain data."""
        return {"expr": self.expr, "legend": self.legend, "buckets": self.buckets}


@dataclass(frozen=True, slots=True)
class LogQuery:
    """A question to the log store.

    Args:
        lucene: In Elasticsearch's query language.
        logsql: The same for VictoriaLogs.

    Example:
        >>> LogQuery("level:ERROR AND message:exception", "level:ERROR exception").lucene
        'level:ERROR AND message:exception'
    """

    lucene: str
    logsql: str

    def to_json(self) -> dict[str, Any]:
        """Give the declaration as plain data."""
        return {"lucene": self.lucene, "logsql": self.logsql}


@dataclass(frozen=True, slots=True)
class Panel:
    """One question, its answer, and where to go from there.

    Args:
        title: What is shown, in few words; alerts name a panel by it.
        kind: How it is shown: `stat` for key figures, `gauge` for shares and utilisation, `timeseries` for trends and
            rates, `heatmap` for distributions, `table` and `bargauge` for the top of a list, `piechart` for parts of a
            whole, `state-timeline` for states, `logs` and `text`.
        description: What it tells and what to do about it, in one or two sentences; shown as help.
        unit: Grafana's unit of the value, `percent` for 0 to 100, `percentunit` for 0 to 1.
        queries: What is asked; each adds its series.
        logs: For the kind `logs`, what is asked of the log store.
        text: For the kind `text`, Markdown.
        targets: What the figure should be; the first colours the panel, all are drawn as lines.
        minimum: Lower end of the scale; of shares, and of what is timed or counted in time, 0 if left out.
        maximum: Upper end of the scale; of a share 100 (`percent`) or 1 (`percentunit`) if left out.
        draw: Of a time series: lines, bars, or areas on top of each other.
        states: Texts in the place of values, such as `{1: "up", 0: "down"}`.
        over: Its own time range in the place of the dashboard's, such as `now/M` for the month so far.
        columns: Of a table: how the columns of labels are called, in their order.
        details: The uid of the dashboard that explains the figure.
        width: In 24ths of the page; follows from the kind if left out.
        height: In rows; follows from the kind if left out.

    Raises:
        CatalogError: The panel could not tell anything, or tells it in the wrong way; the message says what to write.

    Example:
        >>> from sms_observability.catalog import Target
        >>> cpu = Panel(
        ...     "CPU usage",
        ...     "gauge",
        ...     "How busy each host is. Above the target, move work away or add hosts.",
        ...     unit="percent",
        ...     queries=(Query("max by (instance) (node_cpu_usage_percent)", "{{instance}}"),),
        ...     targets=(Target("CPU below 80 %", 80, better="lower"),),
        ... )
        >>> (cpu.minimum, cpu.maximum, cpu.instant)
        (0, 100, True)
    """

    title: str
    kind: Kind
    description: str
    _: KW_ONLY
    unit: Unit = "short"
    queries: tuple[Query, ...] = ()
    logs: LogQuery | None = None
    text: str = ""
    targets: tuple[Target, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    draw: Draw = "lines"
    states: dict[float, str] = field(default_factory=dict)
    over: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    details: str = ""
    width: int = 0
    height: int = 0

    def __post_init__(self) -> None:
        if not self.title.strip():
            raise CatalogError("a panel needs a title: say what is shown in few words")
        _one_of(self.title, "kind", self.kind, KINDS)
        _one_of(self.title, "unit", self.unit, UNITS)
        if not self.description.rstrip().endswith((".", "?")):
            msg = f"panel {self.title!r}: the description is the help text: write a whole sentence, with its full stop"
            raise CatalogError(msg)
        self._check_content()
        if self.kind == "gauge":
            self._check_scale()
        if self.kind == "heatmap" and not all(query.buckets for query in self.queries):
            msg = f"panel {self.title!r}: a heatmap shows buckets: write Query(…, buckets=True)"
            raise CatalogError(msg)
        if not 0 <= self.width <= 24:  # noqa: PLR2004 - Grafana's grid
            msg = f"panel {self.title!r}: width={self.width} is not between 1 and 24"
            raise CatalogError(msg)
        if self.kind == "timeseries" and self.unit in _FROM_NOUGHT and self.minimum is None:
            # A scale that begins anywhere makes mountains of noise.
            object.__setattr__(self, "minimum", 0)
        if self.unit in ("percent", "percentunit"):
            whole = 100 if self.unit == "percent" else 1
            object.__setattr__(self, "minimum", 0 if self.minimum is None else self.minimum)
            if self.kind == "gauge" and self.maximum is None:
                object.__setattr__(self, "maximum", whole)

    @property
    def instant(self) -> bool:
        """Whether it shows what is true now, or over the whole range, instead of how it went."""
        return self.kind in INSTANT

    def to_json(self) -> dict[str, Any]:
        """Give the declaration as plain data."""
        return {
            "title": self.title,
            "kind": self.kind,
            "description": self.description,
            "unit": self.unit,
            "queries": [query.to_json() for query in self.queries],
            "logs": self.logs.to_json() if self.logs else None,
            "targets": [target.to_json() for target in self.targets],
        }

    def _check_content(self) -> None:
        wanted = {"logs": self.logs, "text": self.text}.get(self.kind, self.queries)
        if not wanted:
            what = {"logs": "logs=LogQuery(…)", "text": "text='…'"}.get(self.kind, "queries=(Query(…),)")
            msg = f"panel {self.title!r} has nothing to show: write {what}"
            raise CatalogError(msg)

    def _check_scale(self) -> None:
        if self.unit not in ("percent", "percentunit") and self.maximum is None:
            msg = f"panel {self.title!r}: a gauge shows a share: write unit='percent', or give its maximum"
            raise CatalogError(msg)


def _one_of(title: str, what: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        msg = f"panel {title!r}: {what}={value!r} is not known{nearest(value, known)}"
        raise CatalogError(msg)
