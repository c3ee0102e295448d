"""Which traces the Collector keeps, and by what its span metrics are told apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sms_observability.render.collector_metric_names import who_statements
from sms_observability.render.document import yaml_document
from sms_observability.render.patterns import exactly, is_match

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sms_observability.catalog import Catalog

SAMPLING_PATH = "collector-config/policy/sampling.yaml"
SPAN_METRICS_PATH = "collector-config/policy/span_metrics.yaml"

SLOW_MS = 1000
REVENUE_PERCENT = 50
REST_PERCENT = 10

REVENUE_OPERATIONS = r"(?i)^((HTTP )?[A-Z]+ /(api/)?(v[0-9]+/)?)?(parts|payment)"
"""The plan's `parts.*|payment.*`, for names as they really are: `parts.quote`, `PartsService.getSupplierQuotes`,
`POST /api/parts/quote`, `HTTP POST /api/parts/quote`."""

_SAMPLING = f"""\
Which traces are kept, decided when a trace is complete: all with an error, all of {SLOW_MS} ms and more, all that broke
their SLA, {REVENUE_PERCENT} % of revenue operations, {REST_PERCENT} % of the rest. A trace is kept if one rule says so.
Both rates hash the trace id with the same salt, so the smaller set lies inside the larger one; on every replica.
What is kept says in sms.sampling.weight for how many it stands: a total is the sum of the weights."""

_SPAN_METRICS = """\
What tells series of span metrics apart, beside service, span name, kind and status."""


def render_sampling(catalog: Catalog) -> Mapping[str, str]:
    """Render the tail sampling policies."""
    revenue = sorted(journey.name for journey in catalog.journeys.values() if journey.revenue)
    operations = ['attributes["sms.journey.revenue"] == true', is_match("name", REVENUE_OPERATIONS)]
    if revenue:
        operations.append(is_match("name", exactly(revenue)))
    policies: list[dict[str, object]] = [
        {"name": "errors", "type": "status_code", "status_code": {"status_codes": ["ERROR"]}},
        # The processor cuts to whole milliseconds and compares with "greater": one less keeps what takes exactly this.
        {"name": "slow", "type": "latency", "latency": {"threshold_ms": SLOW_MS - 1}},
        {
            "name": "sla",
            "type": "boolean_attribute",
            "boolean_attribute": {"key": "sms.sla.breached", "value": True},
        },
        {
            "name": f"revenue-{REVENUE_PERCENT}",
            "type": "and",
            "and": {
                "and_sub_policy": [
                    {
                        "name": "revenue-operations",
                        "type": "ottl_condition",
                        "ottl_condition": {"error_mode": "ignore", "span": operations},
                    },
                    _rate("revenue-rate", REVENUE_PERCENT),
                ]
            },
        },
        _rate(f"rest-{REST_PERCENT}", REST_PERCENT),
    ]
    rates = {f"revenue-{REVENUE_PERCENT}": REVENUE_PERCENT, f"rest-{REST_PERCENT}": REST_PERCENT}
    weights = {str(policy["name"]): 100 / rates.get(str(policy["name"]), 100) for policy in policies}
    processors = {"tail_sampling": {"policies": policies}, "sms_weight": {"weights": weights}}
    return {SAMPLING_PATH: yaml_document({"processors": processors}, about=_SAMPLING)}


def _rate(name: str, percent: int) -> dict[str, object]:
    return {"name": name, "type": "probabilistic", "probabilistic": {"sampling_percentage": percent}}


def render_span_metrics(catalog: Catalog) -> Mapping[str, str]:
    """Render the dimensions of the span metrics."""
    wanted = ("http.route", "sms.journey.name", "sms.journey.outcome", "sms.sla.breached")
    hidden = {field.name for field in catalog.fields.values() if field.access != "public"}
    dimensions = [{"name": name} for name in wanted if name not in hidden]
    who = {
        "context": "datapoint",
        # Edges of the service graph are of two services, and say so themselves.
        "conditions": [is_match("metric.name", r"^traces\.span\.metrics\.")],
        "statements": who_statements(),
    }
    document = {
        "processors": {"transform/span_metrics": {"error_mode": "ignore", "metric_statements": [who]}},
        "connectors": {"span_metrics": {"dimensions": dimensions}},
    }
    return {SPAN_METRICS_PATH: yaml_document(document, about=_SPAN_METRICS)}
