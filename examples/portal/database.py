"""The portal's tables. `python -m examples.portal.database` creates them."""

import os
import time
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import JSON, ForeignKey, Integer, String, create_engine, event, text
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, sessionmaker
from sqlalchemy.types import TypeDecorator

from examples.portal.faults import is_on
from sms_observability import Restricted
from sms_observability.privacy.sqlalchemy import RestrictedColumn

SLOW_SECONDS = 1.1

OrderType = Literal["standard", "express", "emergency"]

engine = create_engine(
    os.environ.get("PORTAL_DATABASE", "sqlite:///portal.db"),
    connect_args={"timeout": 15},
    hide_parameters=True,  # an error message must not show what a statement was given
)
Session = sessionmaker(engine, expire_on_commit=False)


@event.listens_for(engine, "connect")
def _several_processes(connection: Any, _: object) -> None:
    connection.execute("PRAGMA journal_mode=WAL")


@event.listens_for(engine, "do_execute")
def _slow(_: object, statement: str, *__: object) -> None:
    """Let every query take its time, between what measures its begin and its end."""
    if statement.startswith("SELECT") and is_on("slow_database"):
        time.sleep(SLOW_SECONDS)


class Money(TypeDecorator[Decimal]):
    """Dollars, kept as whole cents, because SQLite has no decimals."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Give the database cents."""
        return None if value is None else int(value * 100)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002
        """Give the code dollars."""
        return None if value is None else Decimal(value) / 100


class Base(DeclarativeBase):
    """All tables."""


class Quote(Base):
    """A price that a customer was told."""

    __tablename__ = "quotes"

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[str]
    vessel_id: Mapped[str]
    part_no: Mapped[str]
    parts_category: Mapped[str]
    quantity: Mapped[int]
    price: Mapped[Decimal] = mapped_column(Money)
    cost: Mapped[Restricted[Decimal]] = mapped_column(RestrictedColumn(Money()))


class Order(Base):
    """A quote that the customer took."""

    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    quote_id: Mapped[int] = mapped_column(ForeignKey("quotes.id"))
    order_type: Mapped[OrderType] = mapped_column(String)
    status: Mapped[str] = mapped_column(default="placed")


class Job(Base):
    """Something for the worker, with all that is needed to go on with the transaction that asked for it."""

    __tablename__ = "jobs"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    status: Mapped[str] = mapped_column(default="waiting", index=True)
    attempt: Mapped[int] = mapped_column(default=0)
    correlation_id: Mapped[str | None]
    company_id: Mapped[str]
    vessel_id: Mapped[str]
    trace: Mapped[dict[str, str]] = mapped_column(JSON)


class Vessel(Base):
    """A vessel that uses the portal."""

    __tablename__ = "vessels"

    id: Mapped[str] = mapped_column(primary_key=True)
    company_id: Mapped[str]
    name: Mapped[str]
    home_port: Mapped[str]


class Equipment(Base):
    """A piece of equipment on board, as a technician documented it."""

    __tablename__ = "equipment"

    id: Mapped[str] = mapped_column(primary_key=True)
    vessel_id: Mapped[str]
    equipment_type: Mapped[str]
    notes: Mapped[str] = mapped_column(default="")
    photos: Mapped[int] = mapped_column(default=0)
    updated_at: Mapped[datetime] = mapped_column(default=lambda: datetime.now(UTC))


def ping() -> None:
    """Raise if the database does not answer; a health check."""
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))


def create() -> None:
    """Create the tables that are missing."""
    Base.metadata.create_all(engine)


if __name__ == "__main__":
    create()
