"""An internal endpoint that says what became of the service's telemetry; the demo reads it."""

from typing import Any

from fastapi import APIRouter

from sms_observability import Observability


def telemetry_router(observability: Observability) -> APIRouter:
    """Make the router with `POST /internal/telemetry`: send what waits, then count."""
    router = APIRouter(include_in_schema=False)

    @router.post("/internal/telemetry")
    def telemetry() -> dict[str, Any]:
        delivered = observability.flush(timeout=5)
        return {
            "flushed": delivered,
            "accounting": observability.accounting(),
            "undeclared": observability.undeclared(),
        }

    return router
