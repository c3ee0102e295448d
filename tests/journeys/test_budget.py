"""What is left of an SLA, and what a caller of ours handed on of it."""

from __future__ import annotations

import asyncio
import contextvars
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hostile import hostile, summon
from sms_observability.journeys import accept_budget, forget_budget, journey, remaining_budget_ms, step

FLOW = "parts_ordering_flow"

fuzzed = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def test_there_is_none_outside() -> None:
    """Without a journey and without a caller's budget nothing is handed on."""
    assert remaining_budget_ms() is None


def test_a_journey_hands_on_what_is_left(watched: Any) -> None:
    """It shrinks as time goes by."""
    with journey(FLOW):
        first = remaining_budget_ms()
        with step("PartsService.getSupplierQuotes"):
            second = remaining_budget_ms()
    assert first is not None
    assert second is not None
    assert 0 < second < first < 3000
    assert remaining_budget_ms() is None
    assert len(watched.spans) == 2


@pytest.mark.parametrize(
    ("given_ms", "threshold"),
    [(500, 500.0), (500.5, 500.5), (3001, 3000.0), (1e300, 3000.0), (-5, 0.0), (0, 0.0), (float("inf"), 3000.0)],
)
def test_the_smaller_promise_counts(watched: Any, given_ms: float, threshold: float) -> None:
    """A handed-on budget is clamped to 0 … the journey's own SLA."""
    token = accept_budget(given_ms)
    with journey(FLOW):
        left = remaining_budget_ms()
    forget_budget(token)
    assert watched.only.attributes_["sms.sla.threshold_ms"] == threshold
    assert left is not None
    assert 0 <= left <= threshold
    assert watched.only.attributes_["sms.sla.breached"] is (threshold == 0)
    assert remaining_budget_ms() is None


def test_a_budget_of_nothing_is_wholly_used(watched: Any) -> None:
    """The share of nothing is told as all of it, not as a division by zero."""
    accept_budget(0)
    with journey(FLOW), step("PartsService.getSupplierQuotes"):
        pass
    accept_budget(None)
    assert watched.spans[0].attributes_["sms.sla.budget_share"] == 1.0


def test_a_service_without_a_journey_passes_the_budget_through() -> None:
    """What it spends itself is taken off."""
    token = accept_budget(50)
    left = remaining_budget_ms()
    assert left is not None
    assert 0 <= left < 50
    forget_budget(token)
    token = accept_budget(1e308)
    assert remaining_budget_ms() <= 86_400_000  # type: ignore[operator]
    forget_budget(token)


@fuzzed
@given(hostile | st.floats() | st.integers())
def test_any_budget_is_taken_or_left(given_ms: Any) -> None:
    """What is no number is no budget; nothing raises."""
    token = accept_budget(summon(given_ms))
    left = remaining_budget_ms()
    forget_budget(token)
    assert left is None or 0 <= left <= 86_400_000


def test_a_token_of_another_context_is_harmless() -> None:
    """A request may end in another task than it began."""
    token = contextvars.copy_context().run(accept_budget, 5)
    forget_budget(token)
    assert remaining_budget_ms() is None


def test_budgets_of_concurrent_requests_are_apart(watched: Any) -> None:
    """Each task has that of its own caller."""

    async def request(budget: float) -> None:
        token = accept_budget(budget)
        with journey(FLOW):
            await asyncio.sleep(0)
        forget_budget(token)

    async def main() -> None:
        await asyncio.gather(*[request(budget) for budget in (100, 200, 300)])

    asyncio.run(main())
    assert sorted(span.attributes_["sms.sla.threshold_ms"] for span in watched.spans) == [100, 200, 300]
