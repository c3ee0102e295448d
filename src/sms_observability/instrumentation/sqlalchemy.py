"""SQLAlchemy: a CLIENT span for each statement, its duration, that of transactions, the state of connection pools.

The text of a statement and its parameters never enter: the operation and the table say enough.
"""

from __future__ import annotations

import logging
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from opentelemetry import trace
from opentelemetry.trace import SpanKind, StatusCode
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.pool import Pool

from sms_observability.context import suppressed
from sms_observability.instrumentation.pools import PoolWatcher
from sms_observability.instrumentation.statement import operation_and_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from sms_observability.instrumentation.options import InstrumentationOptions
    from sms_observability.instrumentation.patch import Patches

_logger = logging.getLogger("sms_observability.instrumentation")
_tracer = trace.get_tracer("sms_observability.sqlalchemy")

_SYSTEMS: Final = {
    "postgresql": "postgresql",
    "mysql": "mysql",
    "mariadb": "mariadb",
    "sqlite": "sqlite",
    "oracle": "oracle.db",
    "mssql": "microsoft.sql_server",
}
_RUNNING: Final = "_sms_observability_running"
_BEGUN: Final = "sms_observability.begun"
_watching: list[_Watcher] = []


def instrument(options: InstrumentationOptions, patches: Patches) -> None:
    """Watch all engines, those that exist already too; a second time does nothing.

    Args:
        options: The ports of the instrumentation.
        patches: Takes what undoes it.
    """
    if _watching:
        return
    watcher = _Watcher(options)
    _watching.append(watcher)
    patches.on_undo(_watching.clear)
    listeners: tuple[tuple[Any, str, Callable[..., Any]], ...] = (
        (Engine, "before_cursor_execute", watcher.before),
        (Engine, "after_cursor_execute", watcher.after),
        (Engine, "handle_error", watcher.failed),
        (Engine, "begin", watcher.begun),
        (Engine, "commit", watcher.committed),
        (Engine, "rollback", watcher.rolled_back),
        *((Pool, name, listener) for name, listener in PoolWatcher(options).listeners()),
    )
    for target, name, listener in listeners:
        event.listen(target, name, listener)
        patches.on_undo(lambda target=target, name=name, listener=listener: event.remove(target, name, listener))  # type: ignore[misc]


class _Watcher:
    def __init__(self, options: InstrumentationOptions) -> None:
        self._duration = options.metric("db.client.operation.duration")
        self._transaction = options.metric("db.transaction.duration")

    def before(self, conn: Any, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool) -> None:  # noqa: ARG002, FBT001
        if suppressed():
            return
        try:
            operation, table = operation_and_table(statement)
            labels: dict[str, Any] = {
                "db.system.name": _SYSTEMS.get(conn.dialect.name, "other_sql"),
                "db.operation.name": operation,
            }
            url = conn.engine.url
            if table is not None:
                labels["db.collection.name"] = table
            if url.database and url.host:  # without a host it is a file
                labels["db.namespace"] = url.database
            summary = operation if table is None else f"{operation} {table}"
            attributes = {**labels, "db.query.summary": summary}
            if url.host:
                attributes["server.address"] = url.host
            if url.port:
                attributes["server.port"] = url.port
            span = _tracer.start_span(
                summary, None, SpanKind.CLIENT, attributes, record_exception=False, set_status_on_exception=False
            )
            setattr(context, _RUNNING, (span, perf_counter(), labels))
        except Exception as error:  # noqa: BLE001 - promise 1
            _warn(error)

    def after(self, conn: Any, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool) -> None:  # noqa: ARG002, FBT001
        self._end(context, None)

    def failed(self, context: Any) -> None:
        self._end(context.execution_context, context.original_exception)

    def begun(self, conn: Any) -> None:
        try:
            conn.info[_BEGUN] = perf_counter()
        except Exception as error:  # noqa: BLE001 - promise 1
            _warn(error)

    def committed(self, conn: Any) -> None:
        self._end_transaction(conn, "commit")

    def rolled_back(self, conn: Any) -> None:
        self._end_transaction(conn, "rollback")

    def _end(self, context: Any, error: BaseException | None) -> None:
        try:
            running = getattr(context, _RUNNING, None)
            if running is None:
                return
            delattr(context, _RUNNING)
            span, start, labels = running
            seconds = perf_counter() - start
            if error is not None:
                kind = type(error).__name__
                labels["error.type"] = kind
                span.set_attribute("error.type", kind)
                span.set_status(StatusCode.ERROR)
            span_context = span.get_span_context()
            span.end()
            link = (span_context.trace_id, span_context.span_id) if span_context.trace_flags & 1 else None
            self._duration(seconds, labels, link)
        except Exception as failed:  # noqa: BLE001 - promise 1
            _warn(failed)

    def _end_transaction(self, conn: Any, how: str) -> None:
        try:
            start = conn.info.pop(_BEGUN, None)
            if start is not None and not suppressed():
                self._transaction(perf_counter() - start, {"transaction_type": how}, None)
        except Exception as error:  # noqa: BLE001 - promise 1
            _warn(error)


def _warn(error: Exception) -> None:
    _logger.debug("could not watch a statement: %s", type(error).__name__)
