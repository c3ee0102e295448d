"""What a service's own tests use: the pytest fixture `telemetry`, and the class behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sms_observability.testing.telemetry import Telemetry

__all__ = ["Telemetry"]


def __getattr__(name: str) -> Any:
    # pytest imports this package in every run, also where no test uses it.
    if name == "Telemetry":
        from sms_observability.testing.telemetry import Telemetry

        return Telemetry
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
