"""What hands out tracers, and what all of them have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace.sampling import DEFAULT_ON

from sms_observability.providers.exceptions import no_message
from sms_observability.providers.pipeline import REFUSED_SCOPES, SpanPipeline, count_nothing, flush_nothing, flushed
from sms_observability.providers.scopes import scope_of
from sms_observability.providers.tracer import Tracer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from opentelemetry.sdk.trace import SpanLimits, SpanProcessor
    from opentelemetry.sdk.trace.id_generator import IdGenerator
    from opentelemetry.sdk.trace.sampling import Sampler

    from sms_observability.export.records import SpanData
    from sms_observability.providers.exceptions import AllowMessage
    from sms_observability.providers.pipeline import CountDropped


class TracerProvider(trace.TracerProvider):
    """Hands out tracers.

    Args:
        emit: Takes every ended and sampled span; the door's `emit_span`.
        resource: What the spans say about this process to processors of others.
        sampler: Decides what is recorded; by default that of `OTEL_TRACES_SAMPLER`. One that raises records.
        id_generator: Makes ids; by default random ones.
        limits: How many attributes, events and links; by default those of `OTEL_SPAN_*`.
        processors: Span processors of others, called after each other; what one raises reaches nobody.
        refused: Names of scopes whose spans are not wanted.
        allow_message: Says of which exception classes the message may leave.
        count_dropped: Told of every span that was lost here.
        flush: What `force_flush` calls, with seconds.

    Example:
        >>> spans: list[SpanData] = []
        >>> provider = TracerProvider(spans.append, resource=Resource.get_empty())
        >>> with provider.get_tracer("parts").start_as_current_span("quote") as span:
        ...     span.set_attribute("parts", (1, 2))
        >>> spans[0].name_, spans[0].attributes_
        ('quote', {'parts': [1, 2]})
    """

    def __init__(  # noqa: PLR0913
        self,
        emit: Callable[[SpanData], None] | None = None,
        *,
        resource: Resource | None = None,
        sampler: Sampler | None = None,
        id_generator: IdGenerator | None = None,
        limits: SpanLimits | None = None,
        processors: Iterable[SpanProcessor] = (),
        refused: Iterable[str] = REFUSED_SCOPES,
        allow_message: AllowMessage = no_message,
        count_dropped: CountDropped = count_nothing,
        flush: Callable[[float], bool] = flush_nothing,
    ) -> None:
        self._pipeline: SpanPipeline | None = None
        if emit is not None:
            self._pipeline = SpanPipeline(
                emit,
                resource=Resource.get_empty() if resource is None else resource,
                sampler=sampler,
                id_generator=id_generator,
                limits=limits,
                processors=processors,
                refused=refused,
                allow_message=allow_message,
                count_dropped=count_dropped,
                flush=flush,
            )

    def use(self, other: TracerProvider | None) -> None:
        """Make the tracers of this provider, those already handed out too, work as those of another.

        Args:
            other: The other provider; `None` stops all of them.
        """
        self._pipeline = None if other is None else other._pipeline

    def get_tracer(
        self,
        instrumenting_module_name: str,
        instrumenting_library_version: str | None = None,
        schema_url: str | None = None,
        attributes: Any = None,
    ) -> Tracer:
        """Give the tracer of a scope; any name is taken."""
        return Tracer(self, scope_of(instrumenting_module_name, instrumenting_library_version, schema_url, attributes))

    def add_span_processor(self, span_processor: SpanProcessor) -> None:
        """Let a processor see every span from now on; without a pipeline, it sees none."""
        pipeline = self._pipeline
        if pipeline is not None:
            pipeline.processors = (*pipeline.processors, span_processor)

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        """Send what has ended.

        Returns:
            Whether all of it was delivered in time.
        """
        pipeline = self._pipeline
        if pipeline is None:
            return True
        pipeline.call_processors("force_flush", timeout_millis)
        return flushed(pipeline.flush, timeout_millis)

    def shutdown(self) -> None:
        """Shut down the processors of others; our own door is shut down by whoever opened it."""
        pipeline = self._pipeline
        if pipeline is not None:
            pipeline.call_processors("shutdown")
            pipeline.processors = ()

    @property
    def resource(self) -> Resource:
        """What the spans say about this process."""
        pipeline = self._pipeline
        return Resource.get_empty() if pipeline is None else pipeline.resource

    @property
    def sampler(self) -> Sampler:
        """What decides on spans."""
        pipeline = self._pipeline
        return DEFAULT_ON if pipeline is None else pipeline.sampler
