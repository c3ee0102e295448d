"""A log record of the plain OpenTelemetry API becomes one that the door takes."""

from __future__ import annotations

from time import time_ns
from typing import TYPE_CHECKING, Any

from opentelemetry.context import Context

from sms_observability.export.fields import choice, identifier, optional_text, read, surplus
from sms_observability.export.records import LogData
from sms_observability.providers.exceptions import exception_attributes
from sms_observability.providers.sampling import span_context_of
from sms_observability.providers.seams import current_context, span_in
from sms_observability.sanitise import sanitise_attributes, sanitise_timestamp, sanitise_value

if TYPE_CHECKING:
    from sms_observability.export.records import Scope
    from sms_observability.providers.exceptions import AllowMessage
    from sms_observability.sanitise import Value

_MAX_SEVERITY = 24


def log_data(record: Any, scope: Scope, allow_message: AllowMessage) -> LogData:
    """Make a record from whatever has the fields of the API's `LogRecord`.

    Args:
        record: A `LogRecord`, or anything with some of its fields.
        scope: Who emits it.
        allow_message: Says of which exception classes the message may leave.

    Returns:
        The record, with everything sanitised; ids that it does not state are those of the current span.
    """
    observed = sanitise_timestamp(read(record, "observed_timestamp"), time_ns())
    moment = read(record, "timestamp")
    given, severity = read(record, "attributes"), read(record, "severity_number")
    attributes: dict[str, Value] = sanitise_attributes(given)
    error = read(record, "exception")
    if issubclass(type(error), BaseException):
        # What the caller says of the exception stands.
        attributes = {**exception_attributes(error, allow_message), **attributes}
    trace_id, span_id, flags = _ids(record)
    return LogData(
        observed if moment is None else sanitise_timestamp(moment, observed),
        # The API wants its enum, people give the number.
        choice(severity if type(severity) is int else read(severity, "value"), 0, _MAX_SEVERITY),
        optional_text(read(record, "severity_text")),
        sanitise_value(read(record, "body")),
        attributes,
        scope,
        trace_id,
        span_id,
        flags,
        optional_text(read(record, "event_name")),
        observed,
        surplus(given),
    )


def _ids(record: Any) -> tuple[int, int, int]:
    trace_id = identifier(read(record, "trace_id"), 128)
    span_id = identifier(read(record, "span_id"), 64)
    flags = read(record, "trace_flags")
    if trace_id and span_id:
        return trace_id, span_id, int.__int__(flags) & 0xFF if issubclass(type(flags), int) else 0
    context = read(record, "context")
    found = span_context_of(span_in(context if type(context) is Context else current_context()))
    return (0, 0, 0) if found is None else (found.trace_id, found.span_id, found.trace_flags & 0xFF)
