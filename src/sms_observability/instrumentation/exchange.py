"""One request and its response: the SERVER span, the metrics and the log line of it.

Names are those of OpenTelemetry's stable HTTP semantic conventions; paths and query strings stay out of them, the route
template stands for both.
"""

from __future__ import annotations

import logging
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, cast

from opentelemetry import trace
from opentelemetry.trace import SpanKind, StatusCode

from sms_observability.context import enter_request, exit_request
from sms_observability.instrumentation.incoming import CORRELATION_HEADER, NO_CONTEXT, budget_of, read_headers
from sms_observability.instrumentation.route import AsgiRequest
from sms_observability.journeys import accept_budget, forget_budget
from sms_observability.privacy.guard import close_scope, open_scope
from sms_observability.providers.seams import attach, current_context, detach, span_in, with_span

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from opentelemetry.trace import Span

    from sms_observability.context import Request
    from sms_observability.instrumentation.options import InstrumentationOptions, Record

    Scope = MutableMapping[str, Any]
    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    App = Callable[[Scope, Receive, Send], Awaitable[None]]

_logger = logging.getLogger("sms_observability.instrumentation")
_tracer = trace.get_tracer("sms_observability.asgi")

_METHODS: Final = frozenset(("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY"))
_STARTS: Final = frozenset(("http.response.start", "websocket.accept", "websocket.http.response.start"))
_CLIENT_WENT: Final = frozenset(("ClientDisconnect", "WebSocketDisconnect"))
_SWITCHING_PROTOCOLS: Final = 101
_FORBIDDEN: Final = 403
_CLIENT_CLOSED_REQUEST: Final = 499
_SERVER_ERROR: Final = 500
_STOCK_SCOPE: Final = "opentelemetry.instrumentation."


class Meters:
    """Where the metrics of requests are recorded."""

    __slots__ = ("active", "duration", "request_size", "response_size")

    def __init__(self, metric: Callable[[str], Record]) -> None:
        self.duration = metric("http.server.request.duration")
        self.active = metric("http.server.active_requests")
        self.request_size = metric("http.server.request.body.size")
        self.response_size = metric("http.server.response.body.size")


