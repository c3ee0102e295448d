"""Our encoder and the official one decode to equal messages."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.common._log_encoder import encode_logs
from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric, SummaryDataPoint
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics import export as sdk
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation, View
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from export import telemetry
from sms_observability.export.encode import Encoder
from sms_observability.export.foreign import log_from_sdk, metrics_from_sdk, span_from_readable
from sms_observability.export.records import MetricData, Scope, SpanLink, SpanRecord, SummaryPoint
from sms_observability.privacy.policy import OpenPolicy

# One encoder for all examples, as in a service: what its caches keep must never change a message.
encoder = Encoder(OpenPolicy())
resource = encoder.encode_resource(dict(telemetry.RESOURCE.attributes))  # type: ignore[arg-type]


def assert_equal_spans(spans: list[ReadableSpan]) -> None:
    """Check spans of one scope against the official encoder."""
    records = [span_from_readable(span) for span in spans]
    body = [(records[0].scope_, [encoder.encode_span(record) for record in records])]
    ours = ExportTraceServiceRequest.FromString(encoder.frame(resource, body))
    for encoded, span in zip(ours.resource_spans[0].scope_spans[0].spans, spans, strict=True):
        # The official encoder leaves the W3C bits out.
        context = span.get_span_context()
        assert encoded.flags & 0xFF == (context.trace_flags if context else 0)
        encoded.flags &= ~0xFF
        for link in encoded.links:
            link.flags &= ~0xFF
    assert telemetry.plain(ours) == telemetry.plain(encode_spans(spans))


def assert_equal_metrics(data: sdk.MetricsData) -> None:
    """Check metrics against the official encoder."""
    records = metrics_from_sdk(data)
    groups: dict[Scope, list[bytes]] = {}
    for record in records:
        encoded = encoder.encode_metric(record)
        assert encoded
        groups.setdefault(record.scope, []).append(encoded)
    ours = ExportMetricsServiceRequest.FromString(encoder.frame(resource, groups.items()))
    assert telemetry.plain(ours) == telemetry.plain(encode_metrics(data))


@given(telemetry.spans)
def test_a_span_is_encoded_as_the_official_encoder_does(span: ReadableSpan) -> None:
    """Names, ids, times, status, events, links and attributes of all types arrive equal."""
    assert_equal_spans([span])


@given(telemetry.logs)
def test_a_log_record_is_encoded_as_the_official_encoder_does(log: Any) -> None:
    """Bodies of any type, severities, ids and attributes arrive equal."""
    record = log_from_sdk(log)
    ours = ExportLogsServiceRequest.FromString(
        encoder.frame(resource, [(record.scope, [encoder.encode_log(record)])]),
    )
    assert telemetry.plain(ours) == telemetry.plain(encode_logs([log]))


@given(st.lists(telemetry.metric, min_size=1, max_size=3), telemetry.scopes)
def test_a_metric_is_encoded_as_the_official_encoder_does(metrics: list[Any], scope: InstrumentationScope) -> None:
    """Sums, gauges, both histograms and exemplars arrive equal."""
    group = sdk.ScopeMetrics(scope, metrics, "")
    assert_equal_metrics(sdk.MetricsData([sdk.ResourceMetrics(telemetry.RESOURCE, [group], "")]))


def test_recorded_spans_of_the_sdk_arrive_equal() -> None:
    """What a real tracer makes, exceptions and limits included, is the same for both."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(resource=telemetry.RESOURCE)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("parts", "1.2", "https://example.com/schema", {"team": "parts"})
    with tracer.start_as_current_span("quote", kind=trace.SpanKind.SERVER) as parent:
        parent.set_attributes({f"key{number}": number for number in range(200)})
        try:
            with tracer.start_as_current_span("price", links=[trace.Link(parent.get_span_context(), {"a": 1})]):
                raise ValueError("no stock")  # noqa: TRY301
        except ValueError:
            parent.add_event("failed", {"codes": [1, 2], "share": 0.5})
    spans = list(exporter.get_finished_spans())
    assert [span.dropped_attributes for span in spans] == [0, 72]
    assert_equal_spans(spans)


def test_recorded_metrics_of_the_sdk_arrive_equal() -> None:
    """What a real meter collects is the same for both."""
    reader = sdk.InMemoryMetricReader()
    view = View(instrument_name="exponential", aggregation=ExponentialBucketHistogramAggregation())
    meter = MeterProvider([reader], telemetry.RESOURCE, views=[view]).get_meter("parts", "1.2")
    tracer = TracerProvider().get_tracer("parts")
    with tracer.start_as_current_span("sampled, so that there are exemplars"):
        meter.create_counter("count", "1", "how many").add(3, {"urgency": "high"})
        meter.create_up_down_counter("balance").add(-2.5)
        meter.create_histogram("duration", "s").record(0.25, {"route": "/quote"})
        meter.create_gauge("level").set(7)
        exponential = meter.create_histogram("exponential", "s")
        for value in (0, 0.5, 1e-9, 300.0):
            exponential.record(value)
    data = reader.get_metrics_data()
    assert data is not None
    assert len(metrics_from_sdk(data)) == 5
    assert_equal_metrics(data)


def test_a_link_carries_its_trace_state() -> None:
    """The protocol has a field for it; the official encoder leaves it empty."""
    link = SpanLink(1, 2, "vendor=1", 0x101, {})
    span = SpanRecord(trace_id=3, span_id=4, name="quote", start_ns=1, end_ns=2, scope=Scope("parts"), links=[link])
    decoded = Span.FromString(encoder.encode_span(span)).links[0]
    assert (decoded.trace_state, decoded.flags) == ("vendor=1", 0x101)


@given(telemetry.labels, telemetry.times, telemetry.counts, st.floats(), st.lists(st.tuples(st.floats(), st.floats())))
def test_a_summary_is_encoded_though_the_sdk_has_none(
    labels: dict[str, Any], time_ns: int, count: int, total: float, quantiles: list[tuple[float, float]]
) -> None:
    """The fifth kind of metric comes from bridges; the message type itself is the oracle."""
    point = SummaryPoint(labels, 1, time_ns, count, total, quantiles)
    encoded = encoder.encode_metric(MetricData("latency", "", "s", "summary", [point], Scope("bridge")))
    assert encoded
    decoded = Metric.FromString(encoded).summary.data_points[0]
    expected = SummaryDataPoint(
        attributes=decoded.attributes,
        start_time_unix_nano=1,
        time_unix_nano=time_ns,
        count=count,
        sum=total,
        quantile_values=[SummaryDataPoint.ValueAtQuantile(quantile=q, value=v) for q, v in quantiles],
    )
    assert telemetry.plain(decoded) == telemetry.plain(expected)
    assert {pair.key for pair in decoded.attributes} == set(labels)
