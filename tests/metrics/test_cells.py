"""What is recorded is what is collected: sums, levels, distributions, and nothing else."""

from __future__ import annotations

import gc
import math
import os
import signal
import sys
import threading
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry.sdk.resources import Resource

from hostile import hostile, summon
from sms_observability import metrics
from sms_observability.catalog import SMS_CATALOG, Field, Metric
from sms_observability.privacy import Restricted
from sms_observability.privacy.restricted import is_restricted
from sms_observability.privacy.seal import unseal
from sms_observability.providers import TracerProvider

fuzzed = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

EMPTY: tuple[Any, ...] = ()


def counter(**settings_: Any) -> Any:
    return Metric.counter("sms.test.counted", unit="{thing}", **settings_)


def histogram(**settings_: Any) -> Any:
    return Metric.histogram("sms.test.spread", **{"unit": "s", "buckets": (1, 2, 5), **settings_})


def gauge(**settings_: Any) -> Any:
    return Metric.gauge("sms.test.level", unit="{thing}", **settings_)


def restricted_amount(amount: object) -> object:
    return unseal(amount) if is_restricted(amount) else amount


def public_amount(amount: object) -> object:
    return None if is_restricted(amount) else amount


def test_an_own_metric_records_once_a_registry_has_it(recorded: Any) -> None:
    """Before and after, the instrument can be used and does nothing."""
    retries = counter(labels=[Field("cause")])
    retries.add(5, cause="early")
    cells = recorded(retries)
    retries.add(cause="timeout")
    retries.add(2, cause="timeout")
    retries.add(0.5)
    assert cells.values("sms.test.counted") == {(("cause", "timeout"),): 3, EMPTY: 0.5}
    cells.registry.unbind()
    retries.add(7, cause="late")
    assert cells.values("sms.test.counted") == {(("cause", "timeout"),): 3, EMPTY: 0.5}


def test_the_public_names_are_the_catalogue_s(recorded: Any) -> None:
    """`metrics.<instrument>` and `metrics.restricted.<instrument>` are the declared metrics themselves."""
    cells = recorded(*SMS_CATALOG.metrics.values(), unwrap=restricted_amount)
    metrics.parts_quotes_requested.add(1, urgency="urgent", company_id="cmp_1")
    metrics.users_active.set(4, role="technician")
    metrics.restricted.parts_markup_realized.record(Restricted(Decimal("2.50")), parts_category="engine")
    assert cells.values("sms.parts.quotes.requested") == {(("company_id", "cmp_1"), ("urgency", "urgent")): 1}
    assert cells.values("sms.users.active") == {(("role", "technician"),): 4}
    (point,) = cells.points("parts.markup.realized").values()
    assert (point.count, point.sum) == (1, 2.5)


@pytest.mark.parametrize(
    ("call", "remedy"),
    [
        (lambda: metrics.parts_quotes_requested.record(1), r"is a counter: write \.add\(…\)"),
        (lambda: metrics.parts_order_value_dollars.set(1), r"is a histogram: write \.record\(…\)"),
        (lambda: metrics.mrr_dollars.add(1), r"is a gauge: write \.set\(…\)"),
        (lambda: metrics.mrr_dollars.nothing, "'Gauge' object has no attribute 'nothing'"),
        (lambda: metrics.parts_markup_realized, r"write metrics\.restricted\.parts_markup_realized"),
    ],
)
def test_a_wrong_use_is_answered_with_the_right_one(call: Any, remedy: str) -> None:
    """It is a mistake in code: it raises at once and says what to write."""
    with pytest.raises(AttributeError, match=remedy):
        call()


def test_a_wrong_name_is_answered_with_the_nearest_one() -> None:
    """The namespace is closed."""
    with pytest.raises(AttributeError, match="did you mean 'parts_quotes_requested'"):
        metrics.parts_quote_requested  # type: ignore[attr-defined]  # noqa: B018
    assert {"parts_quotes_requested", "restricted", "CellRegistry"} <= set(metrics.__all__)
    assert not {name for name in vars(metrics) if name in metrics.__all__ and getattr(metrics, name) is None}


def test_histograms_count_into_their_buckets(recorded: Any) -> None:
    """A value on a boundary is in the bucket that ends there; smallest and largest are not told."""
    spread = histogram()
    cells = recorded(spread)
    for value in (0, 1, 1.5, 2, 5, 5.01, 100):
        spread.record(value)
    point = cells.points("sms.test.spread")[EMPTY]
    assert (point.count, point.bounds, point.counts) == (7, (1.0, 2.0, 5.0), (2, 2, 1, 2))
    assert math.isclose(point.sum, 114.51)
    assert (point.min, point.max) == (None, None)


