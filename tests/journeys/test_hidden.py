"""Internal steps: a neutral name for everybody, the true one with its figures for the restricted channel alone."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from opentelemetry.sdk.trace import TracerProvider as SdkTracerProvider
from opentelemetry.trace import NonRecordingSpan

from sms_observability import Restricted, init_observability, journey, reset, step
from sms_observability.journeys import ports
from sms_observability.journeys.hidden import ended_span
from sms_observability.privacy import declassify
from sms_observability.receiver import Receiver

STEP = "MarkupService.calculatePrice"
SHOWN = "QuoteService.prepareQuote"


@pytest.fixture(autouse=True)
def _afresh() -> Any:
    reset()
    yield
    reset()


@pytest.fixture
def receiver() -> Any:
    with Receiver() as running:
        yield running


def quote() -> None:
    """Price something, as a service does."""
    with journey("parts_ordering_flow"), step("PartsService.getSupplierQuotes"):
        pass
    with journey("parts_ordering_flow"), step(STEP) as run:
        run.set("sms.parts.markup", Restricted(Decimal("4711.08")))
        run.set("order_id", "ord_1")
        declassify(Restricted(Decimal("4711.08")), reason="customer price")
        run.fail("no_stock")


def test_the_true_name_and_the_figure_leave_by_the_restricted_door_only(receiver: Receiver) -> None:
    """The same span in both: under its neutral name and without the figure, and as it is."""
    with Receiver() as finance:
        observability = init_observability(
            "parts-api", endpoint=receiver.endpoint, environment="test", restricted_endpoint=finance.endpoint
        )
        quote()
        assert observability.flush()
        assert {span["name"] for span in receiver.spans} == {
            *("parts_ordering_flow", "PartsService.getSupplierQuotes", SHOWN)
        }
        (shown,) = [span for span in receiver.spans if span["name"] == SHOWN]
        assert shown["attributes"]["sms.step.name"] == SHOWN
        assert "4711.08" not in str(receiver.spans) + str(receiver.logs)
        (hidden,) = finance.spans
        same = ("trace_id", "span_id", "parent", "start_ns", "end_ns", "status")
        assert [hidden[key] for key in same] == [shown[key] for key in same]
        assert hidden["name"] == STEP
        assert (
            hidden["attributes"].items()
            >= {
                "sms.step.name": STEP,
                "sms.journey.name": "parts_ordering_flow",
                "sms.parts.markup": "4711.08",
                "order_id": "ord_1",
                "sms.step.reason": "no_stock",
            }.items()
        )
        (record,) = finance.logs
        assert record["attributes"]["reason"] == "customer price"
        assert record["event_name"] == "sms.restricted.declassified"
        assert receiver.logs == []


def test_without_a_restricted_door_they_are_dropped_and_counted(receiver: Receiver) -> None:
    """A policy withheld them, so that nothing counts as lost."""
    observability = init_observability("parts-api", endpoint=receiver.endpoint, environment="test")
    quote()
    assert observability.flush()
    accounts = observability.accounting()
    assert accounts["traces"]["dropped"] == {"restricted": 1}
    assert accounts["traces"]["delivered"] == 4
    assert accounts["logs"]["dropped"] == {"restricted": 1}
    assert "Markup" not in str(receiver.spans) + str(receiver.logs)


def test_a_public_step_leaves_once(watched: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The restricted channel gets internal steps, and what the public one has, it does not repeat."""
    hidden: list[Any] = []
    monkeypatch.setattr(ports, "hidden", hidden.append)
    quote()
    assert [span.name_ for span in hidden] == [STEP]
    assert [span.name_ for span in watched.spans].count(SHOWN) == 1


def test_what_the_restricted_channel_raises_stays_here(watched: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken port costs a copy, not an order."""

    def broken(span: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(ports, "hidden", broken)
    quote()
    assert len(watched.spans) == 4


def test_a_span_that_does_not_show_what_it_recorded_has_no_copy() -> None:
    """One of a tracer that is no OpenTelemetry SDK's; one of any SDK has."""
    theirs = SdkTracerProvider(shutdown_on_exit=False).get_tracer("theirs").start_span("GET")
    theirs.end()
    ended = ended_span(theirs)
    assert ended is not None
    assert (ended.name_, ended.span_id) == ("GET", theirs.get_span_context().span_id)
    assert ended_span(NonRecordingSpan(theirs.get_span_context())) is None


def test_the_fixture_shows_both_channels(telemetry: Any) -> None:
    """A service's own test sees what finance sees, apart from what everybody does."""
    quote()
    assert [span["name"] for span in telemetry.restricted.spans] == [STEP]
    assert STEP not in [span["name"] for span in telemetry.spans]
    telemetry.assert_no_restricted()
