"""Our layer beside the instrumentations of others: one SERVER span a request, whoever came first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import fastapi
import httpx
import pytest
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from tests.instrumentation.conftest import Watched, served

from sms_observability.instrumentation import instrument_app


@pytest.fixture
def app() -> Iterator[fastapi.FastAPI]:
    made = fastapi.FastAPI()

    @made.get("/parts/{part}")
    async def part(part: str) -> str:
        return part

    yield made
    FastAPIInstrumentor.uninstrument_app(made)


def ask(app: Any) -> str:
    with served(app) as url:
        answer = httpx.get(f"{url}/parts/7", headers={"X-Correlation-ID": "order-17", "baggage": "a=b"})
    assert answer.json() == "7"
    return str(answer.headers["x-correlation-id"])


def test_fastapis_own_telemetry_makes_no_second_server_span(watched: Watched, app: fastapi.FastAPI) -> None:
    """FastAPI traces by itself once there is a provider; with our layer it does not, and ours is the only span."""
    instrument_app(app, watched.options())
    ask(app)
    assert [span.name for span in watched.spans] == ["GET /parts/{part}"]


def test_a_stock_instrumentation_before_ours_keeps_its_spans_below(
    watched: Watched, app: fastapi.FastAPI, caplog: pytest.LogCaptureFixture
) -> None:
    """Ours is the SERVER span, theirs are its children, and one warning says that they are double work."""
    FastAPIInstrumentor.instrument_app(app)
    instrument_app(app, watched.options())
    assert ask(app) == "order-17"
    server = watched.server
    assert server.instrumentation_scope.name == "sms_observability.asgi"
    assert {span.context.trace_id for span in watched.spans} == {server.context.trace_id}
    assert len(watched.spans) > 1
    assert sum("traced by an OpenTelemetry middleware already" in line for line in caplog.messages) == 1


def test_a_stock_instrumentation_after_ours_leaves_one_server_span(watched: Watched, app: fastapi.FastAPI) -> None:
    """It finds a stack that is not its own to take apart, and steps aside."""
    instrument_app(app, watched.options())
    FastAPIInstrumentor.instrument_app(app)
    assert ask(app) == "order-17"
    assert watched.server.instrumentation_scope.name == "sms_observability.asgi"


def test_a_stock_middleware_inside_leaves_one_server_span(watched: Watched, app: fastapi.FastAPI) -> None:
    """Added as a user's middleware, it is inside of ours."""
    app.add_middleware(OpenTelemetryMiddleware)
    instrument_app(app, watched.options())
    assert ask(app) == "order-17"
    assert watched.server.instrumentation_scope.name == "sms_observability.asgi"


def test_a_stock_middleware_outside_lends_us_its_server_span(watched: Watched, app: fastapi.FastAPI) -> None:
    """Around the whole application it is there first: its span gets the id, the route and the status."""
    instrument_app(app, watched.options())
    assert ask(OpenTelemetryMiddleware(app)) == "order-17"
    span = watched.server
    assert span.instrumentation_scope.name == "opentelemetry.instrumentation.asgi"
    assert span.attributes["sms.correlation_id"] == "order-17"
    assert span.attributes["http.route"] == "/parts/{part}"
    assert watched.finished[0]["status_code"] == 200
