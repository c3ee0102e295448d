"""The page on cardinality: how many series each metric makes in Prometheus, against the plan's limits."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

from sms_observability.render.pages import GENERATED, table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sms_observability.catalog import Catalog, Field, Metric

PATH = "docs/cardinality.md"
MOST_SERIES = 10_000
MOST_VALUES = 100
SHIPS = 1000

_SHIPS_OF_A_COMPANY = 20
_REPLICAS = 2
_USED_BY_A_SHIP = 2
_OPEN = 5
_ONE = ("http.request.method", "url.scheme", "error.type", "server.port", "db.system.name", "db.namespace")
_USUAL = {
    **dict.fromkeys(_ONE, 1),
    "http.route": 12,
    "url.template": 12,
    "http.response.status_code": 4,
    "db.operation.name": 4,
    "metric": 30,
}
"""What is usual; an endpoint has one method, and a status one type of error."""

_HEAD = f"""\
# Cardinality

How many series each metric makes in Prometheus with {SHIPS:,} ships of {SHIPS // _SHIPS_OF_A_COMPANY} companies, and
how many ships the plan's limit of {MOST_SERIES:,} series allows. A histogram makes one for each bucket, and three more.

Counted are {_REPLICAS} replicas of a service (what is counted by ship comes from one of them), all values of a closed
label ({_USED_BY_A_SHIP} of them for one ship), {_USUAL["http.route"]} endpoints with
{_USUAL["http.response.status_code"]} status codes, and {_OPEN} values of any other label.
`tests/monitoring/prometheus/test_fleet.py` fills a real Prometheus with as many, and evaluates every rule on them.

Each process keeps the limits by itself: beyond {MOST_SERIES:,} series of a metric, or {MOST_VALUES} values of an open
label, it counts under `other` and says so (alert MetricCardinalityOverflow). Ids of ships and companies have no limit
of values: with a hundred companies the business does not end. Where a fleet is larger than the last column says, sum
by `vessel_id` in a recording rule, keep that, and drop the buckets of single ships in `metric_relabel_configs`.

"""


@dataclass(frozen=True, slots=True)
class Cardinality:
    """How many series a metric makes.

    Attributes:
        series: With a thousand ships.
        of_a_ship: That each ship adds.
    """

    series: int
    of_a_ship: int

    @property
    def most_ships(self) -> int | None:
        """How many ships make as many series as the plan allows; `None` if they do not matter."""
        return MOST_SERIES // self.of_a_ship if self.of_a_ship else None


def cardinality(metric: Metric) -> Cardinality:
    """Estimate the series of a metric, of those of its Prometheus names that have most labels.

    Args:
        metric: A metric that services record.

    Example:
        >>> from sms_observability.catalog import SMS_CATALOG
        >>> cardinality(SMS_CATALOG.metrics["sms.vessel.active"])
        Cardinality(series=1000, of_a_ship=1)
    """
    names = {field.name for field in metric.labels}
    each = len(metric.buckets) + 3 if metric.kind == "histogram" else 1
    others = [field for field in metric.labels if field.name not in {"vessel_id", "company_id"}]
    if "vessel_id" in names:
        of_a_ship = each * prod(min(_values(field), _USED_BY_A_SHIP) for field in others)
        return Cardinality(of_a_ship * SHIPS, of_a_ship)
    series = each * _REPLICAS * prod(map(_values, others))
    return Cardinality(series * (SHIPS // _SHIPS_OF_A_COMPANY if "company_id" in names else 1), 0)


def render_cardinality(catalog: Catalog) -> Mapping[str, str]:
    """Render the page."""
    recorded = [
        metric
        for metric in catalog.metrics.values()
        if metric.source in ("sms", "semconv") and metric.access == "public"
    ]
    recorded.sort(key=lambda metric: (-cardinality(metric).series, metric.otel_name))
    text = GENERATED + _HEAD + table(("metric", "labels", "series", "limit kept", "most ships"), map(_row, recorded))
    return {PATH: text}


def _values(field: Field) -> int:
    return _USUAL.get(field.name) or (len(field.values) if field.values else _OPEN)


def _row(metric: Metric) -> tuple[str, ...]:
    found = cardinality(metric)
    ships = found.most_ships
    return (
        f"`{metric.prometheus_name}`",
        ", ".join(f"`{field.name.replace('.', '_')}`" for field in metric.labels),
        f"{found.series:,}",
        "yes" if found.series <= MOST_SERIES else "no",
        "any" if ships is None else f"{ships:,}",
    )
