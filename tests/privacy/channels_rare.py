"""Further ways out: keys instead of values, third parties, diagnostics, and what the stock set-up shows of frames."""

from __future__ import annotations

import contextlib
import logging
from typing import Any

import httpx
import pydantic
import structlog
from opentelemetry import baggage, context, trace
from opentelemetry.trace import Link
from tests.privacy.channels import GUARD, KEY, House, _context, _request, channel

from sms_observability.context import bind_context, unbind_context

# --- keys


@channel("link key")
def _(house: House, mark: Any) -> None:
    house.tracer.start_span("GET", links=[Link(_context(), {f"colour {mark}": 1})]).end()


@channel("scope attribute key")
def _(house: House, mark: Any) -> None:
    house.tracers.get_tracer("portal", "1", None, {f"colour {mark}": 1}).start_span("GET").end()


@channel("structlog field key")
def _(house: House, mark: Any) -> None:  # noqa: ARG001
    structlog.get_logger().info("Quoted", **{f"colour {mark}": 1})


@channel("structlog nested key")
def _(house: House, mark: Any) -> None:  # noqa: ARG001
    structlog.get_logger().info("Quoted", context={f"colour {mark}": 1})


@channel("OpenTelemetry log body key")
def _(house: House, mark: Any) -> None:
    house.loggers.get_logger("portal").emit(body={f"colour {mark}": "red"})


@channel("OpenTelemetry log attribute key")
def _(house: House, mark: Any) -> None:
    house.loggers.get_logger("portal").emit(body="Quoted", attributes={f"colour {mark}": 1})


@channel("catalogue label key", clean=True)
def _(house: House, mark: Any) -> None:
    house.orders.add(1, **{f"colour {mark}": "red"})  # type: ignore[attr-defined]


def _bound(**ids: Any) -> None:
    bind_context(**ids)
    try:
        logging.getLogger("portal").info("Quoted")
    finally:
        unbind_context(*ids)


@channel("bound field")
def _(house: House, mark: Any) -> None:  # noqa: ARG001
    _bound(colour=mark)


@channel("bound field under an innocent key", frozenset((GUARD,)))
def _(house: House, mark: Any) -> None:  # noqa: ARG001
    _bound(state=mark)


@channel("bound company", frozenset((GUARD,)))
def _(house: House, mark: Any) -> None:  # noqa: ARG001
    _bound(company_id=str(mark))


@channel("bound correlation id", frozenset((GUARD,)))
def _(house: House, mark: Any) -> None:  # noqa: ARG001
    _bound(correlation_id=str(mark))


# --- third parties: what the library itself adds to a request


def _told(house: House, mark: Any, status: int = 200, **request: Any) -> None:
    def keep(sent: httpx.Request) -> httpx.Response:
        added = ("traceparent", "tracestate", "baggage", "x-correlation-id")
        house.left += [sent.headers.get(name, "").encode() for name in added]
        return httpx.Response(status, request=sent)

    with httpx.Client(transport=httpx.MockTransport(keep)) as client:
        client.get(f"https://exchange.example/p?sig={mark}&q={mark}", **request).raise_for_status()


@channel("URL query under a known-secret name", clean=True)
def _(house: House, mark: Any) -> None:
    _told(house, mark)


@channel("header of a request", clean=True)
def _(house: House, mark: Any) -> None:
    _told(house, mark, headers={"x-note": str(mark)})


@channel("baggage to a third party", clean=True)
def _(house: House, mark: Any) -> None:
    token = context.attach(baggage.set_baggage("colour", str(mark)))
    try:
        _told(house, 1)
    finally:
        context.detach(token)


@channel("tracestate to a third party", frozenset((KEY,)))
def _(house: House, mark: Any) -> None:
    token = context.attach(trace.set_span_in_context(trace.NonRecordingSpan(_context(str(mark)))))
    try:
        _told(house, 1)
    finally:
        context.detach(token)


@channel("error of a status, with its URL", clean=True)
def _(house: House, mark: Any) -> None:
    with contextlib.suppress(httpx.HTTPStatusError), house.tracer.start_as_current_span("GET"):
        _told(house, mark, status=500)


# --- exceptions and frames


def _said(house: House, error: BaseException, *, tracebacks: bool = False) -> None:
    try:
        with house.tracer.start_as_current_span("GET"):
            raise error
    except Exception:  # noqa: BLE001
        logging.getLogger("portal").exception("Failed")
        if tracebacks:
            structlog.get_logger().exception("Failed")


@channel("exception context, with from None", clean=True)
def _(house: House, mark: Any) -> None:
    try:
        raise KeyError(str(mark))
    except KeyError:
        try:
            raise ValueError("x") from None
        except ValueError as error:
            _said(house, error)


@channel("local variable of a frame", clean=True)
def _(house: House, mark: Any) -> None:
    cost = mark
    try:
        raise ValueError("x" if cost is not None else "y")
    except ValueError as error:
        _said(house, error, tracebacks=True)


@channel("literal in a source line", clean=True)
def _(house: House, mark: Any) -> None:
    source = f"def quote():\n    raise ValueError('x' if '{mark}' else 'y')\nquote()"
    try:
        exec(compile(source, "/app/portal/quotes.py", "exec"), {})  # noqa: S102
    except ValueError as error:
        _said(house, error, tracebacks=True)


# --- validation, secrets, diagnostics


class _Part(pydantic.BaseModel):
    part_no: str
    cost: int


@channel("validation of a request's body", clean=True)
def _(house: House, mark: Any) -> None:
    try:
        _Part.model_validate({"cost": str(mark)})
    except pydantic.ValidationError as error:
        _said(house, error)


@channel("pydantic secret", clean=True)
def _(house: House, mark: Any) -> None:  # noqa: ARG001
    secret = pydantic.SecretStr(str(mark))
    logging.getLogger("portal").info("Quoted %s", secret)
    structlog.get_logger().info(f"Quoted {secret}", state=secret)  # noqa: G004


class _Stubborn:
    def __init__(self, mark: Any) -> None:
        self.mark = mark

    def __str__(self) -> str:
        raise ValueError(f"no text for {self.mark}")

    __repr__ = __str__


@channel("diagnostics about a value", clean=True)
def _(house: House, mark: Any) -> None:
    value = _Stubborn(mark)
    house.loggers.get_logger("portal").emit(body=value, attributes={"state": value})
    house.tracer.start_span("GET", attributes={"state": value}).end()
    house.meters.get_meter("portal").create_counter("http.calls").add(value, {"state": value})  # type: ignore[arg-type]
    logging.getLogger("portal").info("Quoted %s %d", value, value)


@channel("refused baggage of a caller", clean=True)
def _(house: House, mark: Any) -> None:  # noqa: ARG001
    _request(mark, headers=[(b"baggage", f"sms.sla.budget_ms={mark}".encode()), (b"traceparent", f"{mark}".encode())])


@channel("exemplar of a metric", frozenset((GUARD,)))
def _(house: House, mark: Any) -> None:
    with house.tracer.start_as_current_span("GET"):
        house.order_value.record(mark, vessel_id="v")  # type: ignore[attr-defined]
