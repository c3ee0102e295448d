"""The plan's Prometheus names, which the Collector makes of metrics of the semantic conventions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sms_observability.render.document import yaml_document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sms_observability.catalog import Catalog, Metric

PATH = "collector-config/policy/metric_names.yaml"

_ABOUT = """\
The plan's HTTP and database metric names, made from those of the semantic conventions, which stay beside them.
One SDK export must arrive here whole, with one time for all its points: aggregation works per batch and time.
This is no part of the net: a metric that it cannot work on goes by unchanged, and does not hold up its batch."""

_SOURCES = {
    "method": "http.request.method",
    "endpoint": "http.route",
    "status": "http.response.status_code",
    "query_type": "db.operation.name",
    "table": "db.collection.name",
    "pool_name": "db.client.connection.pool.name",
}
"""The attribute that each of the plan's labels is made of."""

_RESOURCE = {
    "service": "service.name",
    "version": "service.version",
    "environment": "deployment.environment.name",
}
"""A scrape knows no resources: who it was becomes labels."""

_UNITS = {"s": "_seconds", "By": "_bytes"}
_TYPES = {
    "histogram": ("HISTOGRAM", "EXPONENTIAL_HISTOGRAM"),
    "updowncounter": ("SUM", "GAUGE"),
    "gauge": ("GAUGE",),
    "counter": ("SUM",),
}
_COUNTS = {"http.request.duration": "http.requests"}
"""Durations whose count is a metric of its own."""

_STATE = "db.client.connection.state"
_ONE_STATE = {"db.connection.pool.used": "used"}
"""Metrics of which the plan knows one state only."""


def render_metric_names(catalog: Catalog) -> Mapping[str, str]:
    """Render what turns the conventions' metrics into the plan's."""
    copies = {_otel_name(metric): metric for metric in catalog.metrics.values() if metric.gateway_names}
    statements = [
        *_by_type(copies, _copy),
        *(_relabel(name, _labels(metric)) for name, metric in copies.items()),
        # First aggregate, then count: the count must be that of the aggregated series.
        *_by_type(copies, _aggregate),
        {"context": "metric", "statements": [each for name in copies for each in _rename_count(name)]},
        {
            "context": "datapoint",
            "statements": who_statements(),
        },
    ]
    document = {"processors": {"transform/plan_names": {"error_mode": "ignore", "metric_statements": statements}}}
    return {PATH: yaml_document(document, about=_ABOUT)}


def who_statements() -> list[str]:
    """Write the statements that say on each point of which service, version and environment it is."""
    return [
        statement
        for label, source in _RESOURCE.items()
        for statement in (
            f'set(datapoint.attributes["{label}"], resource.attributes["{source}"])',
            f'set(datapoint.attributes["{label}"], "unknown") where datapoint.attributes["{label}"] == nil',
        )
    ]


def _otel_name(metric: Metric) -> str:
    """Give the OpenTelemetry name whose translation is the plan's: the family, without its unit, dotted."""
    family = next(iter(metric.gateway_names))
    return family.removesuffix(_UNITS.get(metric.unit, "")).replace("_", ".")


def _labels(metric: Metric) -> Sequence[str]:
    return next(iter(metric.gateway_names.values()))


def _by_type(
    copies: Mapping[str, Metric], statements: Callable[[str, Metric], list[str]]
) -> Iterable[dict[str, object]]:
    """Make one group of statements for all metrics of a kind; what has another type under their name is left alone."""
    for kind in dict.fromkeys(metric.kind for metric in copies.values()):
        yield {
            "context": "metric",
            "conditions": [f"metric.type == METRIC_DATA_TYPE_{type_}" for type_ in _TYPES[kind]],
            "statements": [
                statement
                for name, metric in copies.items()
                if metric.kind == kind
                for statement in statements(name, metric)
            ],
        }


def _copy(name: str, metric: Metric) -> list[str]:
    return [f'copy_metric(name="{name}") where metric.name == "{metric.otel_name}"']


def _relabel(name: str, labels: Sequence[str]) -> dict[str, object]:
    statements: list[str] = []
    for label in labels:
        target, source = f'datapoint.attributes["{label}"]', f'datapoint.attributes["{_SOURCES[label]}"]'
        # Status codes are numbers there and texts here.
        value = f"String({source})" if label == "status" else source
        statements.append(f"set({target}, {value}) where {source} != nil")
        if label == "endpoint":
            statements.append(f'set({target}, "unmatched") where {target} == nil')
    if state := _ONE_STATE.get(name):
        # A point cannot be dropped here; nothing is added by one that is nought.
        other = f'datapoint.attributes["{_STATE}"] != nil and datapoint.attributes["{_STATE}"] != "{state}"'
        statements += [
            f"set(datapoint.value_int, 0) where {other} and datapoint.value_int != 0",
            f"set(datapoint.value_double, 0.0) where {other} and datapoint.value_double != 0.0",
        ]
    return {"context": "datapoint", "conditions": [f'metric.name == "{name}"'], "statements": statements}


def _aggregate(name: str, metric: Metric) -> list[str]:
    kept = ", ".join(f'"{label}"' for label in _labels(metric))
    statements = [f'aggregate_on_attributes("sum", [{kept}]) where metric.name == "{name}"']
    if name in _COUNTS:
        statements.append(f'extract_count_metric(true) where metric.name == "{name}"')
    return statements


def _rename_count(name: str) -> list[str]:
    if name not in _COUNTS:
        return []
    count = f'where metric.name == "{name}_count"'
    return [f'set(metric.unit, "{{request}}") {count}', f'set(metric.name, "{_COUNTS[name]}") {count}']
