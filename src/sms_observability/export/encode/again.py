"""Looking through an item that was encoded already, when its request has learnt of further restricted values since."""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, Final, cast

from sms_observability.export.encode import wire
from sms_observability.export.protobuf import FIXED64, LENGTH, VARINT, fields

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sms_observability.export.encode.values import Values
    from sms_observability.privacy.guard import ValueGuard
    from sms_observability.privacy.policy import Policy
    from sms_observability.sanitise import Value

    Change = Callable[[bytes], bytes]

_DOUBLE: Final = Struct("<d").unpack
_SIGN: Final = 2**63


class Again:
    """Masks the restricted numbers of one guard in encoded spans and log records; what holds none stays as it is.

    Args:
        guard: What was restricted in the request or job.
        policy: Says how each key is looked at, and learns of each that was masked.
        values: Encodes what stands instead.
    """

    __slots__ = ("_guard", "_policy", "_values")

    def __init__(self, guard: ValueGuard, policy: Policy, values: Values) -> None:
        self._guard = guard
        self._policy = policy
        self._values = values

    def span(self, body: bytes) -> bytes:
        """Look through the body of a `Span` message.

        Raises:
            Exception: It is none.
        """
        event = {2: self._text("event name"), 3: self._pair}
        return _changed(
            body,
            {
                5: self._text("span name"),
                9: self._pair,
                11: lambda each: _changed(each, event),
                13: lambda each: _changed(each, {4: self._pair}),
                15: lambda each: _changed(each, {2: self._text("status text")}),
            },
        )

    def log(self, body: bytes) -> bytes:
        """Look through the body of a `LogRecord` message.

        Raises:
            Exception: It is none.
        """
        return _changed(body, {5: self._body, 6: self._pair, 12: self._text("event name")})

    def _text(self, what: str) -> Change:
        def change(content: bytes) -> bytes:
            text = content.decode()
            clean = self._guard.clean_text(text)
            if clean is text:
                return content
            self._policy.masked(what)
            return clean.encode()

        return change

    def _body(self, content: bytes) -> bytes:
        value = _decoded(content)
        clean = self._guard.clean(value)
        if clean is value:
            return content
        self._policy.masked("log message")
        return self._values.value(clean)

    def _pair(self, content: bytes) -> bytes:
        key, value = _key_and_value(content)
        clean = self._guard.clean(value, self._policy.comparison(key))
        name = self._guard.clean_text(key)
        if clean is value and name is key:
            return content
        self._policy.masked(name)
        return wire.block(b"\x0a", name.encode()) + wire.block(b"\x12", self._values.value(clean))


def _changed(message: bytes, changes: Mapping[int, Change]) -> bytes:
    parts: list[bytes] = []
    same = True
    for number, kind, content in fields(message):
        change = changes.get(number)
        new = content if change is None else change(cast("bytes", content))
        same = same and new is content
        parts.append(wire.field(number, kind, new))
    return message if same else b"".join(parts)


def _key_and_value(pair: bytes) -> tuple[str, Value]:
    key, value = "", b""
    for number, _, content in fields(pair):
        if number == 1:
            key = cast("bytes", content).decode()
        else:
            value = cast("bytes", content)
    return key, _decoded(value)


def _decoded(value: bytes) -> Value:
    """Read an `AnyValue` message."""
    for number, kind, content in fields(value):
        if kind == VARINT:
            whole = cast("int", content)
            if number == 2:  # noqa: PLR2004  # a truth value
                return whole != 0
            return whole - 2 * _SIGN if whole >= _SIGN else whole
        if kind == FIXED64:
            number_of: float = _DOUBLE(cast("bytes", content))[0]
            return number_of
        if kind == LENGTH:
            return _decoded_content(number, cast("bytes", content))
    return None


def _decoded_content(number: int, content: bytes) -> Value:
    match number:
        case 1:
            return content.decode()
        case 5:
            return [_decoded(cast("bytes", item)) for _, _, item in fields(content)]
        case 6:
            return dict(_key_and_value(cast("bytes", pair)) for _, _, pair in fields(content))
        case _:
            return content
