"""Log lines of the start: written when logging is set up, in the form of all others."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Generator

# Ours, and those of the SDK that reads its own variables.
_NAMES: Final = ("sms_observability", "opentelemetry")


class _Held(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@contextmanager
def held_lines() -> Generator[None]:
    """Keep back what is logged while the body sets logging up, and log it at the end, also if the body raises.

    Example:
        >>> with held_lines():
        ...     logging.getLogger("sms_observability.setup").info("comes later")
    """
    held = _Held()
    loggers = [logging.getLogger(name) for name in _NAMES]
    propagated = [logger.propagate for logger in loggers]
    for logger in loggers:
        logger.addHandler(held)
        logger.propagate = False
    try:
        yield
    finally:
        for logger, propagate in zip(loggers, propagated, strict=True):
            logger.removeHandler(held)
            logger.propagate = propagate
        for record in held.records:
            logging.getLogger(record.name).handle(record)
