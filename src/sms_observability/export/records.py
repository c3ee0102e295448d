"""The plain records that cross the door: what a span, a log line and a metric are once they have been sanitised.

Every value in a record has passed `sms_observability.sanitise`; whoever makes a record answers for that, so that the
export thread can encode without looking twice. Numbers and names follow the OTLP protobuf, not the Python API.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from sms_observability.privacy.guard import current_guard

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sms_observability.privacy.guard import ValueGuard
    from sms_observability.sanitise import Value

Signal = Literal["traces", "logs", "metrics"]
SIGNALS: tuple[Signal, ...] = ("traces", "logs", "metrics")

MetricKind = Literal["sum", "gauge", "histogram", "exponential_histogram", "summary"]

DELTA = 1
CUMULATIVE = 2


class Scope:
    """An instrumentation scope; compared by identity, so makers keep one object per name."""

    __slots__ = ("attributes", "name", "schema_url", "version")

    def __init__(
        self, name: str, version: str = "", schema_url: str = "", attributes: Mapping[str, Value] | None = None
    ) -> None:
        self.name = name
        self.version = version
        self.schema_url = schema_url
        self.attributes: Mapping[str, Value] = attributes or {}

    def __repr__(self) -> str:
        return f"Scope({self.name!r}, {self.version!r})"


class SpanEvent:
    """Something that happened at one moment of a span."""

    __slots__ = ("attributes", "dropped_attributes", "name", "time_ns")

    def __init__(self, name: str, time_ns: int, attributes: Mapping[str, Value], dropped_attributes: int = 0) -> None:
        self.name = name
        self.time_ns = time_ns
        self.attributes = attributes
        self.dropped_attributes = dropped_attributes


class SpanLink:
    """A pointer from a span to another one."""

    __slots__ = ("attributes", "dropped_attributes", "flags", "span_id", "trace_id", "trace_state")

    def __init__(
        self,
        trace_id: int,
        span_id: int,
        trace_state: str,
        flags: int,
        attributes: Mapping[str, Value],
        dropped_attributes: int = 0,
    ) -> None:
        self.trace_id = trace_id
        self.span_id = span_id
        self.trace_state = trace_state
        self.flags = flags
        self.attributes = attributes
        self.dropped_attributes = dropped_attributes


class SpanData(Protocol):
    """What the encoder reads of an ended span.

    Names end in an underscore where OpenTelemetry's `ReadableSpan` has a public property of another type under the
    plain name, so that one class can be both.
    """

    trace_id: int
    span_id: int
    parent_span_id: int
    trace_flags: int
    trace_state: str
    name_: str
    kind_: int
    start_ns: int
    end_ns: int
    attributes_: dict[str, Value]
    dropped_attributes_: int
    events_: Sequence[SpanEvent]
    dropped_events_: int
    links_: Sequence[SpanLink]
    dropped_links_: int
    status_code: int
    status_text: str
    scope_: Scope
    guard_: ValueGuard


class SpanRecord:
    """A plain `SpanData`, for spans that come from somebody else's SDK."""

    __slots__ = (
        "attributes_",
        "dropped_attributes_",
        "dropped_events_",
        "dropped_links_",
        "end_ns",
        "events_",
        "guard_",
        "kind_",
        "links_",
        "name_",
        "parent_span_id",
        "scope_",
        "span_id",
        "start_ns",
        "status_code",
        "status_text",
        "trace_flags",
        "trace_id",
        "trace_state",
    )

    def __init__(  # noqa: PLR0913
        self,
        *,
        trace_id: int,
        span_id: int,
        name: str,
        start_ns: int,
        end_ns: int,
        scope: Scope,
        parent_span_id: int = 0,
        trace_flags: int = 1,
        trace_state: str = "",
        kind: int = 1,
        attributes: dict[str, Value] | None = None,
        events: Sequence[SpanEvent] = (),
        links: Sequence[SpanLink] = (),
        status_code: int = 0,
        status_text: str = "",
        dropped_attributes: int = 0,
        dropped_events: int = 0,
        dropped_links: int = 0,
    ) -> None:
        self.trace_id = trace_id
        self.span_id = span_id
        self.parent_span_id = parent_span_id
        self.trace_flags = trace_flags
        self.trace_state = trace_state
        self.name_ = name
        self.kind_ = kind
        self.start_ns = start_ns
        self.end_ns = end_ns
        self.attributes_: dict[str, Value] = {} if attributes is None else attributes
        self.dropped_attributes_ = dropped_attributes
        self.events_ = events
        self.dropped_events_ = dropped_events
        self.links_ = links
        self.dropped_links_ = dropped_links
        self.status_code = status_code
        self.status_text = status_text
        self.scope_ = scope
        # That of the request in which it is made; whoever makes it elsewhere sets the right one.
        self.guard_: ValueGuard = current_guard()


