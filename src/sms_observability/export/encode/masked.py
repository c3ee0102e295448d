"""Records in which the restricted values of their request are masked; only made when there are any."""

from __future__ import annotations

from operator import is_
from typing import TYPE_CHECKING, Any

from sms_observability.export.records import LogData, SpanEvent, SpanLink, SpanRecord
from sms_observability.privacy.guard import ValueGuard
from sms_observability.privacy.masking import is_plain, mask_attributes, mask_text

if TYPE_CHECKING:
    from sms_observability.export.records import SpanData
    from sms_observability.privacy.policy import Policy


def armed_guard(record: Any, name: str) -> ValueGuard | None:
    """Give the guard that a record carries, if it has anything to look for."""
    guard = getattr(record, name, None)
    return guard if type(guard) is ValueGuard and guard.armed else None


def masked_span(span: SpanData, guard: ValueGuard, policy: Policy) -> SpanData:
    """Give a span as it may leave: name, status, attributes, events and links are looked through.

    Returns:
        The span itself if there was nothing to mask.

    Raises:
        Exception: It was not sanitised.
    """
    name, status = span.name_, span.status_text
    if not is_plain(name):
        name = mask_text(name, "span name", guard, policy)
    if status:
        status = mask_text(status, "status text", guard, policy)
    attributes = mask_attributes(span.attributes_, guard, policy)
    events, links = span.events_, span.links_
    if events:
        events = [_masked_event(event, guard, policy) for event in events]
    if links:
        links = [_masked_link(link, guard, policy) for link in links]
    if (
        name is span.name_
        and status is span.status_text
        and attributes is span.attributes_
        and (not events or all(map(is_, events, span.events_)))
        and (not links or all(map(is_, links, span.links_)))
    ):
        return span
    return SpanRecord(
        trace_id=span.trace_id,
        span_id=span.span_id,
        parent_span_id=span.parent_span_id,
        trace_flags=span.trace_flags,
        trace_state=span.trace_state,
        name=name,
        kind=span.kind_,
        start_ns=span.start_ns,
        end_ns=span.end_ns,
        attributes=dict(attributes),
        dropped_attributes=span.dropped_attributes_,
        events=events,
        dropped_events=span.dropped_events_,
        links=links,
        dropped_links=span.dropped_links_,
        status_code=span.status_code,
        status_text=status,
        scope=span.scope_,
    )


def _masked_event(event: SpanEvent, guard: ValueGuard, policy: Policy) -> SpanEvent:
    name = mask_text(event.name, "event name", guard, policy)
    attributes = mask_attributes(event.attributes, guard, policy)
    if name is event.name and attributes is event.attributes:
        return event
    return SpanEvent(name, event.time_ns, attributes, event.dropped_attributes)


def _masked_link(link: SpanLink, guard: ValueGuard, policy: Policy) -> SpanLink:
    attributes = mask_attributes(link.attributes, guard, policy)
    if attributes is link.attributes:
        return link
    return SpanLink(link.trace_id, link.span_id, link.trace_state, link.flags, attributes, link.dropped_attributes)


def masked_log(log: LogData, guard: ValueGuard, policy: Policy) -> LogData:
    """Give a log record as it may leave: body, attributes and event name are looked through.

    Raises:
        Exception: It was not sanitised.
    """
    body = guard.clean(log.body)
    if body is not log.body:
        policy.masked("log message")
    return LogData(
        log.time_ns,
        log.severity_number,
        log.severity_text,
        body,
        dict(mask_attributes(log.attributes, guard, policy)),
        log.scope,
        log.trace_id,
        log.span_id,
        log.trace_flags,
        mask_text(log.event_name, "event name", guard, policy),
        log.observed_ns,
        log.dropped_attributes,
    )
