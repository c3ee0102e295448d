"""Requests of every kind that the public net may meet, legitimate and hostile, as hypothesis draws them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from google.protobuf.message import Message
from hypothesis import strategies as st
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, EntityRef, KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import Exemplar, Metric
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from servers import otlp
from sms_observability.catalog import SMS_CATALOG

STEPS = sorted(SMS_CATALOG.steps)
FIELDS = sorted(SMS_CATALOG.fields)
METRICS = sorted(metric.otel_name for metric in SMS_CATALOG.metrics.values())

# What names and values are made of: words that tell, nearly tell, or only look so; what case folding and `.` trip over.
PIECES = (
    *("mark", "markup", "MARK-UP", "mar", "margin", "Margins", "cog", "cogs", "cos", "cost", "costs", "cou", "count"),
    *("pay", "payout", "pay out", "pri", "price", "price_band", "quo", "quote", "discount", "unit", "supplier", "cmpq"),
    *(
        " ",
        ".",
        "-",
        "_",
        "/",
        ",",
        ", ",
        "\n",
        "\0",
        "'",
        "{",
        "}",
        "[",
        "=",
        ":",
        "4711",
        "18.50",
        "é",
        "\u212a",
        "\u017f",
    ),
    *(
        "GET",
        "POST /",
        "INSERT ",
        "process ",
        "parts",
        "payment",
        "HTTP",
        "exception",
        "sms.",
        "ot=th:8",
        "None",
        "a" * 61,
    ),
)
WHOLE = (
    "",
    "GET /api/vessels/{vessel_id}/parts",
    "GET /api/price/18.50",
    "POST /api/parts/quote",
    "POST /internal/markup/calculate",
    "HTTP POST /supplier_cost http send",
    "SELECT sms.parts_quotes",
    "INSERT markup",
    "BEGIN",
    "HGETALL",
    "process parts.orders",
    "crew_change_flow",
    "markup_review_flow",
    "parts_cost_flow",
    "Parts quote requested",
    "Order 4711 confirmed after 2.5 s",
    "The supplier price of it",
    "See vendor quotes",
    "u-17",
    "0f" * 16,
    "TimeoutError",
    "builtins.ValueError",
    "https://opentelemetry.io/schemas/1.30.0",
    "opentelemetry.instrumentation.httpx",
    "1.2.3rc1",
    "vendor=x,ot=th:8;rv:0123",
    'Traceback (most recent call last):\n  File "/app/a.py", line 3, in quote\nValueError',
    "x" * 128,
    "x" * 129,
    "cost " * 60,
    ", ".join(STEPS[:3]),
    json.dumps(
        {"message": "Parts quote requested", "context": {"endpoint": "/", "markup": 1}, "margin": [1, {"a": 2}]}
    ),
    '{"message": "broken',
)
TEXTS = st.one_of(
    st.sampled_from((*WHOLE, *STEPS, *sorted(SMS_CATALOG.journeys))),
    st.lists(st.sampled_from((*PIECES, *STEPS)), max_size=5).map("".join),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
)
NAMED = ("sms.journey.name", "sms.step.name", "step", "span.name", "message", "exception.stacktrace", "sms.class")
KEYS = st.one_of(
    st.sampled_from(FIELDS),
    st.sampled_from((*NAMED, *("context", "metadata", "sms", "journey", "step", "name", "endpoint", "0", "missing"))),
    TEXTS,
)
_SCALARS = st.one_of(
    TEXTS, TEXTS, st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(), st.binary(max_size=12)
)
PLAIN: st.SearchStrategy[Any] = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=6
)
VALUES = PLAIN.map(otlp.value)


@st.composite
def _attributes(draw: st.DrawFn, most: int = 6) -> list[KeyValue]:
    # A list, not a mapping: a sender may write a key twice.
    pairs = st.builds(lambda key, value: KeyValue(key=key, value=value), KEYS, VALUES)
    return draw(st.lists(pairs, max_size=most))


def _text(draw: st.DrawFn, usual: str) -> str:
    return draw(st.just(usual) | TEXTS)


@st.composite
def _spans(draw: st.DrawFn) -> Span:
    name = draw(TEXTS)
    span = otlp.span(name)
    span.attributes.extend(draw(_attributes(30 if draw(st.booleans()) else 6)))
    for key in draw(st.sets(st.sampled_from(("sms.journey.name", "sms.step.name")))):
        span.attributes.append(KeyValue(key=key, value=otlp.value(name)))
    span.status.message = _text(draw, "")
    span.trace_state = _text(draw, "ot=th:8")
    for _ in range(draw(st.integers(0, 2))):
        span.events.append(Span.Event(name=_text(draw, "exception"), attributes=draw(_attributes())))
    return span


def _points(metric: Metric, kind: str) -> Any:
    data = getattr(metric, kind)
    if hasattr(data, "aggregation_temporality"):
        data.aggregation_temporality = 2
    return data.data_points.add(time_unix_nano=time.time_ns())


@st.composite
def _metrics(draw: st.DrawFn) -> Metric:
    metric = Metric(name=draw(st.sampled_from(METRICS) | TEXTS), unit=_text(draw, "s"), description=_text(draw, ""))
    metric.metadata.extend(draw(_attributes(2)))
    kind = draw(st.sampled_from(("gauge", "sum", "histogram", "exponential_histogram", "summary")))
    for _ in range(draw(st.integers(1, 2))):
        point = _points(metric, kind)
        point.attributes.extend(draw(_attributes()))
        if kind != "summary" and draw(st.booleans()):
            exemplar = Exemplar(as_double=1.5, trace_id=b"t" * 16, filtered_attributes=draw(_attributes(2)))
            point.exemplars.append(exemplar)
    return metric


@st.composite
def _logs(draw: st.DrawFn) -> Any:
    record = otlp.log("", None)
    record.body.CopyFrom(draw(VALUES | KEYS.map(otlp.value) | st.builds(_log_line, TEXTS, PLAIN)))
    record.attributes.extend(draw(_attributes()))
    record.severity_text = _text(draw, "INFO")
    record.event_name = _text(draw, "")
    return record


def _log_line(message: str, context: Any) -> AnyValue:
    return otlp.value({"message": message, "context": context, "metadata": {"endpoint": context}})


@st.composite
def _requests(draw: st.DrawFn, make: Callable[..., Message], items: st.SearchStrategy[Any]) -> Message:
    # No two metrics of one name: the stock net joins those, whatever else is in them.
    chosen = st.lists(
        items, min_size=1, max_size=4, unique_by=lambda item: item.name if make is otlp.metrics else id(item)
    )
    request: Any = make(draw(chosen))
    (group,) = next(iter(request.ListFields()))[1]
    (scope,) = next(value for field, value in group.ListFields() if field.name.startswith("scope_"))
    group.schema_url, scope.schema_url = _text(draw, ""), _text(draw, "")
    scope.scope.name, scope.scope.version = _text(draw, "sms_observability"), _text(draw, "1.0")
    scope.scope.attributes.extend(draw(_attributes(2)))
    group.resource.attributes.extend(draw(_attributes(2)))
    if draw(st.booleans()):
        group.resource.entity_refs.append(EntityRef(type=draw(TEXTS), id_keys=["service.name"]))
    return request


REQUESTS: dict[str, st.SearchStrategy[Any]] = {
    "traces": _requests(otlp.traces, _spans()),
    "metrics": _requests(otlp.metrics, _metrics()),
    "logs": _requests(otlp.logs, _logs()),
}
"""By signal; without links of spans, because with one the stock net drops the span."""