class LogData:
    """A log record; ids are 0 outside a span."""

    __slots__ = (
        "attributes",
        "body",
        "dropped_attributes",
        "event_name",
        "guard",
        "observed_ns",
        "scope",
        "severity_number",
        "severity_text",
        "span_id",
        "time_ns",
        "trace_flags",
        "trace_id",
    )

    def __init__(  # noqa: PLR0913
        self,
        time_ns: int,
        severity_number: int,
        severity_text: str,
        body: Value,
        attributes: dict[str, Value],
        scope: Scope,
        trace_id: int = 0,
        span_id: int = 0,
        trace_flags: int = 0,
        event_name: str = "",
        observed_ns: int | None = None,
        dropped_attributes: int = 0,
    ) -> None:
        self.time_ns = time_ns
        self.observed_ns = time_ns if observed_ns is None else observed_ns
        self.severity_number = severity_number
        self.severity_text = severity_text
        self.body = body
        self.attributes = attributes
        self.scope = scope
        self.trace_id = trace_id
        self.span_id = span_id
        self.trace_flags = trace_flags
        self.event_name = event_name
        self.dropped_attributes = dropped_attributes
        # As above.
        self.guard: ValueGuard = current_guard()


@dataclass(slots=True)
class Exemplar:
    """One measurement that stands for many; ids are 0 when there was no span."""

    time_ns: int
    value: int | float
    trace_id: int = 0
    span_id: int = 0
    attributes: Mapping[str, Value] = field(default_factory=dict[str, "Value"])


@dataclass(slots=True)
class NumberPoint:
    """A point of a sum or gauge."""

    attributes: Mapping[str, Value]
    start_ns: int
    time_ns: int
    value: int | float
    exemplars: Sequence[Exemplar] = ()
    flags: int = 0


@dataclass(slots=True)
class HistogramPoint:
    """A point of a histogram with explicit bounds; `len(counts) == len(bounds) + 1`."""

    attributes: Mapping[str, Value]
    start_ns: int
    time_ns: int
    count: int
    sum: float | None
    bounds: Sequence[float]
    counts: Sequence[int]
    min: float | None = None
    max: float | None = None
    exemplars: Sequence[Exemplar] = ()
    flags: int = 0


@dataclass(slots=True)
class ExponentialHistogramPoint:
    """A point of a base-2 exponential histogram."""

    attributes: Mapping[str, Value]
    start_ns: int
    time_ns: int
    count: int
    sum: float | None
    scale: int
    zero_count: int
    positive_offset: int
    positive_counts: Sequence[int]
    negative_offset: int
    negative_counts: Sequence[int]
    zero_threshold: float = 0.0
    min: float | None = None
    max: float | None = None
    exemplars: Sequence[Exemplar] = ()
    flags: int = 0


@dataclass(slots=True)
class SummaryPoint:
    """A point of a summary: pairs of quantile and value."""

    attributes: Mapping[str, Value]
    start_ns: int
    time_ns: int
    count: int
    sum: float
    quantiles: Sequence[tuple[float, float]] = ()
    flags: int = 0


Point = NumberPoint | HistogramPoint | ExponentialHistogramPoint | SummaryPoint


@dataclass(slots=True)
class MetricData:
    """A metric with its points; all points are of the type that `kind` says."""

    name: str
    description: str
    unit: str
    kind: MetricKind
    points: Sequence[Point]
    scope: Scope
    monotonic: bool = False
    temporality: int = CUMULATIVE
