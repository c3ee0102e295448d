"""An internal step as the restricted channel sees it: under its true name, with its figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opentelemetry.sdk.trace import ReadableSpan

from sms_observability.export.foreign import span_from_readable
from sms_observability.export.records import SpanRecord
from sms_observability.privacy import ValueGuard
from sms_observability.privacy.seal import unseal
from sms_observability.providers import Span
from sms_observability.sanitise import sanitise_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sms_observability.export.records import SpanData
    from sms_observability.privacy import Restricted

# Whoever reads this channel may see figures: nothing is looked for in it.
_UNARMED: Final = ValueGuard()


def ended_span(span: object) -> SpanData | None:
    """Give what an ended span recorded, also one of somebody else's SDK; `None` if it does not show it."""
    if type(span) is Span:
        return span
    return span_from_readable(span) if isinstance(span, ReadableSpan) else None


def hidden_span(span: SpanData, name: str, journey: str | None, figures: Mapping[str, Restricted[Any]]) -> SpanRecord:
    """Make the restricted channel's copy of the span of an internal step.

    Args:
        span: What the public channel has, ended. The copy has the same ids, so that it is found from there.
        name: The step's true name.
        journey: In which journey it ran.
        figures: The restricted attributes of the step.
    """
    attributes = {**span.attributes_, "sms.step.name": name}
    if journey is not None:
        attributes["sms.journey.name"] = journey
    for key, figure in figures.items():
        attributes[key] = sanitise_value(unseal(figure))
    copy = SpanRecord(
        trace_id=span.trace_id,
        span_id=span.span_id,
        parent_span_id=span.parent_span_id,
        trace_flags=span.trace_flags,
        name=name,
        kind=span.kind_,
        start_ns=span.start_ns,
        end_ns=span.end_ns,
        scope=span.scope_,
        attributes=attributes,
        dropped_attributes=span.dropped_attributes_,
        events=span.events_,
        links=span.links_,
        status_code=span.status_code,
        status_text=span.status_text,
    )
    copy.guard_ = _UNARMED
    return copy
