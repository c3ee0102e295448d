"""What a journey and its steps leave in the trace."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from inline_snapshot import snapshot
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF

from hostile import hostile, summon
from sms_observability.catalog import Journey, Step
from sms_observability.context import Request, enter_request, exit_request
from sms_observability.journeys import journey, ports, step
from sms_observability.providers import TracerProvider, current_span, install

FLOW = "parts_ordering_flow"
QUOTES = "PartsService.getSupplierQuotes"
ERROR = 2

fuzzed = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def shape(span: Any) -> dict[str, Any]:
    """The span, its measurements replaced by their types."""
    timed = ("sms.sla.duration_ms", "sms.sla.budget_remaining_ms", "sms.sla.budget_share")
    return {
        "name": span.name_,
        "status": span.status_code,
        "attributes": {k: type(v).__name__ if k in timed else v for k, v in span.attributes_.items()},
        "events": [(event.name, event.attributes) for event in span.events_],
    }


def test_a_journey_and_its_steps_as_they_leave(watched: Any) -> None:
    """Names, attributes and relations are those of the contract; an internal step has its neutral name only."""
    with journey(FLOW):
        with step(QUOTES):
            pass
        with step("MarkupService.calculatePrice"):
            pass
    quotes, price, flow = watched.spans
    assert quotes.parent_span_id == price.parent_span_id == flow.span_id
    assert flow.parent_span_id == 0
    assert shape(quotes) == snapshot(
        {
            "name": "PartsService.getSupplierQuotes",
            "status": 0,
            "attributes": {
                "sms.step.name": "PartsService.getSupplierQuotes",
                "sms.sla.budget_remaining_ms": "float",
                "sms.sla.budget_share": "float",
            },
            "events": [],
        }
    )
    assert shape(price) == snapshot(
        {
            "name": "QuoteService.prepareQuote",
            "status": 0,
            "attributes": {
                "sms.step.name": "QuoteService.prepareQuote",
                "sms.sla.budget_remaining_ms": "float",
                "sms.sla.budget_share": "float",
            },
            "events": [],
        }
    )
    assert shape(flow) == snapshot(
        {
            "name": "parts_ordering_flow",
            "status": 0,
            "attributes": {
                "sms.journey.name": "parts_ordering_flow",
                "sms.journey.revenue": True,
                "sms.sla.threshold_ms": 3000.0,
                "sms.journey.outcome": "success",
                "sms.sla.duration_ms": "float",
                "sms.sla.breached": False,
                "sms.journey.steps_missing": [
                    "Auth.validateToken",
                    "Database.saveQuote",
                    "Cache.invalidate",
                    "Webhook.notifyUser",
                ],
            },
            "events": [],
        }
    )
    assert 0 < quotes.attributes_["sms.sla.budget_share"] < 1
    assert price.attributes_["sms.sla.budget_remaining_ms"] < quotes.attributes_["sms.sla.budget_remaining_ms"] < 3000
    assert [row[:2] for row in watched.recorded] == [(FLOW, "success")]
    assert watched.recorded[0][3:] == (False, (flow.trace_id, flow.span_id))


def test_a_complete_run_misses_no_step(watched: Any) -> None:
    """The first step of the plan is the server span itself, so no code has to run it."""
    two = Journey(
        "two_steps", sla_ms=1000, steps=(Step("HTTP POST /x", server_span=True), Step("A.one"), Step("B.two"))
    )
    with journey(two):
        for one in two.steps[1:]:
            with step(one):
                pass
    assert "sms.journey.steps_missing" not in watched.named("two_steps").attributes_
    with journey(two), step(two.steps[2]):
        pass
    assert watched.spans[-1].attributes_["sms.journey.steps_missing"] == ["A.one"]


def test_missing_steps_are_told_of_successes_only(watched: Any) -> None:
    """A run that failed half-way has not skipped anything."""
    with journey(FLOW) as run:
        run.fail("out_of_stock")
    assert "sms.journey.steps_missing" not in watched.only.attributes_


def test_a_breach_names_the_step_with_the_most_time_of_its_own(watched: Any) -> None:
    """A step that only waits for another one inside it is not blamed."""
    outer, inner, other = Step("A.outer"), Step("B.inner"), Step("C.other")
    flow = Journey("slow_flow", sla_ms=20, steps=(outer, inner, other))
    with journey(flow):
        with step(outer), step(inner):
            time.sleep(0.03)
        with step(other):
            time.sleep(0.005)
    span = watched.named("slow_flow")
    assert span.attributes_["sms.sla.breached"] is True
    assert [(event.name, event.attributes) for event in span.events_] == snapshot(
        [("sms.sla.breached", {"sms.sla.slowest_step": "B.inner"})]
    )
    assert watched.named("B.inner").attributes_["sms.sla.budget_share"] > 1
    assert watched.named("C.other").attributes_["sms.sla.budget_remaining_ms"] == 0
    assert watched.recorded[0][3] is True


def test_a_breach_without_steps_says_so(watched: Any) -> None:
    """The event always has its attribute."""
    with journey(Journey("bare_flow", sla_ms=1)):
        time.sleep(0.003)
    assert watched.only.events_[0].attributes == {"sms.sla.slowest_step": "none"}


def test_a_step_outside_a_journey_is_a_plain_span(watched: Any) -> None:
    """It has its name and nothing of a budget."""
    with step(QUOTES) as run:
        run.set("sms.supplier.count", 3)
    assert watched.only.attributes_ == {"sms.step.name": QUOTES, "sms.supplier.count": 3}
    assert watched.recorded == []


def test_durations_are_monotonic(watched: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wall clock that is set back in the middle changes neither duration nor verdict."""
    with journey(FLOW):
        monkeypatch.setattr(time, "time_ns", lambda: 1)
        monkeypatch.setattr(time, "time", lambda: 0.0)
    assert 0 <= watched.only.attributes_["sms.sla.duration_ms"] < 3000
    assert watched.only.end_ns >= watched.only.start_ns


