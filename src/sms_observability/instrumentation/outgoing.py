"""One outgoing HTTP call: its CLIENT span, its metric, and what is handed on, which depends on who is called."""

from __future__ import annotations

import logging
from time import perf_counter
from typing import TYPE_CHECKING, Any

from opentelemetry import baggage, propagate, trace
from opentelemetry import context as otel_context
from opentelemetry.trace import SpanKind, StatusCode

from sms_observability.context import current_correlation_id
from sms_observability.journeys import remaining_budget_ms

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from sms_observability.instrumentation.options import InstrumentationOptions

_logger = logging.getLogger("sms_observability.instrumentation")
_tracer = trace.get_tracer("sms_observability.http")

_CLIENT_ERROR = 400
_DEFAULT_PORTS = {"http": 80, "https": 443}


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
    """

    __slots__ = ("_added", "_headers", "_host", "_method", "_options", "_port", "_scheme", "_span", "_start", "_token")

    def __init__(self, options: InstrumentationOptions, method: str, scheme: str, host: str, port: int | None) -> None:
        self._options = options
        self._method = method.upper()
        self._scheme = scheme
        self._host = host
        self._port = port or _DEFAULT_PORTS.get(scheme)
        self._span: trace.Span | None = None
        self._token: Any = None
        self._headers: MutableMapping[str, str] | None = None
        self._added: list[str] = []
        self._start = perf_counter()

    def start(self, headers: MutableMapping[str, str]) -> OutgoingCall:
        """Open the span and add what is handed on to the headers."""
        try:
            internal = self._options.internal(self._host)
            attributes: dict[str, Any] = {
                "http.request.method": self._method,
                "url.scheme": self._scheme,
                "server.address": self._host,
            }
            if self._port is not None:
                attributes["server.port"] = self._port
            span = _tracer.start_span(
                self._method, None, SpanKind.CLIENT, attributes, record_exception=False, set_status_on_exception=False
            )
            self._span = span
            context = trace.set_span_in_context(span)
            self._token = otel_context.attach(context)
            if internal:
                self._hand_on(headers, context)
        except Exception as error:  # noqa: BLE001 - promise 1
            _logger.debug("could not watch an outgoing call: %s", type(error).__name__)
        return self

    def finish(self, status: int | None, error: BaseException | None = None) -> None:
        """Close the span with the answer's status, or with what went wrong."""
        try:
            self._finish(status, error)
        except Exception as failed:  # noqa: BLE001 - promise 1
            _logger.debug("could not finish watching an outgoing call: %s", type(failed).__name__)

    def _hand_on(self, headers: MutableMapping[str, str], context: otel_context.Context) -> None:
        budget = remaining_budget_ms()
        if budget is not None:
            context = baggage.set_baggage("sms.sla.budget_ms", str(int(budget)), context)
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

    def _finish(self, status: int | None, error: BaseException | None) -> None:
        if self._headers is not None:
            for name in self._added:
                self._headers.pop(name, None)
        if self._token is not None:
            otel_context.detach(self._token)
            self._token = None
        span = self._span
        if span is None:
            return
        self._span = None
        labels: dict[str, object] = {
            "http.request.method": self._method,
            "server.address": self._host,
            "url.scheme": self._scheme,
        }
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
        self._options.metric("http.client.request.duration")(perf_counter() - self._start, labels, link)
