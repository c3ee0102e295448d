"""The loggers of web servers: theirs pass our handler, and their access lines are not written.

One `Request finished` stands for an access line, which would show the query.
"""

from __future__ import annotations

import logging
import logging.config
from typing import Any, Final

_LOGGERS: Final = ("uvicorn", "uvicorn.error", "uvicorn.asgi", "gunicorn", "gunicorn.error", "hypercorn.error")
_ACCESS: Final = ("uvicorn.access", "gunicorn.access", "hypercorn.access")


class ServerLoggers:
    """Takes servers' loggers over, however often the servers configure them, and gives them back."""

    def __init__(self) -> None:
        self._before: dict[str, tuple[list[logging.Handler], bool]] = {}
        self._access_lines = True
        self._configure: Any = logging.config.dictConfig
        self._ours: Any = self._configured

    def install(self) -> None:
        """Take over what there is now, and again after each `dictConfig`, by which uvicorn configures its loggers."""
        logging.config.dictConfig = self._ours
        self.take()

    def take(self, *, access_lines: bool | None = None) -> None:
        """Take over what there is now.

        Args:
            access_lines: `False` silences them from now on, because requests are watched by us.
        """
        if access_lines is not None:
            self._access_lines = access_lines
        for name in _LOGGERS:
            self._take(name, propagate=True)
        for name in _ACCESS:
            self._take(name, propagate=self._access_lines)

    def give_back(self) -> None:
        """Restore handlers and settings."""
        if logging.config.dictConfig is self._ours:
            logging.config.dictConfig = self._configure
        for name, (handlers, propagate) in self._before.items():
            logger = logging.getLogger(name)
            logger.handlers[:] = handlers
            logger.propagate = propagate
        self._before.clear()

    def _configured(self, config: Any) -> None:
        self._configure(config)
        self.take()

    def _take(self, name: str, *, propagate: bool) -> None:
        known = logging.Logger.manager.loggerDict.get(name)
        if not isinstance(known, logging.Logger) and name not in _ACCESS:
            return
        logger = logging.getLogger(name)
        self._before.setdefault(name, (list(logger.handlers), logger.propagate))
        logger.handlers.clear()
        logger.propagate = propagate
