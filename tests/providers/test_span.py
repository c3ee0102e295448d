"""What a span records, whatever it is given."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry import trace
from opentelemetry.proto.trace.v1.trace_pb2 import Span as Message
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanLimits, SpanProcessor
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags, TraceState

from hostile import HOSTILE, Plan, hostile, summon
from sms_observability.export.encode.spans import Spans
from sms_observability.export.encode.values import Values
from sms_observability.privacy.policy import OpenPolicy
from sms_observability.providers import Span, TracerProvider

_policy = OpenPolicy()
_encode = Spans(Values(_policy), _policy).encode


def decoded(span: Any) -> Message:
    """Encode a span without mending it, and read what the bytes say."""
    return Message.FromString(_encode(span))


def test_a_span_is_what_everybody_takes_it_for(tracer: Any, kept: Any) -> None:
    """One object is the API's span, the SDK's readable span and the door's record."""
    with tracer.start_as_current_span("quote", kind=SpanKind.CLIENT) as span:
        assert isinstance(span, trace.Span)
        assert isinstance(span, ReadableSpan)
        span.set_attribute("parts", (1, 2))
        span.add_event("asked", {"supplier": 3}, 17)
        span.add_link(
            SpanContext(5, 6, is_remote=True, trace_flags=TraceFlags(1), trace_state=TraceState([("a", "b")]))
        )
        span.set_status(StatusCode.ERROR, "no stock")
    assert kept.only is span
    assert span.name == "quote"
    assert span.kind is SpanKind.CLIENT
    assert dict(span.attributes) == {"parts": [1, 2]}
    assert [(event.name, event.timestamp, dict(event.attributes)) for event in span.events] == [
        ("asked", 17, {"supplier": 3})
    ]
    assert span.links[0].context == SpanContext(
        5, 6, is_remote=True, trace_flags=TraceFlags(1), trace_state=TraceState([("a", "b")])
    )
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, "no stock")
    assert span.parent is None
    assert span.start_time <= span.end_time
    assert span.resource.attributes["service.name"] == "parts-api"
    assert span.instrumentation_scope.name == "parts"
    assert (span.dropped_attributes, span.dropped_events, span.dropped_links) == (0, 0, 0)
    assert '"name": "quote"' in span.to_json()
    message = decoded(span)
    assert (message.name, message.kind) == ("quote", Message.SPAN_KIND_CLIENT)
    assert message.span_id == span.context.span_id.to_bytes(8, "big")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_value_loses_only_itself(tracer: Any, kept: Any, name: str) -> None:
    """Every value class, in every argument of every method: nothing raises, and the neighbours arrive."""
    make: Any = HOSTILE[name]
    with tracer.start_as_current_span("good", attributes={"good": 1, "bad": make()}) as span:
        span.set_attribute("bad", make())
        span.set_attribute(make(), 1)
        span.set_attributes({"bad": make(), "also good": 2})
        span.set_attributes(make())
        span.add_event("good", {"bad": make(), "good": 3})
        span.add_event(make(), make(), make())
        span.add_link(span.get_span_context(), {"bad": make()})
        span.add_link(make(), make())
        span.set_status(make(), make())
        span.set_status(StatusCode.ERROR, make())
        span.set_status(Status(StatusCode.ERROR, "good"))
        span.record_exception(ValueError(make()), {"bad": make()}, make(), make())
        span.record_exception(make())
        with tracer.start_as_current_span(
            make(),
            context=make(),
            kind=make(),
            attributes=make(),
            links=make(),
            start_time=make(),
            record_exception=make(),
            set_status_on_exception=make(),
            end_on_exit=make(),
        ) as other:
            other.end()
        tracer.start_span(make(), links=[make(), trace.Link(make(), make())]).end(make())
        span.update_name(make())
        span.update_name("still good")
    assert len(kept) == 3
    assert kept.dropped == []
    message = decoded(kept[-1])
    assert message.name == "still good"
    attributes = {pair.key: pair.value for pair in message.attributes}
    assert (attributes["good"].int_value, attributes["also good"].int_value) == (1, 2)
    assert "good" in [event.name for event in message.events]
    assert len(message.links) == 1
    for other in kept[:-1]:
        decoded(other)


