"""Calls to other services: what is recorded of them, and what they are told."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx
import pytest
import requests
from inline_snapshot import snapshot
from opentelemetry import baggage, context, trace
from tests.instrumentation.conftest import Watched

from sms_observability.context import Request, enter_request, exit_request
from sms_observability.instrumentation import instrument_libraries
from sms_observability.journeys import accept_budget, forget_budget
from sms_observability.trust import host_test

Instrument = Callable[..., None]
HANDED_ON = {"traceparent", "tracestate", "baggage", "x-correlation-id"}


class Answering(ThreadingHTTPServer):
    """Answers with the status in the path, or redirects, and keeps the headers that it was sent."""

    daemon_threads = True

    def __init__(self) -> None:
        self.seen: list[dict[str, str]] = []
        super().__init__(("127.0.0.1", 0), _Answer)

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server: Any = self.server
        server.seen.append({name.lower(): value for name, value in self.headers.items()})
        path = self.path.partition("?")[0]
        if path == "/away":
            self.send_response(302)
            self.send_header("Location", f"http://localhost:{server.port}/200")
        else:
            self.send_response(int(path[1:]))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Keep quiet."""


@pytest.fixture
def answering() -> Iterator[Answering]:
    with Answering() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join(10)


def _httpx(url: str) -> None:
    httpx.get(url, follow_redirects=True)


def _httpx_async(url: str) -> None:
    async def call() -> None:
        async with httpx.AsyncClient(follow_redirects=True) as client:
            await client.get(url)

    asyncio.run(call())


def _requests(url: str) -> None:
    requests.get(url, timeout=10)


clients = pytest.mark.parametrize("call", [_httpx, _httpx_async, _requests])


@pytest.fixture
def in_request() -> Iterator[None]:
    token = enter_request(Request(correlation_id="order-17"))
    budget = accept_budget(60_000.0)
    attached = context.attach(baggage.set_baggage("tenant", "x"))
    yield
    context.detach(attached)
    forget_budget(budget)
    exit_request(token)


@clients
@pytest.mark.usefixtures("in_request")
def test_an_internal_host_is_told_trace_id_and_budget(
    watched: Watched, libraries: Instrument, answering: Answering, call: Callable[[str], None]
) -> None:
    """It gets the trace, the correlation id and what is left of the SLA; nothing else of ours."""
    libraries()
    call(f"http://127.0.0.1:{answering.port}/200?token=hidden")
    (sent,) = answering.seen
    span = watched.client
    assert sent["traceparent"].split("-")[1:3] == [
        format(span.context.trace_id, "032x"),
        format(span.context.span_id, "016x"),
    ]
    assert sent["x-correlation-id"] == "order-17"
    given = dict(entry.split("=") for entry in sent["baggage"].split(","))
    assert 0 < int(given.pop("sms.sla.budget_ms")) <= 60_000
    assert given == {"tenant": "x"}
    attributes = dict(span.attributes)
    assert attributes.pop("server.port") == answering.port
    assert attributes.pop("url.full") == f"http://127.0.0.1:{answering.port}/200"
    assert (span.name, attributes) == snapshot(
        (
            "GET",
            {
                "http.request.method": "GET",
                "server.address": "127.0.0.1",
                "url.scheme": "http",
                "http.response.status_code": 200,
            },
        )
    )
    assert watched.labels("http.client.request.duration") == [
        {
            "http.request.method": "GET",
            "server.address": "127.0.0.1",
            "server.port": answering.port,
            "http.response.status_code": 200,
        }
    ]


@clients
@pytest.mark.usefixtures("in_request")
def test_an_external_host_is_told_nothing(
    watched: Watched, libraries: Instrument, answering: Answering, call: Callable[[str], None]
) -> None:
    """Neither trace nor id nor baggage; the call is recorded all the same."""
    libraries(internal=host_test(["*.svc"]))
    call(f"http://127.0.0.1:{answering.port}/200")
    assert not HANDED_ON & set(answering.seen[0])
    assert watched.client.attributes["http.response.status_code"] == 200


@clients
@pytest.mark.usefixtures("in_request")
def test_a_redirect_to_an_external_host_takes_nothing_along(
    watched: Watched, libraries: Instrument, answering: Answering, call: Callable[[str], None]
) -> None:
    """Each hop is a call of its own, and is told what its own host may know."""
    libraries(internal=host_test(["127.*"]))
    call(f"http://127.0.0.1:{answering.port}/away")
    first, second = answering.seen
    assert {"traceparent", "baggage", "x-correlation-id"} <= set(first)
    assert not HANDED_ON & set(second)
    assert [span.attributes["server.address"] for span in watched.kinds("CLIENT")] == ["127.0.0.1", "localhost"]


