"""`/livez`, `/readyz` and `/health`, for probes and for people."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from sms_observability import lifecycle
from sms_observability.health.check import HealthCheck, as_checks
from sms_observability.health.ports import ports

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from fastapi import APIRouter

    from sms_observability.health.check import Result, Status

MEDIA_TYPE: Final = "application/health+json"
_DRAINING: Final = "draining"


def health_router(checks: Iterable[HealthCheck] | Mapping[str, Callable[[], Any]] | None = None) -> APIRouter:
    """Make the router with the health endpoints.

    - `GET /livez`: 200 while the process can answer; never touches a dependency.
    - `GET /readyz`: runs the checks side by side, 200 or 503; 503 from SIGTERM on, so that no new request arrives.
    - `GET /health`: the same for people, with version, each check and the state of the telemetry.

    A dead Collector never makes a service unready: it is a warning.

    Args:
        checks: `HealthCheck`s, or a mapping of names to functions (sync or async; returning is healthy).

    Returns:
        A router for `app.include_router(…)`.

    Raises:
        TypeError: `checks` is of another form.
        ModuleNotFoundError: FastAPI is not installed.

    Example:
        >>> from fastapi import FastAPI
        >>> app = FastAPI()
        >>> app.include_router(health_router({"database": lambda: None}))
    """
    try:
        from fastapi import APIRouter, Response
    except ModuleNotFoundError as error:
        msg = "health_router needs FastAPI: pip install 'sms-observability[fastapi]'"
        raise ModuleNotFoundError(msg) from error
    from sms_observability.health.checker import Checker  # asyncio comes with it, which a worker need not have

    checker = Checker(as_checks(checks))
    router = APIRouter(include_in_schema=False)

    def answer(status: Status, body: dict[str, Any]) -> Response:
        return Response(
            json.dumps({"status": status, **body}),
            status_code=503 if status == "fail" else 200,
            media_type=MEDIA_TYPE,
            headers={"Cache-Control": "no-store"},
        )

    async def livez() -> Any:
        return answer("pass", {})

    async def readyz() -> Any:
        if lifecycle.draining():
            return answer("fail", {"output": _DRAINING})
        results = await checker.run()
        return answer(_worst(results), {"checks": _checks(results)})

    async def health() -> Any:
        results = await checker.run()
        telemetry = _state_of_telemetry()
        status = _worst(results)
        if status == "pass" and telemetry != "pass":
            status = "warn"
        body = {**_identity(), "checks": _checks(results)}
        body["checks"]["telemetry:delivery"] = [{"componentType": "system", "status": telemetry}]
        if lifecycle.draining():
            status = "fail"
            body["output"] = _DRAINING
        return answer(status, body)

    for path, endpoint in (("/livez", livez), ("/readyz", readyz), ("/health", health)):
        # Load balancers ask with HEAD.
        router.add_api_route(path, endpoint, methods=["GET", "HEAD"], response_model=None)
    return router


def _identity() -> dict[str, Any]:
    try:
        return dict(ports.identity())
    except Exception:  # noqa: BLE001 - promise 1
        return {}


def _state_of_telemetry() -> Status:
    # Never "fail": a service whose Collector is away still serves.
    try:
        return "pass" if ports.telemetry() == "pass" else "warn"
    except Exception:  # noqa: BLE001 - promise 1
        return "warn"


def _worst(results: list[Result]) -> Status:
    statuses = {result.status for result in results}
    return "fail" if "fail" in statuses else "warn" if "warn" in statuses else "pass"


def _checks(results: list[Result]) -> dict[str, Any]:
    return {f"{result.check.name}:responseTime": [result.to_json()] for result in results}
