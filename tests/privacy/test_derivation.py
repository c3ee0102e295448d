"""Who reads everything that the portal emits publicly does not learn the markup of any order."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.privacy.adversary import Numbers, best_guess, recovered
from tests.privacy.sales import Sale, sold

pytestmark = pytest.mark.timeout(600)


class Sales:
    """All orders of a run."""

    def __init__(self, sold: list[Sale]) -> None:
        self._sold = sold
        self.truths = [each for sale in sold for each in sale.truth]
        self.public = self.seen("public")

    def seen(self, *doors: str) -> list[Numbers]:
        """Give what is known of each order to somebody who reads these doors."""
        return [each for sale in self._sold for each in sale.seen(*(getattr(sale, door) for door in doors))]


@pytest.fixture(
    scope="module",
    params=[pytest.param(200, marks=pytest.mark.slow), pytest.param(1_000, marks=pytest.mark.soak)],
    ids=["200 orders", "1,000 orders"],
)
def sales(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sales]:
    with sold(request.param, tmp_path_factory.mktemp("sales"), "alone") as sales:
        yield Sales(sales)


def test_no_order_is_recovered_from_what_is_public(sales: Sales) -> None:
    """Each order alone in its interval: no cost, markup or rate follows, exactly, from any two numbers."""
    assert min(map(len, sales.public)) > 100, "he has something to work with"
    for seen, truth in zip(sales.public, sales.truths, strict=True):
        # The control of the search: the price of each order is public.
        assert any(abs(number - truth["price"]) < 0.01 for number in seen.values())
        assert recovered(seen, truth) == []


def test_on_average_he_guesses_no_better_than_before(sales: Sales) -> None:
    """The number that tells most of the markup, learnt on half of the orders, tells nothing of the other half."""
    share, place = best_guess(sales.public, sales.truths)
    # Of hundreds of numbers one always seems to tell something; by five standard deviations, chance explains no more.
    assert share > 1 - 60 / len(sales.truths), place


def test_with_what_finance_has_every_order_is_recovered(sales: Sales) -> None:
    """The control run: with both doors the same adversary learns all of it."""
    assert all(map(recovered, sales.seen("public", "finance"), sales.truths))
