"""One call makes a service of the SMS portal observable: traces, metrics, correlated JSON logs, journeys with an SLA.

    >>> from sms_observability import get_logger, init_observability, journey, metrics, step

Start at `init_observability`. Names are loaded when they are first asked for: whoever needs one pays for one.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from sms_observability.environment import load_despite_mistakes

if TYPE_CHECKING:
    from sms_observability import metrics
    from sms_observability.catalog import SMS_CATALOG, Catalog, CatalogError, Field, Journey, Metric, Step
    from sms_observability.context import bind_context, current_correlation_id, unbind_context
    from sms_observability.health import HealthCheck, health_router
    from sms_observability.journeys import journey, step
    from sms_observability.logs import get_logger
    from sms_observability.privacy import Restricted, RestrictedValueError, declassify
    from sms_observability.settings import SettingsError
    from sms_observability.setup import Observability, init_observability, reset

__all__ = [
    "SMS_CATALOG",
    "Catalog",
    "CatalogError",
    "Field",
    "HealthCheck",
    "Journey",
    "Metric",
    "Observability",
    "Restricted",
    "RestrictedValueError",
    "SettingsError",
    "Step",
    "bind_context",
    "current_correlation_id",
    "declassify",
    "get_logger",
    "health_router",
    "init_observability",
    "journey",
    "metrics",
    "reset",
    "step",
    "unbind_context",
]

load_despite_mistakes()

_ROOMS = {
    "catalog": ("SMS_CATALOG", "Catalog", "CatalogError", "Field", "Journey", "Metric", "Step"),
    "context": ("bind_context", "current_correlation_id", "unbind_context"),
    "health": ("HealthCheck", "health_router"),
    "journeys": ("journey", "step"),
    "logs": ("get_logger",),
    "privacy": ("Restricted", "RestrictedValueError", "declassify"),
    "settings": ("SettingsError",),
    "setup": ("Observability", "init_observability", "reset"),
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names}


def __getattr__(name: str) -> object:
    if name == "metrics":
        return import_module("sms_observability.metrics")
    room = _ROOM_OF.get(name)
    if room is None:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    found: object = getattr(import_module(f"{__name__}.{room}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
