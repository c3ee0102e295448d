"""The handler of the standard library's logging: every record takes the same way as those of our own loggers."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from sms_observability.context import is_quiet
from sms_observability.logs.message import formatted, without_urls
from sms_observability.logs.pipeline import exception_of, text_of

if TYPE_CHECKING:
    from sms_observability.logs.pipeline import Pipeline

# What a record always has; all else came as `extra=`.
_OWN: Final = frozenset(
    (
        *vars(logging.makeLogRecord({})),
        *("message", "asctime", "taskName", "color_message"),
    )
)


class PipelineHandler(logging.Handler):
    """Hands records to a pipeline, without a lock: what an argument's `__str__` does cannot hold others up.

    Args:
        pipeline: Where to.
    """

    def __init__(self, pipeline: Pipeline) -> None:
        super().__init__(logging.NOTSET)
        self._pipeline = pipeline

    def createLock(self) -> None:  # noqa: N802  # logging's name
        """Have none."""
        self.lock = None

    def handle(self, record: logging.LogRecord) -> bool:
        """Write a record that passes the filters; the base class would take the lock, from Python 3.13 on even none."""
        passed: object = self.filter(record)
        if isinstance(passed, logging.LogRecord):  # a filter of Python 3.12 may give another record
            record = passed
        if passed:
            self.emit(record)
        return bool(passed)

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record; never raises."""
        try:
            if record.levelno < self._pipeline.thresholds.of(record.name):
                return
            if is_quiet() and not record.name.startswith("sms_observability"):
                return  # the transports' lines about our own export would be exported in their turn
            message = without_urls(record.name, text_of(formatted(record.msg, record.args)))
            fields = {key: value for key, value in vars(record).items() if key not in _OWN}
            error = exception_of(record.exc_info)
            moment_ns = int(record.created * 1e9)
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001  # promise 1
            message, fields, error, moment_ns = "<unprintable>", {}, None, 0
        self._pipeline.write(record.name, record.levelno, message, fields, error, moment_ns)
