"""The ways out of a process: each plants a figure somewhere, and everything that would leave is kept."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import logging
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Self

import httpx
import pydantic
import sqlalchemy
import structlog
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.trace import Link, SpanContext, StatusCode, TraceFlags, TraceState

from sms_observability import providers
from sms_observability.catalog import SMS_CATALOG
from sms_observability.export.encode import Encoder, Quarantined
from sms_observability.export.records import MetricData
from sms_observability.instrumentation import InstrumentationOptions, ObservabilityMiddleware, instrument_libraries
from sms_observability.logs import LogOptions, configure_logs, restore_logs
from sms_observability.metrics.registry import CellRegistry
from sms_observability.privacy import CataloguePolicy, OpenPolicy, current_guard, guarded

KEY, GUARD = "key", "guard"
BOTH = frozenset((KEY, GUARD))


class House:
    """Providers, instrumentations, logs and metrics, joined as in a service; what leaves is kept as bytes."""

    def __init__(self, policy: CataloguePolicy | OpenPolicy) -> None:
        self.policy = policy
        self.stream = io.StringIO()
        self.left: list[bytes] = []
        self.encoder = Encoder(policy)
        self.tracers = providers.TracerProvider(self._span, resource=Resource({}))
        self.loggers = providers.LoggerProvider(self._log)
        self.meters = providers.MeterProvider(resource=Resource({}))
        self.cells = CellRegistry(
            [metric for metric in SMS_CATALOG.metrics.values() if metric.access == "public" and metric.source == "sms"],
            unwrap=lambda amount: None,
            guarded=guarded,
        )
        self.engine = sqlalchemy.create_engine("sqlite://")
        self.order_value = SMS_CATALOG.metrics["sms.parts.order.value.dollars"]
        self.orders = SMS_CATALOG.metrics["sms.parts.orders.completed"]

    def __enter__(self) -> Self:
        providers.install(tracer=self.tracers, meter=self.meters, logger=self.loggers)
        configure_logs(
            LogOptions(
                service="parts-api",
                format="json",
                level="DEBUG",
                emit=self._log,
                allow_key=self._allow_key,
                mask=self._mask,
                holds=self.policy.holds if isinstance(self.policy, CataloguePolicy) else None,
                stream=self.stream,
            )
        )
        # Pytest's own handlers format messages as `logging` does.
        root = logging.getLogger()
        self.handlers = list(root.handlers)
        root.handlers[:] = [handler for handler in root.handlers if not type(handler).__module__.startswith("_pytest")]
        self.cells.bind()
        self.undo = instrument_libraries(["httpx", "sqlalchemy"], InstrumentationOptions())
        self.tracer = trace.get_tracer("portal.quotes")
        return self

    def __exit__(self, *_: object) -> None:
        for patches in self.undo:
            patches.undo()
        self.cells.unbind()
        logging.getLogger().handlers[:] = self.handlers
        restore_logs()
        providers.uninstall()
        self.engine.dispose()

    def take(self) -> bytes:
        """Give all that has left since the last time: traces, logs, metrics, log lines."""
        for metric in (*self.meters.collect(), *self.cells.collect()):
            self._metric(metric)
        self.cells.reset()
        self.left.append(self.stream.getvalue().encode())
        self.stream.seek(0)
        self.stream.truncate()
        left, self.left = b"\n".join(self.left), []
        return left

    def resource(self, attributes: dict[str, Any]) -> None:
        with contextlib.suppress(Quarantined):
            self.left.append(self.encoder.encode_resource(attributes))

    def _allow_key(self, key: str) -> bool:
        return self.policy.key(key) and current_guard().clean_text(key) is key

    def _mask(self, key: str, value: Any) -> Any:
        if isinstance(self.policy, CataloguePolicy):
            return self.policy.mask(key, value)
        guard = current_guard()
        return guard.clean(value) if guard.armed else value

    def _span(self, span: Any) -> None:
        with contextlib.suppress(Quarantined):
            self.left.append(self.encoder.frame(b"", [(span.scope_, [self.encoder.encode_span(span)])]))

    def _log(self, log: Any) -> None:
        with contextlib.suppress(Quarantined):
            self.left.append(self.encoder.frame(b"", [(log.scope, [self.encoder.encode_log(log)])]))

    def _metric(self, metric: MetricData) -> None:
        with contextlib.suppress(Quarantined):
            encoded = self.encoder.encode_metric(metric)
            if encoded is not None:
                self.left.append(self.encoder.frame(b"", [(metric.scope, [encoded])]))


def needles(figure: float) -> list[bytes]:
    """Give what a figure looks like in texts and in OTLP."""
    return [str(figure).encode(), f"{figure:,.2f}".encode(), struct.pack("<d", figure)]


@dataclass(frozen=True)
class Channel:
    """A way out.

    Attributes:
        plant: Puts a figure there, plain or restricted.
        caught_by: Which layers alone keep a plain figure in; none of them where the library never lets it out.
        clean: Whether it stays in even without any layer.
    """

    plant: Callable[[House, Any], object]
    caught_by: frozenset[str]
    clean: bool = False


CHANNELS: dict[str, Channel] = {}


def channel(name: str, caught_by: frozenset[str] = BOTH, *, clean: bool = False) -> Callable[[Any], Any]:
    def add(plant: Any) -> Any:
        CHANNELS[name] = Channel(plant, caught_by, clean)
        return plant

    return add


# --- resource and scope


@channel("resource attribute", frozenset((KEY,)))
def _(house: House, mark: Any) -> None:
    house.resource({"portal.colour": str(mark)})


@channel("resource key", frozenset((KEY,)))
def _(house: House, mark: Any) -> None:
    house.resource({f"colour {mark}": "red"})


@channel("scope name", frozenset((KEY,)))
def _(house: House, mark: Any) -> None:
    house.tracers.get_tracer(f"portal {mark}").start_span("GET").end()


@channel("scope version", frozenset((KEY,)))
def _(house: House, mark: Any) -> None:
    house.tracers.get_tracer("portal", f"v {mark}").start_span("GET").end()


@channel("scope schema", frozenset((KEY,)))
def _(house: House, mark: Any) -> None:
    house.tracers.get_tracer("portal", "1", f"https://x/{mark}").start_span("GET").end()


@channel("scope attribute", BOTH)
def _(house: House, mark: Any) -> None:
    house.tracers.get_tracer("portal", "1", None, {"colour": str(mark)}).start_span("GET").end()


# --- spans


@channel("span name")
def _(house: House, mark: Any) -> None:
    house.tracer.start_span(f"quote {mark}").end()


@channel("updated span name")
def _(house: House, mark: Any) -> None:
    span = house.tracer.start_span("GET")
    span.update_name(f"quote {mark}")
    span.end()


def _with_attribute(key: Callable[[Any], str], value: Callable[[Any], Any]) -> Callable[[House, Any], None]:
    def plant(house: House, mark: Any) -> None:
        house.tracer.start_span("GET", attributes={key(mark): value(mark)}).end()

    return plant


class _Shown:
    def __init__(self, mark: Any) -> None:
        self.mark = mark

    def __repr__(self) -> str:
        return f"Quote({self.mark})"


_SHAPES: dict[str, Callable[[Any], Any]] = {
    "value": lambda mark: mark,
    "text": lambda mark: f"came to {mark} today",
    "list": lambda mark: [1, mark],
    "list of texts": lambda mark: ["a", str(mark)],
    "nested map": lambda mark: {"state": {"step": mark}},
    "JSON text": lambda mark: json.dumps({"a": str(mark)}),
    "bytes": lambda mark: str(mark).encode(),
    "object": _Shown,
}
for _name, _shape in _SHAPES.items():
    channel(f"span attribute: {_name}")(_with_attribute(lambda mark: "colour", _shape))  # noqa: ARG005
    # Under a key of the catalogue the value alone is left to tell.
    channel(f"span attribute under an innocent key: {_name}", frozenset((GUARD,)))(
        _with_attribute(lambda mark: "state", _shape)  # noqa: ARG005
    )
channel("span attribute key")(_with_attribute(lambda mark: f"colour {mark}", lambda mark: 1))  # noqa: ARG005
channel("nested key")(_with_attribute(lambda mark: "context", lambda mark: {f"colour {mark}": 1}))  # noqa: ARG005
channel("an id with a fraction", frozenset((GUARD,)))(_with_attribute(lambda mark: "order_id", str))  # noqa: ARG005


@channel("event name")
def _(house: House, mark: Any) -> None:
    with house.tracer.start_as_current_span("GET") as span:
        span.add_event(f"quoted {mark}")


@channel("event attribute")
def _(house: House, mark: Any) -> None:
    with house.tracer.start_as_current_span("GET") as span:
        span.add_event("exception", {"colour": mark})


@channel("event attribute under an innocent key", frozenset((GUARD,)))
def _(house: House, mark: Any) -> None:
    with house.tracer.start_as_current_span("GET") as span:
        span.add_event("exception", {"state": mark})


@channel("event key")
def _(house: House, mark: Any) -> None:
    with house.tracer.start_as_current_span("GET") as span:
        span.add_event("exception", {f"colour {mark}": 1})


@channel("status description")
def _(house: House, mark: Any) -> None:
    with house.tracer.start_as_current_span("GET") as span:
        span.set_status(StatusCode.ERROR, f"was {mark}")


def _context(state: str = "") -> SpanContext:
    return SpanContext(5, 7, is_remote=True, trace_flags=TraceFlags(1), trace_state=TraceState([("v", state or "1")]))


@channel("link attribute")
def _(house: House, mark: Any) -> None:
    house.tracer.start_span("GET", links=[Link(_context(), {"colour": mark})]).end()


@channel("link attribute under an innocent key", frozenset((GUARD,)))
def _(house: House, mark: Any) -> None:
    house.tracer.start_span("GET", links=[Link(_context(), {"state": mark})]).end()


@channel("link tracestate", frozenset((KEY,)))
def _(house: House, mark: Any) -> None:
    house.tracer.start_span("GET", links=[Link(_context(str(mark)))]).end()


@channel("tracestate", frozenset((KEY,)))
def _(house: House, mark: Any) -> None:
    parent = trace.set_span_in_context(trace.NonRecordingSpan(_context(str(mark))))
    house.tracer.start_span("GET", parent).end()


# --- exceptions: what they say never leaves, with or without layers


class _Quote(pydantic.BaseModel):
    amount: int


def _raise(error: BaseException, cause: BaseException | None = None) -> None:
    if cause is not None:
        raise error from cause
    raise error


def _noted(mark: Any) -> Exception:
    error = ValueError("x")
    error.add_note(f"was {mark}")
    return error


def _validated(mark: Any) -> Exception:
    try:
        _Quote(amount=str(mark))  # type: ignore[arg-type]
    except pydantic.ValidationError as error:
        return error
    raise AssertionError


def _statement(mark: Any) -> Exception:
    return sqlalchemy.exc.StatementError("failed", "SELECT ?", (str(mark),), ValueError("x"))


_ERRORS: dict[str, Callable[[Any], tuple[BaseException, BaseException | None]]] = {
    "message": lambda mark: (ValueError(f"was {mark}"), None),
    "argument": lambda mark: (ValueError(mark), None),
    "cause": lambda mark: (ValueError("x"), KeyError(f"was {mark}")),
    "note": lambda mark: (_noted(mark), None),
    "group": lambda mark: (ExceptionGroup("x", [ValueError(f"was {mark}")]), None),
    "key": lambda mark: ({}[str(mark)] if False else KeyError(str(mark)), None),  # type: ignore[dict-item]
    "validation": lambda mark: (_validated(mark), None),
    "statement": lambda mark: (_statement(mark), None),
}


def _with_error(make: Callable[[Any], tuple[BaseException, BaseException | None]], way: str) -> Any:
    def plant(house: House, mark: Any) -> None:
        local = mark
        error, cause = make(local)
        if way == "span":
            with contextlib.suppress(BaseException), house.tracer.start_as_current_span("GET"):
                _raise(error, cause)
            return
        try:
            _raise(error, cause)
        except BaseException:  # noqa: BLE001
            logging.getLogger("portal").exception("Failed")

    return plant


for _name, _make in _ERRORS.items():
    for _way in ("span", "log"):
        channel(f"exception {_name} in a {_way}", clean=True)(_with_error(_make, _way))


# --- databases and requests


@channel("SQL literal", clean=True)
def _(house: House, mark: Any) -> None:
    with house.engine.connect() as connection:
        connection.execute(sqlalchemy.text(f"SELECT '{mark}'"))


@channel("SQL parameter", clean=True)
def _(house: House, mark: Any) -> None:
    with house.engine.connect() as connection:
        connection.execute(sqlalchemy.text("SELECT :a"), {"a": str(mark)})


@channel("SQL error", clean=True)
def _(house: House, mark: Any) -> None:
    with house.engine.connect() as connection, contextlib.suppress(sqlalchemy.exc.SQLAlchemyError):
        connection.execute(sqlalchemy.text(f"SELECT '{mark}' FROM nowhere"))


@channel("outgoing URL, header and error")
def _(house: House, mark: Any) -> None:  # noqa: ARG001
    with contextlib.suppress(httpx.HTTPError), httpx.Client(trust_env=False, timeout=2) as client:
        client.get(f"http://127.0.0.1:9/p/{mark}?q={mark}", headers={"x-note": str(mark)})


def _request(mark: Any, **given: Any) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if given.get("fails"):
            raise ValueError(f"was {mark}")
        await send({"type": "http.response.start", "status": 404, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        """Take the response."""

    scope: dict[str, Any] = {
        "type": "http",
        "method": given.get("method", "GET"),
        "path": given.get("path", "/"),
        "query_string": given.get("query", b""),
        "headers": given.get("headers", []),
        "client": ("203.0.113.7", 1),
    }
    with contextlib.suppress(ValueError):
        asyncio.run(ObservabilityMiddleware(app, InstrumentationOptions())(scope, receive, send))


_REQUESTS: dict[str, Callable[[str], dict[str, Any]]] = {
    "path": lambda mark: {"path": f"/parts/{mark}"},
    "query": lambda mark: {"query": f"q={mark}".encode()},
    "method": lambda mark: {"method": f"G{mark}"},
    "user agent": lambda mark: {"headers": [(b"user-agent", mark.encode())]},
    "header": lambda mark: {"headers": [(b"x-note", mark.encode())]},
    "baggage": lambda mark: {"headers": [(b"baggage", f"a={mark}".encode())]},
    "tracestate": lambda mark: {"headers": [(b"tracestate", f"a={mark}".encode())]},
    "correlation id": lambda mark: {"headers": [(b"x-correlation-id", f"a {mark}".encode())]},
    "unhandled exception": lambda mark: {"fails": True},  # noqa: ARG005
}


def _with_request(make: Callable[[str], dict[str, Any]]) -> Any:
    def plant(house: House, mark: Any) -> None:  # noqa: ARG001
        _request(mark, **make(str(mark)))

    return plant


for _name, _request_of in _REQUESTS.items():
    channel(f"incoming {_name}", clean=True)(_with_request(_request_of))


# --- logs: lines on standard output, and their copies


@channel("log argument", frozenset((GUARD,)))
def _(house: House, mark: Any) -> None:  # noqa: ARG001
    logging.getLogger("portal").info("Quoted %s", mark)


@channel("log argument as a number", frozenset((GUARD,)))
def _(house: House, mark: Any) -> None:  # noqa: ARG001
    logging.getLogger("portal").info("Quoted %.2f", mark)


@channel("log text", frozenset((GUARD,)))
def _(house: House, mark: Any) -> None:  # noqa: ARG001
    logging.getLogger("portal").info(f"Quoted {mark}")  # noqa: G004 - what a tired developer writes


@channel("log mapping as message", frozenset((GUARD,)))
def _(house: House, mark: Any) -> None:  # noqa: ARG001
    logging.getLogger("portal").info({"colour": mark})


@channel("log extra")
def _(house: House, mark: Any) -> None:  # noqa: ARG001
    logging.getLogger("portal").info("Quoted", extra={"colour": mark})


@channel("log extra under an innocent key", frozenset((GUARD,)))
def _(house: House, mark: Any) -> None:  # noqa: ARG001
    logging.getLogger("portal").info("Quoted", extra={"state": mark})


@channel("log extra key")
def _(house: House, mark: Any) -> None:  # noqa: ARG001
    logging.getLogger("portal").info("Quoted", extra={f"colour {mark}": 1})


@channel("logger name", frozenset((GUARD,)))
def _(house: House, mark: Any) -> None:  # noqa: ARG001
    logging.Logger.manager.loggerDict.pop(f"portal {mark}", None)
    logging.getLogger(f"portal {mark}").info("Quoted")


@channel("thread name", clean=True)
def _(house: House, mark: Any) -> None:  # noqa: ARG001
    thread = threading.Thread(target=lambda: logging.getLogger("portal").info("Quoted"), name=f"t {mark}")
    thread.start()
    thread.join()


@channel("structlog field")
def _(house: House, mark: Any) -> None:  # noqa: ARG001
    structlog.get_logger().info("Quoted", colour=mark)


@channel("structlog field under an innocent key", frozenset((GUARD,)))
def _(house: House, mark: Any) -> None:  # noqa: ARG001
    structlog.get_logger().info("Quoted", state=mark)


@channel("structlog bound field")
def _(house: House, mark: Any) -> None:  # noqa: ARG001
    structlog.get_logger().bind(colour=mark).info("Quoted")


@channel("structlog event", frozenset((GUARD,)))
def _(house: House, mark: Any) -> None:  # noqa: ARG001
    structlog.get_logger().info(f"Quoted {mark}")


@channel("structlog nested field")
def _(house: House, mark: Any) -> None:  # noqa: ARG001
    structlog.get_logger().info("Quoted", context={"colour": mark})


@channel("OpenTelemetry log body", frozenset((GUARD,)))
def _(house: House, mark: Any) -> None:
    house.loggers.get_logger("portal").emit(body=f"Quoted {mark}")


@channel("OpenTelemetry log body map")
def _(house: House, mark: Any) -> None:
    house.loggers.get_logger("portal").emit(body={"colour": mark})


@channel("OpenTelemetry log attribute")
def _(house: House, mark: Any) -> None:
    house.loggers.get_logger("portal").emit(body="Quoted", attributes={"colour": mark})


@channel("OpenTelemetry log event name")
def _(house: House, mark: Any) -> None:
    house.loggers.get_logger("portal").emit(body="Quoted", event_name=f"quoted {mark}")


@channel("OpenTelemetry log severity", frozenset((KEY,)))
def _(house: House, mark: Any) -> None:
    house.loggers.get_logger("portal").emit(body="Quoted", severity_text=f"X {mark}")


# --- metrics


@channel("metric label")
def _(house: House, mark: Any) -> None:
    house.meters.get_meter("portal").create_counter("http.calls").add(1, {"colour": str(mark)})


@channel("metric label under an innocent key", frozenset((GUARD,)))
def _(house: House, mark: Any) -> None:
    house.meters.get_meter("portal").create_counter("http.calls").add(1, {"state": str(mark)})


@channel("metric label key")
def _(house: House, mark: Any) -> None:
    house.meters.get_meter("portal").create_counter("http.calls").add(1, {f"colour {mark}": 1})


@channel("metric amount", frozenset((GUARD,)))
def _(house: House, mark: Any) -> None:
    house.meters.get_meter("portal").create_histogram("http.amounts").record(mark)


@channel("metric name", frozenset((KEY,)))
def _(house: House, mark: Any) -> None:
    house.meters.get_meter("portal").create_counter(f"http.calls_{mark}").add(1)


@channel("metric description", frozenset((KEY,)))
def _(house: House, mark: Any) -> None:
    house.meters.get_meter("portal.d").create_counter("http.described", description=f"was {mark}").add(1)


@channel("metric unit", frozenset((KEY,)))
def _(house: House, mark: Any) -> None:
    house.meters.get_meter("portal.u").create_counter("http.measured", unit=f"u{mark}").add(1)


@channel("catalogue amount", frozenset((GUARD,)))
def _(house: House, mark: Any) -> None:
    house.order_value.record(mark, vessel_id="v")  # type: ignore[attr-defined]


@channel("catalogue label", frozenset((GUARD,)))
def _(house: House, mark: Any) -> None:
    house.orders.add(1, vessel_id=str(mark))  # type: ignore[attr-defined]


@channel("catalogue label outside its values", clean=True)
def _(house: House, mark: Any) -> None:
    house.orders.add(1, order_type=str(mark), colour=str(mark))  # type: ignore[attr-defined]


def figures(number: int = 0) -> Iterator[float]:
    """Give figures that differ, none of them round, and none a simple multiple of another.

    Args:
        number: Where to begin.
    """
    while True:
        number += 1
        yield round(48_611 + (number * 7_919) % 951_161 + (10 * (number % 9) + 17) / 100, 2)
