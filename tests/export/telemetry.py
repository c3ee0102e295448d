"""Strategies for telemetry of the SDK, and how two OTLP messages are compared."""

from __future__ import annotations

from typing import Any

from google.protobuf.message import Message
from hypothesis import strategies as st
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.sdk._logs import ReadableLogRecord
from opentelemetry.sdk.metrics import export as sdk
from opentelemetry.sdk.metrics._internal.exemplar import Exemplar
from opentelemetry.sdk.metrics._internal.point import Buckets
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags, TraceState

RESOURCE = Resource({"service.name": "parts-api", "service.instance.id": "1"})

texts = st.text(max_size=40)
keys = st.text(min_size=1, max_size=20) | st.sampled_from(["http.route", "company_id", "http.response.status_code"])
int64 = st.integers(-(2**63), 2**63 - 1) | st.integers(-5, 5000)
times = st.integers(0, 2**63 - 1)
counts = st.integers(0, 2**64 - 1) | st.integers(0, 300)
leaves = (
    texts
    | st.text(min_size=2000, max_size=2100)
    | int64
    | st.booleans()
    | st.floats()
    | st.sampled_from([0, 1, 1.0, True, 0.0, -0.0, False, "", "1"])
    | st.binary(max_size=300)
    | st.none()
)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(keys, inner, max_size=5),
    max_leaves=8,
)
attributes = st.dictionaries(keys, values, max_size=8)
labels = st.dictionaries(keys, texts | int64 | st.booleans(), max_size=4)
contexts = st.builds(
    SpanContext,
    st.integers(1, 2**128 - 1),
    st.integers(1, 2**64 - 1),
    st.booleans(),
    st.sampled_from([TraceFlags(0), TraceFlags(1)]),
    st.sampled_from([TraceState(), TraceState([("vendor", "1"), ("sms", "a:b")])]),
)
scopes = st.builds(
    InstrumentationScope,
    texts,
    st.sampled_from(["", "1.0"]),
    st.sampled_from(["", "https://opentelemetry.io/schemas/1.30.0"]),
    st.just({}) | st.just({"a": 1}),
)
# A link with a trace state is compared by a test of its own: the official encoder leaves it out.
plain_contexts = contexts.map(lambda context: SpanContext(context.trace_id, context.span_id, context.is_remote))
spans = st.builds(
    ReadableSpan,
    name=texts,
    context=contexts,
    parent=st.none() | contexts,
    resource=st.just(RESOURCE),
    attributes=attributes,
    events=st.lists(st.builds(Event, texts, attributes, times), max_size=3),
    links=st.lists(st.builds(Link, plain_contexts, attributes), max_size=3),
    kind=st.sampled_from(list(SpanKind)),
    status=st.builds(Status, st.sampled_from([StatusCode.UNSET, StatusCode.OK]))
    | st.builds(Status, st.just(StatusCode.ERROR), st.none() | texts),
    start_time=times,
    end_time=times,
    instrumentation_scope=scopes,
)


def _log(context: SpanContext | None, **fields: Any) -> LogRecord:
    record = LogRecord(**fields)
    record.trace_id, record.span_id, record.trace_flags = (
        (context.trace_id, context.span_id, context.trace_flags) if context else (0, 0, TraceFlags(0))
    )
    return record


logs = st.builds(
    ReadableLogRecord,
    st.builds(
        _log,
        st.none() | contexts,
        timestamp=st.none() | times,
        observed_timestamp=times,
        severity_text=st.none() | texts,
        severity_number=st.none() | st.sampled_from(list(SeverityNumber)),
        body=values,
        attributes=attributes,
        event_name=st.none() | texts,
    ),
    st.just(RESOURCE),
    scopes,
)

amounts = int64 | st.floats()
exemplars = st.lists(
    st.builds(
        Exemplar, labels, amounts, times, st.integers(1, 2**64 - 1) | st.none(), st.integers(1, 2**128 - 1) | st.none()
    ),
    max_size=2,
)
numbers = st.lists(st.builds(sdk.NumberDataPoint, labels, times, times, amounts, exemplars), min_size=1, max_size=3)
bounds = st.lists(st.floats(allow_nan=False), max_size=6).map(lambda bounds: sorted(set(bounds)))


@st.composite
def histogram_points(draw: st.DrawFn) -> sdk.HistogramDataPoint:
    """Draw a point whose buckets match its bounds."""
    edges = draw(bounds)
    buckets = draw(st.lists(counts, min_size=len(edges) + 1, max_size=len(edges) + 1))
    return sdk.HistogramDataPoint(
        draw(labels),
        draw(times),
        draw(times),
        draw(counts),
        draw(st.floats()),
        buckets,
        edges,
        draw(st.floats()),
        draw(st.floats()),
        draw(exemplars),
    )


small = st.integers(-(2**31), 2**31 - 1)
buckets = st.builds(Buckets, small, st.lists(counts, max_size=5))
exponential_points = st.builds(
    sdk.ExponentialHistogramDataPoint,
    labels,
    times,
    times,
    counts,
    st.floats(),
    small,
    counts,
    buckets,
    buckets,
    st.integers(0, 1),
    st.floats(),
    st.floats(),
    exemplars,
)
temporalities = st.sampled_from(list(sdk.AggregationTemporality))
metric = st.builds(
    sdk.Metric,
    texts,
    texts,
    texts,
    st.builds(sdk.Sum, numbers, temporalities, st.booleans())
    | st.builds(sdk.Gauge, numbers)
    | st.builds(sdk.Histogram, st.lists(histogram_points(), min_size=1, max_size=2), temporalities)
    | st.builds(sdk.ExponentialHistogram, st.lists(exponential_points, min_size=1, max_size=2), temporalities),
)


def plain(message: Message) -> bytes:
    """Give the bytes of a decoded message; compared like this, NaN is equal to itself."""
    return message.SerializeToString(deterministic=True)
