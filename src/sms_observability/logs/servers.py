"""The loggers of web servers: theirs pass our handler, and their access lines are not written.

One `Request finished` stands for an access line, which would show the query.
"""

from __future__ import annotations

import logging
import sys
from typing import Any, Final, cast

_LOGGERS: Final = ("uvicorn", "uvicorn.error", "uvicorn.asgi", "gunicorn", "gunicorn.error", "hypercorn.error")
_ACCESS: Final = ("uvicorn.access", "gunicorn.access", "hypercorn.access")


class ServerLoggers:
    """Takes servers' loggers over, however often the servers configure them, and gives them back."""

    def __init__(self) -> None:
        self._before: dict[str, tuple[list[logging.Handler], bool]] = {}
        self._config: dict[str, Any] = {}

    def take(self, *, access_lines: bool = True) -> None:
        """Take over what there is now.

        Args:
            access_lines: `False` silences them, because requests are watched by us.
        """
        for name in _LOGGERS:
            self._take(name, propagate=True)
        for name in _ACCESS:
            self._take(name, propagate=access_lines)
        self._take_config()

    def give_back(self) -> None:
        """Restore handlers and settings."""
        for name, (handlers, propagate) in self._before.items():
            logger = logging.getLogger(name)
            logger.handlers[:] = handlers
            logger.propagate = propagate
        self._before.clear()
        config = _uvicorn_config()
        if config is not None and self._config:
            config["loggers"] = self._config
        self._config = {}

    def _take(self, name: str, *, propagate: bool) -> None:
        known = logging.Logger.manager.loggerDict.get(name)
        if not isinstance(known, logging.Logger) and name not in _ACCESS:
            return
        logger = logging.getLogger(name)
        self._before.setdefault(name, (list(logger.handlers), logger.propagate))
        logger.handlers.clear()
        logger.propagate = propagate

    def _take_config(self) -> None:
        """Let uvicorn, started from this process later on, find nothing to configure over ours."""
        config = _uvicorn_config()
        if config is None or self._config:
            return
        self._config = config["loggers"]
        config["loggers"] = {"uvicorn": {"level": "INFO"}, "uvicorn.error": {"level": "INFO"}}


def _uvicorn_config() -> dict[str, Any] | None:
    config: Any = getattr(sys.modules.get("uvicorn.config"), "LOGGING_CONFIG", None)
    return cast("dict[str, Any]", config) if isinstance(config, dict) and "loggers" in config else None
