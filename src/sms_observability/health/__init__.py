"""Health endpoints and dependency checks."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from sms_observability.health.ports import ports

if TYPE_CHECKING:
    from sms_observability.health.check import HealthCheck
    from sms_observability.health.router import MEDIA_TYPE, health_router

__all__ = ["MEDIA_TYPE", "HealthCheck", "health_router", "ports"]

# Loaded when they are asked for: a worker has no endpoints.
_LATER = {"HealthCheck": "check", "MEDIA_TYPE": "router", "health_router": "router"}


def __getattr__(name: str) -> object:
    """Import a name of the endpoints."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_LATER[name]}"), name)
