"""`Restricted[T]`: a value that can be calculated with, but not shown."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeGuard, TypeVar, Union, final, overload

from sms_observability.privacy.arithmetic import operators, safely
from sms_observability.privacy.guard import PLACEHOLDER, current_guard
from sms_observability.privacy.reveals import record
from sms_observability.privacy.seal import Sealed, seal, unseal

T = TypeVar("T")

Operand: TypeAlias = Union[T, int, "Restricted[T]", "Restricted[int]"]  # noqa: UP007 - generic alias with a forward name

_new: Any = object.__new__
_key = os.urandom(16)


class _PydanticSerializer:
    """Found by pydantic on values in fields of type `Any`; pydantic is not imported before it asks."""

    def __get__(self, instance: object, owner: object) -> Any:
        from sms_observability.privacy.pydantic import serializer

        return serializer()


@final
class Restricted(Sealed, Generic[T]):
    """A figure that must not leave: it prints as `[RESTRICTED]`, and what is calculated from it is restricted too.

    Values are compared with each other (`==`, `<`, `min`, `sorted`); against a plain value `==` is false and ordering
    raises. It can be copied, but not pickled. `reveal` and `declassify` take the value out; both are counted and
    recorded. As a field of a pydantic model it validates as `T` and serialises to the placeholder; limits belong to
    `T`: `Restricted[Annotated[Decimal, Field(gt=0)]]`. Give such a model `hide_input_in_errors=True`: pydantic quotes
    all of its plain input when another field is missing.

    Args:
        value: What is restricted; a value that is restricted already stays the same.

    Example:
        >>> cost = Restricted(Decimal("100.00"))
        >>> price = cost * Decimal("1.18")
        >>> print(f"{price:.2f}")
        [RESTRICTED]
        >>> declassify(price, reason="customer price")
        Decimal('118.0000')
    """

    __slots__ = ()
    __pydantic_serializer__ = _PydanticSerializer()

    def __new__(cls, value: T | Restricted[T]) -> Restricted[T]:  # noqa: D102 - see the class
        return value if is_restricted(value) else wrap(value)

    def __init_subclass__(cls) -> None:
        msg = "Restricted cannot be subclassed, a subclass could show its value: put a Restricted into your own class"
        raise TypeError(msg)

    def reveal(self, *, reason: str) -> T:
        """Give the plain value, to code that may see it.

        The value stays restricted for the guard: it is masked wherever it turns up in telemetry.

        Args:
            reason: Why it is needed, as a constant text; recorded with the place of the call, never with the value.

        Returns:
            The value that was wrapped.
        """
        record("reveal", reason, sys._getframe(1))
        current_guard().remember(self)
        return unseal(self)  # type: ignore[no-any-return]

    def __str__(self) -> str:
        return PLACEHOLDER

    def __repr__(self) -> str:
        return PLACEHOLDER

    def __format__(self, spec: str) -> str:
        return PLACEHOLDER

    @property
    def __dict__(self) -> dict[str, Any]:  # type: ignore[override]  # pyright: ignore[reportIncompatibleVariableOverride]
        return {"value": PLACEHOLDER}

    def __hash__(self) -> int:
        # Keyed, so that nobody can look a price up in a table of hashes.
        return hash(_key + b"%d" % hash(unseal(self)))

    def __eq__(self, other: object) -> bool:
        if type(other) is not Restricted:
            return False
        try:
            return bool(unseal(self) == unseal(other))  # pyright: ignore[reportUnknownArgumentType]
        except Exception:  # noqa: BLE001 - the classes of the values decide, and their messages could tell
            return False

    def __copy__(self) -> Restricted[T]:
        return self

    def __deepcopy__(self, memo: object) -> Restricted[T]:
        return self

    def __round__(self, ndigits: int | None = None) -> Restricted[T]:
        return wrap(safely(round, self, ndigits))

    if TYPE_CHECKING:

        def __add__(self, other: Operand[T], /) -> Restricted[T]: ...
        def __radd__(self, other: T | int, /) -> Restricted[T]: ...
        def __sub__(self, other: Operand[T], /) -> Restricted[T]: ...
        def __rsub__(self, other: T | int, /) -> Restricted[T]: ...
        def __mul__(self, other: Operand[T], /) -> Restricted[T]: ...
        def __rmul__(self, other: T | int, /) -> Restricted[T]: ...
        @overload
        def __truediv__(self: Restricted[int], other: int | Restricted[int], /) -> Restricted[float]: ...
        @overload
        def __truediv__(self, other: Operand[T], /) -> Restricted[T]: ...
        def __truediv__(self, other: Any, /) -> Any: ...
        def __rtruediv__(self, other: T | int, /) -> Restricted[T]: ...
        def __floordiv__(self, other: Operand[T], /) -> Restricted[T]: ...
        def __rfloordiv__(self, other: T | int, /) -> Restricted[T]: ...
        def __mod__(self, other: Operand[T], /) -> Restricted[T]: ...
        def __rmod__(self, other: T | int, /) -> Restricted[T]: ...
        def __pow__(self, other: Operand[T], /) -> Restricted[T]: ...
        def __rpow__(self, other: T | int, /) -> Restricted[T]: ...
        def __divmod__(self, other: Operand[T], /) -> tuple[Restricted[T], Restricted[T]]: ...
        def __rdivmod__(self, other: T | int, /) -> tuple[Restricted[T], Restricted[T]]: ...
        def __neg__(self) -> Restricted[T]: ...
        def __pos__(self) -> Restricted[T]: ...
        def __abs__(self) -> Restricted[T]: ...
        def __floor__(self) -> Restricted[int]: ...
        def __ceil__(self) -> Restricted[int]: ...
        def __trunc__(self) -> Restricted[int]: ...
        def __lt__(self, other: Restricted[T] | Restricted[int], /) -> bool: ...
        def __le__(self, other: Restricted[T] | Restricted[int], /) -> bool: ...
        def __gt__(self, other: Restricted[T] | Restricted[int], /) -> bool: ...
        def __ge__(self, other: Restricted[T] | Restricted[int], /) -> bool: ...

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from sms_observability.privacy.pydantic import core_schema_of

        return core_schema_of(cls, source, handler)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> Any:
        from sms_observability.privacy.pydantic import json_schema_of

        return json_schema_of(schema, handler)


@overload
def declassify(value: Restricted[T], *, reason: str) -> T: ...
@overload
def declassify(value: T, *, reason: str) -> T: ...
def declassify(value: Any, *, reason: str) -> Any:
    """Make a restricted value public: the price that the customer is told, for instance.

    The guard of the request no longer looks for it.

    Args:
        value: A restricted value; a plain one is given back.
        reason: Why it may be public, as a constant text; recorded with the place of the call, never with the value.

    Returns:
        The value that was wrapped.

    Example:
        >>> declassify(Restricted(2) * 3, reason="number of offers")
        6
    """
    record("declassify", reason, sys._getframe(1))
    public: Restricted[Any] = value if is_restricted(value) else _sealed(value)
    current_guard().release(public)
    return unseal(public)


def is_restricted(value: object) -> TypeGuard[Restricted[Any]]:
    """Say whether a value is restricted."""
    return type(value) is Restricted


def wrap(value: Any) -> Restricted[Any]:
    """Make a value restricted and remember it for the running request."""
    made = _sealed(value)
    current_guard().remember(made)
    return made


def _sealed(value: Any) -> Restricted[Any]:
    made: Restricted[Any] = _new(Restricted)
    seal(made, value)
    return made


for _name, _method in operators(Restricted, wrap).items():
    setattr(Restricted, _name, _method)
