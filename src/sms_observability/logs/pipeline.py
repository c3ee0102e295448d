"""From a call to a line: who and where, what was said, written to standard output and handed to the door."""

from __future__ import annotations

import sys
from time import time_ns
from typing import TYPE_CHECKING, Any, Final

from sms_observability.context import bound_context, current_request, is_quiet
from sms_observability.export.records import LogData, Scope
from sms_observability.logs.clock import timestamp
from sms_observability.logs.console import readable
from sms_observability.logs.encoding import encoded
from sms_observability.logs.fields import IDS, PEOPLE, Fields
from sms_observability.logs.frames import described
from sms_observability.logs.head import Head
from sms_observability.logs.levels import Thresholds, named
from sms_observability.logs.output import Output, as_json
from sms_observability.privacy import current_guard
from sms_observability.privacy.masking import is_plain
from sms_observability.providers.exceptions import exception_attributes
from sms_observability.providers.sampling import span_context_of
from sms_observability.providers.seams import current_context, span_in
from sms_observability.providers.span import Span
from sms_observability.sanitise import sanitise_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sms_observability.logs.options import LogOptions
    from sms_observability.sanitise import Value

SCOPE: Final = Scope("sms_observability.logs")

_INFO, _DEBUG = 20, 10
_MAX_TEXT: Final = 1024


class Pipeline:
    """Makes records and writes them. Nothing in here raises, and no lock is held while code of others runs.

    Args:
        options: The identity of the service, and the ports.
    """

    def __init__(self, options: LogOptions) -> None:
        self.thresholds = Thresholds(options.level, options.levels)
        self._fields = Fields(options)
        self._service = options.service
        self._metadata = {
            "version": options.version,
            "environment": options.environment,
            "region": options.region,
            "pod": options.pod,
        }
        self._service_json = f'","service":{encoded(options.service)},"trace_id":'
        self._metadata_json = f',"metadata":{encoded(self._metadata)}}}\n'
        self._emit = options.emit
        self._allow_message = options.allow_message
        self._count_dropped = options.count_dropped
        self._output = Output(options.stream)
        self.is_json = as_json(options.format, self._output)
        self._colours = self._output.has_colours()
        # Outside of requests, that of the line before.
        self._head: Head | None = None
        # Lines often come several in a span.
        self._traced = 0, 0, _traced_json(0, 0)

    def write(  # noqa: C901, PLR0912, PLR0913, PLR0915  # one piece, because each call in it would cost the caller
        self,
        logger: str,
        level: int,
        message: str,
        fields: Mapping[str, object],
        error: BaseException | None = None,
        moment_ns: int = 0,
    ) -> None:
        """Write one record.

        Args:
            logger: Who says it; may be empty.
            level: A number of `logging`.
            message: What is said.
            fields: What belongs to it; any values.
            error: The exception that it is about.
            moment_ns: When it was said, if not now.
        """
        try:
            moment_ns = moment_ns or time_ns()
            request = current_request()
            if request is not None and request.suppressed and level <= _INFO:
                # A probe's request: what is said in it is for those who look for it.
                if self.thresholds.of(logger) > _DEBUG:
                    return
                level = _DEBUG
            name, severity = named(level)
            fields_of = self._fields
            bound, armed = bound_context(), current_guard().armed
            head: Head | None = self._head if request is None else request.log_head
            if armed or head is None or not head.fits(fields_of, request, bound):
                head = Head(fields_of, request, bound, armed=armed)
                if head.lasts:
                    if request is None:
                        self._head = head
                    else:
                        request.log_head = head
            context = (
                {"logger": fields_of.logger(logger, armed=armed), **head.context} if logger else head.context.copy()
            )
            ids, ids_json = head.ids, head.ids_json
            if fields:
                fields_of.add_given(context, fields, armed=armed)
                if "user_id" in context or "company_id" in context or "vessel_id" in context:
                    said: dict[str, Value] = {key: context.pop(key) for key in PEOPLE if key in context}
                    ids, ids_json = head.ids_of(said, armed=armed)
            attributes = {**context, **ids}
            if error is not None:
                context["exception"] = fields_of.masked("exception", described(error, self._allow_message))
            message_json = fields_of.constant.get(message) if not armed or is_plain(message) else None
            if message_json is None:
                message, message_json = fields_of.message(message, armed=armed)
            trace_id, span_id, flags = _ids()
            if self.is_json:
                traced = self._traced
                if traced[0] != trace_id or traced[1] != span_id:
                    traced = self._traced = trace_id, span_id, _traced_json(trace_id, span_id)
                text = (
                    f'{{"timestamp":"{timestamp(moment_ns)}","level":"{name}{self._service_json}{traced[2]},{ids_json},'
                    f'"message":{message_json},"context":{encoded(context)}{self._metadata_json}'
                )
            else:
                record: dict[str, Any] = {
                    "timestamp": timestamp(moment_ns),
                    "level": name,
                    "trace_id": trace_id.to_bytes(16).hex() if trace_id else None,
                    **dict.fromkeys(IDS),
                    **ids,
                    "message": message,
                    "context": context,
                }
                text = readable(record, colours=self._colours)
            self._output.write(text)
            emit = self._emit
            if emit is None or is_quiet():
                return
            if error is not None:
                attributes.update(exception_attributes(error, self._allow_message))
            emit(LogData(moment_ns, severity, name, message, attributes, SCOPE, trace_id, span_id, flags))
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001  # promise 1
            self._count_dropped("logs", "emit_failed")


def _traced_json(trace_id: int, span_id: int) -> str:
    trace = f'"{trace_id.to_bytes(16).hex()}"' if trace_id else "null"
    return f'{trace},"span_id":"{span_id.to_bytes(8).hex()}"' if span_id else f'{trace},"span_id":null'


def _ids() -> tuple[int, int, int]:
    """Give trace id, span id and flags of the current span, recorded or not."""
    found = span_in(current_context())
    if found is None:
        return 0, 0, 0
    if type(found) is Span:
        return found.trace_id, found.span_id, found.trace_flags & 0xFF
    context = span_context_of(found)
    return (0, 0, 0) if context is None else (context.trace_id, context.span_id, context.trace_flags & 0xFF)


def exception_of(exc_info: object) -> BaseException | None:
    """Give the exception that `exc_info=` means: one, a triple of `sys.exc_info`, or anything true for the current."""
    if isinstance(exc_info, BaseException):
        return exc_info
    if isinstance(exc_info, tuple):
        found: Any = exc_info[1] if len(exc_info) > 1 else None  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        return found if isinstance(found, BaseException) else None
    return sys.exc_info()[1] if exc_info else None


def text_of(event: object) -> str:
    """Make a message of whatever was given as one."""
    if type(event) is str and len(event) <= _MAX_TEXT and event.isascii():
        return event
    return sanitise_text(event)
