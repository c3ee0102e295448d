"""What watches other libraries: one short file each, none of them needed, none of them loud when absent."""

from __future__ import annotations

from sms_observability.instrumentation.asgi import ObservabilityMiddleware
from sms_observability.instrumentation.fastapi import instrument_app, uninstrument_app
from sms_observability.instrumentation.libraries import LIBRARIES, instrument_libraries
from sms_observability.instrumentation.options import InstrumentationOptions, excluder
from sms_observability.instrumentation.patch import Patches

__all__ = [
    "LIBRARIES",
    "InstrumentationOptions",
    "ObservabilityMiddleware",
    "Patches",
    "excluder",
    "instrument_app",
    "instrument_libraries",
    "uninstrument_app",
]