@clients
def test_an_answer_above_399_and_no_answer_are_errors(
    watched: Watched, libraries: Instrument, answering: Answering, call: Callable[[str], None]
) -> None:
    """The status, or the type of the exception, says what went wrong; the exception arrives untouched."""
    libraries()
    call(f"http://127.0.0.1:{answering.port}/503")
    with pytest.raises((httpx.ConnectError, requests.ConnectionError)) as refused:
        call("http://user:secret@127.0.0.1:9/")
    answered, failed = watched.kinds("CLIENT")
    assert (answered.attributes["error.type"], answered.status.status_code.name) == ("503", "ERROR")
    assert failed.attributes["error.type"] == refused.type.__name__
    assert failed.attributes["url.full"] == "http://127.0.0.1:9/"
    assert not any("secret" in span.to_json() for span in watched.spans)
    assert [labels["error.type"] for labels in watched.labels("http.client.request.duration")] == [
        "503",
        refused.type.__name__,
    ]


@clients
def test_calls_of_an_excluded_request_leave_nothing(
    watched: Watched, libraries: Instrument, answering: Answering, call: Callable[[str], None]
) -> None:
    """A readiness probe that calls a dependency makes no trace of its own."""
    libraries()
    token = enter_request(Request(suppressed=True))
    call(f"http://127.0.0.1:{answering.port}/200")
    exit_request(token)
    assert (watched.spans, watched.measured) == ([], [])


@clients
def test_the_span_is_a_child_and_is_over_after_the_call(
    watched: Watched, libraries: Instrument, answering: Answering, call: Callable[[str], None]
) -> None:
    """It hangs below what was current, which is current again afterwards."""
    libraries()
    with trace.get_tracer("parts").start_as_current_span("quote") as parent:
        call(f"http://127.0.0.1:{answering.port}/200")
        assert trace.get_current_span() is parent
    assert watched.client.parent.span_id == parent.get_span_context().span_id


def test_failing_ports_do_not_fail_the_call(watched: Watched, libraries: Instrument, answering: Answering) -> None:
    """The call goes through whatever telemetry does."""

    def fail(*_: Any) -> Any:
        raise RuntimeError

    libraries(internal=fail, metric=lambda name: fail)
    for call in (_httpx, _httpx_async, _requests):
        call(f"http://127.0.0.1:{answering.port}/200")
    assert len(answering.seen) == 3


def test_instrumenting_twice_is_once_and_undoing_restores(watched: Watched, answering: Answering) -> None:
    """The library's own functions are there again, the very same."""
    before = (httpx.Client._send_single_request, requests.adapters.HTTPAdapter.send)
    first = instrument_libraries(["httpx", "requests", "httpx"], watched.options())
    second = instrument_libraries(["httpx", "requests"], watched.options())
    _httpx(f"http://127.0.0.1:{answering.port}/200")
    _requests(f"http://127.0.0.1:{answering.port}/200")
    assert len(watched.spans) == 2
    for patches in (*first, *second):
        patches.undo()
    assert (httpx.Client._send_single_request, requests.adapters.HTTPAdapter.send) == before
    _httpx(f"http://127.0.0.1:{answering.port}/200")
    assert len(watched.spans) == 2


def test_another_version_inside_is_one_warning(
    watched: Watched, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A library that has no such function any more is left as it is, wholly."""
    sync = httpx.Client._send_single_request
    monkeypatch.delattr(httpx.AsyncClient, "_send_single_request")
    undo = instrument_libraries(["httpx"], watched.options())
    assert httpx.Client._send_single_request is sync
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "httpx is not instrumented: AttributeError" in caplog.text
    for patches in undo:
        patches.undo()


def test_a_name_that_nobody_has_is_one_warning(watched: Watched, caplog: pytest.LogCaptureFixture) -> None:
    """The line says which names there are."""
    instrument_libraries(["no_such_library"], watched.options())
    assert len(caplog.records) == 1
    assert "known are httpx, requests, sqlalchemy, threads" in caplog.text


@pytest.mark.parametrize("name", ["fastapi", "starlette", "asgi"])
def test_naming_the_framework_does_not_start_its_stock_instrumentation(
    watched: Watched, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    """Applications are watched by us; the stock instrumentation that happens to be installed stays out of it."""
    from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor

    for patches in instrument_libraries([name], watched.options()):
        patches.undo()
    assert not FastAPIInstrumentor().is_instrumented_by_opentelemetry
    assert caplog.messages == []
