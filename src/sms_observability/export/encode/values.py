"""Attributes: keys that the policy lets out, and the values of the seven types, without what a request restricted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sms_observability.export.encode import wire
from sms_observability.privacy.guard import SMALL, has_number
from sms_observability.privacy.masking import is_plain
from sms_observability.privacy.names import through
from sms_observability.sanitise.classes import class_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sms_observability.privacy.guard import ValueGuard
    from sms_observability.privacy.policy import Comparison, Policy

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

    __slots__ = ("_encoded", "comparison", "held", "innocent", "real")

    def __init__(self, encoded: bytes, held: Callable[[str], str] | None, comparison: Comparison) -> None:
        super().__init__()
        self._encoded = encoded
        self.held = held
        self.comparison = comparison
        self.innocent = _Innocent(self)
        # All that stands before the eight bytes of a real number.
        self.real = wire.size(len(encoded) + 10) + encoded + b"\x09\x21"

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


class _Innocent(dict[Any, "bytes | None"]):
    """Those pairs of a key that hold nothing which a value guard would compare, whatever it knows: they need no look.

    Of all others, `None`: they are to be looked at each time.
    """

    __slots__ = ("_key",)

    def __init__(self, key: _Key) -> None:
        super().__init__()
        self._key = key

    def __missing__(self, value: Any) -> bytes | None:
        key = self._key
        if type(value) is str:
            # Before the search: ids have digits, differ each time, and are all but never a fraction.
            is_id = key.comparison == "fractions" and "." not in value and "," not in value
            if not is_id and not is_plain(value):
                return None
            pair = key[value]
            if len(value) > _MAX_CACHED_TEXT:
                return pair
        elif -SMALL < value < SMALL or key.comparison != "all":
            pair = key[value]
        else:
            return None
        if len(self) < _MAX_PAIRS:
            self[value] = pair
        return pair


class _Keys(dict[str, _Key | None]):
    """The keys met so far; one that the policy refuses is asked for every time, so that the policy can count."""

    __slots__ = ("_policy", "innocent")

    def __init__(self, policy: Policy) -> None:
        super().__init__()
        self._policy = policy
        self.innocent: dict[str, _Key] = {}
        """Those in which there is no number that could be compared."""

    def __missing__(self, key: str) -> _Key | None:
        if type(key) is not str:
            raise TypeError
        # What cannot be encoded is not asked for: once it is mended it will be, and must not count twice.
        encoded = wire.block(b"\x0a", key.encode()) + b"\x12"
        policy = self._policy
        if not policy.key(key):
            return None
        if len(self) >= _MAX_KEYS:
            self.clear()
            self.innocent.clear()
        known = self[key] = _Key(encoded, policy.names_under(key), policy.comparison(key))
        if has_number(key) is None:
            self.innocent[key] = known
        return known


class Values:
    """Encodes attributes and values; one policy, one cache."""

    __slots__ = ("_keys", "_policy")

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._keys = _Keys(policy)

    def pairs(self, tag: bytes, attributes: Mapping[str, Any], guard: ValueGuard | None = None) -> bytes:
        """Encode attributes, each as a field of this tag; refused keys are left out, in nested mappings too.

        Args:
            tag: What stands before each.
            attributes: Sanitised attributes.
            guard: What was restricted in the request, if anything was: it is masked wherever it stands.

        Raises:
            Exception: An attribute is not of the types that a sanitised one has.
        """
        if guard is not None:
            return self._guarded_pairs(tag, attributes, guard)
        keys = self._keys
        pairs: list[bytes] = []
        for key, value in attributes.items():
            known = keys[key]
            if known is None:
                continue
            kind = class_of(value)
            if kind is str or kind is int:
                pairs.append(known[value])
            elif kind is float and known.held is None:
                pairs.append(known.real + wire.DOUBLE(value))
            else:
                held = known.held
                pairs.append(known.pair(self.value(value if held is None else through(held, value))))
        # Joining with the tag puts it between the pairs; the first one needs its own.
        return tag + tag.join(pairs) if pairs else b""

    def _guarded_pairs(self, tag: bytes, attributes: Mapping[str, Any], guard: ValueGuard) -> bytes:
        innocent = self._keys.innocent
        pairs: list[bytes] = []
        masked: dict[str, Any] = {}
        for key, value in attributes.items():
            known = innocent.get(key)
            if known is not None:
                # In one piece: what most values are, texts and numbers without anything to compare, costs no look.
                kind = class_of(value)
                if kind is str or kind is int:
                    pair = known.innocent[value]
                    if pair is not None:
                        pairs.append(pair)
                        continue
                elif kind is float and known.comparison == "texts" and known.held is None:
                    pairs.append(known.real + wire.DOUBLE(value))
                    continue
            name = guard.clean_text(key)
            clean = guard.clean(value, self._policy.comparison(key))
            if clean is value and name is key:
                pairs += self._pair(key, value)
                continue
            self._policy.masked(name)
            if name is key or name not in attributes:
                masked[name] = clean
        for name, value in masked.items():
            pairs += self._pair(name, value)
        return tag + tag.join(pairs) if pairs else b""

    def _pair(self, key: str, value: Any) -> tuple[bytes, ...]:
        known = self._keys[key]
        if known is None:
            return ()
        kind = class_of(value)
        if kind is str or kind is int:
            return (known[value],)
        held = known.held
        return (known.pair(self.value(value if held is None else through(held, value))),)

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
