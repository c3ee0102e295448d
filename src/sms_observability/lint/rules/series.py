"""What the catalogue knows of each name in Prometheus: its kind, its labels, its buckets, who may see it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from sms_observability.catalog.errors import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sms_observability.catalog import Catalog, Metric

SeriesKind = Literal["counter", "gauge", "histogram", "unknown"]

OF_ALL = frozenset({"job", "instance", "service", "version", "environment"})
"""Labels that the gateway puts on whatever a service sends."""

OF_TARGETS = frozenset(
    (
        *("cluster", "region", "zone", "namespace", "pod", "container", "node", "endpoint", "metrics_path", "image"),
        *("id", "name", "host", "hostname", "nodename", "prometheus"),
    )
)
"""Labels that whoever scrapes may put on what is scraped; no catalogue can know them."""

_FEW = 4
"""A label of so few series is worth naming them: the four names of a histogram."""

_PARTS = ("_bucket", "_sum", "_count")
_OWN_OF_PROMETHEUS = (
    *("up", "scrape_duration_seconds", "scrape_samples_scraped", "scrape_samples_post_metric_relabeling"),
    *("scrape_series_added", "scrape_timeout_seconds", "scrape_sample_limit", "scrape_body_size_bytes"),
    *("ALERTS", "ALERTS_FOR_STATE"),
)


@dataclass(frozen=True, slots=True)
class Series:
    """One name that can be asked for.

    Attributes:
        name: As it is in Prometheus.
        kind: `histogram` is the family's name, under which a classic histogram has no series.
        labels: What it is split by; `None` if that is not known.
        values: The closed set of a label, where it has one.
        metric: What the catalogue declares; `None` for what Prometheus makes itself.
    """

    name: str
    kind: SeriesKind
    labels: frozenset[str] | None
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    metric: Metric | None = None

    @property
    def is_restricted(self) -> bool:
        """Whether only the restricted Prometheus has it."""
        return self.metric is not None and self.metric.access == "restricted"

    @property
    def is_ours(self) -> bool:
        """Whether a service sends it by OpenTelemetry."""
        return self.metric is not None and self.metric.source in ("sms", "semconv")

    @property
    def labels_of_targets(self) -> frozenset[str]:
        """Labels that it may have besides, because Prometheus or the Collector scrapes it."""
        return frozenset() if self.is_ours or self.is_restricted else OF_TARGETS

    @property
    def is_a_level_of_all_replicas(self) -> bool:
        """Whether each replica sets the same level, so that a sum counts it several times."""
        metric = self.metric
        return (
            metric is not None and metric.kind == "gauge" and metric.source == "sms" and metric.across_replicas == "max"
        )


class KnownSeries:
    """All names that a catalogue gives to Prometheus.

    Args:
        catalog: The declared metrics, with what a service added.

    Example:
        >>> from sms_observability.catalog import SMS_CATALOG
        >>> known = KnownSeries(SMS_CATALOG)
        >>> known.find("sms_parts_order_value_dollars_bucket").kind
        'counter'
    """

    def __init__(self, catalog: Catalog) -> None:
        self._series = {name: Series(name, "gauge", None) for name in _OWN_OF_PROMETHEUS}
        self._replaced: dict[str, Metric] = {}
        journeys = tuple(catalog.journeys)
        for metric in catalog.metrics.values():
            for name in metric.prometheus_names:
                self._series[name] = _series(name, metric, journeys)
            self._replaced.update(dict.fromkeys(metric.replaces, metric))

    def find(self, name: str) -> Series | None:
        """Give what is known of a name."""
        return self._series.get(name)

    def instead_of_label(self, label: str, there: Iterable[str]) -> str:
        """Say what to write in place of a label that is not there."""
        close = f"use one of its labels{nearest(label, sorted(there))}"
        having = sorted(name for name, series in self._series.items() if label in (series.labels or ()))
        return f"{' and '.join(having)} alone can be split by it; {close}" if 0 < len(having) <= _FEW else close

    def instead_of(self, name: str) -> str:
        """Say what to write in place of a name that does not exist."""
        base = next((name.removesuffix(part) for part in _PARTS if name.endswith(part)), name)
        metric = self._replaced.get(name) or self._replaced.get(base)
        if metric is not None:
            asked = _asked(metric)
            about = f" ({metric.description})" if asked.startswith(metric.prometheus_name) else ""
            return f"write {asked}, which the catalogue has in its place{about}"
        close = nearest(name, self._series).removeprefix("; ")
        hint = close if close.startswith("did you mean") else "look for it with `sms-observability catalog`"
        return f"{hint}, or declare the metric in the catalogue"


def _asked(metric: Metric) -> str:
    """Give the name by which a metric is asked for."""
    names = [name for name in metric.gateway_names if name.endswith("_total")]
    if names:
        return names[0]
    return f"{metric.prometheus_name}_sum" if metric.kind == "histogram" else metric.prometheus_name


def _series(name: str, metric: Metric, journeys: tuple[str, ...]) -> Series:
    kind = _kind(name, metric)
    own = metric.gateway_names.get(name) or [label.name.replace(".", "_") for label in metric.labels]
    values = {label.name.replace(".", "_"): label.values for label in metric.labels if label.values is not None}
    if "journey" in own:
        values["journey"] = journeys
    buckets = {"le"} if name.endswith("_bucket") and kind == "counter" else set[str]()
    labels = frozenset({*own, *buckets}) | OF_ALL
    # What it is that knows a service by name, and a host by more, stands in no catalogue.
    return Series(name, kind, None if name == "target_info" else labels, values, metric)


def _kind(name: str, metric: Metric) -> SeriesKind:
    if metric.kind == "counter":
        return "counter"
    if metric.kind != "histogram":
        return "gauge"
    if name.endswith(_PARTS) or name.endswith("_total"):
        return "counter"
    return "histogram"
