"""Putting the house together: `init_observability` and what it returns."""

from sms_observability.setup.observability import Observability
from sms_observability.setup.start import init_observability, reset

__all__ = ["Observability", "init_observability", "reset"]
