"""Any Python value becomes a safe OTLP value, whatever the value does when it is looked at.

The functions here are total: they always return, and never raise (only `KeyboardInterrupt` passes). They run where the
item is made, before a queue or a lock sees it. This is the table of conversions; a subclass takes the form of the first
class of its method resolution order that is named here, and the subclass's own methods are not called:

| given | becomes |
|---|---|
| `None`, `bool`, `float` (NaN and infinities too) | itself, without its subclass |
| `int` that fits in 64 bits | itself, without its subclass |
| other `int` | its decimal digits as text, or `<int of 16610 bits>` above 128 bits |
| `str` | itself, cut to 4096 characters; surrogate pairs joined, lone surrogates become U+FFFD |
| `bytes`, `bytearray`, `memoryview` | `bytes`, cut to 4096 |
| `Enum` | its value, converted by this table |
| `Decimal`, `Fraction`, `complex`, `UUID` | its exact text |
| `datetime`, `date`, `time` | ISO 8601 text |
| `timedelta` | seconds as `float` |
| `list`, `tuple`, `set`, `frozenset`, `deque`, `array`, dictionary views, `Sequence`, `Set` | `list` of converted items |
| `dict`, `Mapping`, `mappingproxy` | `dict` of converted values, keys by `sanitise_key`, the last of equal keys wins |
| exception | `ValueError: text`, or `ValueError` if it has no text |
| class, function, method, module | `<class parts.Quote>`, `<function parts.quote>`: never an address |
| generator, coroutine, iterator | `<generator>`: nothing is consumed |
| numpy scalar; numpy array | its Python number; its nested list, or `<ndarray>` when it is too large |
| object without a text form of its own | `<parts.Quote>`: never an address |
| any other object | its `str()`, asked for once |
| whatever raises while it is looked at | `<unprintable Quote>`; items seen before the error are kept |

Containers end at a depth of 8 (`<deep list>`), at a cycle (`<cyclic list>`), after 1024 items in all and 16384 characters
in all; what comes after is left out.
"""

from __future__ import annotations

import array
import collections
import collections.abc
import datetime
import enum
import fractions
import types
import uuid
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Value: TypeAlias = "None | bool | int | float | str | bytes | list[Value] | dict[str, Value]"

MAX_DEPTH = 8
MAX_TEXT = 4096
MAX_KEY = 256
MAX_ATTRIBUTES = 128
MAX_ITEMS = 1024
MAX_CHARACTERS = 16384
MIN_INT = -(2**63)
MAX_INT = 2**63 - 1

_MAX_BITS = 128
_MAX_NAME = 100

# Read through the descriptors of `type`: a metaclass can override these attributes, or a class its `__class__`.
_mro_of: Callable[[type], tuple[type, ...]] = type.__dict__["__mro__"].__get__
_name_of: Callable[[type], str] = type.__dict__["__name__"].__get__
_dict_of: Callable[[type], Any] = type.__dict__["__dict__"].__get__


def sanitise_value(value: object) -> Value:
    """Turn any value into one that OTLP can carry, by the table of this module.

    Args:
        value: Anything, hostile or not. Its own code (`__str__`, `__iter__`, ...) is run at most once and only where
            the table needs it; whatever that raises is swallowed, `SystemExit` included.

    Returns:
        A plain value: exact builtin types only, text that encodes to UTF-8, integers of 64 bits.

    Example:
        >>> sanitise_value({"price": Decimal("9.50"), 1: {2}})
        {'price': '9.50', '1': [2]}
    """
    kind = type(value)
    if kind is str:
        if len(value) <= MAX_TEXT and value.isascii():  # type: ignore[arg-type,attr-defined]
            return value  # type: ignore[return-value]
    elif kind is int:
        if MIN_INT <= value <= MAX_INT:  # type: ignore[operator]
            return value  # type: ignore[return-value]
    elif kind is bool or kind is float or value is None:
        return value  # type: ignore[return-value]
    try:
        return _walk(value, _Room(), 0)
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001  # the caller's stack may be almost used up
        return "<unprintable>"


