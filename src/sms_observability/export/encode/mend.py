"""Corrupted records are made whole: every field that is not what it should be gets a safe replacement.

Makers sanitise what they put into a record, so nothing here runs unless a maker failed or a hostile caller reached into
one. It is slow and careful: fields are read under a guard, and everything is sanitised again.
"""

from __future__ import annotations

import random
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
    SummaryPoint,
)
from sms_observability.sanitise import (
    sanitise_attributes,
    sanitise_number,
    sanitise_timestamp,
    sanitise_value,
)

if TYPE_CHECKING:
    from sms_observability.export.records import Point

_MAX_KIND = 5
_MAX_STATUS = 2
_MAX_SEVERITY = 24
_KINDS = ("sum", "gauge", "histogram", "exponential_histogram", "summary")
_NOWHERE = Scope("")


def mend_span(span: Any) -> SpanRecord:
    """Make a whole span out of anything that has some of a span's fields."""
    end = sanitise_timestamp(read(span, "end_ns"), time.time_ns())
    start = sanitise_timestamp(read(span, "start_ns"), end)
    return SpanRecord(
        # A span without an id of its own would take a whole batch with it at a strict receiver.
        trace_id=identifier(read(span, "trace_id"), 128) or random.getrandbits(128) | 1,  # noqa: S311
        span_id=identifier(read(span, "span_id"), 64) or random.getrandbits(64) | 1,  # noqa: S311
        parent_span_id=identifier(read(span, "parent_span_id"), 64),
        trace_flags=count(read(span, "trace_flags")),
        trace_state=optional_text(read(span, "trace_state")),
        name=optional_text(read(span, "name_")),
        kind=choice(read(span, "kind_"), 1, _MAX_KIND),
        start_ns=start,
        end_ns=end,
        attributes=sanitise_attributes(read(span, "attributes_")),
        dropped_attributes=count(read(span, "dropped_attributes_")),
        events=[
            SpanEvent(
                optional_text(read(event, "name")),
                sanitise_timestamp(read(event, "time_ns"), start),
                sanitise_attributes(read(event, "attributes")),
                count(read(event, "dropped_attributes")),
            )
            for event in several(read(span, "events_"))
        ],
        dropped_events=count(read(span, "dropped_events_")),
        links=[
            SpanLink(
                identifier(read(link, "trace_id"), 128),
                identifier(read(link, "span_id"), 64),
                optional_text(read(link, "trace_state")),
                count(read(link, "flags")),
                sanitise_attributes(read(link, "attributes")),
                count(read(link, "dropped_attributes")),
            )
            for link in several(read(span, "links_"))
        ],
        dropped_links=count(read(span, "dropped_links_")),
        status_code=choice(read(span, "status_code"), 0, _MAX_STATUS),
        status_text=optional_text(read(span, "status_text")),
        scope=_NOWHERE,
    )


def mend_log(log: Any) -> LogData:
    """Make a whole log record out of anything that has some of its fields."""
    observed = sanitise_timestamp(read(log, "observed_ns"), time.time_ns())
    return LogData(
        sanitise_timestamp(read(log, "time_ns"), observed),
        choice(read(log, "severity_number"), 0, _MAX_SEVERITY),
        optional_text(read(log, "severity_text")),
        sanitise_value(read(log, "body")),
        sanitise_attributes(read(log, "attributes")),
        _NOWHERE,
        identifier(read(log, "trace_id"), 128),
        identifier(read(log, "span_id"), 64),
        count(read(log, "trace_flags")),
        optional_text(read(log, "event_name")),
        observed,
        count(read(log, "dropped_attributes")),
    )


def mend_metric(metric: Any) -> MetricData:
    """Make a whole metric out of anything that has some of its fields; points without a usable amount are left out."""
    kind: Any = read(metric, "kind")
    if kind not in _KINDS:
        kind = "gauge"
    points = [mended for point in several(read(metric, "points"), None) if (mended := _point(kind, point)) is not None]
    return MetricData(
        name=optional_text(read(metric, "name")),
        description=optional_text(read(metric, "description")),
        unit=optional_text(read(metric, "unit")),
        kind=kind,
        points=points,
        scope=_NOWHERE,
        monotonic=read(metric, "monotonic") is True,
        temporality=choice(read(metric, "temporality"), 0, 2),
    )


def _point(kind: str, point: Any) -> Point | None:
    attributes = sanitise_attributes(read(point, "attributes"))
    moment = sanitise_timestamp(read(point, "time_ns"), time.time_ns())
    start = sanitise_timestamp(read(point, "start_ns"), 0)
    flags = count(read(point, "flags"))
    exemplars = [mended for each in several(read(point, "exemplars")) if (mended := _exemplar(each)) is not None]
    total = count(read(point, "count"), MAX_UINT64)
    match kind:
        case "histogram":
            counts = [count(each, MAX_UINT64) for each in several(read(point, "counts"))]
            bounds = [bound for each in several(read(point, "bounds")) if (bound := real(each)) is not None]
            if counts and len(counts) != len(bounds) + 1:
                # Buckets that do not match their bounds mean nothing; count and sum still do.
                counts, bounds = [], []
            return HistogramPoint(
                attributes,
                start,
                moment,
                total,
                real(read(point, "sum")),
                bounds,
                counts,
                real(read(point, "min")),
                real(read(point, "max")),
                exemplars,
                flags,
            )
        case "exponential_histogram":
            return ExponentialHistogramPoint(
                attributes,
                start,
                moment,
                total,
                real(read(point, "sum")),
                small(read(point, "scale")),
                count(read(point, "zero_count"), MAX_UINT64),
                small(read(point, "positive_offset")),
                [count(each, MAX_UINT64) for each in several(read(point, "positive_counts"))],
                small(read(point, "negative_offset")),
                [count(each, MAX_UINT64) for each in several(read(point, "negative_counts"))],
                real(read(point, "zero_threshold")) or 0.0,
                real(read(point, "min")),
                real(read(point, "max")),
                exemplars,
                flags,
            )
        case "summary":
            pairs = [_pair(each) for each in several(read(point, "quantiles"))]
            quantiles = [pair for pair in pairs if pair is not None]
            return SummaryPoint(attributes, start, moment, total, real(read(point, "sum")) or 0.0, quantiles, flags)
        case _:
            value = sanitise_number(read(point, "value"))
            return None if value is None else NumberPoint(attributes, start, moment, value, exemplars, flags)


def _exemplar(exemplar: Any) -> Exemplar | None:
    value = sanitise_number(read(exemplar, "value"))
    if value is None:
        return None
    return Exemplar(
        sanitise_timestamp(read(exemplar, "time_ns"), 0),
        value,
        identifier(read(exemplar, "trace_id"), 128),
        identifier(read(exemplar, "span_id"), 64),
        sanitise_attributes(read(exemplar, "attributes")),
    )


def _pair(pair: Any) -> tuple[float, float] | None:
    match several(pair):
        case [first, second]:
            quantile, value = real(first), real(second)
            return None if quantile is None or value is None else (quantile, value)
        case _:
            return None
