"""Two services that call each other: one trace, one correlation id, and a budget that shrinks on the way."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import fastapi
import httpx
import pytest
from tests.instrumentation.conftest import Watched, served

from sms_observability import journeys
from sms_observability.catalog import SMS_CATALOG
from sms_observability.instrumentation import instrument_app
from sms_observability.logs import LogOptions, configure_logs, get_logger, request_finished, restore_logs
from sms_observability.metrics import CellRegistry


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    configure_logs(LogOptions(service="parts-api", format="json", stream=stream))
    journeys.ports.enabled = True
    journeys.use_catalog(SMS_CATALOG)
    yield stream
    journeys.use_catalog(None)
    journeys.ports.enabled = False
    restore_logs()


def test_a_transaction_over_two_services_is_one(
    watched: Watched, libraries: Callable[..., None], lines: io.StringIO
) -> None:
    """The journey of the called service has what the caller's had left; all lines and spans can be joined."""
    cells = CellRegistry(SMS_CATALOG.metrics.values())
    options = watched.options(metric=lambda name: cells[name].record, request_finished=request_finished)
    libraries("httpx", metric=options.metric)
    log = get_logger()
    suppliers, parts = fastapi.FastAPI(), fastapi.FastAPI()

    @suppliers.get("/quotes/{part}")
    @journeys.journey("parts_ordering_flow")
    async def quotes(part: str) -> str:
        log.info("Quotes asked for")
        return part

    with served(instrument_app(suppliers, options)) as inner:

        @parts.get("/api/parts/{part}")
        @journeys.journey("parts_ordering_flow")
        async def order(part: str) -> str:
            async with httpx.AsyncClient() as client:
                return str((await client.get(f"{inner}/quotes/{part}")).json())

        with served(instrument_app(parts, options)) as outer:
            answer = httpx.get(f"{outer}/api/parts/7", headers={"X-Correlation-ID": "order-17"})
    assert (answer.json(), answer.headers["x-correlation-id"]) == ("7", "order-17")

    first, second = (span for span in watched.spans if span.name == "parts_ordering_flow")
    budgets = sorted([first.attributes["sms.sla.threshold_ms"], second.attributes["sms.sla.threshold_ms"]])
    assert 0 < budgets[0] < budgets[1] == 3000
    called = [span for span in watched.spans if span.name == "GET /quotes/{part}"]
    client = next(span for span in watched.kinds("CLIENT") if called[0].parent.span_id == span.context.span_id)
    assert client.context.trace_id == called[0].context.trace_id
    assert {span.attributes["sms.correlation_id"] for span in watched.kinds("SERVER")} == {"order-17"}

    written = [json.loads(line) for line in lines.getvalue().splitlines()]
    ours: list[dict[str, Any]] = [
        line
        for line in written
        if line["correlation_id"] == "order-17" and not line["message"].startswith("HTTP Request")  # httpx's own
    ]
    # Two servers on two threads: the caller may have its answer before the called one has written its last line.
    assert sorted((line["message"], line["context"]["endpoint"]) for line in ours) == [
        ("Quotes asked for", "/quotes/{part}"),
        ("Request finished", "/api/parts/{part}"),
        ("Request finished", "/quotes/{part}"),
    ]
    assert {line["trace_id"] for line in ours} == {format(client.context.trace_id, "032x")}
    assert cells.dropped == {}
    collected = {metric.name: metric for metric in cells.collect()}
    assert {"http.server.request.duration", "http.client.request.duration"} <= set(collected)
