"""SQLAlchemy: spans of statements, transactions and pools, on SQLite."""

from __future__ import annotations

import pathlib
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot
from opentelemetry import trace
from sqlalchemy import exc, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from tests.instrumentation.conftest import Watched

from sms_observability.context import Request, enter_request, exit_request
from sms_observability.instrumentation import instrument_libraries
from sms_observability.instrumentation.statement import operation_and_table

Instrument = Callable[..., None]
SECRET = "1234.56"


class Base(DeclarativeBase):
    """The tables."""


class Quote(Base):
    __tablename__ = "quotes"
    id: Mapped[int] = mapped_column(primary_key=True)
    price: Mapped[str]


@pytest.fixture
def engine(tmp_path: pathlib.Path) -> Iterator[sqlalchemy.Engine]:
    made = sqlalchemy.create_engine(f"sqlite:///{tmp_path}/{SECRET}.db", pool_size=2, max_overflow=1)
    with made.begin() as connection:
        Base.metadata.create_all(connection)
    made.dispose()
    yield made
    made.dispose()


def test_a_statement_is_a_client_span_without_its_values(
    watched: Watched, libraries: Instrument, engine: sqlalchemy.Engine
) -> None:
    """Operation, table and system under the stable conventions; neither parameters, nor literals, nor the file."""
    libraries("sqlalchemy")
    with Session(engine) as session, trace.get_tracer("parts").start_as_current_span("quote") as parent:
        session.add(Quote(price=SECRET))
        session.commit()
        session.execute(text(f"SELECT id FROM quotes WHERE price = '{SECRET}'"))
    insert, select = watched.kinds("CLIENT")
    assert insert.name == "INSERT quotes"
    assert (select.name, dict(select.attributes)) == snapshot(
        (
            "SELECT quotes",
            {
                "db.system.name": "sqlite",
                "db.operation.name": "SELECT",
                "db.collection.name": "quotes",
                "db.query.summary": "SELECT quotes",
            },
        )
    )
    assert insert.parent.span_id == select.parent.span_id == parent.get_span_context().span_id
    assert not any(SECRET in span.to_json() for span in watched.spans)
    assert watched.labels("db.client.operation.duration")[1] == {
        "db.system.name": "sqlite",
        "db.operation.name": "SELECT",
        "db.collection.name": "quotes",
    }
    assert watched.labels("db.transaction.duration") == [
        {"transaction_type": "commit"},
        {"transaction_type": "rollback"},
    ]


def test_a_failed_statement_is_an_error_and_raises_what_it_raised(
    watched: Watched, libraries: Instrument, engine: sqlalchemy.Engine
) -> None:
    """The type of the driver's exception is the error; its message, which quotes the statement, stays inside."""
    libraries("sqlalchemy")
    with engine.connect() as connection, pytest.raises(exc.OperationalError):
        connection.execute(text(f"SELECT {SECRET} FROM missing"))
    span = watched.client
    assert span.status.status_code.name == "ERROR"
    assert span.attributes["error.type"] == "OperationalError"
    assert SECRET not in span.to_json()
    assert watched.labels("db.client.operation.duration")[0]["error.type"] == "OperationalError"


def test_statements_of_an_excluded_request_leave_nothing(
    watched: Watched, libraries: Instrument, engine: sqlalchemy.Engine
) -> None:
    """A readiness check that asks the database is not measured."""
    libraries("sqlalchemy")
    token = enter_request(Request(suppressed=True))
    with engine.begin() as connection:
        connection.execute(text("SELECT 1"))
    exit_request(token)
    assert watched.spans == []
    assert not any(name.startswith("db.client.operation") or "transaction" in name for name, *_ in watched.measured)


def totals(watched: Watched) -> dict[str, int]:
    """Add up what happened to connections."""
    sums: Counter[str] = Counter()
    for name, amount, labels in watched.measured:
        if name.startswith("db.client.connection"):
            sums[labels.get("db.client.connection.state", "max")] += amount
    return dict(sums)


