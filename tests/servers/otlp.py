"""Raw OTLP requests, built without any SDK, so that nothing tidies up what a test wants to send."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping, Sequence

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, InstrumentationScope, KeyValue, KeyValueList
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord, ResourceLogs, ScopeLogs
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    AggregationTemporality,
    Gauge,
    Histogram,
    HistogramDataPoint,
    Metric,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span, Status

Plain = None | bool | int | float | str | bytes | Sequence["Plain"] | Mapping[str, "Plain"]

RESOURCE: Mapping[str, Plain] = {"service.name": "parts-api", "service.version": "1.2.3"}
SCOPE = InstrumentationScope(name="sms_observability.tests", version="1.0")


def value(plain: Plain) -> AnyValue:
    """Give a Python value as an OTLP value."""
    if plain is None:
        return AnyValue()
    if isinstance(plain, bool):
        return AnyValue(bool_value=plain)
    if isinstance(plain, int):
        return AnyValue(int_value=plain)
    if isinstance(plain, float):
        return AnyValue(double_value=plain)
    if isinstance(plain, str):
        return AnyValue(string_value=plain)
    if isinstance(plain, bytes):
        return AnyValue(bytes_value=plain)
    if isinstance(plain, Mapping):
        return AnyValue(kvlist_value=KeyValueList(values=key_values(plain)))
    return AnyValue(array_value=ArrayValue(values=[value(each) for each in plain]))


def key_values(attributes: Mapping[str, Plain]) -> list[KeyValue]:
    """Give a mapping as OTLP attributes."""
    return [KeyValue(key=key, value=value(plain)) for key, plain in attributes.items()]


def plain(wire: AnyValue) -> Plain:
    """Give an OTLP value as a Python value."""
    kind = wire.WhichOneof("value")
    if kind is None:
        return None
    if kind == "array_value":
        return [plain(each) for each in wire.array_value.values]
    if kind == "kvlist_value":
        return attributes(wire.kvlist_value.values)
    found: Plain = getattr(wire, kind)
    return found


def attributes(pairs: Iterable[KeyValue]) -> dict[str, Plain]:
    """Give OTLP attributes as a mapping."""
    return {pair.key: plain(pair.value) for pair in pairs}


def span(
    name: str,
    *,
    attributes: Mapping[str, Plain] | None = None,
    milliseconds: float = 5.0,
    error: bool = False,
    trace_id: bytes | None = None,
    parent: bytes = b"",
) -> Span:
    """Give a finished span; without a trace id it is the root of a new, random trace."""
    start = time.time_ns() - 60_000_000_000
    return Span(
        trace_id=trace_id or os.urandom(16),
        span_id=os.urandom(8),
        parent_span_id=parent,
        name=name,
        kind=Span.SPAN_KIND_INTERNAL,
        start_time_unix_nano=start,
        end_time_unix_nano=start + round(milliseconds * 1e6),
        attributes=key_values(attributes or {}),
        status=Status(code=Status.STATUS_CODE_ERROR) if error else Status(),
    )


def traces(spans: Iterable[Span], *, resource: Mapping[str, Plain] = RESOURCE) -> ExportTraceServiceRequest:
    """Give an export request of spans."""
    scopes = [ScopeSpans(scope=SCOPE, spans=spans)]
    return ExportTraceServiceRequest(
        resource_spans=[ResourceSpans(resource=Resource(attributes=key_values(resource)), scope_spans=scopes)]
    )


def log(body: Plain, attributes: Mapping[str, Plain] | None = None) -> LogRecord:
    """Give a log record at INFO."""
    return LogRecord(
        time_unix_nano=time.time_ns(),
        severity_number=9,
        severity_text="INFO",
        body=value(body),
        attributes=key_values(attributes or {}),
    )


def logs(records: Iterable[LogRecord], *, resource: Mapping[str, Plain] = RESOURCE) -> ExportLogsServiceRequest:
    """Give an export request of log records."""
    scopes = [ScopeLogs(scope=SCOPE, log_records=records)]
    return ExportLogsServiceRequest(
        resource_logs=[ResourceLogs(resource=Resource(attributes=key_values(resource)), scope_logs=scopes)]
    )


def counter(name: str, *points: Mapping[str, Plain], unit: str = "") -> Metric:
    """Give a cumulative counter with one point of value 1 for each set of labels."""
    now = time.time_ns()
    return Metric(
        name=name,
        unit=unit,
        sum=Sum(
            aggregation_temporality=AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE,
            is_monotonic=True,
            data_points=[
                NumberDataPoint(
                    attributes=key_values(labels),
                    start_time_unix_nano=now - 1_000_000_000,
                    time_unix_nano=now,
                    as_int=1,
                )
                for labels in points
            ],
        ),
    )


def gauge(name: str, amount: float, labels: Mapping[str, Plain] | None = None, *, unit: str = "") -> Metric:
    """Give a gauge with one point."""
    point = NumberDataPoint(attributes=key_values(labels or {}), time_unix_nano=time.time_ns(), as_double=amount)
    return Metric(name=name, unit=unit, gauge=Gauge(data_points=[point]))


def histogram(name: str, labels: Mapping[str, Plain], *, unit: str = "s", at: int = 0) -> Metric:
    """Give a cumulative histogram of three measurements; ``at`` is its time."""
    now = at or time.time_ns()
    point = HistogramDataPoint(
        attributes=key_values(labels),
        start_time_unix_nano=now - 10**9,
        time_unix_nano=now,
        count=3,
        sum=0.6,
        explicit_bounds=[0.1, 1.0],
        bucket_counts=[1, 2, 0],
    )
    cumulative = AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE
    return Metric(name=name, unit=unit, histogram=Histogram(aggregation_temporality=cumulative, data_points=[point]))


def metrics(each: Iterable[Metric], *, resource: Mapping[str, Plain] = RESOURCE) -> ExportMetricsServiceRequest:
    """Give an export request of metrics."""
    scopes = [ScopeMetrics(scope=SCOPE, metrics=each)]
    return ExportMetricsServiceRequest(
        resource_metrics=[ResourceMetrics(resource=Resource(attributes=key_values(resource)), scope_metrics=scopes)]
    )
