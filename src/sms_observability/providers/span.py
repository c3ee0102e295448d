"""A span: all values are made safe when they are given, and it is itself the record that leaves by the door."""

from __future__ import annotations

from itertools import islice
from time import perf_counter_ns, time_ns
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, cast

from opentelemetry import trace
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationInfo, InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode

from sms_observability.export.records import SpanEvent, SpanLink
from sms_observability.privacy.guard import current_guard
from sms_observability.providers.exceptions import exception_attributes, first_seen, status_text, without_message
from sms_observability.providers.seams import EMPTY_STATE, local_span_context
from sms_observability.sanitise import (
    MAX_KEY,
    sanitise_attributes,
    sanitise_key,
    sanitise_text,
    sanitise_timestamp,
    sanitise_value,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    from opentelemetry.sdk.resources import Resource
    from opentelemetry.trace import TraceState

    from sms_observability.export.records import Scope
    from sms_observability.providers.pipeline import SpanPipeline
    from sms_observability.sanitise import Value

# Which of the OTLP flags say whether a parent is remote.
KNOWN_REMOTE: Final = 0x100
REMOTE: Final = 0x200

_KINDS: Final = {kind.value + 1: kind for kind in SpanKind}
_STATUS_CODES: Final = {code.value: code for code in StatusCode}
_OK, _ERROR = StatusCode.OK.value, StatusCode.ERROR.value
_MAX_LINKS: Final = 1024
# A length may lie, and OTLP counts in 32 bits.
_MAX_DROPPED: Final = 10**9


class Span(trace.Span, ReadableSpan):
    """A recording span of our own tracer.

    It is a `SpanData` for the door, an OpenTelemetry `Span` for whoever writes to it and a `ReadableSpan` for the
    processors of others. No method raises; after the end, changes are ignored. Where the SDK drops the oldest attribute
    beyond the limit, the newest is dropped here, as the specification has it.
    """

    __slots__ = (
        "_clock",
        "_context",
        "_open",
        "_parent",
        "_pipeline",
        "attributes_",
        "end_ns",
        "guard_",
        "kind_",
        "name_",
        "parent_span_id",
        "scope_",
        "span_id",
        "start_ns",
        "trace_flags",
        "trace_id",
    )

    # What few spans have takes no room in the others.
    dropped_attributes_: int = 0
    events_: Sequence[SpanEvent] = ()
    dropped_events_: int = 0
    links_: Sequence[SpanLink] = ()
    dropped_links_: int = 0
    status_code: int = 0
    status_text: str = ""
    trace_state: str = ""
    _state: TraceState = EMPTY_STATE
    _records_exceptions: bool = True
    _fails_on_exceptions: bool = True

    def __init__(  # noqa: PLR0913
        self,
        pipeline: SpanPipeline,
        scope: Scope,
        trace_id: int,
        span_id: int,
        flags: int,
        parent: SpanContext | None,
        name: str,
        kind: int,
        attributes: dict[str, Value],
        start_time: object = None,
    ) -> None:
        self._pipeline = pipeline
        self.scope_ = scope
        self.trace_id = trace_id
        self.span_id = span_id
        self.trace_flags = flags
        self._parent = parent
        self.parent_span_id = 0 if parent is None else parent[1]
        self.name_ = name
        self.kind_ = kind
        self.attributes_ = attributes
        self.guard_ = current_guard()
        self._context: SpanContext | None = None
        self._open = True
        # The wall clock may step; from here on, the span counts for itself.
        elapsed = perf_counter_ns()
        self._clock = clock = time_ns() - elapsed
        self.start_ns = clock + elapsed if start_time is None else sanitise_timestamp(start_time, clock + elapsed)
        self.end_ns = 0

    # --- what the API says a span can do

    def get_span_context(self) -> SpanContext:
        """Give what identifies the span in other processes."""
        context = self._context
        if context is None:
            self._context = context = local_span_context(self.trace_id, self.span_id, self.trace_flags, self._state)
        return context

    def is_recording(self) -> bool:
        """Say whether the span has not ended."""
        return self._open

    def set_attribute(self, key: str, value: object) -> None:
        """Set an attribute; any value is taken, in the form that `sanitise_value` gives it."""
        if type(key) is not str or not (0 < len(key) <= MAX_KEY and key.isascii()):
            key = sanitise_key(key)
        safe = sanitise_value(value)
        if self._pipeline.max_text is not None:
            safe = _shortened(safe, self._pipeline.max_text)
        if not self._open:
            return
        attributes = self.attributes_
        if len(attributes) < self._pipeline.max_attributes or key in attributes:
            attributes[key] = safe
        else:
            self.dropped_attributes_ += 1

    def set_attributes(self, attributes: Mapping[str, Any]) -> None:
        """Set several attributes; what is no mapping has none."""
        most = self._pipeline.max_attributes
        safe, dropped = limited(attributes, self._pipeline)
        if not self._open:
            return
        mine = self.attributes_
        for key, value in safe.items():
            if len(mine) < most or key in mine:
                mine[key] = value
            else:
                dropped += 1
        if dropped:
            self.dropped_attributes_ = min(self.dropped_attributes_ + dropped, _MAX_DROPPED)

    def add_event(self, name: str, attributes: Mapping[str, Any] | None = None, timestamp: int | None = None) -> None:
        """Add an event; beyond the limit the oldest goes."""
        pipeline = self._pipeline
        safe, dropped = limited(attributes, pipeline, pipeline.max_event_attributes)
        now = perf_counter_ns() + self._clock
        moment = now if timestamp is None else sanitise_timestamp(timestamp, now)
        event = SpanEvent(sanitise_text(name), moment, safe, dropped)
        if not self._open:
            return
        if not self.events_:
            self.events_ = []
        events = cast("list[SpanEvent]", self.events_)
        events.append(event)
        if len(events) > pipeline.max_events:
            del events[0]
            self.dropped_events_ += 1

    def add_link(self, context: SpanContext | None, attributes: Mapping[str, Any] | None = None) -> None:
        """Add a link; one that points nowhere and says nothing is ignored."""
        pipeline = self._pipeline
        link = _link(context, attributes, pipeline)
        if link is None or not self._open:
            return
        if not self.links_:
            self.links_ = []
        links = cast("list[SpanLink]", self.links_)
        links.append(link)
        if len(links) > pipeline.max_links:
            del links[0]
            self.dropped_links_ += 1

    def update_name(self, name: str) -> None:
        """Rename the span."""
        safe = sanitise_text(name)
        if self._open:
            self.name_ = safe

    def set_status(self, status: Status | StatusCode, description: str | None = None) -> None:
        """Set the status; OK is final, UNSET is ignored, and only an error keeps its description.

        The message of the exception that is being handled is taken out, unless its class is allowed to show it.
        """
        if type(status) is Status:
            code, text = status.status_code.value, status.description
        elif type(status) is StatusCode:
            code, text = status.value, description
        else:
            return
        safe = ""
        if text is not None and code == _ERROR:
            safe = without_message(sanitise_text(text), self._pipeline.allow_message)
        if self._open and code and self.status_code != _OK:
            self.status_code = code
            self.status_text = safe

    def record_exception(
        self,
        exception: BaseException,
        attributes: Mapping[str, Any] | None = None,
        timestamp: int | None = None,
        escaped: bool = False,  # noqa: FBT001, FBT002  # the API's signature
    ) -> None:
        """Add the event of an exception: type and frames, the message only of classes that are allowed to show it."""
        if not self._open or not issubclass(type(exception), BaseException):
            return
        first_seen(exception, self.trace_id)
        event = exception_attributes(exception, self._pipeline.allow_message)
        if escaped is True:
            event["exception.escaped"] = True
        if attributes is not None:
            event.update(sanitise_attributes(attributes, self._pipeline.max_event_attributes))
        self.add_event("exception", event, timestamp)

    def end(self, end_time: int | None = None) -> None:
        """End the span and hand it to the door; a second end is ignored."""
        pipeline = self._pipeline
        now = perf_counter_ns() + self._clock
        end = now if end_time is None else sanitise_timestamp(end_time, now)
        if pipeline.processors and self._open:
            pipeline.call_processors("_on_ending", self)
        # Here CPython lets no other thread run, so that only one of two ends passes, without a lock.
        was_open, self._open = self._open, False
        if not was_open:
            return
        self.end_ns = end if end > self.start_ns else self.start_ns  # noqa: FURB136  # `max` costs more
        try:
            if self.trace_flags & 1:
                pipeline.emit(self)
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001  # promise 1
            pipeline.count_dropped("traces", "emit_failed")
        if pipeline.processors:
            pipeline.call_processors("on_end", self._readable_span())

    def __exit__(
        self, exc_type: type[BaseException] | None, exc_val: BaseException | None, exc_tb: TracebackType | None
    ) -> None:
        """End the span; an exception is recorded as the span was told to when it was started."""
        if exc_val is not None:
            self._fail(exc_val, self._records_exceptions, self._fails_on_exceptions)
        self.end()

    def _take_links(self, links: object) -> None:
        """Take the links that the span is started with, those that are any good."""
        try:
            for link in islice(cast("Any", links), _MAX_LINKS):
                self.add_link(getattr(link, "context", None), getattr(link, "attributes", None))
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001, S110  # those that came before it are kept
            pass

    def _fail(self, error: BaseException, records: bool, fails: bool) -> None:  # noqa: FBT001
        """Note that an exception leaves the span. A cancelled task, Ctrl-C and `sys.exit()` are no errors."""
        if not self._open or not issubclass(type(error), Exception):
            return
        try:
            if records is not False and first_seen(error, self.trace_id):
                self.record_exception(error)
            if fails is not False and self.status_code == 0:
                self.status_code = _ERROR
                self.status_text = status_text(error, self._pipeline.allow_message)
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001, S110  # the application's exception is on its way
            pass

    # --- what a processor of somebody else's reads

    def _readable_span(self) -> ReadableSpan:
        return ReadableSpan(
            name=self.name_,
            context=self.get_span_context(),
            parent=self._parent,
            resource=self._pipeline.resource,
            attributes=cast("Any", self.attributes_),
            events=self.events,
            links=self.links,
            kind=self.kind,
            status=self.status,
            start_time=self.start_ns,
            end_time=self.end_ns or None,
            instrumentation_info=None,
            instrumentation_scope=self.instrumentation_scope,
        )

    def to_json(self, indent: int | None = 4) -> str:
        """Give the span as JSON, in the SDK's form."""
        return str(self._readable_span().to_json(indent))

    @property
    def name(self) -> str:
        """The name."""
        return self.name_

    @property
    def context(self) -> SpanContext:
        """What identifies the span in other processes."""
        return self.get_span_context()

    @property
    def kind(self) -> SpanKind:
        """The kind."""
        return _KINDS[self.kind_]

    @property
    def parent(self) -> SpanContext | None:
        """The parent's context."""
        return self._parent

    @property
    def start_time(self) -> int:
        """Nanoseconds since the epoch."""
        return self.start_ns

    @property
    def end_time(self) -> int | None:
        """Nanoseconds since the epoch; `None` before the end."""
        return self.end_ns or None

    @property
    def status(self) -> Status:
        """The status."""
        return Status(_STATUS_CODES[self.status_code], self.status_text or None)

    @property
    def attributes(self) -> Any:
        """A read-only view of the attributes."""
        return MappingProxyType(self.attributes_)

    @property
    def events(self) -> Sequence[Event]:
        """The events, as the SDK has them."""
        return tuple(Event(event.name, cast("Any", event.attributes), event.time_ns) for event in self.events_)

    @property
    def links(self) -> Sequence[trace.Link]:
        """The links, as the API has them."""
        return tuple(
            trace.Link(
                SpanContext(
                    link.trace_id,
                    link.span_id,
                    bool(link.flags & REMOTE),
                    trace.TraceFlags(link.flags & 0xFF),
                    trace.TraceState.from_header([link.trace_state]),
                ),
                cast("Any", link.attributes),
            )
            for link in self.links_
        )

    @property
    def dropped_attributes(self) -> int:
        """How many attributes went beyond the limit."""
        return self.dropped_attributes_

    @property
    def dropped_events(self) -> int:
        """How many events went beyond the limit."""
        return self.dropped_events_

    @property
    def dropped_links(self) -> int:
        """How many links went beyond the limit."""
        return self.dropped_links_

    @property
    def resource(self) -> Resource:
        """The resource of the provider."""
        return self._pipeline.resource

    @property
    def instrumentation_scope(self) -> InstrumentationScope:
        """The scope, as the SDK has it."""
        scope = self.scope_
        return InstrumentationScope(
            scope.name, scope.version, scope.schema_url or None, cast("Any", dict(scope.attributes)) or None
        )

    @property
    def instrumentation_info(self) -> InstrumentationInfo | None:  # pyright: ignore[reportIncompatibleVariableOverride]
        """What the scope was called before 1.11; nothing."""
        return None

    def __repr__(self) -> str:
        return f"Span({self.name_!r}, {self.get_span_context()!r})"


def limited(attributes: object, pipeline: SpanPipeline, most: int | None = None) -> tuple[dict[str, Value], int]:
    """Give safe attributes within limits, those of a span unless told otherwise, and how many were left out."""
    if attributes is None:
        return {}, 0
    if most is None:
        most = pipeline.max_attributes
    safe = sanitise_attributes(attributes, most)
    if pipeline.max_text is not None:
        safe = {key: _shortened(value, pipeline.max_text) for key, value in safe.items()}
    if len(safe) < most:
        return safe, 0
    try:
        return safe, min(max(len(cast("Any", attributes)) - most, 0), _MAX_DROPPED)
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001  # a length with a mind of its own
        return safe, 0


def _link(context: object, attributes: object, pipeline: SpanPipeline) -> SpanLink | None:
    if type(context) is not SpanContext:
        return None
    safe, dropped = limited(attributes, pipeline, pipeline.max_link_attributes)
    state = context.trace_state.to_header()
    if not (context.is_valid or safe or state):
        return None
    return SpanLink(
        context.trace_id % 2**128,
        context.span_id % 2**64,
        state,
        context.trace_flags & 0xFF | KNOWN_REMOTE | (REMOTE if context.is_remote else 0),
        safe,
        dropped,
    )


def _shortened(value: Value, most: int) -> Value:
    if isinstance(value, (str, bytes)):
        return value[:most]
    if isinstance(value, list):
        return [_shortened(item, most) for item in value]
    if isinstance(value, dict):
        return {key: _shortened(item, most) for key, item in value.items()}
    return value
