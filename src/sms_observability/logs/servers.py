"""Loggers that would write beside our handler: those of web servers, and those that write to the terminal.

Web servers' access lines are not written: one `Request finished` stands for each, without the query that they show.
"""

from __future__ import annotations

import logging
import sys
from typing import Final

_LOGGERS: Final = ("uvicorn", "uvicorn.error", "uvicorn.asgi", "gunicorn", "gunicorn.error", "hypercorn.error")
_ACCESS: Final = ("uvicorn.access", "gunicorn.access", "hypercorn.access")
_OWN: Final = "sms_observability"


class OtherLoggers:
    """Takes loggers over, however often they are configured, and gives them back."""

    def __init__(self) -> None:
        self._before: dict[str, tuple[list[logging.Handler], bool]] = {}
        self._access_lines = True

    def take(self, *, access_lines: bool | None = None) -> None:
        """Take over what there is now.

        Args:
            access_lines: `False` silences them from now on, because requests are watched by us.
        """
        if access_lines is not None:
            self._access_lines = access_lines
        for name, logger in list(logging.Logger.manager.loggerDict.items()):
            if not isinstance(logger, logging.Logger):
                continue
            if name == _OWN or name.startswith(f"{_OWN}."):
                logger.disabled = False  # by a configuration that does so with all loggers that it does not name
            elif any(map(_is_terminal, logger.handlers)):
                self._take(name, [handler for handler in logger.handlers if not _is_terminal(handler)], propagate=True)
        for name in _LOGGERS:
            if isinstance(logging.Logger.manager.loggerDict.get(name), logging.Logger):
                self._take(name, [], propagate=True)
        for name in _ACCESS:
            self._take(name, [], propagate=self._access_lines)

    def give_back(self) -> None:
        """Restore handlers and settings."""
        for name, (handlers, propagate) in self._before.items():
            logger = logging.getLogger(name)
            logger.handlers[:] = handlers
            logger.propagate = propagate
        self._before.clear()

    def _take(self, name: str, handlers: list[logging.Handler], *, propagate: bool) -> None:
        logger = logging.getLogger(name)
        self._before.setdefault(name, (list(logger.handlers), logger.propagate))
        logger.handlers[:] = handlers
        logger.propagate = propagate


def _is_terminal(handler: logging.Handler) -> bool:
    stream: object = vars(handler).get("stream")
    if stream is None or type(handler).__module__.startswith("_pytest."):
        return False
    return any(stream is each for each in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__))
