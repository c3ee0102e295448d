"""What a class is, read without running its metaclass: one can override `__mro__`, `__name__`, even `__hash__`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sms_observability.sanitise.texts import cut

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_MAX_NAME = 100

# As `type`, which a checker takes for unknown when it is given anything.
class_of: Callable[[object], type] = type
mro_of: Callable[[type], tuple[type, ...]] = type.__dict__["__mro__"].__get__
_name_of: Callable[[type], str] = type.__dict__["__name__"].__get__
_dict_of: Callable[[type], Mapping[str, Any]] = type.__dict__["__dict__"].__get__


def short_name(kind: type) -> str:
    """Give the name of a class, as telemetry may carry it."""
    return cut(_name_of(kind), _MAX_NAME)


def full_name(kind: type) -> str:
    """Give the name of a class with its module, the module of the builtins aside."""
    module = module_of(kind)
    return f"{module}.{short_name(kind)}" if module and module != "builtins" else short_name(kind)


def module_of(kind: type) -> str:
    """Give the module of a class, or nothing if it hides it."""
    module = _dict_of(kind).get("__module__")
    return cut(module, _MAX_NAME) if type(module) is str else ""


def defines(mro: tuple[type, ...], *methods: str) -> bool:
    """Say whether a class other than `object` defines one of the methods."""
    return any(method in _dict_of(base) for base in mro[:-1] for method in methods)