class Exchange:
    """One request and its response.

    Args:
        options: The ports of the instrumentation.
        meters: Where its metrics are recorded.
        scope: The ASGI scope.
        receive: Reads from the client.
        send: Writes to the client.
    """

    __slots__ = (
        "_active",
        "_budget",
        "_context_token",
        "_guard_token",
        "_is_http",
        "_meters",
        "_options",
        "_owns_span",
        "_receive",
        "_request",
        "_request_bytes",
        "_request_token",
        "_response_bytes",
        "_scope",
        "_send",
        "_span",
        "_start",
        "_status",
    )

    def __init__(
        self, options: InstrumentationOptions, meters: Meters, scope: Scope, receive: Receive, send: Send
    ) -> None:
        self._start = perf_counter()
        self._options = options
        self._meters = meters
        self._scope = scope
        self._receive = receive
        self._send = send
        self._is_http = scope["type"] == "http"
        self._status: int | None = None
        self._span: Span | None = None
        self._owns_span = True
        self._request: Request | None = None
        self._request_token: Any = None
        self._context_token: Any = None
        self._guard_token: Any = None
        self._budget: Any = None
        self._request_bytes = 0
        self._response_bytes = 0
        self._active: dict[str, object] | None = None

    def start(self) -> None:
        """Open the span and the request's context."""
        try:
            self._open()
        except Exception as error:  # noqa: BLE001 - promise 1: a request is never lost to its telemetry
            warn("start watching a request", error)

    async def receive(self) -> Message:
        """Read from the client; notice when it goes away."""
        message = await self._receive()
        try:
            kind = message["type"]
            if kind == "http.request":
                self._request_bytes += len(message.get("body") or b"")
            elif kind.endswith(".disconnect") and self._request is not None:
                self._request.disconnected = True
        except Exception as error:  # noqa: BLE001 - promise 1
            warn("read a message", error)
        return message

    async def send(self, message: Message) -> None:
        """Write to the client; note the status, add the correlation id."""
        try:
            kind = message["type"]
            if kind == "http.response.body":
                self._response_bytes += len(message.get("body") or b"")
            elif kind in _STARTS:
                message = self._begin_response(message)
            elif kind == "websocket.close" and self._status is None:
                self._status = _FORBIDDEN
        except Exception as error:  # noqa: BLE001 - promise 1
            warn("read a response", error)
        await self._send(message)

    def finish(self, error: BaseException | None) -> None:
        """Close the span, record the metrics, write the log line, leave the request's context."""
        span = self._span
        try:
            if span is not None and self._request is not None:
                self._close(span, self._request, error)
        except Exception as failed:  # noqa: BLE001 - promise 1
            warn("finish watching a request", failed)
        try:
            if span is not None and self._owns_span:
                span.end()
            if self._budget is not None:
                forget_budget(self._budget)
        except Exception as failed:  # noqa: BLE001 - promise 1
            warn("leave a request", failed)
        if self._guard_token is not None:
            close_scope(self._guard_token)
        if self._context_token is not None:
            detach(self._context_token)
        if self._request_token is not None:
            exit_request(self._request_token)

    def _open(self) -> None:
        scope = self._scope
        client = scope.get("client")
        # Without an address the peer is on this machine: a UNIX socket, or a server in the same process.
        trusted = client is None or self._options.trusted(client[0])
        remote, correlation_id = read_headers(scope["headers"], trusted=trusted)
        method = scope.get("method", "GET")
        if method not in _METHODS:
            method = "_OTHER"
        scheme = scope.get("scheme", "http" if self._is_http else "ws")
        around = _span_around()
        self._owns_span = around is None
        # Before the span, which carries the guard.
        self._guard_token = open_scope()
        span = self._span = around or self._start_span(remote, method, scheme)
        if correlation_id is None:
            correlation_id = format(span.get_span_context().trace_id, "032x")
        span.set_attribute("sms.correlation_id", correlation_id)
        request = self._request = AsgiRequest(method=method, correlation_id=correlation_id, trusted=trusted)
        request.scope = scope
        self._request_token = enter_request(request)
        self._context_token = attach(with_span(remote, span))
        budget = budget_of(remote) if trusted and remote is not NO_CONTEXT else None
        # In a server inside a server (a client of ASGI) the outer budget is there, and must not be inherited.
        self._budget = accept_budget(budget)
        labels: dict[str, object] = {"http.request.method": method, "url.scheme": scheme}
        self._meters.active(1, labels, None)
        self._active = labels

    def _start_span(self, remote: Any, method: str, scheme: str) -> Span:
        scope = self._scope
        attributes: dict[str, Any] = {"http.request.method": method, "url.scheme": scheme}
        server = scope.get("server")
        if server:
            attributes["server.address"] = server[0]
            if server[1] is not None:
                attributes["server.port"] = server[1]
        version = scope.get("http_version")
        if version:
            attributes["network.protocol.version"] = version
        if not self._is_http:
            attributes["network.protocol.name"] = "websocket"
        return _tracer.start_span(
            "HTTP" if method == "_OTHER" else method,
            remote,
            SpanKind.SERVER,
            attributes,
            record_exception=False,
            set_status_on_exception=False,
        )

    def _begin_response(self, message: Message) -> Message:
        status: int = _SWITCHING_PROTOCOLS if message["type"] == "websocket.accept" else message["status"]
        self._status = status
        request = self._request
        if request is None or request.correlation_id is None:
            return message
        if request.disconnected:  # what is said to nobody, such as the 500 that frameworks make of it, is no answer
            self._status = status = _CLIENT_CLOSED_REQUEST
        if not self._owns_span and self._span is not None:  # it ends with the response's last byte, before we do
            self._describe(self._span, request, status)
        headers: list[tuple[bytes, bytes]] = list(message.get("headers") or ())
        for header in headers:
            if header[0].lower() == CORRELATION_HEADER:
                return message
        headers.append((CORRELATION_HEADER, request.correlation_id.encode("latin-1")))
        # A copy: an application may send one and the same message for every request.
        return {**message, "headers": headers}

    def _close(self, span: Span, request: Request, error: BaseException | None) -> None:
        seconds = perf_counter() - self._start
        status = self._status
        if status is None:
            import asyncio  # an application that was cancelled has it; a process without one need not

            left = request.disconnected or isinstance(error, asyncio.CancelledError)
            status = _CLIENT_CLOSED_REQUEST if left else _SERVER_ERROR
        labels: dict[str, object] = self._active or {}
        if self._active is not None:
            self._active = None
            self._meters.active(-1, labels, None)
        route = self._describe(span, request, status)
        if route is not None:
            labels["http.route"] = route
        labels["http.response.status_code"] = status
        failed = isinstance(error, Exception) and type(error).__name__ not in _CLIENT_WENT
        if status != _CLIENT_CLOSED_REQUEST and (failed or status >= _SERVER_ERROR):
            kind = str(status) if error is None else type(error).__name__
            labels["error.type"] = kind
            span.set_attribute("error.type", kind)
            if error is not None:
                span.record_exception(error)
            span.set_status(StatusCode.ERROR)
        if self._is_http:
            context = span.get_span_context()
            link = (context.trace_id, context.span_id) if context.trace_flags & 1 else None
            meters = self._meters
            meters.duration(seconds, labels, link)
            meters.request_size(self._request_bytes, labels, None)
            meters.response_size(self._response_bytes, labels, None)
        self._options.request_finished(duration_ms=seconds * 1000, status_code=status)

    @staticmethod
    def _describe(span: Span, request: Request, status: int) -> str | None:
        route = request.route
        if route is not None:
            span.set_attribute("http.route", route)
            span.update_name(f"{'HTTP' if request.method == '_OTHER' else request.method} {route}")
        span.set_attribute("http.response.status_code", status)
        for key, value in request.bound.items():
            span.set_attribute(key, cast("Any", value))
        return route


def _span_around() -> Span | None:
    """Give the SERVER span that a stock middleware outside of ours has opened for this request already."""
    found: Any = span_in(current_context())
    if found is None or not found.is_recording():
        return None
    scope = getattr(found, "instrumentation_scope", None)
    if getattr(found, "kind", None) is SpanKind.SERVER and getattr(scope, "name", "").startswith(_STOCK_SCOPE):
        return cast("Span", found)
    return None


def warn(what: str, error: Exception) -> None:
    """Note at DEBUG what could not be watched: the request goes on."""
    _logger.debug("could not %s: %s", what, type(error).__name__)
