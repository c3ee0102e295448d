"""From a call to a line: who and where, what was said, written to standard output and handed to the door."""

from __future__ import annotations

import sys
from time import time_ns
from typing import TYPE_CHECKING, Any, Final, cast

from sms_observability.context import CORRELATION_ID, bound_context, current_correlation_id, current_request, is_quiet
from sms_observability.export.records import LogData, Scope
from sms_observability.logs.clock import timestamp
from sms_observability.logs.console import readable
from sms_observability.logs.encoding import line
from sms_observability.logs.frames import described
from sms_observability.logs.levels import Thresholds, named
from sms_observability.logs.output import Output, as_json
from sms_observability.privacy import current_guard
from sms_observability.privacy.guard import SMALL, has_number
from sms_observability.privacy.masking import is_plain
from sms_observability.providers.exceptions import exception_attributes
from sms_observability.providers.sampling import span_context_of
from sms_observability.providers.seams import current_context, span_in
from sms_observability.providers.span import Span
from sms_observability.sanitise import MAX_INT, MAX_KEY, MAX_TEXT, MIN_INT, sanitise_key, sanitise_text, sanitise_value
from sms_observability.sanitise.classes import class_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sms_observability.logs.options import LogOptions
    from sms_observability.sanitise import Value

SCOPE: Final = Scope("sms_observability.logs")

_INFO, _DEBUG = 20, 10
_MAX_TEXT: Final = 1024
_MAX_FIELDS: Final = 64
_MOST_KEPT: Final = 1024
_LONGEST_KEPT: Final = 128
_NOT_CONTEXT: Final = frozenset(("user_id", "company_id", "vessel_id", "correlation_id"))


