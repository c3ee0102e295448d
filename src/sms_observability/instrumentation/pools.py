"""The connection pools of SQLAlchemy: how many connections are used, idle, and possible."""

from __future__ import annotations

import logging
import weakref
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from sms_observability.instrumentation.options import InstrumentationOptions

_logger = logging.getLogger("sms_observability.instrumentation")

_POOL: Final = "db.client.connection.pool.name"
_STATE: Final = "db.client.connection.state"


class PoolWatcher:
    """Counts connections by what happens to them; a pool is known by its `logging_name`, else as `default`.

    Args:
        options: The ports of the instrumentation.
    """

    def __init__(self, options: InstrumentationOptions) -> None:
        self._count = options.metric("db.client.connection.count")
        self._max = options.metric("db.client.connection.max")
        self._known: weakref.WeakSet[Any] = weakref.WeakSet()

    def listeners(self) -> tuple[tuple[str, Any], ...]:
        """Give the events of `Pool` and what listens to each."""
        return (
            ("connect", self._connected),
            ("checkout", self._checked_out),
            ("checkin", self._checked_in),
            ("close", self._closed),
            ("detach", self._detached),
        )

    def _connected(self, connection: Any, record: Any) -> None:  # noqa: ARG002
        self._change(record, idle=1)

    def _checked_out(self, connection: Any, record: Any, proxy: Any) -> None:  # noqa: ARG002
        self._change(record, used=1, idle=-1)

    def _checked_in(self, connection: Any, record: Any) -> None:  # noqa: ARG002
        self._change(record, used=-1, idle=1)

    def _closed(self, connection: Any, record: Any) -> None:  # noqa: ARG002
        # One that breaks while it is used is closed first and checked in afterwards: together that is one used less.
        self._change(record, idle=-1)

    def _detached(self, connection: Any, record: Any) -> None:  # noqa: ARG002
        self._change(record, used=-1)

    def _change(self, record: Any, *, used: int = 0, idle: int = 0) -> None:
        try:
            pool = record._ConnectionRecord__pool
            name = str(pool.logging_name or "default")
            if pool not in self._known:
                self._meet(pool, name)
            if used:
                self._count(used, {_POOL: name, _STATE: "used"}, None)
            if idle:
                self._count(idle, {_POOL: name, _STATE: "idle"}, None)
        except Exception as error:  # noqa: BLE001 - promise 1
            _logger.debug("could not watch a connection pool: %s", type(error).__name__)

    def _meet(self, pool: Any, name: str) -> None:
        self._known.add(pool)
        size: Callable[[], int] | None = getattr(pool, "size", None)
        overflow: int = getattr(pool, "_max_overflow", 0)
        if not callable(size) or overflow < 0:  # no limit, or none that the pool tells
            return
        most = int(size()) + overflow
        self._max(most, {_POOL: name}, None)
        # `Engine.dispose` puts a new pool in its place.
        weakref.finalize(pool, self._max, -most, {_POOL: name}, None).atexit = False
