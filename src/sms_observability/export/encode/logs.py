"""A log record becomes an OTLP `LogRecord` message."""

from __future__ import annotations

from functools import partial
from struct import Struct
from typing import TYPE_CHECKING, Any

from sms_observability.export.encode import wire
from sms_observability.export.encode.values import Names
from sms_observability.privacy.masking import is_plain, mask_text
from sms_observability.sanitise.classes import class_of

if TYPE_CHECKING:
    from sms_observability.export.encode.values import Values
    from sms_observability.export.records import LogData
    from sms_observability.privacy.guard import ValueGuard
    from sms_observability.privacy.policy import Policy

_LOW = 2**64 - 1
_TRACE_ID = Struct(">HQQ").pack
_SPAN_ID = Struct(">HQ").pack
_LONGEST_KEPT = 128
_MOST_KEPT = 1024
_SEVERITIES = {number: bytes((0x10, number)) for number in range(1, 25)} | {0: b""}


class Logs:
    """Encodes log records and log events."""

    __slots__ = ("_bodies", "_event_names", "_policy", "_severity_texts", "_values")

    def __init__(self, values: Values, policy: Policy) -> None:
        self._values = values
        self._policy = policy
        self._severity_texts = Names(b"\x1a", partial(policy.text, "severity"))
        self._event_names = Names(b"\x62", policy.event_name)
        # Messages are constant texts by convention.
        self._bodies: dict[str, bytes] = {}

    def encode(self, log: LogData, guard: ValueGuard | None = None) -> bytes:
        """Encode the body of a `LogRecord` message.

        Args:
            log: The record.
            guard: What was restricted in its request, if anything was: it is masked in body, attributes and event name.

        Raises:
            Exception: A field is not of the type or range that a sanitised one has.
        """
        parts = [
            b"\x09",
            wire.FIXED64(log.time_ns),
            _SEVERITIES[log.severity_number],
            self._severity_texts[log.severity_text],
            self._body(log.body, guard),
            self._values.pairs(b"\x32", log.attributes, guard),
        ]
        if log.dropped_attributes:
            parts.append(b"\x38" + wire.uint32(log.dropped_attributes))
        if log.trace_flags:
            parts += (b"\x45", wire.FIXED32(log.trace_flags))
        if log.trace_id:
            parts.append(_TRACE_ID(0x4A10, log.trace_id >> 64, log.trace_id & _LOW))
        if log.span_id:
            parts.append(_SPAN_ID(0x5208, log.span_id))
        parts += (b"\x59", wire.FIXED64(log.observed_ns))
        if log.event_name:
            name = log.event_name if guard is None else mask_text(log.event_name, "event name", guard, self._policy)
            parts.append(self._event_names[name])
        return b"".join(parts)

    def _body(self, body: Any, guard: ValueGuard | None) -> bytes:
        is_text = class_of(body) is str
        if guard is not None and not (is_text and is_plain(body)):
            clean = guard.clean(body)
            if clean is not body:
                self._policy.masked("log message")
                body = clean
        known = self._bodies.get(body) if is_text else None
        if known is not None:
            return known
        held = self._held(body)
        encoded = wire.block(b"\x2a", self._values.value(held))
        if is_text and held is body and len(body) <= _LONGEST_KEPT:
            # What the policy changes it is asked for each time, so that it can count.
            if len(self._bodies) >= _MOST_KEPT:
                self._bodies.clear()
            self._bodies[body] = encoded
        return encoded

    def _held(self, body: Any) -> Any:
        """Ask the policy for every text of a body: a message is not free because it is wrapped."""
        kind = class_of(body)
        if kind is str:
            return self._policy.log_body(body)
        if kind is list:
            return [self._held(item) for item in body]
        if kind is dict:
            return {key: self._held(item) for key, item in body.items()}
        return body
