"""A restricted figure finds no way out: each layer alone, all together, and a control run in which it does."""

from __future__ import annotations

import contextvars
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from itertools import cycle
from multiprocessing import get_context
from typing import Any

import pytest
from tests.privacy import channels_rare  # noqa: F401 - adds its channels
from tests.privacy.channels import CHANNELS, GUARD, KEY, House, figures, needles

from sms_observability.catalog import SMS_CATALOG
from sms_observability.privacy import CataloguePolicy, OpenPolicy, Restricted, guard_scope


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


LAYERS = ("type", "key", "guard", "all")


def plant(layer: str, turn: int, source: Iterator[float]) -> int:
    """Plant a figure in every channel that a layer answers for; give how many, or fail with the channels that leak."""
    # A house of its own for each turn: series would pile up.
    with house(closed() if layer in ("key", "all") else OpenPolicy()) as made:
        planted: dict[str, list[bytes]] = {}
        for name, channel in CHANNELS.items():
            if turn % 20 and name.startswith(("outgoing", "incoming", "SQL", "refused", "thread")):
                continue  # what costs a connection or a thread is there in each twentieth turn
            if layer in (KEY, GUARD) and not (layer in channel.caught_by or channel.clean):
                continue
            figure = next(source)
            planted[name] = needles(figure)
            channel.plant(made, figure if layer == "key" else _restricted(layer, turn, figure))
        left = made.take()
        leaking = [name for name, sought in planted.items() if any(needle in left for needle in sought)]
        assert leaking == [], layer
        return len(planted)


def _restricted(layer: str, turn: int, figure: float) -> Any:
    if layer == "type":
        return elsewhere(figure)
    value = Restricted(figure)
    return value.reveal(reason="test") if layer == "guard" or turn % 2 else value


def canaries(first: int, most: int, layers: Iterable[str]) -> int:
    """Plant at least so many canaries, layer by layer; give how many it were."""
    source = figures(first)
    planted, turn = 0, 0
    for layer in cycle(layers):
        if planted >= most:
            break
        planted += plant(layer, turn, source)
        turn += layer == "all"
    return planted


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_fifty_thousand_canaries_and_no_leak() -> None:
    """Every channel: each layer alone, then all together, restricted and revealed by turns."""
    assert canaries(0, 50_000, LAYERS) >= 50_000


@pytest.mark.soak
def test_ten_million_canaries_and_no_leak() -> None:
    """The same, on every core; `SMS_CANARIES` says how many."""
    most = int(os.environ.get("SMS_CANARIES", "10000000"))
    cores = os.cpu_count() or 1
    share = -(-most // cores)
    with ProcessPoolExecutor(cores, mp_context=get_context("spawn")) as pool:
        runs = [pool.submit(canaries, number * share, share, LAYERS) for number in range(cores)]
        assert sum(run.result() for run in runs) >= most