def test_the_connections_of_a_pool_add_up(watched: Watched, libraries: Instrument, engine: sqlalchemy.Engine) -> None:
    """Used, idle and possible connections are right at each moment, after breaks and detachments too."""
    libraries("sqlalchemy")
    first, second, third = engine.connect(), engine.connect(), engine.connect()
    assert totals(watched) == {"used": 3, "idle": 0, "max": 3}
    first.close()
    assert totals(watched) == {"used": 2, "idle": 1, "max": 3}
    second.invalidate()
    second.close()
    assert totals(watched) == {"used": 1, "idle": 1, "max": 3}
    third.detach()
    third.close()
    assert totals(watched) == {"used": 0, "idle": 1, "max": 3}
    engine.dispose()
    with engine.connect():
        pass
    assert totals(watched) == {"used": 0, "idle": 1, "max": 3}


def test_instrumenting_twice_is_once_and_undoing_restores(
    watched: Watched, libraries: Instrument, engine: sqlalchemy.Engine
) -> None:
    """One span a statement after two calls, none after undoing."""
    first = instrument_libraries(["sqlalchemy"], watched.options())
    second = instrument_libraries(["sqlalchemy"], watched.options())

    def ask() -> int:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
        return len(watched.spans)

    assert ask() == 1
    assert totals(watched) == {"used": 0, "idle": 1, "max": 3}
    for patches in (*second, *first):
        patches.undo()
    assert ask() == 1
    libraries("sqlalchemy")
    assert ask() == 2


def test_failing_ports_do_not_fail_the_statement(
    watched: Watched, libraries: Instrument, engine: sqlalchemy.Engine
) -> None:
    """The database answers whatever telemetry does."""

    def fail(*_: Any) -> Any:
        raise RuntimeError

    libraries("sqlalchemy", metric=lambda name: fail)
    with engine.begin() as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("SELECT a FROM Quotes", ("SELECT", "Quotes")),
        ("  -- why\n/* and */ select 1 from parts.quotes q", ("SELECT", "quotes")),
        ('INSERT INTO "public"."orders" (a) VALUES (?)', ("INSERT", "orders")),
        ("update `vessels` set a=1", ("UPDATE", "vessels")),
        ("DELETE FROM [dbo].[lines]", ("DELETE", "lines")),
        ("CREATE TABLE IF NOT EXISTS quotes (id int)", ("CREATE", "quotes")),
        ("SELECT 'from markup_4711' , b FROM quotes", ("SELECT", "quotes")),
        ('SELECT "from acme corp" FROM quotes', ("SELECT", "quotes")),
        ("SELECT $$ from x $$ FROM quotes", ("SELECT", "quotes")),
        ("SELECT 'it''s from x' FROM quotes", ("SELECT", "quotes")),
        ("SELECT 'from never_ended", ("SELECT", None)),
        ("SELECT a FROM (SELECT b FROM inner_table)", ("SELECT", "inner_table")),
        (r"SELECT 'C:\' , 'from secret' FROM quotes", ("SELECT", None)),
        ("(SELECT 1)", ("SELECT", None)),
        ("COMMIT", ("COMMIT", None)),
        ("hunter2 from secrets", ("OTHER", None)),
        ("", ("OTHER", None)),
    ],
)
def test_a_statement_says_its_operation_and_table(statement: str, said: tuple[str, str | None]) -> None:
    """As they are written, without schema and quotes; nothing is taken from texts and comments."""
    assert operation_and_table(statement) == said


@given(st.text(alphabet=st.characters(exclude_characters="'"), max_size=50))
def test_no_literal_is_taken_for_a_table(value: str) -> None:
    """Whatever a text holds, it is not the name of the table."""
    assert operation_and_table(f"SELECT 'FROM {value}', 'FROM {value}'") == ("SELECT", None)


@given(st.text(max_size=300), st.sampled_from(["SELECT ", "/*", "--", "'", '"', "$$", "FROM "]))
def test_any_text_is_read_in_time(value: str, before: str) -> None:
    """What is no SQL has an answer as well, and a long one is read in part only."""
    operation, table = operation_and_table((before + value) * 200)
    assert operation.isupper()
    assert table is None or len(table) <= 128
