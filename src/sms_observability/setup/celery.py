"""Celery: its worker leaves our log lines alone, and the children of its pool send what they have at their end."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

from sms_observability.imports import WhenImported

if TYPE_CHECKING:
    from collections.abc import Callable

_SIGNALS: Final = "celery.signals"


class CeleryHooks:
    """Receivers of Celery's signals, from the moment at which Celery is imported, if it ever is.

    Args:
        end: Called when a child of the pool is about to end: it does so with `os._exit`, past `atexit`.
    """

    def __init__(self, end: Callable[[], object]) -> None:
        self._end = end
        self._later: WhenImported | None = None
        if _SIGNALS in sys.modules:
            self._connect()
        else:
            self._later = WhenImported({_SIGNALS: self._connect})

    def undo(self) -> None:
        """Receive nothing any more."""
        if self._later is not None:
            self._later.remove()
        signals: Any = sys.modules.get(_SIGNALS)
        if signals is not None:
            signals.setup_logging.disconnect(self._keep_logging)
            signals.worker_process_shutdown.disconnect(self._child_ends)

    def _connect(self) -> None:
        signals: Any = sys.modules[_SIGNALS]
        signals.setup_logging.connect(self._keep_logging, weak=False)
        signals.worker_process_shutdown.connect(self._child_ends, weak=False)

    def _keep_logging(self, **_: object) -> None:
        # That somebody receives this signal is what counts: else Celery takes the root logger's handlers away and puts
        # a logger in the place of `sys.stdout`, which swallows what is written by a handler.
        pass

    def _child_ends(self, **_: object) -> None:
        self._end()