def test_a_gauge_tells_the_last_value(recorded: Any) -> None:
    """Of each series on its own."""
    level = gauge(labels=[Field("place")])
    cells = recorded(level)
    for value in (3, 7.5, -1):
        level.set(value, place="a")
    level.set(2, place="b")
    assert cells.values("sms.test.level") == {(("place", "a"),): -1, (("place", "b"),): 2}


def test_declared_series_start_at_zero(recorded: Any) -> None:
    """So that the first failure is an increase, in a forked child too."""
    failures = counter(labels=[Field("cause")], initialise=({"cause": "stock"}, {}))
    cells = recorded(failures)
    zero = {(("cause", "stock"),): 0, EMPTY: 0}
    assert cells.values("sms.test.counted") == zero
    failures.add(2, cause="stock")
    cells.registry.reset()
    assert cells.values("sms.test.counted") == zero


@pytest.mark.parametrize(
    ("amount", "kept"),
    [
        (True, 1),
        (Decimal("2.5"), 2.5),
        (10**400, 2**63 - 1),
        (float("nan"), None),
        (float("inf"), None),
        (Decimal("sNaN"), None),
        ("1", None),
        (None, None),
        (-1, None),
        (-0.5, None),
    ],
)
def test_amounts_of_a_counter(recorded: Any, amount: Any, kept: float | None) -> None:
    """A number is taken, anything else and what is below zero is dropped and counted."""
    counted = counter()
    cells = recorded(counted)
    counted.add(amount)
    assert cells.values("sms.test.counted") == ({} if kept is None else {EMPTY: kept})
    assert sum(cells.dropped.values()) == (1 if kept is None else 0)


@fuzzed
@given(hostile | st.floats() | st.integers(), hostile, st.booleans())
def test_hostile_amounts_and_labels_never_raise(recorded: Any, amount: Any, label: Any, declared: bool) -> None:  # noqa: FBT001
    """Each measurement is kept once or counted as dropped, and what is kept can be encoded."""
    field = Field("cause", identifier=True) if declared else Field("cause")
    instruments = (counter(labels=[field]), histogram(labels=[field]), gauge(labels=[field]))
    cells = recorded(*instruments)
    amount, label = summon(amount), summon(label)
    instruments[0].add(amount, cause=label)
    instruments[1].record(amount, cause=label)
    instruments[2].set(amount, cause=label)
    for data in cells.registry.collect():
        for point in data.points:
            assert all(type(value) is str and value.encode() is not None for value in point.attributes.values())
            total = point.sum if data.kind == "histogram" else point.value
            assert type(total) in (int, float)
            assert math.isfinite(total)
            assert type(total) is float or -(2**63) <= total < 2**63
            dropped = sum(n for (name, _), n in cells.dropped.items() if name == data.name)
            assert dropped == 0
    kept = {data.name for data in cells.registry.collect()}
    assert kept | {name for name, _ in cells.dropped} == {metric.otel_name for metric in instruments}


def test_sums_do_not_overflow(recorded: Any) -> None:
    """A total beyond what can be sent stays where it was, and says so."""
    counted, spread = counter(), histogram()
    cells = recorded(counted, spread)
    counted.add(2**63 - 1)
    counted.add(1)
    spread.record(1.7e308)
    spread.record(1.7e308)
    assert cells.values("sms.test.counted") == {EMPTY: 2**63 - 1}
    point = cells.points("sms.test.spread")[EMPTY]
    assert (point.count, point.sum, sum(point.counts)) == (1, 1.7e308, 1)
    assert cells.dropped == {("sms.test.counted", "amount"): 1, ("sms.test.spread", "amount"): 1}


def test_a_restricted_amount_never_enters_a_public_metric(recorded: Any) -> None:
    """It is dropped and counted, whatever the channel would make of it."""
    spread = histogram()
    cells = recorded(spread, unwrap=public_amount)
    spread.record(Restricted(Decimal(3)))
    assert cells.points("sms.test.spread") == {}
    assert cells.dropped == {("sms.test.spread", "restricted"): 1}


