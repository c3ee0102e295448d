"""A log record becomes an OTLP `LogRecord` message."""

from __future__ import annotations

from functools import partial
from struct import Struct
from typing import TYPE_CHECKING, Any

from sms_observability.export.encode import wire
from sms_observability.export.encode.values import Names
from sms_observability.sanitise.classes import class_of

if TYPE_CHECKING:
    from sms_observability.export.encode.values import Values
    from sms_observability.export.records import LogData
    from sms_observability.privacy.policy import Policy

_LOW = 2**64 - 1
_TRACE_ID = Struct(">HQQ").pack
_SPAN_ID = Struct(">HQ").pack
_SEVERITIES = {number: bytes((0x10, number)) for number in range(1, 25)} | {0: b""}


class Logs:
    """Encodes log records and log events."""

    __slots__ = ("_event_names", "_policy", "_severity_texts", "_values")

    def __init__(self, values: Values, policy: Policy) -> None:
        self._values = values
        self._policy = policy
        self._severity_texts = Names(b"\x1a", partial(policy.text, "severity"))
        self._event_names = Names(b"\x62", policy.event_name)

    def encode(self, log: LogData) -> bytes:
        """Encode the body of a `LogRecord` message.

        Raises:
            Exception: A field is not of the type or range that a sanitised one has.
        """
        parts = [
            b"\x09",
            wire.FIXED64(log.time_ns),
            _SEVERITIES[log.severity_number],
            self._severity_texts[log.severity_text],
            wire.block(b"\x2a", self._values.value(self._body(log.body))),
            self._values.pairs(b"\x32", log.attributes),
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
            parts.append(self._event_names[log.event_name])
        return b"".join(parts)

    def _body(self, body: Any) -> Any:
        """Ask the policy for every text of a body: a message is not free because it is wrapped."""
        kind = class_of(body)
        if kind is str:
            return self._policy.log_body(body)
        if kind is list:
            return [self._body(item) for item in body]
        if kind is dict:
            return {key: self._body(item) for key, item in body.items()}
        return body
