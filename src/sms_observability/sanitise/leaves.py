"""The declared forms of values that hold no other values."""

from __future__ import annotations

import datetime as dt
import types
import uuid
from collections import UserString
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

from sms_observability.sanitise.classes import class_of, defines, full_name, module_of, mro_of, short_name
from sms_observability.sanitise.texts import MAX_TEXT, cut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Leaf: TypeAlias = "bool | int | float | str | bytes | None"

MIN_INT = -(2**63)
MAX_INT = 2**63 - 1

_MAX_BITS = 128
_FIRST = slice(0, MAX_TEXT)


def foreign(value: Any) -> str:
    """Give the form of an object that no table knows."""
    kind = class_of(value)
    mro = mro_of(kind)
    # An iterator's text is harmless, but an address helps nobody.
    if defines(mro, "__next__", "__anext__", "__await__") or not defines(mro, "__str__", "__repr__"):
        return f"<{full_name(kind)}>"
    return cut(str(value))


def numpy_value(value: Any, room: int) -> Any:
    """Give what a scalar or array of numpy stands for, or `value` itself if it is neither; numpy is not imported."""
    for base in mro_of(class_of(value)):
        if module_of(base) == "numpy":
            match short_name(base):
                case "generic":
                    item = value.item()
                    # A long double stays what it is.
                    return float(item) if class_of(item) is class_of(value) else item
                case "ndarray":
                    return value.tolist() if value.size <= room else "<ndarray>"
                case _:
                    pass
    return value


def _itself(value: Any) -> Any:
    return value


def _int(value: Any) -> int | str:
    number = int.__int__(value)
    if MIN_INT <= number <= MAX_INT:
        return number
    # Digits cost quadratic time, and Python refuses more than 4300 of them.
    bits = number.bit_length()
    return str(number) if bits <= _MAX_BITS else f"<int of {bits} bits>"


def _bytearray(value: Any) -> bytes:
    return bytes(bytearray.__getitem__(value, _FIRST))


def _memoryview(value: memoryview) -> bytes:
    if value.c_contiguous:
        return bytes(value.cast("B")[_FIRST])
    # Only a whole copy can untangle strides.
    return value.tobytes()[_FIRST] if value.nbytes <= MAX_TEXT else b""


def _exception(value: BaseException) -> str:
    name, text = short_name(type(value)), cut(str(value))
    return f"{name}: {text}" if text else name


def _class(value: type) -> str:
    return f"<class {full_name(value)}>"


def _function(value: Any) -> str:
    module, name = value.__module__, value.__qualname__
    return f"<function {module}.{name}>" if type(module) is str and type(name) is str else "<function>"


def _method(value: types.MethodType) -> str:
    return _function(value.__func__) if type(value.__func__) is types.FunctionType else "<method>"


def _named(value: object) -> str:
    return f"<{short_name(type(value))}>"


def _by_identity(forms: Iterable[tuple[type, Callable[[Any], Leaf]]]) -> dict[int, Callable[[Any], Leaf]]:
    # By identity, because a metaclass can define `__hash__` and `__eq__`; the builtin classes here live for ever.
    return {id(kind): form for kind, form in forms}


FORMS = _by_identity(
    [
        (types.NoneType, _itself),
        (bool, _itself),
        (int, _int),
        (float, float.__float__),
        (str, _itself),
        (UserString, UserString.__str__),
        (bytes, lambda value: bytes.__getitem__(value, _FIRST)),
        (bytearray, _bytearray),
        (memoryview, _memoryview),
        (Decimal, Decimal.__str__),
        (Fraction, Fraction.__str__),
        (complex, complex.__repr__),
        (uuid.UUID, uuid.UUID.__str__),
        (dt.datetime, dt.datetime.isoformat),
        (dt.date, dt.date.isoformat),
        (dt.time, dt.time.isoformat),
        (dt.timedelta, dt.timedelta.total_seconds),
        (BaseException, _exception),
        (type, _class),
        (types.FunctionType, _function),
        (types.BuiltinFunctionType, _function),
        (types.MethodType, _method),
        (types.ModuleType, _named),
        (types.GeneratorType, _named),
        (types.CoroutineType, _named),
        (types.AsyncGeneratorType, _named),
    ]
)
