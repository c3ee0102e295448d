"""Loggers of the plain OpenTelemetry API: any record is taken, none raises."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from opentelemetry import _logs as logs
from opentelemetry.sdk.resources import Resource

from sms_observability.context import is_quiet
from sms_observability.providers.exceptions import no_message
from sms_observability.providers.log_record import log_data
from sms_observability.providers.pipeline import REFUSED_SCOPES, count_nothing, flush_nothing, flushed
from sms_observability.providers.scopes import scope_of
from sms_observability.providers.seams import current_context, is_suppressed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sms_observability.export.records import LogData, Scope
    from sms_observability.providers.exceptions import AllowMessage
    from sms_observability.providers.pipeline import CountDropped


class LogPipeline:
    """Where the records of a provider go, and what is asked on the way."""

    __slots__ = ("allow_message", "count_dropped", "emit", "flush", "refused", "resource")

    def __init__(  # noqa: PLR0913
        self,
        emit: Callable[[LogData], None],
        *,
        resource: Resource,
        refused: Iterable[str],
        allow_message: AllowMessage,
        count_dropped: CountDropped,
        flush: Callable[[float], bool],
    ) -> None:
        self.emit = emit
        self.resource = resource
        self.refused = frozenset(refused)
        self.allow_message = allow_message
        self.count_dropped = count_dropped
        self.flush = flush


class Logger(logs.Logger):
    """Emits the records of one instrumentation scope; asks its provider at each one where to."""

    def __init__(self, provider: LoggerProvider, scope: Scope) -> None:
        super().__init__(scope.name, scope.version, scope.schema_url)
        self._provider = provider
        self._scope = scope

    def emit(self, record: Any = None, **fields: Any) -> None:
        """Emit a record, given whole or by its fields.

        Args:
            record: A `LogRecord`.
            fields: Those of `LogRecord`, if none is given. Unknown ones are ignored.
        """
        pipeline = self._provider._pipeline
        try:
            if pipeline is None or not self.enabled():
                return
            pipeline.emit(
                log_data(SimpleNamespace(**fields) if record is None else record, self._scope, pipeline.allow_message)
            )
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001  # promise 1
            if pipeline is not None:
                pipeline.count_dropped("logs", "emit_failed")

    def enabled(self, **fields: Any) -> bool:  # noqa: ARG002
        """Say whether a record would go anywhere."""
        pipeline = self._provider._pipeline
        return (
            pipeline is not None
            and self._scope.name not in pipeline.refused
            and not is_quiet()
            and not is_suppressed(current_context())
        )


class LoggerProvider(logs.LoggerProvider):
    """Hands out loggers.

    Args:
        emit: Takes every record; the door's `emit_log`.
        resource: What the records say about this process to processors of others.
        refused: Names of scopes whose records are not wanted.
        allow_message: Says of which exception classes the message may leave.
        count_dropped: Told of every record that was lost here.
        flush: What `force_flush` calls, with seconds.

    Example:
        >>> records: list[LogData] = []
        >>> provider = LoggerProvider(records.append)
        >>> provider.get_logger("parts").emit(body={"order": 17}, severity_text="INFO")
        >>> records[0].body, records[0].severity_text
        ({'order': 17}, 'INFO')
    """

    def __init__(  # noqa: PLR0913
        self,
        emit: Callable[[LogData], None] | None = None,
        *,
        resource: Resource | None = None,
        refused: Iterable[str] = REFUSED_SCOPES,
        allow_message: AllowMessage = no_message,
        count_dropped: CountDropped = count_nothing,
        flush: Callable[[float], bool] = flush_nothing,
    ) -> None:
        self._pipeline: LogPipeline | None = None
        if emit is not None:
            self._pipeline = LogPipeline(
                emit,
                resource=Resource.get_empty() if resource is None else resource,
                refused=refused,
                allow_message=allow_message,
                count_dropped=count_dropped,
                flush=flush,
            )

    def use(self, other: LoggerProvider | None) -> None:
        """Make the loggers of this provider, those already handed out too, work as those of another.

        Args:
            other: The other provider; `None` stops all of them.
        """
        self._pipeline = None if other is None else other._pipeline

    def get_logger(
        self,
        name: str,
        version: str | None = None,
        schema_url: str | None = None,
        attributes: Any = None,
    ) -> Logger:
        """Give the logger of a scope; any name is taken."""
        return Logger(self, scope_of(name, version, schema_url, attributes))

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        """Send what was emitted.

        Returns:
            Whether all of it was delivered in time.
        """
        pipeline = self._pipeline
        return pipeline is None or flushed(pipeline.flush, timeout_millis)

    def shutdown(self) -> None:
        """Do nothing: the door is shut down by whoever opened it."""

    @property
    def resource(self) -> Resource:
        """What the records say about this process."""
        pipeline = self._pipeline
        return Resource.get_empty() if pipeline is None else pipeline.resource
