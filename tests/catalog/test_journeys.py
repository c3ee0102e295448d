"""Journeys and steps."""

from __future__ import annotations

from typing import Any

import pytest

from sms_observability.catalog import SMS_CATALOG, Catalog, CatalogError, Journey, Step


def test_an_internal_step_leaves_under_its_neutral_name() -> None:
    """The true name is for the restricted channel."""
    step = Step("Pricing.secretRule", access="internal", public_name="Quote.finalize")
    assert step.shown_name == "Quote.finalize"
    assert Step("Database.save").shown_name == "Database.save"


@pytest.mark.parametrize(
    ("make", "remedy"),
    [
        (lambda: Step("A.b", access="internal"), "give the neutral name"),
        (lambda: Step("A.b", access="internal", public_name="A.b"), "give the neutral name"),
        (lambda: Step("A.b", public_name="C.d"), "drop public_name"),
        (lambda: Step("Markup.apply"), "write access='internal'"),
        (lambda: Step("A.b", access="internal", public_name="Margin.apply"), "neutral public_name"),
        (lambda: Step(""), "no name of a step"),
        (lambda: Step("a\nb"), "no name of a step"),
        (lambda: Step(3), "no name of a step"),  # type: ignore[arg-type]
        (lambda: Step("A.b", access="restricted"), "neither 'public' nor 'internal'"),  # type: ignore[arg-type]
        (lambda: Journey("margin_flow", sla_ms=1000), "choose another"),
        (lambda: Journey("flow", sla_ms=0), "no duration in milliseconds"),
        (lambda: Journey("flow", sla_ms="3s"), "no duration in milliseconds"),  # type: ignore[arg-type]
        (lambda: Journey("flow", sla_ms=True), "no duration in milliseconds"),
        (lambda: Journey("flow", sla_ms=float("nan")), "no duration in milliseconds"),
        (lambda: Journey("flow", sla_ms=1000, steps=("A.b",)), r"write Step\('A.b'\)"),  # type: ignore[arg-type]
        (lambda: Journey("flow", sla_ms=1000, steps=(Step("A.b"), Step("A.b"))), "list it once"),
    ],
)
def test_a_wrong_declaration_is_refused_with_its_remedy(make: Any, remedy: str) -> None:
    """At import, not when the first customer comes."""
    with pytest.raises(CatalogError, match=remedy):
        make()


def test_steps_may_be_given_as_a_list() -> None:
    """They are kept as a tuple, so that the journey can be a key."""
    journey = Journey("flow", sla_ms=1000, steps=[Step("A.b")])  # type: ignore[arg-type]
    assert journey.steps == (Step("A.b"),)
    assert hash(journey) == hash(Journey("flow", sla_ms=1000, steps=(Step("A.b"),)))


def test_an_sla_that_is_no_bucket_boundary_is_refused_with_the_nearest_ones() -> None:
    """Prometheus could not tell whether the promise is kept."""
    with pytest.raises(CatalogError, match=r"write sla_ms=1000 or sla_ms=1500"):
        SMS_CATALOG.extend(journeys=[Journey("refund_flow", sla_ms=1234)])


@pytest.mark.parametrize(
    "sla_ms", [100, 200, 300, 500, 800, 1000, 1500, 2000, 2500.0, 3000, 5000, 10_000, 30_000, 60_000]
)
def test_round_slas_are_boundaries(sla_ms: float) -> None:
    """A service may promise any usual duration."""
    assert SMS_CATALOG.extend(journeys=[Journey("refund_flow", sla_ms=sla_ms)]).journeys["refund_flow"].sla_ms == sla_ms


def test_a_step_of_two_journeys_must_be_declared_alike() -> None:
    """One name is one thing."""
    shared = Step("Auth.check")
    both = Catalog(
        journeys=[
            Journey("one", sla_ms=1000, steps=(shared,)),
            Journey("two", sla_ms=1000, steps=(Step("Auth.check"),)),
        ]
    )
    assert both.steps == {"Auth.check": shared}
    with pytest.raises(CatalogError, match="declare it once"):
        Catalog(
            journeys=[Journey("one", sla_ms=1000, steps=(shared,))],
            steps=[Step("Auth.check", access="internal", public_name="Auth")],
        )
