"""One outgoing HTTP call: its CLIENT span, its metric, and what is handed on, which depends on who is called."""

from __future__ import annotations

import logging
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from opentelemetry import baggage, propagate, trace
from opentelemetry.trace import SpanKind, StatusCode

from sms_observability.context import current_correlation_id
from sms_observability.instrumentation.incoming import BUDGET_KEY
from sms_observability.journeys import remaining_budget_ms
from sms_observability.providers.seams import attach, current_context, detach, with_span

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from opentelemetry.context import Context

    from sms_observability.instrumentation.options import InstrumentationOptions

_logger = logging.getLogger("sms_observability.instrumentation")
_tracer = trace.get_tracer("sms_observability.http")

_CLIENT_ERROR: Final = 400
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_METHODS: Final = frozenset(("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY"))


class OutgoingCall:
    """Watches one call from `start` to `finish`; neither raises.

    Internal hosts get `traceparent`, baggage with the remaining SLA budget, and the correlation id. Others get nothing:
    they are told neither who asks nor what is left of our patience. The headers are taken off again at the end, so that
    a client that follows a redirect does not carry them to another host.

    Args:
        options: The ports of the instrumentation.
        method: The HTTP method.
        scheme: `http` or `https`.
        host: The host that is called.
        port: Its port, or `None` for the scheme's own.
        path: The path of the URL, without its query.
    """

    __slots__ = (
        "_added",
        "_headers",
        "_host",
        "_method",
        "_options",
        "_path",
        "_port",
        "_scheme",
        "_span",
        "_start",
        "_token",
    )

    def __init__(  # noqa: PLR0913
        self, options: InstrumentationOptions, method: str, scheme: str, host: str, port: int | None, path: str
    ) -> None:
        method = method.upper()
        self._options = options
        self._method = method if method in _METHODS else "_OTHER"
        self._scheme = scheme
        self._host = host
        self._port = port or _DEFAULT_PORTS.get(scheme)
        self._path = path
        self._span: trace.Span | None = None
        self._token: Any = None
        self._headers: MutableMapping[str, str] | None = None
        self._added: list[str] = []
        self._start = perf_counter()

    def start(self, headers: MutableMapping[str, str]) -> OutgoingCall:
        """Open the span and add what is handed on to the headers."""
        try:
            self._open(headers)
        except Exception as error:  # noqa: BLE001 - promise 1
            _logger.debug("could not watch an outgoing call: %s", type(error).__name__)
        return self

    def finish(self, status: int | None, error: BaseException | None = None) -> None:
        """Close the span with the answer's status, or with what went wrong."""
        if self._token is not None:
            detach(self._token)
            self._token = None
        try:
            if self._headers is not None:
                for name in self._added:
                    self._headers.pop(name, None)
            if self._span is not None:
                self._close(self._span, status, error)
        except Exception as failed:  # noqa: BLE001 - promise 1
            _logger.debug("could not finish watching an outgoing call: %s", type(failed).__name__)

    def _open(self, headers: MutableMapping[str, str]) -> None:
        attributes: dict[str, Any] = {
            "http.request.method": self._method,
            "server.address": self._host,
            "url.scheme": self._scheme,
            "url.full": self._url(),
        }
        if self._port is not None:
            attributes["server.port"] = self._port
        span = self._span = _tracer.start_span(
            "HTTP" if self._method == "_OTHER" else self._method,
            None,
            SpanKind.CLIENT,
            attributes,
            record_exception=False,
            set_status_on_exception=False,
        )
        context = with_span(current_context(), span)
        self._token = attach(context)
        if self._options.internal(self._host):
            self._hand_on(headers, context)

    def _url(self) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        port = "" if self._port in (None, _DEFAULT_PORTS.get(self._scheme)) else f":{self._port}"
        return f"{self._scheme}://{host}{port}{self._path}"

    def _hand_on(self, headers: MutableMapping[str, str], context: Context) -> None:
        budget = remaining_budget_ms()
        if budget is not None:
            context = baggage.set_baggage(BUDGET_KEY, str(int(budget)), context)
        elif baggage.get_baggage(BUDGET_KEY, context) is not None:
            context = baggage.remove_baggage(BUDGET_KEY, context)
        carrier: dict[str, str] = {}
        propagate.inject(carrier, context)
        correlation_id = current_correlation_id()
        if correlation_id is not None:
            carrier["X-Correlation-ID"] = correlation_id
        self._headers = headers
        for name, value in carrier.items():
            if name not in headers:
                headers[name] = value
                self._added.append(name)

    def _close(self, span: trace.Span, status: int | None, error: BaseException | None) -> None:
        seconds = perf_counter() - self._start
        self._span = None
        labels: dict[str, object] = {"http.request.method": self._method, "server.address": self._host}
        if self._port is not None:
            labels["server.port"] = self._port
        kind: str | None = None
        if status is not None:
            span.set_attribute("http.response.status_code", status)
            labels["http.response.status_code"] = status
            if status >= _CLIENT_ERROR:
                kind = str(status)
        if isinstance(error, Exception):
            kind = type(error).__name__
        if kind is not None:
            span.set_attribute("error.type", kind)
            labels["error.type"] = kind
            span.set_status(StatusCode.ERROR)
        context = span.get_span_context()
        link = (context.trace_id, context.span_id) if context.trace_flags & 1 else None
        span.end()
        self._options.metric("http.client.request.duration")(seconds, labels, link)
