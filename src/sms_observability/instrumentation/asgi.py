"""The ASGI middleware: one SERVER span, log line and set of HTTP metrics a request, at a tenth of contrib's cost.

It is the outermost layer of an application. What it takes from a peer depends on who that is: a well-formed
`traceparent` and correlation id from anyone, baggage, tracestate and an SLA budget from trusted peers only.
Names are those of OpenTelemetry's stable HTTP semantic conventions; paths and query strings stay out of them, the route
template stands for both.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from time import perf_counter
from typing import TYPE_CHECKING, Any

from opentelemetry import baggage, propagate, trace
from opentelemetry import context as otel_context
from opentelemetry.trace import SpanKind, StatusCode

from sms_observability.context import Request, correlation_id_or_none, enter_request, exit_request
from sms_observability.instrumentation.route import route_template
from sms_observability.journeys import accept_budget, forget_budget

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from opentelemetry.context import Context
    from opentelemetry.trace import Span

    from sms_observability.instrumentation.options import InstrumentationOptions

    Scope = MutableMapping[str, Any]
    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    App = Callable[[Scope, Receive, Send], Awaitable[None]]

_logger = logging.getLogger("sms_observability.instrumentation")
_tracer = trace.get_tracer("sms_observability.asgi")

CORRELATION_HEADER = b"x-correlation-id"
BUDGET_KEY = "sms.sla.budget_ms"
_TRUSTED_ONLY = ("baggage", "tracestate")
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY"))
_CLIENT_CLOSED_REQUEST = 499
_SERVER_ERROR = 500


class ObservabilityMiddleware:
    """Watch an ASGI application.

    Args:
        app: The application, or what is left of its middleware stack.
        options: The ports that `init_observability` hands down.
    """

    def __init__(self, app: App, options: InstrumentationOptions) -> None:
        self.app = app
        self._options = options
        metric = options.metric
        self._duration = metric("http.server.request.duration")
        self._active = metric("http.server.active_requests")
        self._request_size = metric("http.server.request.body.size")
        self._response_size = metric("http.server.response.body.size")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one connection on, watched."""
        kind = scope["type"]
        if kind == "http" or kind == "websocket":  # noqa: PLR1714 - a set costs more than a comparison
            if self._options.excluded(scope["path"]):
                await self._pass_quietly(scope, receive, send)
            else:
                await self._watch(scope, receive, send)
        elif kind == "lifespan":
            await self.app(scope, receive, self._watch_lifespan(send))
        else:
            await self.app(scope, receive, send)

    async def _pass_quietly(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(method=scope.get("method", "GET"), correlation_id=None, trusted=False, suppressed=True)
        request.scope = scope
        token = enter_request(request)
        try:
            await self.app(scope, receive, send)
        finally:
            exit_request(token)

    async def _watch(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = _Exchange(self, scope, receive, send)
        try:
            exchange.start()
        except Exception as error:  # noqa: BLE001 - promise 1: a request is never lost to its telemetry
            _warn("start", error)
        try:
            await self.app(scope, exchange.receive, exchange.send)
        except BaseException as error:
            exchange.finish(error)
            raise
        exchange.finish(None)

    def _watch_lifespan(self, send: Send) -> Send:
        async def watched(message: Message) -> None:
            kind = message["type"]
            if kind == "lifespan.startup.complete":
                _quietly(self._options.on_lifespan_startup)
            elif kind == "lifespan.shutdown.complete" or kind == "lifespan.shutdown.failed":  # noqa: PLR1714
                try:
                    waiting = self._options.on_lifespan_shutdown()
                    if inspect.isawaitable(waiting):
                        await waiting
                except Exception as error:  # noqa: BLE001 - promise 1
                    _warn("flush", error)
            await send(message)

        return watched


class _Exchange:
    """One request and its response."""

    __slots__ = (
        "_budget",
        "_context_token",
        "_method",
        "_middleware",
        "_receive",
        "_request",
        "_request_bytes",
        "_request_token",
        "_response_bytes",
        "_scheme",
        "_scope",
        "_send",
        "_span",
        "_start",
        "_status",
    )

    def __init__(self, middleware: ObservabilityMiddleware, scope: Scope, receive: Receive, send: Send) -> None:
        self._middleware = middleware
        self._scope = scope
        self._receive = receive
        self._send = send
        self._start = perf_counter()
        self._status: int | None = None
        self._span: Span | None = None
        self._request: Request | None = None
        self._request_token: Any = None
        self._context_token: Any = None
        self._budget: Any = None
        self._request_bytes = 0
        self._response_bytes = 0
        self._method = ""
        self._scheme = ""

    def start(self) -> None:
        """Open the span and the request's context."""
        scope, options = self._scope, self._middleware._options
        client = scope.get("client")
        trusted = client is None or options.trusted(client[0])
        carrier: dict[str, str] = {}
        given_id: str | None = None
        for name, value in scope["headers"]:
            if name == CORRELATION_HEADER:
                given_id = correlation_id_or_none(value)
            elif name in _propagation_headers():
                key = name.decode("latin-1")
                if trusted or key not in _TRUSTED_ONLY:
                    text = value.decode("latin-1")
                    carrier[key] = f"{carrier[key]},{text}" if key in carrier else text
        parent: Context | None = propagate.extract(carrier, otel_context.Context()) if carrier else None
        method = scope.get("method", "GET")
        self._method = method = method if method in _METHODS else "_OTHER"
        self._scheme = scheme = scope.get("scheme", "http")
        attributes: dict[str, Any] = {"http.request.method": method, "url.scheme": scheme}
        server = scope.get("server")
        if server:
            attributes["server.address"] = server[0]
            if server[1] is not None:
                attributes["server.port"] = server[1]
        version = scope.get("http_version")
        if version:
            attributes["network.protocol.version"] = version
        if scope["type"] == "websocket":
            attributes["network.protocol.name"] = "websocket"
        span = _tracer.start_span(
            "HTTP" if method == "_OTHER" else method,
            parent if parent is not None else otel_context.Context(),
            SpanKind.SERVER,
            attributes,
            record_exception=False,
            set_status_on_exception=False,
        )
        span_context = span.get_span_context()
        correlation_id = given_id or format(span_context.trace_id, "032x")
        span.set_attribute("sms.correlation_id", correlation_id)
        self._span = span
        self._request = request = Request(
            method=method, correlation_id=correlation_id, trusted=trusted, suppressed=False
        )
        request.scope = scope
        self._request_token = enter_request(request)
        self._context_token = otel_context.attach(trace.set_span_in_context(span, parent))
        if parent is not None and trusted:
            self._budget = _budget(parent)
        active = {"http.request.method": method, "url.scheme": scheme}
        self._middleware._active(1, active, None)

    async def receive(self) -> Message:
        """Read from the client; notice when it goes away."""
        message = await self._receive()
        kind = message["type"]
        if kind == "http.request":
            self._request_bytes += len(message.get("body", b""))
        elif (kind == "http.disconnect" or kind == "websocket.disconnect") and self._request is not None:  # noqa: PLR1714
            self._request.disconnected = True
        return message

    async def send(self, message: Message) -> None:
        """Write to the client; note the status, add the correlation id."""
        kind = message["type"]
        if kind == "http.response.start":
            self._status = message["status"]
            if self._request is not None and self._request.correlation_id:
                headers = list(message.get("headers", ()))
                if not any(name.lower() == CORRELATION_HEADER for name, _ in headers):
                    headers.append((CORRELATION_HEADER, self._request.correlation_id.encode("latin-1")))
                message["headers"] = headers
        elif kind == "http.response.body":
            self._response_bytes += len(message.get("body", b""))
        elif kind == "websocket.accept":
            self._status = 101
        elif kind == "websocket.close" and self._status is None:
            self._status = 403
        await self._send(message)

    def finish(self, error: BaseException | None) -> None:
        """Close the span, record the metrics, write the log line."""
        try:
            self._finish(error)
        except Exception as failed:  # noqa: BLE001 - promise 1
            _warn("finish", failed)
        finally:
            if self._budget is not None:
                forget_budget(self._budget)
            if self._context_token is not None:
                otel_context.detach(self._context_token)
            if self._request_token is not None:
                exit_request(self._request_token)

    def _finish(self, error: BaseException | None) -> None:
        span, request = self._span, self._request
        if span is None or request is None:
            return
        seconds = perf_counter() - self._start
        status = self._status
        if status is None:
            status = _CLIENT_CLOSED_REQUEST if _client_left(request, error) else _SERVER_ERROR
        route = route_template(self._scope)
        labels: dict[str, object] = {"http.request.method": self._method, "url.scheme": self._scheme}
        middleware = self._middleware
        middleware._active(-1, labels, None)
        labels["http.response.status_code"] = status
        if route is not None:
            labels["http.route"] = route
            span.update_name(f"{self._method} {route}")
            span.set_attribute("http.route", route)
        span.set_attribute("http.response.status_code", status)
        for key, value in request.bound.items():
            span.set_attribute(key, value)  # type: ignore[arg-type]
        if status >= _SERVER_ERROR or (isinstance(error, Exception) and status != _CLIENT_CLOSED_REQUEST):
            kind = type(error).__name__ if error is not None else str(status)
            span.set_attribute("error.type", kind)
            labels["error.type"] = kind
            if error is not None:
                span.record_exception(error)
            span.set_status(StatusCode.ERROR)
        context = span.get_span_context()
        link = (context.trace_id, context.span_id) if context.trace_flags & 1 else None
        if self._scope["type"] == "http":
            middleware._duration(seconds, labels, link)
            middleware._request_size(self._request_bytes, labels, None)
            middleware._response_size(self._response_bytes, labels, None)
        middleware._options.request_finished(duration_ms=seconds * 1000, status_code=status)
        span.end()


def _client_left(request: Request, error: BaseException | None) -> bool:
    return request.disconnected or isinstance(error, asyncio.CancelledError)


_fields: tuple[object, frozenset[bytes]] | None = None


def _propagation_headers() -> frozenset[bytes]:
    # OTEL_PROPAGATORS decides; asked once for each propagator that becomes the global one.
    global _fields
    propagator = propagate.get_global_textmap()
    if _fields is None or _fields[0] is not propagator:
        names = set(propagator.fields) | set(_TRUSTED_ONLY)
        _fields = (propagator, frozenset(name.lower().encode("latin-1") for name in names))
    return _fields[1]


def _budget(parent: Context) -> Any:
    given = baggage.get_baggage(BUDGET_KEY, parent)
    if not isinstance(given, str):
        return None
    try:
        milliseconds = float(given)
    except ValueError:
        return None
    if milliseconds != milliseconds:  # noqa: PLR0124 - NaN
        return None
    # A journey takes the smaller of its own SLA and this, so only the lower end needs a clamp.
    return accept_budget(max(0.0, milliseconds))


def _quietly(call: Callable[[], None]) -> None:
    try:
        call()
    except Exception as error:  # noqa: BLE001 - promise 1
        _warn("start", error)


def _warn(what: str, error: Exception) -> None:
    _logger.debug("could not %s watching a request: %s", what, type(error).__name__)
