"""Health endpoints and dependency checks."""

from sms_observability.health.check import HealthCheck
from sms_observability.health.router import MEDIA_TYPE, health_router, ports

__all__ = ["MEDIA_TYPE", "HealthCheck", "health_router", "ports"]