class Pipeline:
    """Makes records and writes them. Nothing in here raises, and no lock is held while code of others runs.

    Args:
        options: The identity of the service, and the ports.
    """

    def __init__(self, options: LogOptions) -> None:
        self.thresholds = Thresholds(options.level, options.levels)
        self._service = options.service
        self._metadata = {
            "version": options.version,
            "environment": options.environment,
            "region": options.region,
            "pod": options.pod,
        }
        self._emit = options.emit
        self._allow_message = options.allow_message
        self._allow_key = options.allow_key
        self._mask = options.mask
        self._holds = options.holds
        self._holds_users = options.mask is not None and (options.holds is None or options.holds("user_id"))
        # Fields whose values, and messages, that need no look while nothing is restricted.
        self._settled: set[str] = set()
        self._constant: set[str] = set()
        self._count_dropped = options.count_dropped
        self._output = Output(options.stream)
        self.is_json = as_json(options.format, self._output)
        self._colours = self._output.is_terminal()

    def write(
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
            self._write(logger, level, message, fields, error, moment_ns or time_ns())
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001  # promise 1
            self._count_dropped("logs", "emit_failed")

    def _write(  # noqa: C901, PLR0913  # one piece, because each call in it would cost the caller
        self,
        logger: str,
        level: int,
        message: str,
        fields: Mapping[str, object],
        error: BaseException | None,
        moment_ns: int,
    ) -> None:
        request = current_request()
        if request is not None and request.suppressed and level <= _INFO:
            # A probe's request: what is said in it is for those who look for it.
            if self.thresholds.of(logger) > _DEBUG:
                return
            level = _DEBUG
        name, severity = named(level)
        bound = bound_context()
        mask, armed = self._mask, current_guard().armed
        context: dict[str, Value] = {}
        if logger:
            context["logger"] = self._masked("logger", logger)
        if request is not None:
            route, method = request.route, request.method
            if route is not None:
                context["endpoint"] = route
            if method is not None:
                context["method"] = method
        if bound:
            self._add_bound(context, bound)
        if fields:
            self._add_given(context, fields, armed=armed)
        get, take = bound.get, context.pop
        # What the call says of who it is about beats what is bound.
        user_id = take("user_id") if "user_id" in context else get("user_id")
        company_id = take("company_id") if "company_id" in context else get("company_id")
        vessel_id = take("vessel_id") if "vessel_id" in context else get("vessel_id")
        attributes = context.copy()
        if error is not None:
            context["exception"] = self._masked("exception", described(error, self._allow_message))
        if armed or message not in self._constant:
            message = self._held_message(message, armed=armed)
        if user_id is not None and mask is not None and (armed or self._holds_users):
            user_id = mask("user_id", user_id)
        correlation_id: Any = current_correlation_id()
        if armed:
            # Ids that were bound, or came from a caller, have not passed it yet.
            company_id, vessel_id = self._masked("company_id", company_id), self._masked("vessel_id", vessel_id)
            correlation_id = self._masked(CORRELATION_ID, correlation_id)
        trace_id, span_id, flags = _ids()
        record: dict[str, Any] = {
            "timestamp": timestamp(moment_ns),
            "level": name,
            "service": self._service,
            "trace_id": trace_id.to_bytes(16).hex() if trace_id else None,
            "span_id": span_id.to_bytes(8).hex() if span_id else None,
            "correlation_id": correlation_id,
            "user_id": user_id,
            "company_id": company_id,
            "vessel_id": vessel_id,
            "message": message,
            "context": context,
            "metadata": self._metadata,
        }
        self._output.write(line(record) if self.is_json else readable(record, colours=self._colours))
        emit = self._emit
        if emit is None or is_quiet():
            return
        if error is not None:
            attributes.update(exception_attributes(error, self._allow_message))
        if correlation_id is not None:
            attributes["correlation_id"] = correlation_id
        if user_id is not None:
            attributes["user_id"] = user_id
        if company_id is not None:
            attributes["company_id"] = company_id
        if vessel_id is not None:
            attributes["vessel_id"] = vessel_id
        emit(LogData(moment_ns, severity, name, message, attributes, SCOPE, trace_id, span_id, flags))

    def _masked(self, key: str, value: Value) -> Value:
        return value if self._mask is None else self._mask(key, value)

    def _add_bound(self, context: dict[str, Value], bound: Mapping[str, Value]) -> None:
        """Add what is bound to the running work, which is safe already, as far as it may be written."""
        allow, mask = self._allow_key, self._mask
        for key, bound_value in bound.items():
            if key in _NOT_CONTEXT or (allow is not None and not allow(key)):
                continue
            value = bound_value
            if allow is not None and isinstance(value, (dict, list)):
                value = _without(value, allow)
            context[key] = value if mask is None else mask(key, value)

    def _add_given(self, context: dict[str, Value], fields: Mapping[str, Any], *, armed: bool) -> None:
        """Add the fields of a call, made safe, as far as they may be written."""
        allow, mask, settled = self._allow_key, self._mask, self._settled
        most = len(context) + _MAX_FIELDS
        for name, given in fields.items():
            if len(context) >= most:
                break
            if type(name) is str and name in settled:
                # In one piece, as above: what most fields are.
                kind = class_of(given)
                if kind is str:
                    if len(given) <= MAX_TEXT and given.isascii() and (not armed or is_plain(given)):
                        context[name] = given
                        continue
                elif kind is int:
                    if (-SMALL < given < SMALL) or (not armed and MIN_INT <= given <= MAX_INT):
                        context[name] = given
                        continue
                elif kind is bool or given is None or (kind is float and not armed):
                    context[name] = given
                    continue
                key = name
            else:
                key = name if type(name) is str and 0 < len(name) <= MAX_KEY and name.isascii() else sanitise_key(name)
                if allow is not None and key not in _NOT_CONTEXT and not allow(key):
                    continue
                self._settle(key)
            value = sanitise_value(given)
            if allow is not None and isinstance(value, (dict, list)):
                value = _without(value, allow)
            context[key] = value if mask is None else mask(key, value)

    def _settle(self, key: str) -> None:
        """Note a field that may be written if nothing is done with its values where nothing is restricted."""
        if has_number(key) is None and (self._mask is None or (self._holds is not None and not self._holds(key))):
            if len(self._settled) >= _MOST_KEPT:
                self._settled.clear()
            self._settled.add(key)

    def _held_message(self, message: str, *, armed: bool) -> str:
        mask = self._mask
        if mask is None:
            return message
        held = cast("str", mask("message", message))
        if held is message and not armed and self._holds is not None and len(message) <= _LONGEST_KEPT:
            if len(self._constant) >= _MOST_KEPT:
                self._constant.clear()
            self._constant.add(message)
        return held


def _without(value: Value, allow: Callable[[str], bool]) -> Value:
    """Leave out what must not be written, however deep it lies."""
    if isinstance(value, dict):
        return {key: _without(inner, allow) for key, inner in value.items() if allow(key)}
    return [_without(inner, allow) for inner in value] if isinstance(value, list) else value


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
