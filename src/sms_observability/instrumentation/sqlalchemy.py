"""SQLAlchemy: a CLIENT span for each statement, its duration, and the state of the connection pools.

The text of a statement and its parameters never enter: the operation and the table say enough.
"""

from __future__ import annotations

import logging
import re
from functools import lru_cache
from time import perf_counter
from typing import TYPE_CHECKING, Any

from opentelemetry import trace
from opentelemetry.trace import SpanKind, StatusCode
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.pool import Pool

from sms_observability.context import suppressed
from sms_observability.instrumentation.patch import Patches

if TYPE_CHECKING:
    from collections.abc import Callable

    from sms_observability.instrumentation.options import InstrumentationOptions

_logger = logging.getLogger("sms_observability.instrumentation")
_tracer = trace.get_tracer("sms_observability.sqlalchemy")

_SYSTEMS = {
    "postgresql": "postgresql",
    "mysql": "mysql",
    "mariadb": "mariadb",
    "sqlite": "sqlite",
    "oracle": "oracle.db",
}
_NAME = r'(?:["`\[]?\w+["`\]]?\.)?["`\[]?(\w+)'
_OPERATION = re.compile(r"(?:\s|--[^\n]*\n|/\*.*?\*/)*([A-Za-z]+)", re.DOTALL)
_TABLE = re.compile(rf"\b(?:FROM|INTO|UPDATE|TABLE(?:\s+IF\s+(?:NOT\s+)?EXISTS)?|JOIN)\s+{_NAME}", re.IGNORECASE)
_KNOWN = frozenset(
    [
        "SELECT",
        "INSERT",
        "UPDATE",
        "DELETE",
        "MERGE",
        "REPLACE",
        "WITH",
        "CREATE",
        "DROP",
        "ALTER",
        "TRUNCATE",
        "BEGIN",
        "COMMIT",
        "ROLLBACK",
        "SAVEPOINT",
        "RELEASE",
        "PRAGMA",
        "EXPLAIN",
        "VACUUM",
        "ANALYZE",
        "SET",
        "SHOW",
        "CALL",
        "COPY",
        "GRANT",
        "REVOKE",
        "LOCK",
    ]
)
_KEY = "sms_observability"


@lru_cache(maxsize=1024)
def operation_and_table(statement: str) -> tuple[str, str | None]:
    """Give the operation of a statement and the first table that it names.

    Args:
        statement: SQL text; only its first 4,000 characters are read.

    Example:
        >>> operation_and_table("SELECT id FROM quotes WHERE part = ?")
        ('SELECT', 'quotes')
    """
    text = statement[:4000]
    found = _OPERATION.match(text)
    operation = found.group(1).upper() if found else ""
    if operation not in _KNOWN:
        return "OTHER", None
    table = _TABLE.search(text)
    return operation, table.group(1).lower() if table else None


def instrument(options: InstrumentationOptions) -> Patches:
    """Watch all engines, those that exist already too.

    Args:
        options: The ports of the instrumentation.
    """
    watcher = _Watcher(options)
    patches = Patches()
    listeners: tuple[tuple[Any, str, Callable[..., Any]], ...] = (
        (Engine, "before_cursor_execute", watcher.before),
        (Engine, "after_cursor_execute", watcher.after),
        (Engine, "handle_error", watcher.failed),
        (Engine, "begin", watcher.begun),
        (Engine, "commit", watcher.committed),
        (Engine, "rollback", watcher.rolled_back),
        (Pool, "checkout", watcher.checked_out),
        (Pool, "checkin", watcher.checked_in),
    )
    for target, name, listener in listeners:
        event.listen(target, name, listener)
        patches.on_undo(lambda target=target, name=name, listener=listener: event.remove(target, name, listener))  # type: ignore[misc]
    return patches


class _Watcher:
    def __init__(self, options: InstrumentationOptions) -> None:
        self._duration = options.metric("db.client.operation.duration")
        self._transaction = options.metric("db.transaction.duration")
        self._used = options.metric("db.client.connection.count")
        self._max = options.metric("db.client.connection.max")

    def before(self, conn: Any, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool) -> None:  # noqa: ARG002, FBT001
        if suppressed():
            return
        try:
            operation, table = operation_and_table(statement)
            labels: dict[str, Any] = {
                "db.system.name": _SYSTEMS.get(conn.dialect.name, "other_sql"),
                "db.operation.name": operation,
            }
            if table is not None:
                labels["db.collection.name"] = table
            attributes = dict(labels)
            url = conn.engine.url
            if url.host:
                attributes["server.address"] = url.host
            if url.port:
                attributes["server.port"] = url.port
            name = f"{operation} {table}" if table is not None else operation
            span = _tracer.start_span(
                name, None, SpanKind.CLIENT, attributes, record_exception=False, set_status_on_exception=False
            )
            conn.info.setdefault(_KEY, []).append((span, perf_counter(), labels))
        except Exception as error:  # noqa: BLE001 - promise 1
            _warn(error)

    def after(self, conn: Any, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool) -> None:  # noqa: ARG002, FBT001
        self._end(conn, None)

    def failed(self, context: Any) -> None:
        connection = context.connection
        if connection is not None:
            self._end(connection, context.original_exception)

    def begun(self, conn: Any) -> None:
        conn.info[f"{_KEY}.begin"] = perf_counter()

    def committed(self, conn: Any) -> None:
        self._end_transaction(conn, "commit")

    def rolled_back(self, conn: Any) -> None:
        self._end_transaction(conn, "rollback")

    def checked_out(self, connection: Any, record: Any, proxy: Any) -> None:  # noqa: ARG002
        self._count_connection(record, 1)

    def checked_in(self, connection: Any, record: Any) -> None:  # noqa: ARG002
        self._count_connection(record, -1)

    def _end(self, conn: Any, error: BaseException | None) -> None:
        try:
            started = conn.info.get(_KEY)
            if not started:
                return
            span, start, labels = started.pop()
            if error is not None:
                kind = type(error).__name__
                labels["error.type"] = kind
                span.set_attribute("error.type", kind)
                span.set_status(StatusCode.ERROR)
            context = span.get_span_context()
            span.end()
            link = (context.trace_id, context.span_id) if context.trace_flags & 1 else None
            self._duration(perf_counter() - start, labels, link)
        except Exception as failed:  # noqa: BLE001 - promise 1
            _warn(failed)

    def _end_transaction(self, conn: Any, how: str) -> None:
        try:
            start = conn.info.pop(f"{_KEY}.begin", None)
            if start is not None:
                self._transaction(perf_counter() - start, {"transaction_type": how}, None)
        except Exception as error:  # noqa: BLE001 - promise 1
            _warn(error)

    def _count_connection(self, record: Any, change: int) -> None:
        try:
            pool = record._ConnectionRecord__pool
            size = getattr(pool, "size", None)
            name = pool.logging_name or "default"
            self._used(change, {"db.client.connection.pool.name": name, "db.client.connection.state": "used"}, None)
            if size is not None and change > 0:
                overflow = max(getattr(pool, "_max_overflow", 0), 0)
                self._max(size() + overflow, {"db.client.connection.pool.name": name}, None)
        except Exception as error:  # noqa: BLE001 - promise 1
            _warn(error)


def _warn(error: Exception) -> None:
    _logger.debug("could not watch a statement: %s", type(error).__name__)
