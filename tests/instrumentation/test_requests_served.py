"""What a request that is served leaves behind, on a real server."""

from __future__ import annotations

import asyncio
import http.client
import socket
import threading
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import fastapi
import httpx
import pytest
from inline_snapshot import snapshot
from opentelemetry import baggage, trace
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Mount, Route
from tests.instrumentation.conftest import Watched, served

from sms_observability.context import bind_context, bound_context, current_correlation_id, current_request
from sms_observability.instrumentation import instrument_app, uninstrument_app
from sms_observability.journeys import remaining_budget_ms

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"


def portal(**settings: Any) -> fastapi.FastAPI:
    app = fastapi.FastAPI(**settings)

    @app.get("/api/vessels/{vessel_id}")
    async def vessel(vessel_id: str) -> dict[str, Any]:
        bind_context(vessel_id=vessel_id, company_id="acme")
        request = current_request()
        return {
            "id": current_correlation_id(),
            "budget": remaining_budget_ms(),
            "baggage": dict(baggage.get_all()),
            "state": trace.get_current_span().get_span_context().trace_state.to_header(),
            "route": request and request.route,
        }

    @app.get("/api/broken")
    async def broken() -> None:
        raise LookupError("secret text")

    @app.get("/health")
    @app.get("/health/db")
    @app.get("/healthy-parts")
    def spans_inside() -> str:
        with trace.get_tracer("parts").start_as_current_span("query"):
            return "ok"

    return app


def test_a_request_leaves_one_server_span_under_the_stable_conventions(watched: Watched) -> None:
    """The span has the route template, the ids that were bound, and neither path nor query string."""
    app = instrument_app(portal(), watched.options())
    with served(app) as url:
        httpx.get(f"{url}/api/vessels/imo9?token=hidden", headers={"X-Correlation-ID": "order-17"})
    span = watched.server
    assert span.name == "GET /api/vessels/{vessel_id}"
    attributes = dict(span.attributes)
    assert attributes.pop("server.port") > 0
    assert attributes == snapshot(
        {
            "http.request.method": "GET",
            "url.scheme": "http",
            "server.address": "127.0.0.1",
            "network.protocol.version": "1.1",
            "sms.correlation_id": "order-17",
            "http.route": "/api/vessels/{vessel_id}",
            "http.response.status_code": 200,
            "vessel_id": "imo9",
            "company_id": "acme",
        }
    )
    assert watched.spans == [span]
    assert watched.measured[0] == (
        "http.server.active_requests",
        1,
        {"http.request.method": "GET", "url.scheme": "http"},
    )
    assert watched.amounts("http.server.active_requests") == [1, -1]
    assert watched.labels("http.server.request.duration") == [
        {
            "http.request.method": "GET",
            "url.scheme": "http",
            "http.route": "/api/vessels/{vessel_id}",
            "http.response.status_code": 200,
        }
    ]
    assert watched.amounts("http.server.request.body.size") == [0]
    assert watched.amounts("http.server.response.body.size")[0] > 0
    (line,) = watched.finished
    assert line["status_code"] == 200
    assert line["correlation_id"] == "order-17"
    assert line["duration_ms"] == pytest.approx(watched.amounts("http.server.request.duration")[0] * 1000)


def test_the_labels_of_each_metric_are_those_that_the_catalogue_declares(watched: Watched) -> None:
    """No measurement carries a label that would be dropped and counted."""
    from sms_observability.catalog import SMS_CATALOG

    declared = {metric.otel_name: {field.name for field in metric.labels} for metric in SMS_CATALOG.metrics.values()}
    app = instrument_app(portal(), watched.options())
    with served(app) as url:
        httpx.get(f"{url}/api/broken")
    assert watched.measured
    for name, _, labels in watched.measured:
        assert set(labels) <= declared[name], name


def test_the_correlation_id_is_the_callers_else_the_trace_id_and_comes_back(watched: Watched) -> None:
    """A well-formed id is taken, any other is replaced by the trace id; the response says which."""
    app = instrument_app(portal(), watched.options())
    with served(app) as url:
        given = httpx.get(f"{url}/api/vessels/1", headers={"X-Correlation-ID": "a.b_c-1"})
        made = httpx.get(f"{url}/api/vessels/1", headers={"traceparent": PARENT, "X-Correlation-ID": "no spaces!"})
        missing = httpx.get(f"{url}/api/unknown", headers={"traceparent": PARENT})
    assert given.headers["x-correlation-id"] == given.json()["id"] == "a.b_c-1"
    assert made.headers["x-correlation-id"] == made.json()["id"] == TRACE
    assert missing.headers["x-correlation-id"] == TRACE
    assert {format(span.context.trace_id, "032x") for span in watched.spans[1:]} == {TRACE}
    assert watched.spans[1].parent.span_id == 0xB7AD6B7169203331


