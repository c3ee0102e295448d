"""Attributes: keys that the policy lets out, and the values of the seven types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sms_observability.export.encode import wire
from sms_observability.privacy.names import through
from sms_observability.sanitise.classes import class_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sms_observability.privacy.policy import Policy

_MAX_KEYS = 512
_MAX_PAIRS = 128
_MAX_CACHED_TEXT = 64
_MAX_NAMES = 1024


class Names(dict[str, bytes]):
    """The encoded fields of texts that come again and again: span names, event names, severities."""

    __slots__ = ("_policy", "_tag")

    def __init__(self, tag: bytes, policy: Callable[[str], str] = str) -> None:
        super().__init__()
        self._tag = tag
        self._policy = policy

    def __missing__(self, name: str) -> bytes:
        if type(name) is not str:
            raise TypeError
        encoded = wire.text(self._tag, self._policy(name))
        if len(self) >= _MAX_NAMES:
            self.clear()
        self[name] = encoded
        return encoded


class _Key(dict[Any, bytes]):
    """A key that may leave, and its pairs with the values that come again and again.

    A pair is the `KeyValue` message after its length; the tag depends on where it goes. Only exact `str` and `int` are
    looked up: `True` and `1.0` would find the pair of `1`.
    """

    __slots__ = ("_encoded", "held")

    def __init__(self, encoded: bytes, held: Callable[[str], str] | None) -> None:
        super().__init__()
        self._encoded = encoded
        self.held = held

    def __missing__(self, value: Any) -> bytes:
        if type(value) is str:
            text = value if self.held is None else self.held(value)
            pair = self.pair(wire.block(b"\x0a", text.encode()))
            if len(value) > _MAX_CACHED_TEXT:
                return pair
        elif self.held is not None and (text := self.held(str(value))) != str(value):
            pair = self.pair(wire.block(b"\x0a", text.encode()))
        else:
            pair = self.pair(b"\x18" + wire.int64(value))
        if len(self) < _MAX_PAIRS:
            self[value] = pair
        return pair

    def pair(self, value: bytes) -> bytes:
        """Encode this key with an encoded value."""
        length = len(value)
        body = self._encoded + wire.size(length) + value
        return wire.size(len(body)) + body


class _Keys(dict[str, _Key | None]):
    """The keys met so far; one that the policy refuses is asked for every time, so that the policy can count."""

    __slots__ = ("_policy",)

    def __init__(self, policy: Policy) -> None:
        super().__init__()
        self._policy = policy

    def __missing__(self, key: str) -> _Key | None:
        if type(key) is not str:
            raise TypeError
        # What cannot be encoded is not asked for: once it is mended it will be, and must not count twice.
        encoded = wire.block(b"\x0a", key.encode()) + b"\x12"
        if not self._policy.key(key):
            return None
        if len(self) >= _MAX_KEYS:
            self.clear()
        known = self[key] = _Key(encoded, self._policy.names_under(key))
        return known


class Values:
    """Encodes attributes and values; one policy, one cache."""

    __slots__ = ("_keys",)

    def __init__(self, policy: Policy) -> None:
        self._keys = _Keys(policy)

    def pairs(self, tag: bytes, attributes: Mapping[str, Any]) -> bytes:
        """Encode attributes, each as a field of this tag; refused keys are left out, in nested mappings too.

        Raises:
            Exception: An attribute is not of the types that a sanitised one has.
        """
        keys = self._keys
        pairs: list[bytes] = []
        for key, value in attributes.items():
            known = keys[key]
            if known is None:
                continue
            kind = class_of(value)
            if kind is str or kind is int:
                pairs.append(known[value])
            else:
                held = known.held
                pairs.append(known.pair(self.value(value if held is None else through(held, value))))
        # Joining with the tag puts it between the pairs; the first one needs its own.
        return tag + tag.join(pairs) if pairs else b""

    def value(self, value: Any) -> bytes:
        """Encode a value as the content of an `AnyValue` message.

        Raises:
            Exception: As above.
        """
        kind = class_of(value)
        if kind is str:
            return wire.block(b"\x0a", value.encode())
        if kind is float:
            return b"\x21" + wire.DOUBLE(value)
        if kind is bool:
            return b"\x10\x01" if value else b"\x10\x00"
        if kind is int:
            return b"\x18" + wire.int64(value)
        if value is None:
            return b""
        if kind is bytes:
            return wire.block(b"\x3a", value)
        if kind is list:
            return wire.block(b"\x2a", b"".join([wire.block(b"\x0a", self.value(item)) for item in value]))
        if kind is dict:
            return wire.block(b"\x32", self.pairs(b"\x0a", value))
        raise TypeError
