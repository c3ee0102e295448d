"""How the spans of a provider are made and where they go: what is swapped when the library starts and stops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from opentelemetry.sdk.trace import SpanLimits
from opentelemetry.sdk.trace.sampling import Decision

from sms_observability.environment import mistakes_put_aside
from sms_observability.providers.exceptions import no_message
from sms_observability.providers.ids import Ids
from sms_observability.providers.seams import known_decisions, sampler_from_environment
from sms_observability.sanitise import sanitise_number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import SpanProcessor
    from opentelemetry.sdk.trace.id_generator import IdGenerator
    from opentelemetry.sdk.trace.sampling import Sampler

    from sms_observability.export.records import Signal, SpanData
    from sms_observability.providers.exceptions import AllowMessage

    CountDropped = Callable[[Signal, str], None]

REFUSED_SCOPES: Final = frozenset({"fastapi"})
"""Scopes that get no telemetry: FastAPI 0.142 and later instruments itself as soon as there is a provider."""

RANDOM: Final = 2
"""The trace flag that says that the trace id is random."""

# Places in `decisions`.
ROOT: Final = 0
REMOTE_SAMPLED: Final = 1
LOCAL_SAMPLED: Final = 3
NOT_SAMPLED: Final = 1

_MOST: Final = 1024


SAMPLED: Final = 1
"""The trace flag that says that the trace is recorded."""


def flush_nothing(timeout: float) -> bool:  # noqa: ARG001
    """Stand in for the door's flush."""
    return True


def flushed(flush: Callable[[float], bool], timeout_millis: object) -> bool:
    """Flush as the SDK's callers ask for it, in milliseconds; what is no number is 30 seconds."""
    millis = sanitise_number(timeout_millis)
    try:
        return flush(30.0 if millis is None or millis != millis else max(millis, 0) / 1000)  # noqa: PLR0124
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001  # promise 1
        return False


def count_nothing(signal: Signal, reason: str) -> None:
    """Stand in for the door's account of what was dropped."""


class SpanPipeline:
    """The settings of a provider, and its ways out; immutable but for `processors`, which is replaced."""

    __slots__ = (
        "allow_message",
        "count_dropped",
        "decisions",
        "emit",
        "flush",
        "follows_parent",
        "max_attributes",
        "max_event_attributes",
        "max_events",
        "max_link_attributes",
        "max_links",
        "max_text",
        "new_span_id",
        "new_trace_id",
        "processors",
        "random_flag",
        "refused",
        "resource",
        "sampler",
    )

    def __init__(  # noqa: PLR0913
        self,
        emit: Callable[[SpanData], None],
        *,
        resource: Resource,
        sampler: Sampler | None = None,
        id_generator: IdGenerator | None = None,
        limits: SpanLimits | None = None,
        processors: Iterable[SpanProcessor] = (),
        refused: Iterable[str] = REFUSED_SCOPES,
        allow_message: AllowMessage = no_message,
        count_dropped: CountDropped = count_nothing,
        flush: Callable[[float], bool] = flush_nothing,
    ) -> None:
        with mistakes_put_aside():
            limits = limits or SpanLimits()
            self.sampler: Sampler = sampler_from_environment() if sampler is None else sampler
        self.emit = emit
        self.resource = resource
        self.decisions = known_decisions(self.sampler)
        self.follows_parent = self.decisions[LOCAL_SAMPLED] is Decision.RECORD_AND_SAMPLE
        ids = Ids(id_generator)
        self.new_trace_id = ids.trace_id
        self.new_span_id = ids.span_id
        self.random_flag = RANDOM if ids.is_random else 0
        self.processors = tuple(processors)
        self.refused = frozenset(refused)
        self.allow_message = allow_message
        self.count_dropped = count_dropped
        self.flush = flush
        self.max_attributes = _at_most(limits.max_span_attributes)
        self.max_events = _at_most(limits.max_events)
        self.max_links = _at_most(limits.max_links)
        self.max_event_attributes = _at_most(limits.max_event_attributes)
        self.max_link_attributes = _at_most(limits.max_link_attributes)
        self.max_text: int | None = limits.max_span_attribute_length

    def call_processors(self, method: str, *arguments: Any) -> None:
        """Call a method of every processor; what one raises reaches neither the others nor the application."""
        for processor in self.processors:
            try:
                getattr(processor, method)(*arguments)
            except KeyboardInterrupt:
                raise
            except BaseException:  # noqa: BLE001, S110  # somebody else's code
                pass


class PipelineHolder(Protocol):
    """A provider, as its tracers know it: what says at each span which pipeline is in use."""

    _pipeline: SpanPipeline | None


def _at_most(limit: int | None) -> int:
    return _MOST if limit is None else min(limit, _MOST)
