"""The structlog logger of this library: bound values as structlog has them; silent, it costs one comparison."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final, cast

from structlog import BoundLoggerBase

from sms_observability.logs.levels import NUMBERS
from sms_observability.logs.message import formatted
from sms_observability.logs.pipeline import exception_of, text_of
from sms_observability.logs.targets import target_named
from sms_observability.sanitise import sanitise_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sms_observability.logs.targets import Target

_EXCEPTION_KEYS: Final = ("exc_info", "stack_info", "stacklevel")


class Logger(BoundLoggerBase):
    """A logger with values bound to it; `bind`, `unbind`, `try_unbind` and `new` give another one.

    A message is a constant text; what varies is given by keyword. Any value is taken. Before `init_observability`
    nothing is written.

    Example:
        >>> log = get_logger().bind(part_no="PUMP-100")
        >>> log.info("Parts quote requested", count=2)
    """

    _logger: Target

    def debug(self, event: object = None, *arguments: object, **fields: object) -> None:
        """Say something that only those who look for it want to know."""
        if self._logger.threshold <= logging.DEBUG:
            self._say(logging.DEBUG, event, arguments, fields)

    def info(self, event: object = None, *arguments: object, **fields: object) -> None:
        """Say what happened."""
        if self._logger.threshold <= logging.INFO:
            self._say(logging.INFO, event, arguments, fields)

    def warning(self, event: object = None, *arguments: object, **fields: object) -> None:
        """Say what somebody should look at."""
        if self._logger.threshold <= logging.WARNING:
            self._say(logging.WARNING, event, arguments, fields)

    def error(self, event: object = None, *arguments: object, **fields: object) -> None:
        """Say what went wrong."""
        if self._logger.threshold <= logging.ERROR:
            self._say(logging.ERROR, event, arguments, fields)

    def critical(self, event: object = None, *arguments: object, **fields: object) -> None:
        """Say what cannot go on."""
        if self._logger.threshold <= logging.CRITICAL:
            self._say(logging.CRITICAL, event, arguments, fields)

    def exception(self, event: object = None, *arguments: object, **fields: object) -> None:
        """Say what went wrong, with the exception that is being handled."""
        if self._logger.threshold <= logging.ERROR:
            fields.setdefault("exc_info", True)
            self._say(logging.ERROR, event, arguments, fields)

    def log(self, level: object, event: object = None, *arguments: object, **fields: object) -> None:
        """Say something at a level: a number of `logging`, or its name."""
        number = level if type(level) is int else NUMBERS.get(sanitise_text(level).upper(), logging.INFO)
        if self._logger.threshold <= number:
            self._say(number, event, arguments, fields)

    warn = warning
    fatal = critical
    msg = info

    async def adebug(self, event: object = None, *arguments: object, **fields: object) -> None:
        """As `debug`; structlog's asynchronous form."""
        self.debug(event, *arguments, **fields)

    async def ainfo(self, event: object = None, *arguments: object, **fields: object) -> None:
        """As `info`; structlog's asynchronous form."""
        self.info(event, *arguments, **fields)

    async def awarning(self, event: object = None, *arguments: object, **fields: object) -> None:
        """As `warning`; structlog's asynchronous form."""
        self.warning(event, *arguments, **fields)

    async def aerror(self, event: object = None, *arguments: object, **fields: object) -> None:
        """As `error`; structlog's asynchronous form."""
        self.error(event, *arguments, **fields)

    async def acritical(self, event: object = None, *arguments: object, **fields: object) -> None:
        """As `critical`; structlog's asynchronous form."""
        self.critical(event, *arguments, **fields)

    async def aexception(self, event: object = None, *arguments: object, **fields: object) -> None:
        """As `exception`; structlog's asynchronous form."""
        self.exception(event, *arguments, **fields)

    async def alog(self, level: object, event: object = None, *arguments: object, **fields: object) -> None:
        """As `log`; structlog's asynchronous form."""
        self.log(level, event, *arguments, **fields)

    def isEnabledFor(self, level: int) -> bool:  # noqa: N802  # logging's name, which structlog has too
        """Say whether something of this level would be written."""
        return self._logger.threshold <= level

    is_enabled_for = isEnabledFor

    def get_effective_level(self) -> int:
        """Give the level from which on this logger writes."""
        return self._logger.threshold

    def _say(self, level: int, event: object, arguments: tuple[object, ...], fields: dict[str, object]) -> None:
        target = self._logger
        pipeline = target.pipeline
        if pipeline is None:
            return
        try:
            error: BaseException | None = None
            if "exc_info" in fields:
                error = exception_of(fields.pop("exc_info"))
            if "stack_info" in fields or "stacklevel" in fields:
                for key in _EXCEPTION_KEYS:
                    fields.pop(key, None)
            given: Mapping[str, object] = {**self._context, **fields} if self._context else fields
            message = text_of(formatted(event, arguments) if arguments else event)
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001  # promise 1
            message, given, error = "<unprintable>", {}, None
        pipeline.write(target.name, level, message, given, error)


def get_logger(name: str | None = None) -> Logger:
    """Give a logger, at any time: what it writes, and from which level on, follows `init_observability`.

    Args:
        name: Its name, for `log_levels` and the field `logger`; none is needed.

    Returns:
        A structlog logger: `info`, `warning`, …, `bind`, `unbind`, `new`.

    Example:
        >>> log = get_logger("parts")
        >>> log.info("Parts quote requested", part_no="PUMP-100")
    """
    return Logger(cast("Any", target_named(name)), [], {})