def sanitise_text(value: object, limit: int = MAX_TEXT) -> str:
    r"""Turn any value into text that encodes to UTF-8.

    Args:
        value: Anything. What is not text takes its form in the table of this module first; bytes are read as UTF-8.
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
        limit = max(limit, 0)
        if type(value) is not str:
            value = sanitise_value(value)
            if type(value) is bytes:
                value = value.decode("utf-8", "replace")
            elif type(value) is not str:
                value = str(value)
        return _text(value, limit)
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


def sanitise_attributes(attributes: object, limit: int = MAX_ATTRIBUTES) -> dict[str, Value]:
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
        if type(attributes) is dict and len(attributes) <= limit:  # pyright: ignore[reportUnknownArgumentType]
            safe: dict[Any, Any] = attributes.copy()  # pyright: ignore[reportUnknownMemberType]
            for key, value in safe.items():
                if type(key) is not str or not (key.isascii() and 0 < len(key) <= MAX_KEY):
                    break
                kind = type(value)
                if kind is str:
                    if len(value) <= MAX_TEXT and value.isascii():
                        continue
                elif kind is bool or kind is float:
                    continue
                safe[key] = sanitise_value(value)
            else:
                return safe
        return {sanitise_key(key): sanitise_value(value) for key, value in _pairs(attributes, max(limit, 0))}
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001  # as above
        return {}


def sanitise_number(amount: object) -> int | float | None:
    """Turn an amount into a number that a metric can take.

    Args:
        amount: An `int` (clamped to 64 bits), a `bool` (0 or 1), a `float` (NaN and infinities stay), or something that
            converts itself by `__index__` or `__float__`: `Decimal`, `Fraction`, numpy scalars.

    Returns:
        The number, or `None` when there is none (text too: `"1"` is a mistake somewhere, not an amount).

    Example:
        >>> sanitise_number(10**400) == 2**63 - 1, sanitise_number(Decimal("9.5")), sanitise_number("1")
        (True, 9.5, None)
    """
    kind = type(amount)
    if kind is float:
        return amount  # type: ignore[return-value]
    try:
        if kind is not int:
            mro = _mro_of(kind)
            if int in mro:
                amount = int.__int__(amount)  # type: ignore[arg-type]
            elif float in mro:
                return float.__float__(amount)  # type: ignore[arg-type]
            elif _defined(mro, "__index__"):
                amount = int.__int__(kind.__index__(amount))  # type: ignore[attr-defined]
            elif _defined(mro, "__float__"):
                return float.__float__(kind.__float__(amount))  # type: ignore[attr-defined]
            else:
                return None
        return min(max(amount, MIN_INT), MAX_INT)  # type: ignore[type-var]
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001  # the amount's own code may raise anything
        return None


def sanitise_timestamp(ns: object, default: int) -> int:
    """Turn a timestamp into one that OTLP can carry.

    Args:
        ns: Nanoseconds since the epoch. A finite `float` is cut to an integer.
        default: What to say instead of anything that is no number, negative or 2**63 and more; must be valid itself.

    Returns:
        Nanoseconds, at least 0 and less than 2**63.

    Example:
        >>> sanitise_timestamp(5.7, 1), sanitise_timestamp(-1, 1), sanitise_timestamp("now", 1)
        (5, 1, 1)
    """
    kind = type(ns)
    if kind is not int:
        if kind is bool:
            return default
        try:
            mro = _mro_of(kind)
            if int in mro:
                ns = int.__int__(ns)  # type: ignore[call-overload]
            elif float in mro:
                ns = float.__int__(ns)  # type: ignore[arg-type]
            else:
                return default
        except (ValueError, OverflowError, RecursionError):
            return default
    return ns if 0 <= ns <= MAX_INT else default  # type: ignore[operator,return-value]


class _Room:
    """What one value may still take: items, characters, and the containers it is inside of."""

    __slots__ = ("characters", "items", "path")

    def __init__(self) -> None:
        self.items = MAX_ITEMS
        self.characters = MAX_CHARACTERS
        self.path: list[int] = []


def _walk(value: Any, room: _Room, depth: int) -> Value:
    """Convert one value; the only place where the code of a value is guarded."""
    kind = type(value)
    try:
        for base in _mro_of(kind):
            # By identity, because a metaclass can define `__hash__` and `__eq__`.
            if base is enum.Enum:
                if depth >= MAX_DEPTH:
                    return f"<deep {_type_name(kind)}>"
                return _walk(object.__getattribute__(value, "_value_"), room, depth + 1)
            leaf = _LEAVES.get(id(base))
            if leaf is not None:
                result = leaf(value)
                break
            take = _CONTAINERS.get(id(base))
            if take is not None:
                return _container(value, take, room, depth)
        else:
            result = _foreign(value, kind, room)
            if type(result) is list:
                return _container(result, _take_list, room, depth)
        if type(result) is str:
            result = _text(result, min(MAX_TEXT, room.characters))
            room.characters -= len(result)
        elif type(result) is bytes:
            result = result[: min(MAX_TEXT, room.characters)]
            room.characters -= len(result)
        return result
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001  # whatever the value's own code raises loses this value only
        return f"<unprintable {_type_name(kind)}>"


def _container(value: Any, take: Callable[[Any, int], list[Any]], room: _Room, depth: int) -> Value:
    """Convert the items of a container, as far as there is room."""
    if depth >= MAX_DEPTH:
        return f"<deep {_type_name(type(value))}>"
    if id(value) in room.path:
        return f"<cyclic {_type_name(type(value))}>"
    room.path.append(id(value))
    items = take(value, room.items)
    room.items -= len(items)
    try:
        if take is _pairs:
            pairs: dict[str, Value] = {}
            for key, item in items:
                if room.characters <= 0:
                    break
                name = sanitise_key(key)
                room.characters -= len(name)
                pairs[name] = _walk(item, room, depth + 1)
            return pairs
        walked: list[Value] = []
        for item in items:
            if room.characters <= 0:
                break
            walked.append(_walk(item, room, depth + 1))
        return walked
    finally:
        room.path.pop()


def _text(value: Any, limit: int) -> str:
    """Cut text, and mend what UTF-8 cannot carry."""
    text = str.__getitem__(value, slice(0, limit))
    if type(text) is not str:
        text = str.__str__(text)
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def _type_name(kind: type) -> str:
    return _text(_name_of(kind), _MAX_NAME)


def _full_name(kind: type) -> str:
    module = _dict_of(kind).get("__module__")
    name = _type_name(kind)
    return f"{_text(module, _MAX_NAME)}.{name}" if type(module) is str and module != "builtins" else name


def _defined(mro: tuple[type, ...], *methods: str) -> bool:
    """Say whether a class other than `object` defines one of the methods."""
    return any(method in _dict_of(base) for base in mro[:-1] for method in methods)


def _foreign(value: Any, kind: type, room: _Room) -> Any:
    """Give the form of an object of a type that the tables do not know."""
    mro = _mro_of(kind)
    for base in mro:
        if _dict_of(base).get("__module__") == "numpy":
            if _name_of(base) == "generic":
                item = value.item()
                return item if type(item) is not kind else float(item)
            if _name_of(base) == "ndarray":
                items = value.tolist() if value.size <= room.items else None
                return items if type(items) is list else "<ndarray>"
    # Asking an iterator for its text is harmless, but an address helps nobody.
    if _defined(mro, "__next__", "__anext__", "__await__") or not _defined(mro, "__str__", "__repr__"):
        return f"<{_full_name(kind)}>"
    return _text(str(value), MAX_TEXT)


def _int(value: Any) -> Value:
    number = int.__int__(value)
    if MIN_INT <= number <= MAX_INT:
        return number
    bits = number.bit_length()
    return str(number) if bits <= _MAX_BITS else f"<int of {bits} bits>"


def _memory(value: memoryview) -> bytes:
    if value.c_contiguous:
        return bytes(value.cast("B")[:MAX_TEXT])
    return value.tobytes()[:MAX_TEXT] if value.nbytes <= MAX_CHARACTERS else b""


def _exception(value: BaseException) -> str:
    text = _text(str(value), MAX_TEXT)
    return f"{_type_name(type(value))}: {text}" if text else _type_name(type(value))


def _class(value: type) -> str:
    return f"<class {_full_name(value)}>"


def _code(value: Any) -> str:
    module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
    return f"<function {module}.{name}>" if type(module) is str and type(name) is str else "<function>"


def _text_of(kind: type) -> Callable[[Any], str]:
    return lambda value: str(kind.__str__(value))


_LEAVES: dict[int, Callable[[Any], Value]] = {
    id(kind): form
    for kind, form in (
        (types.NoneType, lambda _: None),
        (bool, lambda value: value),
        (int, _int),
        (float, float.__float__),
        (str, lambda value: value),
        (bytes, lambda value: bytes.__getitem__(value, slice(0, MAX_TEXT))),
        (bytearray, lambda value: bytes(bytearray.__getitem__(value, slice(0, MAX_TEXT)))),
        (memoryview, _memory),
        (Decimal, _text_of(Decimal)),
        (fractions.Fraction, _text_of(fractions.Fraction)),
        (complex, lambda value: complex.__repr__(value)),
        (uuid.UUID, _text_of(uuid.UUID)),
        (datetime.datetime, datetime.datetime.isoformat),
        (datetime.date, datetime.date.isoformat),
        (datetime.time, datetime.time.isoformat),
        (datetime.timedelta, datetime.timedelta.total_seconds),
        (BaseException, _exception),
        (type, _class),
        (types.FunctionType, _code),
        (types.MethodType, lambda value: _code(value.__func__)),
        (types.BuiltinFunctionType, _code),
        (types.ModuleType, lambda _: "<module>"),
        (types.GeneratorType, lambda _: "<generator>"),
        (types.CoroutineType, lambda _: "<coroutine>"),
        (types.AsyncGeneratorType, lambda _: "<async_generator>"),
    )
}


def _collect(iterable: Iterable[Any], room: int) -> list[Any]:
    """Take items until there is no room, or until the iteration raises."""
    items: list[Any] = []
    try:
        items.extend(islice(iterable, room))
    except KeyboardInterrupt:
        raise
    except BaseException:
        if not items:
            raise
    return items


def _take_list(value: Any, room: int) -> list[Any]:
    # A slice is taken at once: another thread cannot change the list meanwhile.
    return list.__getitem__(value, slice(0, room))


def _pairs(value: Any, room: int) -> list[Any]:
    """Take the pairs of a mapping; what is no mapping has none."""
    for base in _mro_of(type(value)):
        if base is dict:
            return _collect(dict.items(value), room)
        if base is collections.abc.Mapping or base is types.MappingProxyType:
            pairs = _collect(value.items(), room)
            return [pair for pair in pairs if type(pair) is tuple and len(pair) == 2]  # noqa: PLR2004
    return []


_CONTAINERS: dict[int, Callable[[Any, int], list[Any]]] = {
    id(kind): take
    for kind, take in (
        (list, _take_list),
        (tuple, lambda value, room: list(tuple.__getitem__(value, slice(0, room)))),
        (set, lambda value, room: _collect(set.__iter__(value), room)),
        (frozenset, lambda value, room: _collect(frozenset.__iter__(value), room)),
        (collections.deque, lambda value, room: _collect(collections.deque.__iter__(value), room)),
        (array.array, lambda value, room: _collect(array.array.__iter__(value), room)),
        (type({}.keys()), _collect),
        (type({}.values()), _collect),
        (type({}.items()), _collect),
        (dict, _pairs),
        (types.MappingProxyType, _pairs),
        (collections.abc.Mapping, _pairs),
        (collections.abc.Sequence, _collect),
        (collections.abc.Set, _collect),
    )
}