def test_exemplars_lead_to_the_current_trace(recorded: Any) -> None:
    """One per bucket and export; none outside a span."""
    spread = histogram()
    cells = recorded(spread)
    tracer = TracerProvider(lambda span: None, resource=Resource({})).get_tracer("t")  # noqa: ARG005
    spread.record(0.1)
    with tracer.start_as_current_span("work") as span:
        spread.record(0.5)
        spread.record(0.6)
        spread.record(3)
    exemplars = cells.points("sms.test.spread")[EMPTY].exemplars
    context = span.get_span_context()
    assert [(e.value, e.trace_id, e.span_id) for e in exemplars] == [
        (0.5, context.trace_id, context.span_id),
        (3, context.trace_id, context.span_id),
    ]
    assert cells.points("sms.test.spread")[EMPTY].exemplars == ()


@pytest.mark.parametrize(
    "metric",
    [
        Metric.histogram("sms.test.price", unit="dollars"),
        Metric.histogram("sms.test.amount", unit="{cent}", money=True, buckets=(1,)),
        Metric.histogram("rebates.granted", unit="s", access="restricted"),
    ],
    ids=lambda metric: metric.otel_name,
)
def test_money_and_restricted_figures_have_no_exemplars(recorded: Any, metric: Any) -> None:
    """An exemplar is an exact amount beside a trace that names the customer."""
    cells = recorded(metric)
    tracer = TracerProvider(lambda span: None, resource=Resource({})).get_tracer("t")  # noqa: ARG005
    with tracer.start_as_current_span("work"):
        metric.record(3)
    cells.registry[metric.otel_name].record(4, {}, (1, 2))
    (point,) = cells.points(metric.otel_name).values()
    assert point.count == 2
    assert point.exemplars == ()


def test_threads_lose_nothing(recorded: Any) -> None:
    """Counts are exact under contention, and a reader in between sees whole points."""
    counted, spread = counter(), histogram()
    cells = recorded(counted, spread)
    torn: list[Any] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            for point in cells.points("sms.test.spread").values():
                if sum(point.counts) != point.count or point.sum != point.count:
                    torn.append(point)

    def write() -> None:
        for _ in range(3000):
            counted.add()
            spread.record(1)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    reader = threading.Thread(target=read)
    writers = [threading.Thread(target=write) for _ in range(4)]
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    reader.join()
    sys.setswitchinterval(interval)
    assert torn == []
    assert cells.values("sms.test.counted") == {EMPTY: 12000}
    assert cells.points("sms.test.spread")[EMPTY].count == 12000


def test_a_finalizer_and_a_signal_handler_may_record(recorded: Any) -> None:
    """Code that interrupts a recording records itself, and nothing waits for anything."""
    counted = counter(labels=[Field("cause")])
    cells = recorded(counted)

    class Falling:
        def __del__(self) -> None:
            counted.add(cause="fallen")

    def on_alarm(_number: int, _frame: object) -> None:
        counted.add(cause="alarm")
        cells.registry.collect()

    before = signal.signal(signal.SIGALRM, on_alarm)
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    try:
        for number in range(3000):
            lost = Falling()
            lost.me = lost  # type: ignore[attr-defined]
            counted.add(cause=f"c{number % 50}")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    gc.collect()
    values = cells.values("sms.test.counted")
    assert values[(("cause", "alarm"),)] > 0
    assert sum(n for labels, n in values.items() if labels[0][1].startswith("c")) == 3000


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_starts_anew_whatever_lock_the_parent_held(recorded: Any) -> None:
    """Forked while another thread is inside, the child records and collects its own counts only."""
    counted, spread = counter(labels=[Field("cause")]), histogram()
    cells = recorded(counted, spread)
    counted.add(5, cause="parent")
    held, release = threading.Event(), threading.Event()
    locks = [cells.registry._lock, *(cells.registry[name]._lock for name in ("sms.test.counted", "sms.test.spread"))]
    locks.append(cells.registry["sms.test.counted"].labels._lock)

    def hold() -> None:
        for lock in locks:
            lock.acquire()
        held.set()
        release.wait()
        for lock in locks:
            lock.release()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            signal.alarm(10)
            cells.registry.reset()
            counted.add(1, cause="child")
            counted.add(-1)
            spread.record(1)
            fine = cells.values("sms.test.counted") == {(("cause", "child"),): 1}
            code = 0 if fine and cells.dropped == {("sms.test.counted", "negative"): 1} else 2
        finally:
            os._exit(code)
    release.set()
    thread.join()
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert cells.values("sms.test.counted") == {(("cause", "parent"),): 5}
