"""The walk through a value, and the functions that callers use."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from sms_observability.sanitise.classes import class_of, mro_of, short_name
from sms_observability.sanitise.containers import MAX_ITEMS, TAKES, take_pairs
from sms_observability.sanitise.leaves import FORMS, MAX_INT, MIN_INT, foreign, numpy_value
from sms_observability.sanitise.texts import MAX_TEXT, cut

if TYPE_CHECKING:
    from sms_observability.sanitise.containers import Take, Value

MAX_DEPTH = 8
MAX_KEY = 256
MAX_ATTRIBUTES = 128
MAX_CHARACTERS = 16384


def sanitise_value(value: object) -> Value:
    """Turn any value into one that OTLP can carry, by the table of this package.

    Args:
        value: Anything, hostile or not. Its own code (`__str__`, `__iter__`, ...) is run at most once and only where
            the table needs it; whatever that raises is swallowed, `SystemExit` included.

    Returns:
        A plain value: exact builtin types only, text that encodes to UTF-8, integers of 64 bits.

    Example:
        >>> sanitise_value({"parts": (1, 2), 3: ValueError("no stock")})
        {'parts': [1, 2], '3': 'ValueError: no stock'}
    """
    if type(value) is str:
        if len(value) <= MAX_TEXT and value.isascii():
            return value
    elif type(value) is int:
        if MIN_INT <= value <= MAX_INT:
            return value
    elif type(value) is bool or type(value) is float or value is None:
        return value
    try:
        return _walk(value, _Room(), 0)
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001  # the caller may have used up the stack
        return "<unprintable>"


def sanitise_text(value: object, limit: int = MAX_TEXT) -> str:
    r"""Turn any value into text that encodes to UTF-8.

    Args:
        value: Anything. What is not text takes its form in the table of this package first; bytes are read as UTF-8.
        limit: The most characters to keep.

    Returns:
        An exact `str` of at most `limit` characters.

    Example:
        >>> sanitise_text(b"caf\xc3\xa9"), sanitise_text("abcdef", limit=3)
        ('café', 'abc')
    """
    if type(value) is str and len(value) <= limit and value.isascii():
        return value
    try:
        plain = value if type(value) is str else sanitise_value(value)
        text = plain.decode("utf-8", "replace") if isinstance(plain, bytes) else str(plain)
        return cut(text, max(limit, 0))
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001  # as above
        return ""


def sanitise_key(key: object) -> str:
    """Turn any key into the name of an attribute: text of 1 to 256 characters.

    Args:
        key: Anything; what is not text is converted as by `sanitise_text`.

    Returns:
        The name; `<empty>` for empty text.

    Example:
        >>> sanitise_key("http.route"), sanitise_key(3), sanitise_key("")
        ('http.route', '3', '<empty>')
    """
    return sanitise_text(key, MAX_KEY) or "<empty>"


def sanitise_attributes(attributes: Any, limit: int = MAX_ATTRIBUTES) -> dict[str, Value]:
    """Copy attributes into a plain dictionary of safe names and values.

    Args:
        attributes: A mapping, or anything else, which gives no attributes. It may change while it is read.
        limit: The most attributes to keep: the first ones.

    Returns:
        A new dictionary that belongs to the caller.

    Example:
        >>> sanitise_attributes({"route": "/quote", "parts": (1, 2)})
        {'route': '/quote', 'parts': [1, 2]}
        >>> sanitise_attributes("nonsense")
        {}
    """
    if attributes is None:
        return {}
    try:
        if class_of(attributes) is dict and len(attributes) <= limit:
            safe: dict[Any, Any] = attributes.copy()
            for key, value in safe.items():
                if type(key) is not str or not (0 < len(key) <= MAX_KEY and key.isascii()):
                    break
                kind = class_of(value)
                if kind is str:
                    if len(value) <= MAX_TEXT and value.isascii():
                        continue
                elif kind is int:
                    if MIN_INT <= value <= MAX_INT:
                        continue
                elif kind is bool or kind is float:
                    continue
                safe[key] = sanitise_value(value)
            else:
                return safe
        return {sanitise_key(key): sanitise_value(value) for key, value in take_pairs(attributes, max(limit, 0))}
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001  # as above
        return {}


class _Room:
    """What one value may still take: items, characters, and the containers it is inside of."""

    __slots__ = ("characters", "items", "path")

    def __init__(self) -> None:
        self.items = MAX_ITEMS
        self.characters = MAX_CHARACTERS
        self.path: list[int] = []


def _walk(value: Any, room: _Room, depth: int) -> Value:
    """Convert one value; here the value's own code is guarded, so that a bad item loses only itself."""
    kind = class_of(value)
    try:
        for base in mro_of(kind):
            if base is Enum:
                return _inside(object.__getattribute__(value, "_value_"), room, depth)
            form = FORMS.get(id(base))
            if form is not None:
                return _fit(form(value), room)
            take = TAKES.get(id(base))
            if take is not None:
                return _container(value, take, room, depth)
        plain = numpy_value(value, room.items)
        return _fit(foreign(value), room) if plain is value else _inside(plain, room, depth)
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001  # whatever the value's own code raises
        return _fit(f"<unprintable {short_name(kind)}>", room)


def _inside(value: Any, room: _Room, depth: int) -> Value:
    """Convert what another value stands for, one level deeper, so that they cannot stand for each other for ever."""
    return _walk(value, room, depth + 1) if depth < MAX_DEPTH else _fit("<deep>", room)


def _fit(value: Any, room: _Room) -> Value:
    """Cut a value that holds no others to what is left of the room."""
    if isinstance(value, (str, bytes)):
        limit = min(MAX_TEXT, max(room.characters, 0))
        value = cut(value, limit) if isinstance(value, str) else value[:limit]
        room.characters -= len(value)
    return value  # type: ignore[no-any-return]


def _container(value: Any, take: Take, room: _Room, depth: int) -> Value:
    """Convert the items of a container, as far as there is room."""
    if depth >= MAX_DEPTH:
        return _fit(f"<deep {short_name(class_of(value))}>", room)
    if id(value) in room.path:
        return _fit(f"<cyclic {short_name(class_of(value))}>", room)
    items = take(value, room.items)
    room.items -= len(items)
    room.path.append(id(value))
    try:
        return (_pairs if take is take_pairs else _items)(items, room, depth + 1)
    finally:
        room.path.pop()


def _items(items: list[Any], room: _Room, depth: int) -> list[Value]:
    walked: list[Value] = []
    for item in items:
        if room.characters <= 0:
            break
        walked.append(_walk(item, room, depth))
    return walked


def _pairs(pairs: list[Any], room: _Room, depth: int) -> dict[str, Value]:
    walked: dict[str, Value] = {}
    for key, item in pairs:
        if room.characters <= 0:
            break
        name = sanitise_key(key)
        room.characters -= len(name)
        walked[name] = _walk(item, room, depth)
    return walked
