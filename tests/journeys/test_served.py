"""Journeys in a FastAPI application that uvicorn serves: endpoints of both kinds, and streams."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import httpx
import uvicorn
from fastapi import Depends, FastAPI, HTTPException, Response
from fastapi.responses import StreamingResponse

from sms_observability.journeys import journey, remaining_budget_ms, step
from sms_observability.providers import current_span

FLOW = "parts_ordering_flow"
QUOTES = "PartsService.getSupplierQuotes"


@step(QUOTES)
async def supplier() -> AsyncGenerator[float | None]:
    """A dependency with a clean-up; FastAPI enters and leaves it as it likes."""
    yield remaining_budget_ms()


def application() -> FastAPI:
    app = FastAPI()

    @app.post("/quote/{part}")
    @journey(FLOW)
    async def quote(part: str, supplied: Annotated[float | None, Depends(supplier)]) -> dict[str, Any]:
        await asyncio.sleep(0)
        if part == "none":
            raise HTTPException(404)
        return {"part": part, "supplied": supplied, "left": remaining_budget_ms()}

    @app.get("/blocking")
    @journey(FLOW)
    def blocking() -> Response:
        with step(QUOTES):
            time.sleep(0.001)
        return Response(status_code=409)

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        @journey(FLOW)
        async def parts() -> AsyncIterator[str]:
            for _ in range(10_000):
                yield "part\n" * 1000
                await asyncio.sleep(0.001)

        assert current_span() is None
        return StreamingResponse(parts())

    return app


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(16)
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(20)
    assert not thread.is_alive()


def test_endpoints_and_streams(watched: Any) -> None:
    """Signatures are seen through, outcomes follow the answers, and a client that goes away cancels its stream."""
    with served(application()) as url, httpx.Client(base_url=url, timeout=20) as client:
        answer = client.post("/quote/p1").json()
        assert (answer["part"], answer["supplied"]) == ("p1", None)
        assert 0 < answer["left"] < 3000
        assert client.post("/quote/none").status_code == 404
        assert client.get("/blocking").status_code == 409
        with client.stream("GET", "/stream") as stream:
            assert next(stream.iter_lines()) == "part"
    assert watched.outcomes == ["success", "client_error", "client_error", "cancelled"]
    blocked = next(span for span in watched.spans if span.name_ == QUOTES and span.parent_span_id)
    assert blocked.parent_span_id in {span.span_id for span in watched.spans if span.name_ == FLOW}
    assert len(watched.recorded) == 4
