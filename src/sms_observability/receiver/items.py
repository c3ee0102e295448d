"""What a receiver keeps: plain dictionaries of what OTLP carries, easy to read, compare and print."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, TypedDict, Union

if TYPE_CHECKING:
    from collections.abc import Sequence

Signal = Literal["traces", "logs", "metrics"]
Value: TypeAlias = Union[bool, int, float, str, bytes, "list[Value]", "dict[str, Value]", None]
Attributes: TypeAlias = "dict[str, Value]"


class Scope(TypedDict):
    """The instrumentation scope that made an item."""

    name: str
    version: str
    attributes: Attributes


class SpanEvent(TypedDict):
    """Something that happened at one time within a span."""

    name: str
    time_ns: int
    attributes: Attributes


class SpanLink(TypedDict):
    """A reference from a span to another one."""

    trace_id: str
    span_id: str
    attributes: Attributes


class Span(TypedDict):
    """A span. Ids are hex, `parent` is empty for the root of a trace, times are nanoseconds since 1970."""

    name: str
    trace_id: str
    span_id: str
    parent: str
    kind: Literal["unspecified", "internal", "server", "client", "producer", "consumer"]
    start_ns: int
    end_ns: int
    status: Literal["unset", "ok", "error"]
    status_text: str
    attributes: Attributes
    events: list[SpanEvent]
    links: list[SpanLink]
    trace_state: str
    resource: Attributes
    scope: Scope


class Log(TypedDict):
    """A log record. Ids are hex, or empty outside a trace."""

    time_ns: int
    severity: str
    severity_number: int
    body: Value
    attributes: Attributes
    trace_id: str
    span_id: str
    event_name: str
    resource: Attributes
    scope: Scope


class Exemplar(TypedDict):
    """One measurement behind a point, with the trace that it was made in."""

    time_ns: int
    value: int | float
    trace_id: str
    span_id: str


class MetricPoint(TypedDict):
    """One data point, with the name of its metric.

    A counter, updowncounter or gauge has a `value`. A histogram has `count`, `sum`, `min`, `max` (`None` when not
    sent), and for explicit buckets `bounds` and `counts`, of which the last is for everything above the last bound.
    """

    name: str
    description: str
    unit: str
    kind: Literal["counter", "updowncounter", "gauge", "histogram", "exponential_histogram", "summary"]
    temporality: Literal["", "delta", "cumulative"]
    labels: Attributes
    start_ns: int
    time_ns: int
    value: int | float | None
    count: int
    sum: float | None
    min: float | None
    max: float | None
    bounds: list[float]
    counts: list[int]
    exemplars: list[Exemplar]
    resource: Attributes
    scope: Scope


@dataclass(frozen=True, slots=True)
class Batch:
    """One request that arrived; what `on_receive` gets.

    Attributes:
        signal: What it carries.
        count: How many spans, log records or data points.
        items: These, decoded; empty with `decode=False`.
        body: The request's body, decompressed.
        wire_bytes: The size of the body as it was sent.
        headers: The request's headers, names in lower case.
    """

    signal: Signal
    count: int
    items: Sequence[Span] | Sequence[Log] | Sequence[MetricPoint]
    body: bytes
    wire_bytes: int
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What `on_receive` may return to answer something other than "all accepted".

    Attributes:
        rejected: How many items are refused, counted from the end of the batch: a partial success.
        message: Why, for the sender's log.
        status: The HTTP status; with anything but 200 nothing of the batch is kept.
        retry_after: Seconds for the `Retry-After` header.
    """

    rejected: int = 0
    message: str = ""
    status: int = 200
    retry_after: int | None = None
