"""Where spans come from: the tracer of one scope."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace.sampling import Decision
from opentelemetry.trace import NonRecordingSpan, SpanKind

from sms_observability.context import suppressed
from sms_observability.providers.current import CurrentSpan
from sms_observability.providers.pipeline import LOCAL_SAMPLED, NOT_SAMPLED, RANDOM, REMOTE_SAMPLED, ROOT, SAMPLED
from sms_observability.providers.sampling import ask, continuing, span_context_of
from sms_observability.providers.seams import EMPTY_STATE, current_context, is_suppressed, local_span_context, span_in
from sms_observability.providers.span import KNOWN_REMOTE, REMOTE, Span, limited
from sms_observability.sanitise import sanitise_text

if TYPE_CHECKING:
    from sms_observability.export.records import Scope
    from sms_observability.providers.pipeline import PipelineHolder, SpanPipeline

_INTERNAL: Final = SpanKind.INTERNAL
_KIND_NUMBERS: Final = {id(kind): kind.value + 1 for kind in SpanKind}


class Tracer(trace.Tracer):
    """Makes the spans of one instrumentation scope; asks its provider at each one how, and whether at all."""

    __slots__ = ("_provider", "_scope")

    def __init__(self, provider: PipelineHolder, scope: Scope) -> None:
        self._provider = provider
        self._scope = scope

    def is_refused(self) -> bool:
        """Say whether spans of this scope are not wanted."""
        pipeline = self._provider._pipeline
        return pipeline is not None and self._scope.name in pipeline.refused

    def start_as_current_span(  # type: ignore[override]  # noqa: PLR0913
        self,
        name: str,
        context: Context | None = None,
        kind: SpanKind = _INTERNAL,
        attributes: Any = None,
        links: Any = None,
        start_time: int | None = None,
        record_exception: bool = True,  # noqa: FBT001, FBT002  # the API's signature
        set_status_on_exception: bool = True,  # noqa: FBT001, FBT002
        end_on_exit: bool = True,  # noqa: FBT001, FBT002
    ) -> CurrentSpan:
        """Give a context manager, or decorator, that starts a span, makes it the current one and ends it.

        Args:
            name: The name of the span.
            context: Where the parent is; else it is the current span.
            kind: The kind of the span.
            attributes: Any mapping, in the form that `sanitise_attributes` gives it.
            links: `Link`s.
            start_time: Nanoseconds since the epoch, if not now.
            record_exception: Whether an exception that leaves the block becomes an event, once in a trace.
            set_status_on_exception: Whether such an exception makes the status ERROR.
            end_on_exit: Whether the span ends with the block.
        """
        return CurrentSpan(
            self,
            name,
            context,
            kind,
            attributes,
            links,
            start_time,
            record_exception,
            set_status_on_exception,
            end_on_exit,
        )

    def start_span(  # noqa: PLR0913
        self,
        name: str,
        context: Context | None = None,
        kind: SpanKind = _INTERNAL,
        attributes: Any = None,
        links: Any = None,
        start_time: int | None = None,
        record_exception: bool = True,  # noqa: FBT001, FBT002  # the API's signature
        set_status_on_exception: bool = True,  # noqa: FBT001, FBT002
    ) -> trace.Span:
        """Start a span that is not the current one. The arguments are those of `start_as_current_span`.

        Returns:
            A recording span; or one that records nothing but carries the trace on: not sampled, suppressed, refused,
            or the provider is not in use.
        """
        try:
            if type(context) is not Context:
                context = current_context()
            found = span_in(context)
            pipeline = self._provider._pipeline
            if pipeline is None or suppressed() or is_suppressed(context) or self._scope.name in pipeline.refused:
                return continuing(found)
            if type(found) is Span and found.trace_flags & SAMPLED and pipeline.follows_parent:
                # What nearly every span is: the child of a sampled one of this process.
                safe, dropped = ({}, 0) if attributes is None else limited(attributes, pipeline)
                span = Span(
                    pipeline,
                    self._scope,
                    found.trace_id,
                    pipeline.new_span_id(),
                    found.trace_flags & 0xFF | KNOWN_REMOTE,
                    found.get_span_context(),
                    sanitise_text(name),
                    1 if kind is _INTERNAL else _KIND_NUMBERS.get(id(kind), 1),
                    safe,
                    start_time,
                )
                if dropped:
                    span.dropped_attributes_ = dropped
                if found.trace_state:
                    span.trace_state, span._state = found.trace_state, found._state
            else:
                sampled = self._sampled(pipeline, context, found, name, kind, attributes, links, start_time)
                if type(sampled) is not Span:
                    return sampled
                span = sampled
            if links is not None:
                span._take_links(links)
            if record_exception is False:
                span._records_exceptions = False
            if set_status_on_exception is False:
                span._fails_on_exceptions = False
            if pipeline.processors:
                pipeline.call_processors("on_start", span, context)
            return span
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001  # promise 1
            return self._lost()

    def _sampled(  # noqa: PLR0913
        self,
        pipeline: SpanPipeline,
        context: Context,
        found: object,
        name: object,
        kind: object,
        attributes: object,
        links: object,
        start_time: object,
    ) -> trace.Span:
        """Make a span if the sampler says so."""
        parent = span_context_of(found)
        if parent is None:
            trace_id, flags, state = pipeline.new_trace_id(), pipeline.random_flag, EMPTY_STATE
            remote, decision = KNOWN_REMOTE, pipeline.decisions[ROOT]
        else:
            trace_id, flags, state = parent.trace_id, parent.trace_flags & RANDOM, parent.trace_state
            remote = KNOWN_REMOTE | REMOTE if parent.is_remote else KNOWN_REMOTE
            place = REMOTE_SAMPLED if parent.is_remote else LOCAL_SAMPLED
            decision = pipeline.decisions[place if parent.trace_flags & SAMPLED else place + NOT_SAMPLED]
        span_id = pipeline.new_span_id()
        if decision is Decision.DROP:
            return NonRecordingSpan(local_span_context(trace_id, span_id, flags, state))
        safe, dropped = ({}, 0) if attributes is None else limited(attributes, pipeline)
        name = sanitise_text(name)
        if decision is None:
            decision, safe, state = ask(pipeline.sampler, context, trace_id, name, kind, safe, links, state)
        if decision is Decision.DROP:
            return NonRecordingSpan(local_span_context(trace_id, span_id, flags, state))
        if decision is Decision.RECORD_AND_SAMPLE:
            flags |= SAMPLED
        span = Span(
            pipeline,
            self._scope,
            trace_id,
            span_id,
            flags | remote,
            parent,
            name,
            1 if kind is _INTERNAL else _KIND_NUMBERS.get(id(kind), 1),
            safe,
            start_time,
        )
        if dropped:
            span.dropped_attributes_ = dropped
        if state:
            span.trace_state, span._state = state.to_header(), state
        return span

    def _lost(self) -> trace.Span:
        pipeline = self._provider._pipeline
        if pipeline is not None:
            pipeline.count_dropped("traces", "start_failed")
        return continuing(span_in(current_context()))


def current_span() -> Span | None:
    """Give the recording span of our own tracer that is current, or `None`."""
    found = span_in(current_context())
    return found if type(found) is Span else None
