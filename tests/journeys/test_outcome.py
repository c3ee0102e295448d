"""How a journey ended: by the exception, the result or the moment at which it left."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from fastapi import HTTPException
from fastapi.exceptions import RequestValidationError, ResponseValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException as StarletteHTTPException

from sms_observability.context import Request, enter_request, exit_request
from sms_observability.journeys import journey, step
from sms_observability.journeys.outcome import outcome_of_exception, outcome_of_result

FLOW = "parts_ordering_flow"
QUOTES = "PartsService.getSupplierQuotes"
UNSET, ERROR = 0, 2


class Quote(BaseModel):
    count: int


def invalid() -> ValidationError:
    try:
        Quote(count="many")  # type: ignore[arg-type]
    except ValidationError as error:
        return error
    raise AssertionError


class SupplierError(Exception):
    """What a supplier's client library raises: its status says something about us, not about our client."""

    status_code = 404


class HTTPExceptionOfAnother(HTTPException):
    pass


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (HTTPException(404), "client_error"),
        (HTTPException(422, detail="x"), "client_error"),
        (HTTPExceptionOfAnother(403), "client_error"),
        (StarletteHTTPException(499), "client_error"),
        (HTTPException(500), "failure"),
        (HTTPException(503), "failure"),
        (HTTPException(304), "success"),
        (RequestValidationError([]), "client_error"),
        (ResponseValidationError([]), "failure"),
        (invalid(), "client_error"),
        (SupplierError(), "failure"),
        (ValueError(), "failure"),
        (TimeoutError(), "failure"),
        (asyncio.CancelledError(), "cancelled"),
        (GeneratorExit(), "cancelled"),
        (KeyboardInterrupt(), "cancelled"),
        (SystemExit(1), "cancelled"),
        (type("Cancelled", (BaseException,), {})(), "cancelled"),
        (BaseException("of somebody's own"), "failure"),
        (ExceptionGroup("", [HTTPException(404), invalid()]), "client_error"),
        (ExceptionGroup("", [HTTPException(404), OSError()]), "failure"),
        (BaseExceptionGroup("", [asyncio.CancelledError(), HTTPException(404)]), "client_error"),
        (BaseExceptionGroup("", [asyncio.CancelledError(), KeyboardInterrupt()]), "cancelled"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_what_an_exception_means(error: BaseException, outcome: str) -> None:
    """The client's mistakes are no failures, and neither is what was given up."""
    assert outcome_of_exception(error) == outcome


def test_an_exception_that_resists_is_a_failure() -> None:
    """Its properties may raise, its class may lie, its status may be anything."""
    body: dict[str, Any] = {"status_code": property(lambda self: 1 / 0), "__class__": property(lambda self: 1 / 0)}
    assert outcome_of_exception(type("HTTPException", (Exception,), body)()) == "failure"
    for status in (None, "404", float("nan"), object(), 10**400):
        assert outcome_of_exception(type("HTTPException", (Exception,), {"status_code": status})()) == "failure"


@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        (None, "success"),
        ({"status_code": 500}, "success"),
        (Quote(count=1), "success"),
        (JSONResponse({}, 200), "success"),
        (JSONResponse({}, 307), "success"),
        (JSONResponse({}, 409), "client_error"),
        (JSONResponse({}, 502), "failure"),
        (SupplierError(), "success"),
    ],
    ids=repr,
)
def test_what_a_result_means(result: object, outcome: str) -> None:
    """A response with an error status is no success; any other object is one."""
    assert outcome_of_result(result) == outcome


def test_a_failure_is_recorded_once_and_marks_every_span_that_it_leaves(watched: Any) -> None:
    """The innermost span has the event, all have the status, and none has the message."""
    with pytest.raises(ValueError, match=r"12\.50"), journey(FLOW), step(QUOTES):
        raise ValueError("cost 12.50")
    inner, flow = watched.spans
    assert [event.name for event in inner.events_] == ["exception"]
    assert flow.events_ == ()
    assert (inner.status_code, flow.status_code) == (ERROR, ERROR)
    assert "12.50" not in repr(
        [(span.status_text, [event.attributes for event in span.events_]) for span in (inner, flow)]
    )
    assert watched.outcomes == ["failure"]


def test_client_errors_mark_no_span(watched: Any) -> None:
    """A 404 is an answer; an alert on error spans must not see it."""
    with pytest.raises(HTTPException), journey(FLOW), step(QUOTES):
        raise HTTPException(404)
    assert [span.status_code for span in watched.spans] == [UNSET, UNSET]
    assert [span.events_ for span in watched.spans] == [(), ()]
    assert watched.outcomes == ["client_error"]


def test_a_cancelled_task_is_cancelled(watched: Any) -> None:
    """Neither an error nor a success."""

    async def main() -> None:
        started = asyncio.Event()

        @journey(FLOW)
        async def work() -> None:
            started.set()
            await asyncio.Event().wait()

        task = asyncio.create_task(work())
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert watched.outcomes == ["cancelled"]
    assert watched.only.status_code == UNSET


@pytest.mark.parametrize(("disconnected", "outcome"), [(True, "cancelled"), (False, "failure")])
def test_a_cancelled_request_depends_on_its_client(watched: Any, disconnected: bool, outcome: str) -> None:  # noqa: FBT001
    """With the client still there, something in the process gave up on it: a time-out."""

    async def main() -> None:
        request = Request()
        token = enter_request(request)
        try:
            async with asyncio.timeout(0.01):
                with journey(FLOW):
                    request.disconnected = disconnected
                    await asyncio.Event().wait()
        except TimeoutError:
            pass
        finally:
            exit_request(token)

    asyncio.run(main())
    assert watched.outcomes == [outcome]
    assert (watched.only.status_code == ERROR) is (outcome == "failure")


def test_a_time_out_inside_is_a_failure(watched: Any) -> None:
    """`asyncio.timeout` around a part of the journey becomes a `TimeoutError`."""

    @journey(FLOW)
    async def work() -> None:
        async with asyncio.timeout(0.005):
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        asyncio.run(work())
    assert watched.outcomes == ["failure"]
    assert watched.only.status_code == ERROR


def test_what_the_handle_says_beats_the_exception(watched: Any) -> None:
    """Whoever calls `cancel` or `fail` knows better."""
    with pytest.raises(ValueError, match="x"), journey(FLOW) as run:
        run.cancel("superseded")
        raise ValueError("x")
    with journey(FLOW) as run:
        run.fail("out_of_stock")
    assert watched.outcomes == ["cancelled", "failure"]
    assert [span.attributes_["sms.journey.reason"] for span in watched.spans] == ["superseded", "out_of_stock"]
    assert [span.status_code for span in watched.spans] == [UNSET, ERROR]


def test_a_step_that_fails_by_hand(watched: Any) -> None:
    """The step is an error, the journey is what it is."""
    with journey(FLOW), step(QUOTES) as run:
        run.fail("no_answer")
    assert watched.named(QUOTES).attributes_["sms.step.reason"] == "no_answer"
    assert watched.named(QUOTES).status_code == ERROR
    assert watched.outcomes == ["success"]
