"""Configuring the logs of a process, and undoing it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from sms_observability.logs.configurations import Configurations
from sms_observability.logs.factory import RecordFactory
from sms_observability.logs.handler import PipelineHandler
from sms_observability.logs.hooks import Hooks
from sms_observability.logs.levels import NUMBERS
from sms_observability.logs.pipeline import Pipeline
from sms_observability.logs.servers import OtherLoggers
from sms_observability.logs.structlog import StructlogConfiguration
from sms_observability.logs.targets import connect

if TYPE_CHECKING:
    from sms_observability.logs.options import LogOptions

_INFO: Final = 20


class _Configured:
    """What was changed, and how it was before."""

    def __init__(self, options: LogOptions) -> None:
        self.pipeline = Pipeline(options)
        self.hooks = Hooks(self.pipeline, options.allow_message)
        self.loggers = OtherLoggers()
        self._configurations = Configurations(self._configured_again)
        self._factory = RecordFactory()
        self._handler = PipelineHandler(self.pipeline)
        self._options = options
        self._root: tuple[list[logging.Handler], int] = ([], logging.WARNING)
        self._levels: dict[str, int] = {}
        self._structlog = StructlogConfiguration()

    def install(self) -> None:
        self._take_root()
        for name in self._options.levels:
            logger = logging.getLogger(name)
            self._levels[name] = logger.level
            logger.setLevel(self.pipeline.thresholds.of(name))
        connect(self.pipeline)
        self._structlog.install()
        self.hooks.install()
        self._factory.install()
        self._configurations.install()
        self.loggers.take()

    def _take_root(self) -> None:
        root = logging.getLogger()
        self._root = (list(root.handlers), root.level)
        root.handlers[:] = [handler for handler in root.handlers if _is_of_tests(handler)] + [self._handler]
        root.setLevel(NUMBERS[self._options.level])

    def _configured_again(self) -> None:
        if logging.getLogger().handlers != [self._handler]:
            self._take_root()
        self.loggers.take()

    def remove(self) -> None:
        self._configurations.remove()
        self.loggers.give_back()
        self._factory.remove()
        self.hooks.remove()
        connect(None)
        self._structlog.remove()
        for name, level in self._levels.items():
            logging.getLogger(name).setLevel(level)
        root = logging.getLogger()
        handlers, level = self._root
        if self._handler in root.handlers:
            root.handlers[:] = handlers
            root.setLevel(level)


def _is_of_tests(handler: logging.Handler) -> bool:
    # pytest puts its own on the root logger for each test, and takes them away after it.
    return type(handler).__module__.startswith("_pytest.")


_configured: _Configured | None = None


def configure_logs(options: LogOptions) -> None:
    """Let all log lines of the process take our way: structlog's, `logging`'s, warnings, uncaught exceptions.

    A second call replaces the first one's options.

    Args:
        options: The identity of the service, and the ports.

    Example:
        >>> from sms_observability.logs import LogOptions
        >>> configure_logs(LogOptions(service="parts-api"))
        >>> restore_logs()
    """
    global _configured
    restore_logs()
    _configured = made = _Configured(options)
    made.install()


def restore_logs() -> None:
    """Undo `configure_logs`; does nothing before it."""
    global _configured
    configured, _configured = _configured, None
    if configured is not None:
        configured.remove()


def take_over_servers() -> None:
    """Take the loggers of a web server over that has configured them since; its access lines are silent from now on."""
    if _configured is not None:
        _configured.loggers.take(access_lines=False)


def request_finished(*, duration_ms: float, status_code: int, **fields: object) -> None:
    """Write the one line of a request that is over.

    Args:
        duration_ms: How long it took, in milliseconds.
        status_code: How it was answered.
        fields: What else is to be said of it.
    """
    if _configured is not None and _configured.pipeline.thresholds.of("") <= _INFO:
        _configured.pipeline.write(
            "",
            _INFO,
            "Request finished",
            {"duration_ms": round(duration_ms, 3), "status_code": status_code, **fields},
        )
