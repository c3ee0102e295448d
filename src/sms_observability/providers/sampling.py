"""Whether a span is recorded: its parent, and the sampler, which may be somebody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from opentelemetry import trace
from opentelemetry.sdk.trace.sampling import Decision
from opentelemetry.trace import INVALID_SPAN, NonRecordingSpan, SpanContext, SpanKind, TraceState

from sms_observability.providers.seams import EMPTY_STATE
from sms_observability.providers.span import Span
from sms_observability.sanitise import sanitise_attributes

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace.sampling import Sampler

    from sms_observability.sanitise import Value


def span_context_of(found: object) -> SpanContext | None:
    """Give the context of a parent, if it is a valid one."""
    if type(found) is Span:
        return found.get_span_context()
    if not issubclass(type(found), trace.Span):
        return None
    try:
        context = cast("trace.Span", found).get_span_context()
        return context if type(context) is SpanContext and context.is_valid else None
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001  # a span of somebody else's
        return None


def continuing(found: object) -> NonRecordingSpan:
    """Give a span that records nothing and carries the trace on, so that what starts below it is no new root."""
    if type(found) is NonRecordingSpan:
        return found
    context = span_context_of(found)
    return INVALID_SPAN if context is None else NonRecordingSpan(context)


def ask(  # noqa: PLR0913
    sampler: Sampler,
    context: Context,
    trace_id: int,
    name: str,
    kind: object,
    attributes: dict[str, Value],
    links: object,
    state: TraceState,
) -> tuple[Decision, dict[str, Value], TraceState]:
    """Ask the sampler: decision, attributes, trace state. One that raises or answers nonsense records."""
    try:
        given = cast("Any", kind if type(kind) is SpanKind else SpanKind.INTERNAL)
        result: Any = sampler.should_sample(
            context, trace_id, name, given, cast("Any", attributes), cast("Any", links) or ()
        )
        decision, changed = result.decision, result.trace_state
        if type(decision) is Decision:
            safe = attributes if decision is Decision.DROP else sanitise_attributes(result.attributes)
            return decision, safe, changed if type(changed) is TraceState else EMPTY_STATE
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001, S110  # a sampler of somebody else's
        pass
    return Decision.RECORD_AND_SAMPLE, attributes, state
