"""A span becomes an OTLP `Span` message."""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING

from sms_observability.export.encode import wire
from sms_observability.export.encode.values import Names
from sms_observability.privacy.masking import is_plain, mask_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sms_observability.export.encode.values import Values
    from sms_observability.export.records import SpanData, SpanEvent, SpanLink
    from sms_observability.privacy.guard import ValueGuard
    from sms_observability.privacy.policy import Policy

_PARENT = Struct(">HQ").pack
_TIMES = Struct("<BQBQ").pack
_KINDS = {kind: bytes((0x30, kind)) for kind in range(1, 6)} | {0: b""}
_STATUS = {0: b"", 1: b"\x18\x01", 2: b"\x18\x02"}
_NO_STATUS = b"\x7a\x00"


class Spans:
    """Encodes spans with their events and links."""

    __slots__ = ("_event_names", "_names", "_policy", "_values")

    def __init__(self, values: Values, policy: Policy) -> None:
        self._values = values
        self._policy = policy
        self._names = Names(b"\x2a", policy.span_name)
        self._event_names = Names(b"\x12", policy.event_name)

    def encode(self, span: SpanData, guard: ValueGuard | None = None) -> bytes:
        """Encode the body of a `Span` message.

        Args:
            span: The span.
            guard: What was restricted in its request, if anything was: it is masked in name, status, attributes,
                events and links.

        Raises:
            Exception: A field is not of the type or range that a sanitised one has.
        """
        name = span.name_
        if guard is not None and not is_plain(name):
            name = mask_text(name, "span name", guard, self._policy)
        parts = [wire.ids(0x0A10, span.trace_id, 0x1208, span.span_id)]
        if span.trace_state:
            parts.append(wire.text(b"\x1a", self._policy.text("trace_state", span.trace_state)))
        if span.parent_span_id:
            parts.append(_PARENT(0x2208, span.parent_span_id))
        parts += (
            self._names[name],
            _KINDS[span.kind_],
            _TIMES(0x39, span.start_ns, 0x41, span.end_ns),
            self._values.pairs(b"\x4a", span.attributes_, guard),
        )
        if span.dropped_attributes_:
            parts.append(b"\x50" + wire.uint32(span.dropped_attributes_))
        if span.events_:
            self._events(span.events_, parts, guard)
        if span.dropped_events_:
            parts.append(b"\x60" + wire.uint32(span.dropped_events_))
        if span.links_:
            self._links(span.links_, parts, guard)
        if span.dropped_links_:
            parts.append(b"\x70" + wire.uint32(span.dropped_links_))
        if span.status_code or span.status_text:
            text = span.status_text
            if text:
                clean = text if guard is None else mask_text(text, "status text", guard, self._policy)
                message = wire.text(b"\x12", self._policy.status_text(clean))
            else:
                message = b""
            parts.append(wire.block(b"\x7a", message + _STATUS[span.status_code]))
        else:
            parts.append(_NO_STATUS)
        if span.trace_flags:
            parts += (b"\x85\x01", wire.FIXED32(span.trace_flags))
        return b"".join(parts)

    def _events(self, events: Sequence[SpanEvent], parts: list[bytes], guard: ValueGuard | None) -> None:
        for event in events:
            name = event.name if guard is None else mask_text(event.name, "event name", guard, self._policy)
            body = (
                b"\x09"
                + wire.FIXED64(event.time_ns)
                + self._event_names[name]
                + self._values.pairs(b"\x1a", event.attributes, guard)
            )
            if event.dropped_attributes:
                body += b"\x20" + wire.uint32(event.dropped_attributes)
            parts.append(wire.block(b"\x5a", body))

    def _links(self, links: Sequence[SpanLink], parts: list[bytes], guard: ValueGuard | None) -> None:
        for link in links:
            body = wire.ids(0x0A10, link.trace_id, 0x1208, link.span_id)
            if link.trace_state:
                body += wire.text(b"\x1a", self._policy.text("trace_state", link.trace_state))
            body += self._values.pairs(b"\x22", link.attributes, guard)
            if link.dropped_attributes:
                body += b"\x28" + wire.uint32(link.dropped_attributes)
            if link.flags:
                body += b"\x35" + wire.FIXED32(link.flags)
            parts.append(wire.block(b"\x6a", body))
