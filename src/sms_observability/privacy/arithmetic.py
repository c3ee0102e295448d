"""What can be done with a restricted value: calculating and ordering; what would show it is refused.

Written for speed (an operation may cost ten plain ones) and for silence: no frame that an error leaves through holds a
plain value in a local variable, and no message of somebody else's passes.
"""

from __future__ import annotations

import math
import operator
from typing import TYPE_CHECKING, Any, NoReturn

from sms_observability.privacy.errors import RestrictedValueError
from sms_observability.privacy.guard import PLACEHOLDER, current_guard
from sms_observability.privacy.seal import seal, unseal

if TYPE_CHECKING:
    from collections.abc import Callable

_REFUSED = {
    "float": "float()",
    "int": "int()",
    "index": "using it as an index",
    "complex": "complex()",
    "bool": "a truth test",
    "bytes": "bytes()",
    "reduce": "pickling",
    "reduce_ex": "pickling",
    "getstate": "pickling",
}


def operators(restricted: Any, wrap: Callable[[Any], Any]) -> dict[str, Callable[..., Any]]:
    """Give the special methods of the class `restricted`; what they calculate is made with it."""
    methods: dict[str, Callable[..., Any]] = _four_rules(restricted)
    for name in ("floordiv", "mod", "pow"):
        methods[name] = _binary(restricted, getattr(operator, name))
    for name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow"):
        methods[f"r{name}"] = _reflected(restricted, getattr(operator, name))
    for name in ("lt", "le", "gt", "ge"):
        methods[name] = _ordering(restricted, getattr(operator, name))
    for name, unary in (("neg", operator.neg), ("pos", operator.pos), ("abs", abs)):
        methods[name] = _unary(restricted, unary)
    for name in ("floor", "ceil", "trunc"):
        methods[name] = _unary(restricted, getattr(math, name))
    for name, what in _REFUSED.items():
        methods[name] = _refusal(what)

    def divided(left: Any, right: Any) -> Any:
        return left // right, left % right

    def dividing(right: Any, left: Any) -> Any:
        return divided(wrap(left), right)

    methods["divmod"], methods["rdivmod"] = divided, dividing
    for name, method in methods.items():
        method.__name__ = f"__{name}__"
        method.__qualname__ = f"Restricted.__{name}__"
    return {method.__name__: method for method in methods.values()}


def safely(operation: Callable[..., Any], value: Any, *rest: object) -> Any:
    """Call an operation with the plain value of a restricted one; an error of it loses its message."""
    try:
        return operation(unseal(value), *rest)
    except Exception as error:  # noqa: BLE001 - its message could show a value
        failure = _silent(error, operation.__name__)
    raise failure


def _four_rules(restricted: Any) -> dict[str, Callable[[Any, Any], Any]]:
    new = object.__new__

    # Written out, because a call of `operator.mul` more would cost half a multiplication.
    def add(left: Any, right: Any) -> Any:
        try:
            made = new(restricted)
            seal(made, unseal(left) + (unseal(right) if type(right) is restricted else right))
            current_guard().remember(made)
            return made
        except Exception as error:  # noqa: BLE001 - its message could show a value
            failure = _silent(error, "add")
        raise failure

    def sub(left: Any, right: Any) -> Any:
        try:
            made = new(restricted)
            seal(made, unseal(left) - (unseal(right) if type(right) is restricted else right))
            current_guard().remember(made)
            return made
        except Exception as error:  # noqa: BLE001 - its message could show a value
            failure = _silent(error, "sub")
        raise failure

    def mul(left: Any, right: Any) -> Any:
        try:
            made = new(restricted)
            seal(made, unseal(left) * (unseal(right) if type(right) is restricted else right))
            current_guard().remember(made)
            return made
        except Exception as error:  # noqa: BLE001 - its message could show a value
            failure = _silent(error, "mul")
        raise failure

    def truediv(left: Any, right: Any) -> Any:
        try:
            made = new(restricted)
            seal(made, unseal(left) / (unseal(right) if type(right) is restricted else right))
            current_guard().remember(made)
            return made
        except Exception as error:  # noqa: BLE001 - its message could show a value
            failure = _silent(error, "truediv")
        raise failure

    return {"add": add, "sub": sub, "mul": mul, "truediv": truediv}


def _binary(restricted: Any, operation: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    new = object.__new__

    def calculate(left: Any, right: Any) -> Any:
        try:
            made = new(restricted)
            seal(made, operation(unseal(left), unseal(right) if type(right) is restricted else right))
            current_guard().remember(made)
            return made
        except Exception as error:  # noqa: BLE001 - its message could show a value
            failure = _silent(error, operation.__name__)
        raise failure

    return calculate


def _reflected(restricted: Any, operation: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    new = object.__new__

    def calculate(right: Any, left: Any) -> Any:
        try:
            made = new(restricted)
            seal(made, operation(left, unseal(right)))
            current_guard().remember(made)
            return made
        except Exception as error:  # noqa: BLE001 - its message could show a value
            failure = _silent(error, operation.__name__)
        raise failure

    return calculate


def _unary(restricted: Any, operation: Callable[[Any], Any]) -> Callable[[Any], Any]:
    new = object.__new__

    def calculate(value: Any) -> Any:
        try:
            made = new(restricted)
            seal(made, operation(unseal(value)))
            current_guard().remember(made)
            return made
        except Exception as error:  # noqa: BLE001 - its message could show a value
            failure = _silent(error, operation.__name__)
        raise failure

    return calculate


def _ordering(restricted: Any, operation: Callable[[Any, Any], Any]) -> Callable[[Any, Any], bool]:
    def compare(left: Any, right: Any) -> bool:
        if type(right) is not restricted:
            msg = (
                f"a restricted value is not ordered against {type(right).__name__}: compare with Restricted(…), or "
                "take it out with .reveal(reason=…)"
            )
            raise RestrictedValueError(msg)
        try:
            return bool(operation(unseal(left), unseal(right)))
        except Exception as error:  # noqa: BLE001 - its message could show a value
            failure = _silent(error, operation.__name__)
        raise failure

    return compare


def _silent(error: Exception, operation: str) -> Exception:
    kind = type(error)
    if isinstance(error, ArithmeticError) and kind.__module__ in ("builtins", "decimal"):
        # Callers may handle a division by zero.
        return kind(PLACEHOLDER)
    return RestrictedValueError(f"{operation} does not work on these restricted values ({kind.__name__})")


def _refusal(what: str) -> Callable[..., NoReturn]:
    def refuse(*_: object) -> NoReturn:
        msg = (
            f"{what} would show a restricted value: keep calculating with Restricted, or take it out with "
            "declassify(value, reason=…) or .reveal(reason=…)"
        )
        raise RestrictedValueError(msg)

    return refuse