@pytest.mark.parametrize("trusted", [True, False])
def test_baggage_tracestate_and_budget_are_believed_of_trusted_peers_only(watched: Watched, trusted: bool) -> None:
    """A stranger's traceparent counts, the rest of what it says does not."""
    app = instrument_app(portal(), watched.options(trusted=lambda peer: trusted))
    headers = {"traceparent": PARENT, "tracestate": "v=1", "baggage": "sms.sla.budget_ms=250,tenant=x"}
    with served(app) as url:
        seen = httpx.get(f"{url}/api/vessels/1", headers=headers).json()
    assert format(watched.server.context.trace_id, "032x") == TRACE
    if trusted:
        assert 0 < seen["budget"] <= 250
        assert seen["baggage"]["tenant"] == "x"
        assert seen["state"] == "v=1"
    else:
        assert (seen["budget"], seen["baggage"], seen["state"]) == (None, {}, "")


@pytest.mark.parametrize(
    ("given", "least", "most"),
    [("-5", 0, 0), ("1e300", 1, 86_400_000), ("inf", None, None), ("nan", None, None), ("soon", None, None)],
)
def test_a_budget_is_a_number_between_zero_and_a_day(
    watched: Watched, given: str, least: float | None, most: float | None
) -> None:
    """What is below zero is zero, what is no number is no budget; the journey cuts it to its SLA."""
    app = instrument_app(portal(), watched.options())
    with served(app) as url:
        budget = httpx.get(f"{url}/api/vessels/1", headers={"baggage": f"sms.sla.budget_ms={given}"}).json()["budget"]
    if least is None or most is None:
        assert budget is None
    else:
        assert least <= budget <= most


def test_an_exception_reaches_the_server_untouched_and_its_text_stays_inside(watched: Watched) -> None:
    """The client gets 500; the span is an error of that type, without the message."""
    app = instrument_app(portal(), watched.options())
    with served(app) as url:
        answer = httpx.get(f"{url}/api/broken")
    span = watched.server
    assert answer.status_code == 500
    assert span.status.status_code.name == "ERROR"
    assert span.attributes["error.type"] == "LookupError"
    assert "secret" not in str(span.to_json())
    assert watched.labels("http.server.request.duration")[0]["error.type"] == "LookupError"


def test_the_very_exception_leaves_the_middleware(watched: Watched) -> None:
    """What the application raises is what the server gets, the same object."""
    raised = KeyError("x")

    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise raised

    watching = instrument_app(app, watched.options())
    with pytest.raises(KeyError) as caught:
        asyncio.run(watching({"type": "http", "path": "/", "headers": []}, None, None))
    assert caught.value is raised
    assert watched.server.attributes["http.response.status_code"] == 500


@pytest.mark.parametrize(("path", "traced"), [("/health", 0), ("/health/db", 0), ("/healthy-parts", 2)])
def test_an_excluded_route_hides_itself_and_all_below_and_nothing_else(
    watched: Watched, path: str, traced: int
) -> None:
    """The spans inside an excluded request are not there either, so none of them becomes a root."""
    app = instrument_app(portal(), watched.options())
    with served(app) as url:
        assert httpx.get(f"{url}{path}").status_code == 200
    assert len(watched.spans) == traced
    assert bool(watched.measured) == bool(watched.finished) == bool(traced)


def test_an_excluded_route_is_found_below_the_servers_prefix(watched: Watched) -> None:
    """A server that serves under a prefix puts it in front of the path."""
    app = instrument_app(portal(), watched.options())
    with served(app, root_path="/portal") as url:
        assert httpx.get(f"{url}/health").status_code == 200
        assert httpx.get(f"{url}/api/vessels/1").json()["route"] == "/api/vessels/{vessel_id}"
    assert watched.server.attributes["http.route"] == "/api/vessels/{vessel_id}"


