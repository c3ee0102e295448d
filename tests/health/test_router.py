"""`/livez`, `/readyz` and `/health` on a real server, and the router without FastAPI."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import fastapi
import httpx
import pytest
from dirty_equals import IsFloat, IsStr
from opentelemetry import trace
from tests.instrumentation.conftest import Watched, served, watched

from sms_observability import lifecycle
from sms_observability.health import HealthCheck, health_router, ports
from sms_observability.instrumentation import instrument_app

__all__ = ["watched"]


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    identity, telemetry = ports.identity, ports.telemetry
    yield
    ports.identity, ports.telemetry = identity, telemetry
    lifecycle.stop_draining()


def ask(checks: Any, *paths: str) -> list[httpx.Response]:
    app = fastapi.FastAPI()
    app.include_router(health_router(checks))
    with served(app) as url:
        return [httpx.get(f"{url}{path}") for path in paths]


def fail() -> None:
    raise ConnectionError("postgresql://user:secret@database")


def test_readyz_says_200_and_what_each_check_found() -> None:
    """The body is of the health+json form, and no cache keeps it."""
    (ready,) = ask({"database": lambda: None}, "/readyz")
    assert ready.status_code == 200
    assert ready.headers["content-type"] == "application/health+json"
    assert ready.headers["cache-control"] == "no-store"
    assert ready.json() == {
        "status": "pass",
        "checks": {
            "database:responseTime": [
                {
                    "componentType": "component",
                    "status": "pass",
                    "observedValue": IsFloat(),
                    "observedUnit": "ms",
                    "time": IsStr(regex=r"\d{4}-\d\d-\d\dT.*\+00:00"),
                }
            ]
        },
    }


def test_a_critical_check_that_fails_is_503_and_says_no_more_than_its_type() -> None:
    """What the exception says may hold an address or a password."""
    live, ready, health = ask({"database": fail}, "/livez", "/readyz", "/health")
    assert (live.status_code, ready.status_code, health.status_code) == (200, 503, 503)
    assert ready.json()["status"] == "fail"
    assert ready.json()["checks"]["database:responseTime"][0]["output"] == "ConnectionError"
    assert "secret" not in ready.text + health.text


def test_a_check_that_is_not_critical_is_a_warning() -> None:
    """The service can answer its next request, so it is ready."""
    (ready,) = ask([HealthCheck("cache", fail, critical=False)], "/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "warn")


def test_livez_touches_no_dependency() -> None:
    """It answers while a check hangs, and asks none."""
    asked: list[int] = []
    (live,) = ask({"database": lambda: asked.append(1)}, "/livez")
    assert (live.status_code, live.json(), asked) == (200, {"status": "pass"}, [])


def test_draining_is_503_before_any_check() -> None:
    """From SIGTERM on no new request shall come, but the process lives."""
    asked: list[int] = []
    lifecycle.start_draining()
    live, ready, health = ask({"database": lambda: asked.append(1)}, "/livez", "/readyz", "/health")
    assert (live.status_code, ready.status_code, health.status_code) == (200, 503, 503)
    assert ready.json() == {"status": "fail", "output": "draining"}
    assert asked == [1]


@pytest.mark.parametrize("state", ["warn", "fail", "raises"])
def test_a_dead_collector_is_a_warning_and_never_unready(state: str) -> None:
    """`/health` tells people; `/readyz` does not know of it."""

    def telemetry() -> Any:
        if state == "raises":
            raise RuntimeError
        return state

    ports.telemetry = telemetry
    ports.identity = lambda: {"serviceId": "parts-api", "version": "1.2"}
    ready, health = ask(None, "/readyz", "/health")
    assert (ready.status_code, ready.json()["status"]) == (200, "pass")
    assert (health.status_code, health.json()["status"]) == (200, "warn")
    assert health.json()["checks"]["telemetry:delivery"] == [{"componentType": "system", "status": "warn"}]
    assert (health.json()["serviceId"], health.json()["version"]) == ("parts-api", "1.2")


def test_a_hung_check_holds_up_neither_the_probe_nor_the_server() -> None:
    """The answer comes after the time limit, and the server stops although the thread still hangs."""
    let_go = threading.Event()
    ready, live = ask([HealthCheck("database", lambda: let_go.wait(30), timeout=0.05)], "/readyz", "/livez")
    assert ready.json()["checks"]["database:responseTime"][0]["output"] == "no answer within 0.05 s"
    assert (ready.status_code, live.status_code) == (503, 200)
    let_go.set()


def test_head_is_answered_and_the_schema_does_not_show_them() -> None:
    """Load balancers ask with HEAD; the service's clients have nothing to do with these routes."""
    app = fastapi.FastAPI()
    app.include_router(health_router())
    with served(app) as url:
        assert httpx.head(f"{url}/livez").status_code == 200
        assert httpx.get(f"{url}/openapi.json").json()["paths"] == {}


def test_health_is_neither_traced_nor_measured_nor_logged(watched: Watched) -> None:  # noqa: F811
    """The spans that checks make, in threads of their own too, are not there either."""

    def check() -> None:
        with trace.get_tracer("database").start_as_current_span("ping"):
            pass

    async def check_async() -> None:
        check()

    app = fastapi.FastAPI()
    app.include_router(health_router({"sync": check, "async": check_async}))
    instrument_app(app, watched.options())
    with served(app) as url:
        for path in ("/livez", "/readyz", "/health"):
            assert httpx.get(f"{url}{path}").json()["status"] == "pass"
    assert (watched.spans, watched.measured, watched.finished) == ([], [], [])


@pytest.mark.slow
def test_without_fastapi_the_error_names_the_extra() -> None:
    """The package is imported without it; only the router needs it."""
    code = """
import sys
sys.modules["fastapi"] = None
from sms_observability.health import health_router
try:
    health_router()
except ModuleNotFoundError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "health_router needs FastAPI: pip install 'sms-observability[fastapi]'\n"
