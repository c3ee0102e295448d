"""A column whose values are restricted in Python and plain in the database, on a real engine."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from sms_observability.privacy import PLACEHOLDER, Restricted
from sms_observability.privacy.sqlalchemy import RestrictedColumn

SECRET = Decimal("4711.0800")


class Base(DeclarativeBase): ...


class Part(Base):
    __tablename__ = "parts"
    id: Mapped[int] = mapped_column(primary_key=True)
    cost: Mapped[Restricted[Decimal] | None] = mapped_column(RestrictedColumn(sa.Numeric(12, 4)))


@pytest.fixture
def session() -> Iterator[Session]:
    engine = sa.create_engine("sqlite://", hide_parameters=True)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all([Part(id=1, cost=Restricted(SECRET)), Part(id=2, cost=None)])
        session.commit()
        yield session
    engine.dispose()


pytestmark = pytest.mark.filterwarnings("ignore:Dialect sqlite.pysqlite does .not. support Decimal")


def test_a_value_goes_in_plain_and_comes_out_restricted(session: Session) -> None:
    """NULL stays `None`; a plain value that was put in comes out restricted too."""
    session.add(Part(id=3, cost=Decimal("1.5")))
    session.flush()
    session.expire_all()
    first, second, third = session.scalars(sa.select(Part).order_by(Part.id))
    assert first.cost == Restricted(SECRET)
    assert second.cost is None
    assert third.cost == Restricted(Decimal("1.5"))
    assert session.scalar(sa.text("select cost from parts where id = 1")) == pytest.approx(4711.08)


@pytest.mark.parametrize(
    "expression",
    [
        sa.func.sum(Part.cost),
        sa.func.max(Part.cost),
        Part.cost * 2,
        sa.func.coalesce(Part.cost, 0),
        sa.type_coerce(sa.func.avg(Part.cost), Part.cost.type),
    ],
    ids=str,
)
def test_what_the_database_calculates_is_restricted(session: Session, expression: Any) -> None:
    """Wherever the result has the column's type."""
    found = session.scalar(sa.select(expression).where(Part.id == 1))
    assert type(found) is Restricted


def test_rows_are_found_by_a_restricted_value(session: Session) -> None:
    """It is a bound parameter; the text of the statement and its parameters do not show it."""
    statement = sa.select(Part.id).where(Part.cost == Restricted(SECRET))
    assert session.scalars(statement).all() == [1]
    compiled = statement.compile()
    assert "4711" not in f"{compiled} {compiled.params}"
    assert PLACEHOLDER in str(compiled.params)


def test_a_literal_is_refused(session: Session) -> None:
    """It would stand in the text of the statement."""
    statement = sa.select(Part.id).where(Part.cost == Restricted(SECRET))
    with pytest.raises(sa.exc.CompileError) as caught:
        statement.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
    assert "4711" not in f"{caught.value} {caught.value.__cause__}"


def test_an_error_of_the_database_shows_no_parameter(session: Session) -> None:
    """With `hide_parameters=True`, as the documentation asks."""
    session.add(Part(id=1, cost=Restricted(SECRET)))
    with pytest.raises(IntegrityError) as caught:
        session.flush()
    assert "4711" not in str(caught.value)
