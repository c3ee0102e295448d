"""What the OpenTelemetry API hands out: tracers, meters and loggers that can be given anything and never raise.

`install` makes providers the global ones of the API; `join` adds us to those that somebody else has made global.
"""

from __future__ import annotations

from sms_observability.providers.exceptions import exception_attributes
from sms_observability.providers.installation import after_fork, install, uninstall
from sms_observability.providers.joining import Joined, join
from sms_observability.providers.logger import Logger, LoggerProvider
from sms_observability.providers.meter import Meter, MeterProvider
from sms_observability.providers.pipeline import REFUSED_SCOPES
from sms_observability.providers.span import Span
from sms_observability.providers.tracer import Tracer, current_span
from sms_observability.providers.tracer_provider import TracerProvider

__all__ = [
    "REFUSED_SCOPES",
    "Joined",
    "Logger",
    "LoggerProvider",
    "Meter",
    "MeterProvider",
    "Span",
    "Tracer",
    "TracerProvider",
    "after_fork",
    "current_span",
    "exception_attributes",
    "install",
    "join",
    "uninstall",
]
