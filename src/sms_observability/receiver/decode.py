"""OTLP requests, protobuf or JSON, to plain dictionaries."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, Final, cast

from google.protobuf.json_format import MessageToJson, ParseDict, ParseError  # type: ignore[import-untyped]
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest, ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from google.protobuf.message import Message
    from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
    from opentelemetry.proto.metrics.v1 import metrics_pb2

    from sms_observability.receiver.items import Attributes, Log, MetricPoint, Scope, Signal, Span, Value

_REQUESTS: Final[dict[Signal, type[Any]]] = {
    "traces": ExportTraceServiceRequest,
    "logs": ExportLogsServiceRequest,
    "metrics": ExportMetricsServiceRequest,
}
_REJECTED: Final[dict[Signal, str]] = {
    "traces": "rejected_spans",
    "logs": "rejected_log_records",
    "metrics": "rejected_data_points",
}
_RESPONSES: Final[dict[Signal, type[Any]]] = {
    "traces": ExportTraceServiceResponse,
    "logs": ExportLogsServiceResponse,
    "metrics": ExportMetricsServiceResponse,
}
_SPAN_KINDS: Final = ("unspecified", "internal", "server", "client", "producer", "consumer")
_STATUS: Final = ("unset", "ok", "error")
_TEMPORALITY: Final[dict[Any, Any]] = {
    AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA: "delta",
    AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE: "cumulative",
}
_ID_KEYS: Final = ("traceId", "spanId", "parentSpanId")


class UndecodableError(ValueError):
    """A body that is no OTLP request; the message says what is wrong, without quoting it."""


def parse(signal: Signal, body: bytes, *, is_json: bool) -> Message:
    """Parse a request.

    Args:
        signal: What the path says that it is.
        body: The decompressed body.
        is_json: Whether it is JSON, else protobuf.

    Raises:
        UndecodableError: It is neither.
    """
    kind = _REQUESTS[signal]
    try:
        if is_json:
            return cast("Message", ParseDict(_with_base64_ids(json.loads(body)), kind(), ignore_unknown_fields=True))
        return cast("Message", kind.FromString(body))
    except (DecodeError, ParseError, ValueError, TypeError, AttributeError, RecursionError) as error:
        msg = f"the body is no {'JSON' if is_json else 'protobuf'} request of {signal} ({type(error).__name__})"
        raise UndecodableError(msg) from None


def count(signal: Signal, request: Any) -> int:
    """Count the spans, log records or data points of a parsed request, without decoding them."""
    if signal == "traces":
        return sum(len(scope.spans) for resource in request.resource_spans for scope in resource.scope_spans)
    if signal == "logs":
        return sum(len(scope.log_records) for resource in request.resource_logs for scope in resource.scope_logs)
    return sum(
        len(points.data_points)
        for resource in request.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
        if (points := _points(metric)) is not None
    )


def decode(signal: Signal, request: Any) -> Sequence[Span] | Sequence[Log] | Sequence[MetricPoint]:
    """Decode a parsed request to plain dictionaries."""
    if signal == "traces":
        return list(_spans(request))
    if signal == "logs":
        return list(_logs(request))
    return list(_metrics(request))


def response(signal: Signal, *, rejected: int, message: str, as_json: bool) -> bytes:
    """Give the body that answers a request; empty (in protobuf) if all was accepted."""
    answer = _RESPONSES[signal]()
    if rejected or message:
        setattr(answer.partial_success, _REJECTED[signal], rejected)
        answer.partial_success.error_message = message
    if not as_json:
        return cast("bytes", answer.SerializeToString())
    text: str = MessageToJson(answer, indent=None)
    return text.encode()


def read_response(signal: Signal, body: bytes) -> tuple[int, str]:
    """Read the protobuf body that answers a request: how many items were refused, and why.

    Raises:
        UndecodableError: It is no such answer.
    """
    answer = _RESPONSES[signal]()
    try:
        answer.ParseFromString(body)
    except DecodeError:
        raise UndecodableError("the body is no OTLP response") from None
    partial = answer.partial_success
    return int(getattr(partial, _REJECTED[signal])), str(partial.error_message)


def _with_base64_ids(node: Any) -> Any:
    """Rewrite ids from hex, which OTLP's JSON has, to base64, which protobuf's JSON has.

    Attributes are lists of pairs in OTLP's JSON, so no key of somebody's data is met here.
    """
    if isinstance(node, dict):
        return {
            key: base64.b64encode(bytes.fromhex(value)).decode()
            if key in _ID_KEYS and isinstance(value, str)
            else _with_base64_ids(value)
            for key, value in cast("dict[str, Any]", node).items()
        }
    if isinstance(node, list):
        return [_with_base64_ids(value) for value in cast("Any", node)]
    return node


def _value(wire: AnyValue) -> Value:
    kind = wire.WhichOneof("value")
    if kind is None:
        return None
    if kind == "array_value":
        return [_value(each) for each in wire.array_value.values]
    if kind == "kvlist_value":
        return _attributes(wire.kvlist_value.values)
    return cast("Value", getattr(wire, kind))


def _attributes(pairs: Iterable[KeyValue]) -> Attributes:
    return {pair.key: _value(pair.value) for pair in pairs}


def _scope(scope: InstrumentationScope) -> Scope:
    return {"name": scope.name, "version": scope.version, "attributes": _attributes(scope.attributes)}


def _named(names: Sequence[str], number: int) -> Any:
    return names[number] if 0 <= number < len(names) else names[0]


def _spans(request: Any) -> Iterator[Span]:
    for resource_spans in request.resource_spans:
        resource = _attributes(resource_spans.resource.attributes)
        for scope_spans in resource_spans.scope_spans:
            scope = _scope(scope_spans.scope)
            for span in scope_spans.spans:
                yield {
                    "name": span.name,
                    "trace_id": span.trace_id.hex(),
                    "span_id": span.span_id.hex(),
                    "parent": span.parent_span_id.hex(),
                    "kind": _named(_SPAN_KINDS, span.kind),
                    "start_ns": span.start_time_unix_nano,
                    "end_ns": span.end_time_unix_nano,
                    "status": _named(_STATUS, span.status.code),
                    "status_text": span.status.message,
                    "attributes": _attributes(span.attributes),
                    "events": [
                        {
                            "name": event.name,
                            "time_ns": event.time_unix_nano,
                            "attributes": _attributes(event.attributes),
                        }
                        for event in span.events
                    ],
                    "links": [
                        {
                            "trace_id": link.trace_id.hex(),
                            "span_id": link.span_id.hex(),
                            "attributes": _attributes(link.attributes),
                        }
                        for link in span.links
                    ],
                    "trace_state": span.trace_state,
                    "resource": resource,
                    "scope": scope,
                }


def _logs(request: Any) -> Iterator[Log]:
    for resource_logs in request.resource_logs:
        resource = _attributes(resource_logs.resource.attributes)
        for scope_logs in resource_logs.scope_logs:
            scope = _scope(scope_logs.scope)
            for log in scope_logs.log_records:
                yield {
                    "time_ns": log.time_unix_nano or log.observed_time_unix_nano,
                    "severity": log.severity_text,
                    "severity_number": log.severity_number,
                    "body": _value(log.body),
                    "attributes": _attributes(log.attributes),
                    "trace_id": log.trace_id.hex(),
                    "span_id": log.span_id.hex(),
                    "event_name": log.event_name,
                    "resource": resource,
                    "scope": scope,
                }


def _points(metric: metrics_pb2.Metric) -> Any:
    kind = metric.WhichOneof("data")
    return None if kind is None else getattr(metric, kind)


def _kind(metric: metrics_pb2.Metric) -> Any:
    kind = metric.WhichOneof("data")
    if kind == "sum":
        return "counter" if metric.sum.is_monotonic else "updowncounter"
    return kind


def _metrics(request: Any) -> Iterator[MetricPoint]:
    for resource_metrics in request.resource_metrics:
        resource = _attributes(resource_metrics.resource.attributes)
        for scope_metrics in resource_metrics.scope_metrics:
            scope = _scope(scope_metrics.scope)
            for metric in scope_metrics.metrics:
                points = _points(metric)
                if points is None:
                    continue
                kind = _kind(metric)
                temporality = _TEMPORALITY.get(getattr(points, "aggregation_temporality", None), "")
                for point in points.data_points:
                    yield {
                        "name": metric.name,
                        "description": metric.description,
                        "unit": metric.unit,
                        "kind": kind,
                        "temporality": temporality,
                        "labels": _attributes(point.attributes),
                        "start_ns": point.start_time_unix_nano,
                        "time_ns": point.time_unix_nano,
                        **_measured(point),  # type: ignore[typeddict-item]
                        "resource": resource,
                        "scope": scope,
                    }


def _measured(point: Any) -> dict[str, Any]:
    def optional(name: str) -> float | None:
        return getattr(point, name) if point.HasField(name) else None

    number = hasattr(point, "as_int")
    summary = not number and hasattr(point, "quantile_values")
    distribution = not number and not summary
    return {
        "value": getattr(point, point.WhichOneof("value") or "as_int") if number else None,
        "count": 0 if number else point.count,
        "sum": point.sum if summary else optional("sum") if distribution else None,
        "min": optional("min") if distribution else None,
        "max": optional("max") if distribution else None,
        "bounds": list(getattr(point, "explicit_bounds", ())),
        "counts": list(getattr(point, "bucket_counts", ())),
        "exemplars": [
            {
                "time_ns": exemplar.time_unix_nano,
                "value": getattr(exemplar, exemplar.WhichOneof("value") or "as_int"),
                "trace_id": exemplar.trace_id.hex(),
                "span_id": exemplar.span_id.hex(),
            }
            for exemplar in getattr(point, "exemplars", ())
        ],
    }
