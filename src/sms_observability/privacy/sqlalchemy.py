"""`Restricted[T]` as the type of an SQLAlchemy column. Imported only by services that use it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.types import TypeDecorator, TypeEngine, to_instance

from sms_observability.privacy.errors import RestrictedValueError
from sms_observability.privacy.restricted import Restricted, is_restricted, wrap
from sms_observability.privacy.seal import unseal

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect


class RestrictedColumn(TypeDecorator[Restricted[Any]]):
    """A column whose values are `Restricted` in Python and plain in the database.

    The value goes to the database as a bound parameter, never as a literal. SQLAlchemy shows parameters in its errors
    and with `echo=True`: make the engine with `hide_parameters=True`.

    `sum`, `min`, `max` and arithmetic of the column keep its type. SQLAlchemy gives other functions and casts a type of
    their own, whose results are plain: write `type_coerce(func.avg(Part.cost), Part.cost.type)`.

    Args:
        inner: The type of the column in the database, such as `Numeric(12, 2)`.

    Example:
        >>> from decimal import Decimal
        >>> from sqlalchemy import Numeric
        >>> from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
        >>> class Base(DeclarativeBase): ...
        >>> class Part(Base):
        ...     __tablename__ = "parts"
        ...     id: Mapped[int] = mapped_column(primary_key=True)
        ...     cost: Mapped[Restricted[Decimal]] = mapped_column(RestrictedColumn(Numeric(12, 2)))
    """

    impl = TypeEngine
    cache_ok = True

    def __init__(self, inner: TypeEngine[Any] | type[TypeEngine[Any]]) -> None:
        # The class attribute says what kind of type this is; each column has its own.
        self.inner: TypeEngine[Any] = to_instance(inner)
        self.impl = self.inner  # type: ignore[assignment]  # pyright: ignore[reportIncompatibleVariableOverride]

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002
        """Give the driver the plain value."""
        return unseal(value) if is_restricted(value) else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Restricted[Any] | None:  # noqa: ARG002
        """Wrap what comes from the database; NULL stays `None`."""
        return None if value is None else wrap(value)

    def process_literal_param(self, value: Any, dialect: Dialect) -> str:  # noqa: ARG002
        """Refuse: a literal would stand in the text of the statement.

        Raises:
            RestrictedValueError: Always.
        """
        msg = "a restricted value cannot be a literal in SQL text: let it be a bound parameter"
        raise RestrictedValueError(msg)

    def copy(self, **_: Any) -> RestrictedColumn:
        """Give an equal type, as SQLAlchemy asks when it copies a table."""
        return RestrictedColumn(self.inner)
