"""What spans and logs say of exceptions, and what the application sees of it: nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.trace import Status, StatusCode

from hostile import HOSTILE, RaisingError
from sms_observability.providers import TracerProvider
from sms_observability.providers.exceptions import exception_attributes, no_message, stack_text, without_message


class QuoteError(Exception): ...


def raised(error: BaseException) -> BaseException:
    try:
        raise error
    except BaseException as caught:
        return caught


def test_an_exception_is_an_event_with_its_type_and_frames_but_without_its_message(tracer: Any, kept: Any) -> None:
    """Messages quote prices and addresses; source lines may, too."""
    with pytest.raises(QuoteError), tracer.start_as_current_span("quote"):
        raise QuoteError("markup 18.5 %")
    span = kept.only
    assert (span.status_code, span.status_text) == (2, "QuoteError")
    event = span.events_[0]
    assert event.name == "exception"
    assert event.attributes["exception.type"].endswith("test_exceptions.QuoteError")
    assert set(event.attributes) == {"exception.type", "exception.stacktrace"}
    stack = event.attributes["exception.stacktrace"]
    assert "test_exceptions.py" in stack
    assert "in test_an_exception_is_an_event" in stack
    assert "18.5" not in stack
    assert "raise QuoteError" not in stack


def test_allowed_classes_show_their_message(provider_of: Callable[..., TracerProvider], kept: Any) -> None:
    """Only those; a verdict that raises is a no."""

    def allow(kind: type[BaseException]) -> bool:
        if kind is KeyError:
            raise SystemExit
        return kind is QuoteError

    tracer = provider_of(allow_message=allow).get_tracer("parts")
    for error in (QuoteError("no stock"), ValueError("secret"), KeyError("secret")):
        with pytest.raises(type(error)), tracer.start_as_current_span("quote"):
            raise error
    assert [span.status_text for span in kept] == ["QuoteError: no stock", "ValueError", "KeyError"]
    assert kept[0].events_[0].attributes["exception.message"] == "no stock"
    assert "exception.message" not in kept[1].events_[0].attributes


def test_an_exception_is_recorded_once_in_a_trace(tracer: Any, kept: Any) -> None:
    """The innermost span has the event, all that it leaves are errors; another trace records it again."""
    error = QuoteError()
    for _ in range(2):
        with pytest.raises(QuoteError), tracer.start_as_current_span("a"), tracer.start_as_current_span("b"):
            raise error
    assert [(span.name, len(span.events_), span.status_code) for span in kept] == [("b", 1, 2), ("a", 0, 2)] * 2


def test_recording_by_hand_counts_as_recorded(tracer: Any, kept: Any) -> None:
    """Who records an exception and lets it pass, gets one event."""
    with pytest.raises(QuoteError), tracer.start_as_current_span("a") as span:
        error = QuoteError()
        span.record_exception(error, {"part": 7}, escaped=True)
        raise error
    (event,) = kept.only.events_
    assert (event.attributes["part"], event.attributes["exception.escaped"]) == (7, True)


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit, asyncio.CancelledError])
def test_what_is_no_error_is_none(tracer: Any, kept: Any, error: type[BaseException]) -> None:
    """A cancelled task, Ctrl-C and the end of a generator leave the status alone, in both ways to use a span."""
    with pytest.raises(error), tracer.start_as_current_span("a"), tracer.start_span("b"):
        raise error
    assert [(span.name, span.status_code, span.events_) for span in kept] == [("b", 0, ()), ("a", 0, ())]


def test_a_span_used_as_context_manager_records_too(tracer: Any, kept: Any) -> None:
    """`with tracer.start_span(...)` obeys what the span was started with."""
    with pytest.raises(QuoteError), tracer.start_span("a"):
        raise QuoteError
    with pytest.raises(QuoteError), tracer.start_span("b", record_exception=False, set_status_on_exception=False):
        raise QuoteError
    assert [(len(span.events_), span.status_code) for span in kept] == [(1, 2), (0, 0)]


def test_recording_can_be_switched_off(tracer: Any, kept: Any) -> None:
    """Event and status, each alone."""
    for records, fails in ((True, False), (False, True)):
        with (
            pytest.raises(QuoteError),
            tracer.start_as_current_span("a", record_exception=records, set_status_on_exception=fails),
        ):
            raise QuoteError
    assert [(len(span.events_), span.status_code) for span in kept] == [(1, 0), (0, 2)]


def test_a_status_that_was_set_by_hand_stays(tracer: Any, kept: Any) -> None:
    """The API says so."""
    with pytest.raises(QuoteError), tracer.start_as_current_span("a") as span:
        span.set_status(StatusCode.ERROR, "supplier")
        raise QuoteError
    assert kept.only.status_text == "supplier"


@pytest.mark.parametrize("name", HOSTILE)
def test_the_business_exception_arrives_whatever_it_holds(tracer: Any, kept: Any, name: str) -> None:
    """The SDK replaces it by what its `__str__` raises."""
    make: Any = HOSTILE[name]
    error = RaisingError(make()) if name != "raising exception" else make()
    with pytest.raises(RaisingError) as caught, tracer.start_as_current_span("a"):
        raise error
    assert caught.value is error
    assert kept.only.status_code == 2


def test_an_exception_that_fights_back_is_recorded(tracer: Any, kept: Any) -> None:
    """Neither its attributes nor its class can raise into the application."""

    class Fights(Exception):
        __traceback__ = property(lambda self: 1 / 0)  # type: ignore[assignment]
        __cause__ = property(lambda self: 1 / 0)  # type: ignore[assignment]
        __dict__ = property(lambda self: 1 / 0)  # type: ignore[assignment]
        __module__ = 7  # type: ignore[assignment]

        def __setattr__(self, name: str, value: Any) -> None:
            raise SystemExit

        def __getattribute__(self, name: str) -> Any:
            raise SystemExit

    with pytest.raises(Fights), tracer.start_as_current_span("a"):
        raise Fights
    assert kept.only.events_[0].attributes["exception.type"] == "Fights"


def test_causes_are_named_before_what_they_led_to() -> None:
    """As Python prints them, without messages; what was suppressed stays so."""
    try:
        try:
            raise KeyError("secret")
        except KeyError as error:
            raise QuoteError("secret") from error
    except QuoteError as error:
        stack = stack_text(error)
    assert stack.index("KeyError") < stack.index("which led to") < stack.index("QuoteError")
    assert "secret" not in stack
    try:
        try:
            raise KeyError
        except KeyError:
            raise QuoteError from None
    except QuoteError as error:
        assert "KeyError" not in stack_text(error)


def test_a_cycle_of_causes_ends() -> None:
    """Python allows it."""
    first, second = QuoteError(), ValueError()
    first.__cause__, second.__cause__ = second, first
    assert stack_text(first).count("QuoteError") == 1


def test_a_group_names_its_members() -> None:
    """The types, not the messages."""
    assert "of ValueError, KeyError" in stack_text(ExceptionGroup("secret", [ValueError("secret"), KeyError()]))


def test_a_deep_stack_keeps_its_innermost_frames() -> None:
    """The text is bounded, and the place where it happened is in it."""

    def fall(depth: int) -> None:
        if depth == 0:
            raise QuoteError
        fall(depth - 1)

    with pytest.raises(QuoteError) as caught:
        fall(500)
    stack = stack_text(caught.value)
    assert len(stack) <= 4096
    assert stack.rstrip().endswith("QuoteError")


def test_the_message_is_taken_out_of_a_status_that_quotes_it(tracer: Any, kept: Any) -> None:
    """`use_span`, and much hand-written code, describes the status with the exception's text."""
    span = tracer.start_span("a")
    with pytest.raises(QuoteError), trace.use_span(span, end_on_exit=True):
        raise QuoteError("markup 18.5 %")
    with tracer.start_as_current_span("b") as other:
        try:
            raise QuoteError("markup 18.5 %")
        except QuoteError as error:
            other.set_status(Status(StatusCode.ERROR, f"failed with {error}"))
    with tracer.start_as_current_span("c") as another:
        another.set_status(StatusCode.ERROR, "supplier down")
    assert [span.status_text for span in kept] == ["QuoteError", "QuoteError", "supplier down"]
    assert without_message("text", no_message) == "text"


def test_attributes_of_a_builtin_have_no_module() -> None:
    """As the conventions ask."""
    assert exception_attributes(raised(ValueError()), no_message)["exception.type"] == "ValueError"
