"""A restricted figure finds no way out: each layer alone, all together, and a control run in which it does."""

from __future__ import annotations

import contextvars
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from tests.privacy.channels import CHANNELS, GUARD, KEY, House, figures, needles

from sms_observability.catalog import SMS_CATALOG
from sms_observability.privacy import CataloguePolicy, OpenPolicy, Restricted, guard_scope

ROUNDS = 640


def closed() -> CataloguePolicy:
    return CataloguePolicy(SMS_CATALOG, unknown_fields="drop")


@contextmanager
def house(policy: Any) -> Iterator[House]:
    with House(policy) as made, guard_scope():
        yield made


def elsewhere(figure: float) -> Restricted[float]:
    """Make a restricted value of which the guard of this test does not know."""

    def make() -> Restricted[float]:
        with guard_scope():
            return Restricted(figure)

    return contextvars.copy_context().run(make)


def leaks(made: House, figure: float) -> bool:
    left = made.take()
    return any(needle in left for needle in needles(figure))


def test_the_table_has_the_channels_that_were_measured() -> None:
    """It does not shrink."""
    assert len(CHANNELS) >= 62


def test_without_any_layer_the_search_finds_the_figures() -> None:
    """The control run: a plain figure gets out of every channel that the library does not close by itself."""
    source = figures()
    with house(OpenPolicy()) as made:
        found = set()
        for name, channel in CHANNELS.items():
            figure = next(source)
            channel.plant(made, figure)
            if leaks(made, figure):
                found.add(name)
    assert found == {name for name, channel in CHANNELS.items() if not channel.clean}


def test_the_type_alone_lets_nothing_out() -> None:
    """A restricted figure in every channel, no catalogue, no guard."""
    source = figures()
    with house(OpenPolicy()) as made:
        for name, channel in CHANNELS.items():
            figure = next(source)
            channel.plant(made, elsewhere(figure))
            assert not leaks(made, figure), name


def test_the_catalogue_alone_lets_nothing_out_under_undeclared_names() -> None:
    """A plain figure, no guard."""
    source = figures()
    with house(closed()) as made:
        for name, channel in CHANNELS.items():
            if KEY in channel.caught_by or channel.clean:
                figure = next(source)
                channel.plant(made, figure)
                assert not leaks(made, figure), name


def test_the_guard_alone_lets_nothing_out_that_it_has_heard_of() -> None:
    """A figure that was revealed, under innocent names too, no catalogue."""
    source = figures()
    with house(OpenPolicy()) as made:
        for name, channel in CHANNELS.items():
            if GUARD in channel.caught_by or channel.clean:
                figure = next(source)
                channel.plant(made, Restricted(figure).reveal(reason="test"))
                assert not leaks(made, figure), name


@pytest.mark.parametrize("form", [str, "{:,.2f}".format, "{:.1f}".format, lambda figure: round(figure * 100)])
def test_the_guard_knows_the_forms_in_which_people_write_a_figure(form: Any) -> None:
    """Thousands separators, rounding, minor units."""
    with house(closed()) as made:
        figure = Restricted(48611.37).reveal(reason="test")
        made.tracer.start_span("GET", attributes={"state": form(figure)}).end()
        left = made.take()
    assert b"[RESTRICTED]" in left
    assert str(form(figure)).encode() not in left


def test_a_declassified_figure_leaves() -> None:
    """The price that the customer is told is public."""
    from sms_observability.privacy import declassify

    with house(closed()) as made:
        price = declassify(Restricted(48611.37) * 2, reason="customer price")
        made.tracer.start_span("GET", attributes={"state": str(price)}).end()
        assert str(price).encode() in made.take()


@pytest.mark.slow
def test_fifty_thousand_canaries_and_no_leak() -> None:
    """All layers together, every channel, restricted and revealed by turns."""
    source = figures()
    planted = 0
    quick = [name for name in CHANNELS if not name.startswith(("outgoing", "incoming", "SQL"))]
    for turn in range(ROUNDS):
        # A house of its own for each turn: series would pile up.
        with house(closed()) as made:
            sought: list[bytes] = []
            for name in CHANNELS if turn % 20 == 0 else quick:
                figure = next(source)
                value = Restricted(figure)
                CHANNELS[name].plant(made, value if turn % 2 else value.reveal(reason="test"))
                sought += needles(figure)
            left = made.take()
            planted += len(sought) // 3
            assert [needle for needle in sought if needle in left] == []
    assert planted >= 50_000
