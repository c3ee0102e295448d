"""What the OpenTelemetry API hands out: tracers, meters and loggers that can be given anything and never raise."""

from __future__ import annotations

from sms_observability.providers.span import Span
from sms_observability.providers.tracer import Tracer, current_span
from sms_observability.providers.tracer_provider import TracerProvider

__all__ = ["Span", "Tracer", "TracerProvider", "current_span"]
