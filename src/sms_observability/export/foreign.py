"""Items of the OpenTelemetry SDK become records: those of other libraries' providers, and all plain API metrics.

The functions never raise. What the SDK carries has been checked by nobody, so everything is sanitised here.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from sms_observability.export.fields import (
    MAX_UINT64,
    choice,
    count,
    identifier,
    optional_text,
    read,
    real,
    several,
    small,
    surplus,
    whole,
)
from sms_observability.export.records import (
    Exemplar,
    ExponentialHistogramPoint,
    HistogramPoint,
    LogData,
    MetricData,
    NumberPoint,
    Scope,
    SpanEvent,
    SpanLink,
    SpanRecord,
)
from sms_observability.sanitise import sanitise_attributes, sanitise_number, sanitise_timestamp, sanitise_value

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.sdk._logs import ReadableLogRecord
    from opentelemetry.sdk.metrics.export import MetricsData
    from opentelemetry.sdk.trace import ReadableSpan

    from sms_observability.export.records import MetricKind, Point

_MAX_SCOPES = 1024
_MAX_STATUS = 2
_MAX_SEVERITY = 24
# Which of the OTLP flags say whether a parent is remote.
_KNOWN_REMOTE = 0x100
_REMOTE = 0x200

_scopes: dict[tuple[str, str, str], Scope] = {}


def span_from_readable(span: ReadableSpan) -> SpanRecord:
    """Make a record of a span of the SDK.

    Args:
        span: Any `ReadableSpan`, also one that lacks parts or whose properties raise; those become empty.

    Returns:
        The record, with everything sanitised.
    """
    context, status, attributes = read(span, "context"), read(span, "status"), read(span, "attributes")
    end = sanitise_timestamp(read(span, "end_time"), time.time_ns())
    kind = read(read(span, "kind"), "value")
    return SpanRecord(
        trace_id=identifier(read(context, "trace_id"), 128),
        span_id=identifier(read(context, "span_id"), 64),
        parent_span_id=identifier(read(read(span, "parent"), "span_id"), 64),
        trace_flags=_flags(context, read(span, "parent")),
        trace_state=_trace_state(context),
        name=optional_text(read(span, "name")),
        # The API counts from 0, OTLP from 1.
        kind=choice(whole(kind) + 1, 1, 5),
        start_ns=sanitise_timestamp(read(span, "start_time"), end),
        end_ns=end,
        attributes=sanitise_attributes(attributes),
        dropped_attributes=count(read(span, "dropped_attributes")) + surplus(attributes),
        events=[_event(event, end) for event in several(read(span, "events"))],
        dropped_events=count(read(span, "dropped_events")),
        links=[_link(link) for link in several(read(span, "links"))],
        dropped_links=count(read(span, "dropped_links")),
        status_code=choice(read(read(status, "status_code"), "value"), 0, _MAX_STATUS),
        status_text=optional_text(read(status, "description")),
        scope=scope_from_sdk(read(span, "instrumentation_scope")),
    )


def log_from_sdk(log: ReadableLogRecord) -> LogData:
    """Make a record of a log record of the SDK.

    Args:
        log: Any `ReadableLogRecord`, also one that lacks parts.

    Returns:
        The record, with everything sanitised.
    """
    record = read(log, "log_record")
    attributes, severity = read(record, "attributes"), read(record, "severity_number")
    observed = sanitise_timestamp(read(record, "observed_timestamp"), time.time_ns())
    moment = read(record, "timestamp")
    return LogData(
        0 if moment is None else sanitise_timestamp(moment, observed),
        # The API wants its enum, people give the number.
        choice(severity if type(severity) is int else read(severity, "value"), 0, _MAX_SEVERITY),
        optional_text(read(record, "severity_text")),
        sanitise_value(read(record, "body")),
        sanitise_attributes(attributes),
        scope_from_sdk(read(log, "instrumentation_scope")),
        identifier(read(record, "trace_id"), 128),
        identifier(read(record, "span_id"), 64),
        count(read(record, "trace_flags")),
        optional_text(read(record, "event_name")),
        observed,
        count(read(log, "dropped_attributes")) + surplus(attributes),
    )


def metrics_from_sdk(data: MetricsData) -> list[MetricData]:
    """Make records of what a reader of the SDK has collected.

    Args:
        data: Anything that `MetricReader` hands to an exporter. The resource is left out: the door has its own.

    Returns:
        One record for each metric that has points; a point whose amount is no number is left out.
    """
    metrics: list[MetricData] = []
    for resource in several(read(data, "resource_metrics"), None):
        for group in several(read(resource, "scope_metrics"), None):
            scope = scope_from_sdk(read(group, "scope"))
            for metric in several(read(group, "metrics"), None):
                record = _metric(metric, scope)
                if record is not None:
                    metrics.append(record)
    return metrics


def scope_from_sdk(scope: Any) -> Scope:
    """Make a record of a scope of the SDK; equal ones without attributes give the same object."""
    key = (
        optional_text(read(scope, "name")),
        optional_text(read(scope, "version")),
        optional_text(read(scope, "schema_url")),
    )
    attributes = read(scope, "attributes")
    if attributes:
        return Scope(*key, sanitise_attributes(attributes))
    known = _scopes.get(key)
    if known is None:
        if len(_scopes) >= _MAX_SCOPES:
            _scopes.clear()
        known = _scopes[key] = Scope(*key)
    return known


def _flags(context: Any, parent: Any) -> int:
    remote = _REMOTE if read(parent, "is_remote") is True else 0
    return whole(read(context, "trace_flags")) & 0xFF | _KNOWN_REMOTE | remote


def _trace_state(context: Any) -> str:
    state = read(context, "trace_state")
    if not state:
        return ""
    return ",".join([f"{key}={optional_text(value)}" for key, value in sanitise_attributes(state).items()])


def _event(event: Any, default: int) -> SpanEvent:
    attributes = read(event, "attributes")
    return SpanEvent(
        optional_text(read(event, "name")),
        sanitise_timestamp(read(event, "timestamp"), default),
        sanitise_attributes(attributes),
        count(read(event, "dropped_attributes")) + surplus(attributes),
    )


def _link(link: Any) -> SpanLink:
    context, attributes = read(link, "context"), read(link, "attributes")
    return SpanLink(
        identifier(read(context, "trace_id"), 128),
        identifier(read(context, "span_id"), 64),
        _trace_state(context),
        _flags(context, context),
        sanitise_attributes(attributes),
        count(read(link, "dropped_attributes")) + surplus(attributes),
    )


def _metric(metric: Any, scope: Scope) -> MetricData | None:
    from opentelemetry.sdk.metrics import export as sdk  # whoever has such metrics has it; no start waits for it

    data = read(metric, "data")
    kinds: tuple[tuple[type, MetricKind, Callable[[Any], Point | None]], ...] = (
        (sdk.Sum, "sum", _number),
        (sdk.Gauge, "gauge", _reading),
        (sdk.Histogram, "histogram", _histogram),
        (sdk.ExponentialHistogram, "exponential_histogram", _exponential),
    )
    for kind, name, make in kinds:
        if type(data) is kind:
            points = [
                made for point in several(read(data, "data_points"), None) if (made := _made(make, point)) is not None
            ]
            if not points:
                return None
            return MetricData(
                name=optional_text(read(metric, "name")),
                description=optional_text(read(metric, "description")),
                unit=optional_text(read(metric, "unit")),
                kind=name,
                points=points,
                scope=scope,
                monotonic=read(data, "is_monotonic") is True,
                temporality=choice(read(data, "aggregation_temporality"), 0, 2),
            )
    return None


def _made(make: Callable[[Any], Point | None], point: Any) -> Point | None:
    """Make a point; one that raises is lost alone."""
    try:
        return make(point)
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001  # the points hold what observable callbacks of others gave
        return None


def _number(point: Any) -> NumberPoint | None:
    value = sanitise_number(point.value)
    if value is None:
        return None
    return NumberPoint(
        sanitise_attributes(point.attributes),
        sanitise_timestamp(point.start_time_unix_nano, 0),
        sanitise_timestamp(point.time_unix_nano, 0),
        value,
        _exemplars(point.exemplars),
    )


def _reading(point: Any) -> NumberPoint | None:
    made = _number(point)
    if made is not None:
        # A gauge says how things are at one moment.
        made.start_ns = 0
    return made


def _histogram(point: Any) -> HistogramPoint:
    return HistogramPoint(
        sanitise_attributes(point.attributes),
        sanitise_timestamp(point.start_time_unix_nano, 0),
        sanitise_timestamp(point.time_unix_nano, 0),
        count(point.count, MAX_UINT64),
        real(point.sum),
        point.explicit_bounds,
        point.bucket_counts,
        real(point.min),
        real(point.max),
        _exemplars(point.exemplars),
    )


def _exponential(point: Any) -> ExponentialHistogramPoint:
    return ExponentialHistogramPoint(
        attributes=sanitise_attributes(point.attributes),
        start_ns=sanitise_timestamp(point.start_time_unix_nano, 0),
        time_ns=sanitise_timestamp(point.time_unix_nano, 0),
        count=count(point.count, MAX_UINT64),
        sum=real(point.sum),
        scale=small(point.scale),
        zero_count=count(point.zero_count, MAX_UINT64),
        positive_offset=small(point.positive.offset),
        positive_counts=several(point.positive.bucket_counts),
        negative_offset=small(point.negative.offset),
        negative_counts=several(point.negative.bucket_counts),
        min=real(point.min),
        max=real(point.max),
        exemplars=_exemplars(point.exemplars),
        flags=count(point.flags),
    )


def _exemplars(exemplars: Any) -> list[Exemplar]:
    made: list[Exemplar] = []
    for exemplar in several(exemplars):
        value = sanitise_number(read(exemplar, "value"))
        if value is not None:
            made.append(
                Exemplar(
                    sanitise_timestamp(read(exemplar, "time_unix_nano"), 0),
                    value,
                    identifier(read(exemplar, "trace_id"), 128),
                    identifier(read(exemplar, "span_id"), 64),
                    sanitise_attributes(read(exemplar, "filtered_attributes")),
                )
            )
    return made
