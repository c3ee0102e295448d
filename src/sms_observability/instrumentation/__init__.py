"""What watches other libraries: one short file each, none of them needed, none of them loud when absent."""

from __future__ import annotations

import importlib
import importlib.util
import logging
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

from sms_observability.instrumentation.asgi import ObservabilityMiddleware
from sms_observability.instrumentation.fastapi import instrument_app, uninstrument_app
from sms_observability.instrumentation.options import InstrumentationOptions, excluder
from sms_observability.instrumentation.patch import Patches

if TYPE_CHECKING:
    from collections.abc import Sequence

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

_logger = logging.getLogger("sms_observability.instrumentation")

LIBRARIES = {"httpx": "httpx", "requests": "requests", "sqlalchemy": "sqlalchemy", "threads": "threading"}
"""Our own instrumentations and the module that each one watches."""


def instrument_libraries(names: Sequence[str] | None, options: InstrumentationOptions) -> list[Patches]:
    """Watch libraries.

    Args:
        names: Which ones; `None` for all of ours whose library is installed. A name that is not ours is looked up
            among the installed OpenTelemetry contrib instrumentations (`redis`, `celery`, …).
        options: The ports of the instrumentation.

    Returns:
        What undoes it, one entry a library.
    """
    wanted = [name for name, module in LIBRARIES.items() if _installed(module)] if names is None else list(names)
    undo: list[Patches] = []
    for name in wanted:
        try:
            patches = _instrument(name, options)
        except Exception as error:  # noqa: BLE001 - a library of another version must not stop the service
            _logger.warning("%s is not instrumented: %s", name, type(error).__name__)
            continue
        if patches is not None:
            undo.append(patches)
    return undo


def _instrument(name: str, options: InstrumentationOptions) -> Patches | None:
    if name in LIBRARIES:
        if not _installed(LIBRARIES[name]):
            _logger.warning("%s is not instrumented: it is not installed", name)
            return None
        module = importlib.import_module(f"{__name__}.{name}")
        patches: Patches = module.instrument(options)
        return patches
    for entry in entry_points(group="opentelemetry_instrumentor", name=name):
        instrumentor: Any = entry.load()()
        instrumentor.instrument()
        patches = Patches()
        patches.on_undo(instrumentor.uninstrument)
        return patches
    known = ", ".join(LIBRARIES)
    _logger.warning(
        "%s is not instrumented: known are %s, and whatever has an installed opentelemetry-instrumentation package",
        name,
        known,
    )
    return None


def _installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False