def test_the_route_template_is_whole_below_mounts_and_routers(watched: Watched) -> None:
    """Prefixes of routers and mounts are part of the template; ids in the path are not."""
    inner = fastapi.FastAPI()
    router = fastapi.APIRouter(prefix="/orders")
    nested = fastapi.APIRouter(prefix="/{order_id}")

    @nested.get("/lines/{line}")
    def line(order_id: str, line: int) -> dict[str, Any]:
        request = current_request()
        return {"route": request and request.route}

    router.include_router(nested)
    inner.include_router(router, prefix="/v1")
    app = fastapi.FastAPI()
    app.include_router(router, prefix="/direct")
    app.mount("/parts", inner)
    instrument_app(app, watched.options())
    instrument_app(inner, watched.options())
    with served(app) as url:
        mounted = httpx.get(f"{url}/parts/v1/orders/7/lines/1").json()["route"]
        direct = httpx.get(f"{url}/direct/orders/7/lines/1").json()["route"]
    assert mounted == "/parts/v1/orders/{order_id}/lines/{line}"
    assert direct == "/direct/orders/{order_id}/lines/{line}"
    assert [span.name for span in watched.spans] == [f"GET {mounted}", f"GET {direct}"]


def test_starlette_alone_is_watched_as_well(watched: Watched) -> None:
    """Routes and mounts of plain Starlette have templates too."""

    async def hello(request: Any) -> PlainTextResponse:
        return PlainTextResponse("hello")

    app = Starlette(routes=[Mount("/v1", routes=[Route("/hello/{name}", hello)])])
    instrument_app(app, watched.options())
    with served(app) as url:
        httpx.get(f"{url}/v1/hello/me")
    assert watched.server.name == "GET /v1/hello/{name}"


@pytest.mark.parametrize(
    ("method", "path", "status", "name"),
    [
        ("HEAD", "/api/vessels/1", 405, "HEAD /api/vessels/{vessel_id}"),
        ("OPTIONS", "/api/vessels/1", 405, "OPTIONS /api/vessels/{vessel_id}"),
        ("GET", "/nowhere/17", 404, "GET"),
        ("BREW", "/nowhere/17", 404, "HTTP"),
    ],
)
def test_what_no_route_answers_is_a_span_without_the_path(
    watched: Watched, method: str, path: str, status: int, name: str
) -> None:
    """404 and 405 are no errors of the server; an unknown method is `_OTHER`; raw paths never become names."""
    app = instrument_app(portal(), watched.options())
    with served(app) as url:
        assert httpx.request(method, f"{url}{path}").status_code == status
    span = watched.server
    assert span.name == name
    assert span.status.status_code.name == "UNSET"
    assert "error.type" not in span.attributes
    assert span.attributes["http.request.method"] == (method if method != "BREW" else "_OTHER")


def test_a_stream_is_measured_to_its_end(watched: Watched) -> None:
    """The duration includes the last chunk, and all bytes are counted."""
    app = fastapi.FastAPI()
    release = threading.Event()

    @app.get("/stream")
    def stream() -> StreamingResponse:
        def chunks() -> Any:
            yield b"one"
            release.wait(20)
            yield b"two"

        return StreamingResponse(chunks())

    instrument_app(app, watched.options())
    with served(app) as url, httpx.stream("GET", f"{url}/stream") as response:
        received = response.iter_raw()
        assert next(received) == b"one"
        assert not watched.spans
        release.set()
        assert next(received) == b"two"
        list(received)
    assert watched.server.attributes["http.response.status_code"] == 200
    assert watched.amounts("http.server.response.body.size") == [6]