_calls = st.sampled_from(["set_attribute", "set_attributes", "add_event", "add_link", "set_status", "update_name"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.lists(st.tuples(_calls, hostile, hostile), max_size=4))
def test_any_sequence_of_hostile_calls_leaves_a_valid_span(tracer: Any, calls: list[tuple[str, Plan, Plan]]) -> None:
    """In any order; the span encodes without being mended."""
    span = tracer.start_span("good")
    for method, first, second in calls:
        arguments = [summon(first), summon(second)]
        getattr(span, method)(*arguments[: 1 if method in {"set_attributes", "update_name"} else 2])
    span.end()
    decoded(span)


def test_a_value_may_touch_its_own_span(tracer: Any) -> None:
    """The SDK deadlocks here: user code runs under the span's lock."""
    span = tracer.start_span("work")

    class Nosy:
        def __str__(self) -> str:
            span.set_attribute("inner", 1)
            return "nosy"

    span.set_attribute("outer", Nosy())
    assert dict(span.attributes) == {"inner": 1, "outer": "nosy"}


def test_a_span_that_has_ended_changes_no_more(tracer: Any, kept: Any) -> None:
    """All changes after the end are ignored, and a second end emits nothing."""
    span = tracer.start_span("work")
    span.end(time.time_ns() + 5)
    end = span.end_time
    span.set_attribute("late", 1)
    span.set_attributes({"late": 1})
    span.add_event("late")
    span.add_link(SpanContext(5, 6, is_remote=False))
    span.set_status(StatusCode.ERROR)
    span.update_name("late")
    span.record_exception(ValueError("late"))
    span.end()
    assert not span.is_recording()
    assert kept.only is span
    assert (span.name, dict(span.attributes), span.events, span.links, span.status_code) == ("work", {}, (), (), 0)
    assert span.end_time == end


def test_a_span_that_many_threads_end_is_emitted_once(tracer: Any, kept: Any) -> None:
    """There is no lock, and still only one end passes."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(50):
            span = tracer.start_span("work")
            barrier = threading.Barrier(4)

            def end(barrier: threading.Barrier = barrier, span: Any = span) -> None:
                barrier.wait()
                span.end()

            threads = [threading.Thread(target=end) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    finally:
        sys.setswitchinterval(before)
    assert len(kept) == 50


def test_limits_drop_and_count(provider_of: Callable[..., TracerProvider]) -> None:
    """First attributes stay, last events and links stay; what goes is counted."""
    limits = SpanLimits(
        max_span_attributes=2, max_events=2, max_links=2, max_event_attributes=1, max_span_attribute_length=3
    )
    tracer = provider_of(limits=limits).get_tracer("parts")
    links = [trace.Link(SpanContext(9, number, is_remote=False), {"a": 1, "b": 2}) for number in (1, 2, 3)]
    span: Any = tracer.start_span("work", attributes={"a": "12345", "b": ["12345"], "c": 1}, links=links)
    span.set_attributes({"a": 2, "d": 4})
    span.set_attribute("e", 5)
    for number in range(4):
        span.add_event(f"event {number}", {"a": 1, "b": 2})
    span.end()
    assert dict(span.attributes) == {"a": 2, "b": ["123"]}
    assert [event.name for event in span.events] == ["event 2", "event 3"]
    assert span.events_[0].dropped_attributes == 1
    assert [link.context.span_id for link in span.links] == [2, 3]
    assert (span.dropped_attributes, span.dropped_events, span.dropped_links) == (3, 2, 1)


def test_a_limit_may_not_be_unlimited(provider_of: Callable[..., TracerProvider]) -> None:
    """The environment may ask for no limit; memory is bounded all the same."""
    limits = SpanLimits(max_span_attributes=SpanLimits.UNSET, max_events=SpanLimits.UNSET)
    span: Any = provider_of(limits=limits).get_tracer("parts").start_span("work")
    for number in range(2000):
        span.set_attribute(f"key{number}", number)
        span.add_event("again")
    assert len(span.attributes_) == len(span.events_) == 1024


def test_status_follows_the_specification(tracer: Any) -> None:
    """OK is final, UNSET is ignored, only an error keeps its text."""
    span = tracer.start_span("work")
    span.set_status(StatusCode.ERROR, "first")
    span.set_status(StatusCode.UNSET)
    span.set_status(Status(StatusCode.ERROR, "second"))
    assert (span.status_code, span.status_text) == (2, "second")
    span.set_status(StatusCode.OK, "ignored")
    span.set_status(StatusCode.ERROR, "too late")
    assert (span.status_code, span.status_text) == (1, "")


def test_a_wall_clock_that_steps_back_makes_no_negative_duration(tracer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The duration is measured by a clock that cannot step."""
    span = tracer.start_span("work")
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    monkeypatch.setattr("sms_observability.providers.span.time_ns", lambda: 0)
    span.add_event("later")
    span.end()
    assert span.start_time <= span.events[0].timestamp <= span.end_time < span.start_time + 10**10


@pytest.mark.parametrize("given_end", [5, -1, 1.5, 2**70, "now"])
def test_an_end_before_the_start_is_the_start(tracer: Any, given_end: Any) -> None:
    """Times that are given are taken if they can be; the duration is never negative."""
    span = tracer.start_span("work", start_time=10**18)
    span.end(given_end)
    assert span.start_time == 10**18
    assert span.end_time >= span.start_time


def test_processors_of_others_are_called_and_cannot_hurt(provider_of: Callable[..., TracerProvider], kept: Any) -> None:
    """Each is called although the one before raises; the span arrives, and the application sees no exception."""
    calls: list[str] = []

    class Raising(SpanProcessor):
        def on_start(self, span: Any, parent_context: Any = None) -> None:
            raise SystemExit

        def _on_ending(self, span: Any) -> None:
            raise ValueError

        def on_end(self, span: ReadableSpan) -> None:
            raise RuntimeError

        def shutdown(self) -> None:
            raise ValueError

    class Writing(SpanProcessor):
        def on_start(self, span: Any, parent_context: Any = None) -> None:
            span.set_attribute("started", 1)

        def _on_ending(self, span: Any) -> None:
            span.set_attribute("ending", 2)

        def on_end(self, span: ReadableSpan) -> None:
            calls.append(f"{span.name} {dict(span.attributes or {})}")

        def shutdown(self) -> None:
            calls.append("shutdown")

    provider = provider_of(processors=[Raising()])
    provider.add_span_processor(Writing())
    with provider.get_tracer("parts").start_as_current_span("work"):
        pass
    assert provider.force_flush(10)
    provider.shutdown()
    with provider.get_tracer("parts").start_as_current_span("after"):
        pass
    assert calls == ["work {'started': 1, 'ending': 2}", "shutdown"]
    assert [span.name for span in kept] == ["work", "after"]


def test_a_door_that_raises_is_not_noticed_by_the_application(kept: Any) -> None:
    """The span is counted as dropped, with a reason."""

    def broken(span: Any) -> None:
        raise SystemExit

    provider = TracerProvider(broken, resource=Resource.get_empty(), count_dropped=kept.count)
    with provider.get_tracer("parts").start_as_current_span("work"):
        pass
    assert kept.dropped == [("traces", "emit_failed")]


def test_ctrl_c_is_not_swallowed(tracer: Any) -> None:
    """`KeyboardInterrupt` is the one thing that passes, for it is the user's."""

    class Interrupts:
        def __str__(self) -> str:
            raise KeyboardInterrupt

    span = tracer.start_span("work")
    with pytest.raises(KeyboardInterrupt):
        span.set_attribute("bad", Interrupts())


def test_a_queued_span_is_small() -> None:
    """Queues hold thousands: with six attributes a span stays well below the 3 KB of the SDK's."""
    spans: list[Span] = []
    tracer = TracerProvider(spans.append).get_tracer("parts")  # type: ignore[arg-type]
    with tracer.start_as_current_span("work", attributes={f"key{number}": number for number in range(6)}):
        pass
    span = spans[0]
    held = [getattr(span, name) for name in Span.__slots__ if not name.startswith("_")]
    assert sys.getsizeof(span) + sum(map(sys.getsizeof, held)) < 1200
    assert vars(span) == {}