def test_own_attributes_are_kept_beyond_the_limit(watched: Any) -> None:
    """A service that sets too many attributes loses its own, not the outcome that sampling depends on."""
    with journey(FLOW) as run:
        for number in range(300):
            run.set(f"a{number}", number)
    span = watched.only
    assert span.attributes_["sms.journey.outcome"] == "success"
    assert span.attributes_["sms.sla.breached"] is False
    assert span.dropped_attributes_ > 100


def test_a_journey_is_counted_when_it_is_not_sampled(watched: Any) -> None:
    """Metrics are exact whatever the sampling is; there is no exemplar to a trace that nobody has."""
    install(tracer=TracerProvider(watched.spans.append, resource=Resource({}), sampler=ALWAYS_OFF))
    with journey(FLOW), step(QUOTES):
        pass
    assert watched.spans == []
    assert [(row[1], row[4]) for row in watched.recorded] == [("success", None)]


def test_an_excluded_request_is_still_counted(watched: Any) -> None:
    """A route that leaves no spans leaves none of journeys either, and nothing breaks."""
    token = enter_request(Request(suppressed=True))
    with journey(FLOW) as run:
        run.fail()
    exit_request(token)
    assert watched.spans == []
    assert watched.recorded[0][1] == "failure"


def test_a_span_that_somebody_ended_early_is_not_written_to(watched: Any) -> None:
    """What has left for the door is not changed under its hands."""
    with journey(FLOW) as run:
        current = current_span()
        assert current is not None
        current.end()
        run.set("late", 1)
    assert "sms.journey.outcome" not in watched.only.attributes_
    assert watched.recorded[0][1] == "success"


def test_before_init_everything_is_callable_and_does_nothing() -> None:
    """No span, no metric, no error; results, exceptions and the current span are as without it."""
    assert ports.enabled is False

    @journey(FLOW)
    def work(value: int) -> int:
        with step(QUOTES) as run:
            run.set("a", 1)
            run.fail("x")
            run.cancel("y")
        return value + 1

    assert work(1) == 2
    with pytest.raises(KeyError), journey(FLOW):
        raise KeyError
    assert current_span() is None


def test_shutdown_in_the_middle_ends_what_has_begun(watched: Any) -> None:
    """A run that began is ended and counted; one that begins later is not."""
    with journey(FLOW):
        ports.enabled = False
        with journey(FLOW):
            pass
    assert watched.outcomes == ["success"]
    assert len(watched.recorded) == 1


@fuzzed
@given(hostile, hostile)
def test_hostile_handles_never_raise(watched: Any, name: object, value: object) -> None:
    """Whatever `set`, `fail` and `cancel` are given, the journey ends as it would have."""
    watched.spans.clear()
    name, value = summon(name), summon(value)
    with journey(FLOW) as run, step(QUOTES) as inner:
        for handle in (run, inner):
            handle.set(name, value)  # type: ignore[arg-type]
            handle.set("a", value)
            handle.cancel(value)  # type: ignore[arg-type]
            handle.fail(value)  # type: ignore[arg-type]
    assert watched.outcomes == ["failure"]
    assert all(span.status_code == ERROR for span in watched.spans)


@fuzzed
@given(st.lists(st.sampled_from(["set", "fail", "cancel"]), max_size=5))
def test_the_last_word_of_a_handle_counts(watched: Any, calls: list[str]) -> None:
    """`fail` and `cancel` overrule each other, and the absence of an exception."""
    watched.spans.clear()
    with journey(FLOW) as run:
        for call in calls:
            run.set("a", 1) if call == "set" else getattr(run, call)(f"because_{call}")
    said = [call for call in calls if call != "set"]
    expected = {"fail": "failure", "cancel": "cancelled"}[said[-1]] if said else "success"
    assert watched.outcomes == [expected]
    assert watched.only.attributes_.get("sms.journey.reason") == (f"because_{said[-1]}" if said else None)
    assert (watched.only.status_code == ERROR) is (expected == "failure")


def test_what_the_count_raises_stays_here(watched: Any) -> None:
    """A broken port costs a metric, not an order."""

    def broken(*_: object) -> None:
        raise RuntimeError

    ports.record = broken
    with journey(FLOW):
        pass
    assert watched.outcomes == ["success"]