def test_a_client_that_goes_away_is_499_and_no_error(watched: Watched) -> None:
    """Nobody was answered, nothing failed."""
    app = fastapi.FastAPI()
    began, ended = threading.Event(), threading.Event()

    @app.post("/upload")
    async def upload(request: fastapi.Request) -> dict[str, int]:
        began.set()
        try:
            return {"size": len(await request.body())}
        finally:
            ended.set()

    instrument_app(app, watched.options())
    with served(app) as url:
        with socket.create_connection(("127.0.0.1", urlsplit(url).port)) as connection:
            connection.sendall(b"POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
            assert began.wait(20)
        assert ended.wait(20)
    span = watched.server
    assert span.attributes["http.response.status_code"] == 499
    assert span.status.status_code.name == "UNSET"
    assert "error.type" not in span.attributes
    assert watched.finished[0]["status_code"] == 499


def test_a_cancelled_request_is_499(watched: Watched) -> None:
    """A server that cancels its task has lost the client."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.Event().wait()

    async def cancel() -> None:
        watching = instrument_app(app, watched.options())
        task = asyncio.ensure_future(watching({"type": "http", "path": "/", "headers": []}, None, None))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel())
    assert watched.server.attributes["http.response.status_code"] == 499


def test_a_websocket_is_one_server_span(watched: Watched) -> None:
    """It is named by its route, 101 once accepted; that a client hangs up is no error."""
    from websockets.sync.client import connect

    app = fastapi.FastAPI()

    @app.websocket("/ws/{room}")
    async def talk(websocket: fastapi.WebSocket) -> None:
        await websocket.accept()
        while True:
            await websocket.send_text(await websocket.receive_text())

    instrument_app(app, watched.options())
    with served(app) as url:
        address = url.replace("http", "ws")
        with connect(f"{address}/ws/1", additional_headers={"X-Correlation-ID": "sock-1"}) as socket_:
            socket_.send("hi")
            assert socket_.recv() == "hi"
            assert socket_.response is not None
            assert socket_.response.headers["x-correlation-id"] == "sock-1"
    span = watched.server
    assert span.name == "GET /ws/{room}"
    assert span.attributes["http.response.status_code"] == 101
    assert span.attributes["url.scheme"] == "ws"
    assert span.attributes["network.protocol.name"] == "websocket"
    assert span.status.status_code.name == "UNSET"
    assert watched.labels("http.server.request.duration") == []
    assert watched.amounts("http.server.active_requests") == [1, -1]


HOSTILE = [
    (b"X-Correlation-ID", "naïve".encode("latin-1")),
    (b"X-Correlation-ID", b"\xff\xfe"),
    (b"X-Correlation-ID", b"a" * 65),
    (b"traceparent", b"00-" + b"f" * 60),
    (b"traceparent", b"ff-\xe9"),
    (b"baggage", b"%ff=%00," * 500),
    (b"baggage", b"sms.sla.budget_ms=" + b"9" * 5000),
    (b"tracestate", b"=,=,=" * 1000),
]


@pytest.mark.parametrize("header", HOSTILE)
def test_no_header_breaks_a_request(watched: Watched, header: tuple[bytes, bytes]) -> None:
    """Whatever a client sends twice over, it is answered and traced, under an id that is well formed."""
    app = instrument_app(portal(), watched.options())
    with served(app) as url:
        connection = http.client.HTTPConnection(urlsplit(url).netloc)
        connection.putrequest("GET", "/api/vessels/1")
        for _ in range(2):
            connection.putheader(header[0].decode(), header[1])
        connection.endheaders()
        answer = connection.getresponse()
        assert answer.status == 200
        answer.read()
        connection.close()
    assert answer.headers["x-correlation-id"] == format(watched.server.context.trace_id, "032x")


@pytest.mark.parametrize("name", [b"traceparent", b"baggage", b"tracestate", b"x-correlation-id"])
def test_a_header_of_a_megabyte_is_only_a_header(watched: Watched, name: bytes) -> None:
    """A server that lets it through finds the request watched all the same."""
    answered: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 204})
        await send({"type": "http.response.body"})

    async def send(message: Any) -> None:
        answered.append(message)

    watching = instrument_app(app, watched.options())
    scope = {"type": "http", "path": "/", "method": "GET", "headers": [(name, b"\xe9=" * 500_000)]}
    asyncio.run(watching(scope, None, send))
    assert [message["type"] for message in answered] == ["http.response.start", "http.response.body"]
    assert watched.server.attributes["http.response.status_code"] == 204


def test_every_port_may_fail_and_the_request_is_still_answered(watched: Watched) -> None:
    """What goes wrong in the telemetry of a request is not the request's business."""

    def fail(*_: Any, **__: Any) -> Any:
        raise RuntimeError

    options = watched.options(
        trusted=fail,
        excluded=fail,
        request_finished=fail,
        metric=lambda name: fail,
        on_lifespan_startup=fail,
        on_lifespan_shutdown=fail,
    )
    app = instrument_app(portal(), options)
    with served(app) as url:
        assert httpx.get(f"{url}/api/vessels/1").status_code == 200
        assert httpx.get(f"{url}/api/broken").status_code == 500
    options = watched.options(request_finished=fail)
    app = instrument_app(portal(), options)
    with served(app) as url:
        assert httpx.get(f"{url}/api/vessels/1").status_code == 200
    assert watched.spans[-1].attributes["http.route"] == "/api/vessels/{vessel_id}"


def test_one_message_for_all_responses_does_not_keep_the_first_id(watched: Watched) -> None:
    """An application may send one and the same message every time; each response has its own id."""
    start = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(start)
        await send({"type": "http.response.body"})

    with served(instrument_app(app, watched.options()), lifespan="off") as url:
        ids = [httpx.get(url, headers={"X-Correlation-ID": given}).headers["x-correlation-id"] for given in ("a", "b")]
    assert ids == ["a", "b"]


def test_the_lifespan_of_an_application_is_its_own(watched: Watched) -> None:
    """Ours begins after its start-up and ends after its shut-down, before the server goes on."""
    order = watched.lifespan

    @asynccontextmanager
    async def lifespan(app: Any) -> Any:
        order.append("app starts")
        yield {"database": "open"}
        order.append("app ends")

    app = fastapi.FastAPI(lifespan=lifespan)

    @app.get("/")
    def state(request: fastapi.Request) -> str:
        return str(request.state.database)

    instrument_app(app, watched.options())
    with served(app, lifespan="on") as url:
        assert httpx.get(url).json() == "open"
    assert order == ["app starts", "startup", "app ends", "shutdown"]


@pytest.mark.parametrize("refuses", [True, False])
def test_an_application_without_a_lifespan_gets_ours(watched: Watched, refuses: bool) -> None:
    """A bare ASGI application is flushed at the end too, whether it raises for a lifespan or ignores it."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            if refuses:
                raise AssertionError
            return
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body"})

    with served(instrument_app(app, watched.options())) as url:
        assert httpx.get(url).status_code == 200
    assert watched.lifespan == ["startup", "shutdown"]
    assert watched.server.name == "GET"


def test_what_is_bound_in_one_request_is_gone_in_the_next(watched: Watched) -> None:
    """One connection serves both requests; ids, baggage and budget end with theirs."""
    app = fastapi.FastAPI()

    @app.get("/bind")
    async def bind() -> None:
        bind_context(company_id="acme")

    @app.get("/look")
    async def look() -> dict[str, Any]:
        return {"bound": dict(bound_context()), "budget": remaining_budget_ms(), "baggage": dict(baggage.get_all())}

    instrument_app(app, watched.options())
    with served(app) as url, httpx.Client() as client:
        client.get(f"{url}/bind", headers={"baggage": "sms.sla.budget_ms=9,a=b"})
        assert client.get(f"{url}/look").json() == {"bound": {}, "budget": None, "baggage": {}}
    assert current_request() is None


def test_a_request_in_the_callers_own_task_leaves_nothing_behind(watched: Watched) -> None:
    """A client that calls the application directly finds its context as it was, whatever came of the request."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        bind_context(company_id="acme")
        if scope["path"] == "/fails":
            raise LookupError

    async def call() -> None:
        watching = instrument_app(app, watched.options())
        for path in ("/", "/fails", "/health"):
            headers = [(b"baggage", b"sms.sla.budget_ms=9,a=b"), (b"traceparent", PARENT.encode())]
            with suppress(LookupError):
                await watching({"type": "http", "path": path, "headers": headers}, None, None)
            assert current_request() is None
            assert bound_context() == {}
            assert remaining_budget_ms() is None
            assert dict(baggage.get_all()) == {}
            assert trace.get_current_span() is trace.INVALID_SPAN

    asyncio.run(call())
    assert len(watched.spans) == 2


def test_instrumenting_twice_is_once_and_uninstrumenting_restores(watched: Watched) -> None:
    """One span a request after two calls, none after the layer was taken off, one again after a fresh start."""
    app = portal()
    build, telemetry = app.build_middleware_stack, dict(app._telemetry)
    instrument_app(app, watched.options())
    instrument_app(app, watched.options())
    with served(app) as url:
        httpx.get(f"{url}/api/vessels/1")
        watched.wait_for_spans(1)
        uninstrument_app(app)
        uninstrument_app(app)
        assert app.build_middleware_stack == build
        assert app._telemetry == telemetry
        assert "x-correlation-id" not in httpx.get(f"{url}/api/vessels/1").headers
        assert len(watched.spans) == 1
        instrument_app(app, watched.options())
        httpx.get(f"{url}/api/vessels/1")
    assert len(watched.spans) == 2


def test_what_is_no_application_is_refused_with_the_remedy(watched: Watched) -> None:
    """The message says what to pass."""
    with pytest.raises(TypeError, match="takes a FastAPI or ASGI application, not a str"):
        instrument_app("app", watched.options())
