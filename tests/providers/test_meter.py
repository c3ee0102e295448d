"""Metrics of the plain OpenTelemetry API, whatever they are given."""

from __future__ import annotations

import gc
import logging
import math
import os
import threading
from collections.abc import Callable, Generator, Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric as Message
from opentelemetry.sdk.metrics import Counter as SdkCounter
from opentelemetry.sdk.metrics.export import AggregationTemporality
from opentelemetry.sdk.metrics.view import View
from opentelemetry.sdk.resources import Resource

from hostile import HOSTILE
from sms_observability.export.encode.metrics import Metrics
from sms_observability.export.encode.values import Values
from sms_observability.export.records import MetricData
from sms_observability.privacy.policy import OpenPolicy
from sms_observability.providers import MeterProvider, notices
from sms_observability.providers.instrument import type_name

_policy = OpenPolicy()
_encode = Metrics(Values(_policy), _policy).encode

SYNCHRONOUS = [("counter", "add"), ("up_down_counter", "add"), ("histogram", "record"), ("gauge", "set")]
OBSERVABLE = ["observable_counter", "observable_up_down_counter", "observable_gauge"]


@pytest.fixture
def provider(kept: Any) -> MeterProvider:
    return MeterProvider(resource=Resource.get_empty(), count_dropped=kept.count)


@pytest.fixture(autouse=True)
def nothing_said() -> None:
    notices._said.clear()


def collected(provider: MeterProvider) -> dict[str, MetricData]:
    metrics = provider.collect()
    for metric in metrics:
        Message.FromString(_encode(metric))
    return {metric.name: metric for metric in metrics}


def values(metric: MetricData) -> list[Any]:
    return [getattr(point, "value", getattr(point, "sum", None)) for point in metric.points]


def test_amounts_and_labels_arrive(provider: MeterProvider) -> None:
    """Every instrument, with its unit and description."""
    meter = provider.get_meter("parts", "1.2")
    meter.create_counter("quotes", "1", "Quotes made").add(2, {"urgency": "high"})
    meter.create_up_down_counter("open").add(-3)
    meter.create_gauge("stock").set(7)
    meter.create_histogram("duration", "s").record(0.2)
    metrics = collected(provider)
    assert {name: values(metric) for name, metric in metrics.items()} == {
        "quotes": [2],
        "open": [-3],
        "stock": [7],
        "duration": [0.2],
    }
    quotes = metrics["quotes"]
    assert (quotes.unit, quotes.description, quotes.monotonic, quotes.scope.name) == ("1", "Quotes made", True, "parts")
    assert quotes.points[0].attributes == {"urgency": "high"}


def test_a_histogram_in_seconds_has_boundaries_in_seconds(provider: MeterProvider) -> None:
    """The SDK's boundaries are for milliseconds: every p95 would read 4.75 s."""
    meter = provider.get_meter("parts")
    meter.create_histogram("a", "s").record(0.2)
    meter.create_histogram("b", "s", explicit_bucket_boundaries_advisory=[1, Decimal(2)]).record(0.2)  # type: ignore[list-item]
    meter.create_histogram("c", "s", explicit_bucket_boundaries_advisory=[2, 1]).record(0.2)
    meter.create_histogram("d", "ms").record(0.2)
    bounds = {name: tuple(metric.points[0].bounds) for name, metric in collected(provider).items()}  # type: ignore[union-attr]
    assert bounds["a"] == bounds["c"]
    assert bounds["a"][:2] == (0.005, 0.01)
    assert bounds["b"] == (1, 2)
    assert bounds["d"][-1] == 10000


@pytest.mark.parametrize(("kind", "method"), SYNCHRONOUS)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_value_loses_only_itself(provider: MeterProvider, kind: str, method: str, name: str) -> None:
    """As amount, label, unit, description or context: nothing raises, and the neighbours arrive."""
    make: Any = HOSTILE[name]
    meter = provider.get_meter(make(), make(), make(), make())
    instrument: Any = getattr(meter, f"create_{kind}")("good", make(), make())
    record = getattr(instrument, method)
    record(1, {"good": 1})
    record(make(), {"side": "bad"})
    record(make(), make(), make())
    record(1, {"good": 1, "bad": make()})
    record(1, make(), make())
    record(1, {"good": 1})
    (metric,) = collected(provider).values()
    good = [point for point in metric.points if point.attributes == {"good": 1}]
    assert len(good) == 1
    assert values(metric)[metric.points.index(good[0])] in ((1,) if kind == "gauge" else (2,))


@pytest.mark.parametrize("kind", [kind for kind, _ in SYNCHRONOUS] + OBSERVABLE)
@pytest.mark.parametrize("name", [*HOSTILE, "bad name", "underscore", "empty"])
def test_a_bad_name_gives_an_instrument_that_does_nothing(
    provider: MeterProvider, kind: str, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The SDK raises; ours says once which type the name was of, and nothing of the name."""
    bad: Any = {"bad name": "käse preis", "underscore": "_sms_markup", "empty": ""}.get(name)
    make = HOSTILE.get(name, lambda: bad)
    meter = provider.get_meter("parts")
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            instrument: Any = getattr(meter, f"create_{kind}")(make())
            for method in ("add", "record", "set"):
                if hasattr(instrument, method):
                    getattr(instrument, method)(1)
    assert provider.collect() == []
    (line,) = caplog.messages
    assert "_sms_markup" not in line
    assert type_name(make()) in line


@pytest.mark.parametrize("amount", [Decimal("9.50"), Fraction(19, 2), 9.5, True, 3])
def test_numbers_of_any_class_are_amounts(provider: MeterProvider, kept: Any, amount: Any) -> None:
    """In one instrument, in any order: the SDK raises on a float and then a Decimal."""
    counter = provider.get_meter("parts").create_counter("quotes")
    counter.add(0.5)
    counter.add(amount)
    assert values(collected(provider)["quotes"]) == [0.5 + float(amount)]
    assert kept.dropped == []


@pytest.mark.parametrize("amount", ["1", None, math.nan, math.inf, Decimal("NaN"), object()])
def test_what_is_no_amount_is_counted(provider: MeterProvider, kept: Any, amount: Any) -> None:
    """And left out."""
    provider.get_meter("parts").create_gauge("stock").set(amount)
    assert provider.collect() == []
    assert kept.dropped == [("metrics", "unusable_amount")]


def test_negative_amounts_are_counted_where_there_are_none(provider: MeterProvider, kept: Any) -> None:
    """Counters only grow, and a histogram of the SDK takes none."""
    meter = provider.get_meter("parts")
    meter.create_counter("quotes").add(-1)
    meter.create_histogram("duration").record(-1)
    assert provider.collect() == []
    assert kept.dropped == [("metrics", "negative_amount")] * 2


def test_huge_amounts_do_not_poison_what_follows(provider: MeterProvider) -> None:
    """The SDK's export fails for good after one `add(2**63)`."""
    meter = provider.get_meter("parts")
    counter = meter.create_counter("quotes")
    for _ in range(3):
        counter.add(2**63)
    meter.create_counter("good", description="\ud800").add(1)
    metrics = collected(provider)
    assert values(metrics["good"]) == [1]
    assert values(metrics["quotes"]) == [2**63 - 1]


def test_equal_instruments_are_one(provider: MeterProvider, caplog: pytest.LogCaptureFixture) -> None:
    """Two modules that create the same counter add to the same counter, without a warning."""
    for _ in range(2):
        provider.get_meter("parts").create_counter("quotes", "1").add(1)
    assert values(collected(provider)["quotes"]) == [2]
    assert not caplog.messages


@pytest.mark.parametrize("kind", OBSERVABLE)
def test_callbacks_are_asked(provider: MeterProvider, kind: str) -> None:
    """Functions and generators, as with the SDK."""

    def asked(options: CallbackOptions) -> Iterable[Observation]:
        return [Observation(1, {"by": "function"})]

    def generated() -> Generator[Iterable[Observation], CallbackOptions, None]:
        yield []
        yield [Observation(2, {"by": "generator"})]
        yield [Observation(3, {"by": "generator"})]

    getattr(provider.get_meter("parts"), f"create_{kind}")("stock", [asked, generated()])
    for expected in ({1, 2}, {1, 3}):
        assert set(values(collected(provider)["stock"])) == expected
    collected(provider)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_callback_that_misbehaves_loses_only_its_own(provider: MeterProvider, name: str) -> None:
    """Hostile observations, values and labels, and callbacks that are none."""
    make: Any = HOSTILE[name]

    def bad(options: CallbackOptions) -> Iterable[Any]:
        yield Observation(1, {"good": 1})
        yield Observation(make(), {"side": "bad"})
        yield Observation(1, make())
        yield make()

    meter = provider.get_meter("parts")
    meter.create_observable_gauge("bad", [bad, make(), lambda options: make()])
    meter.create_observable_gauge("worse", make())
    meter.create_observable_gauge("good", [lambda options: [Observation(7)]])
    metrics = collected(provider)
    assert values(metrics["good"]) == [7]
    assert {"good": 1} in [point.attributes for point in metrics["bad"].points]


def test_a_callback_that_exits_is_counted(provider: MeterProvider, kept: Any) -> None:
    """`SystemExit` ends the SDK's ticker for good."""

    def leave(options: CallbackOptions) -> Iterable[Observation]:
        raise SystemExit

    meter = provider.get_meter("parts")
    meter.create_observable_gauge("bad", [leave])
    meter.create_counter("good").add(1)
    for _ in range(2):
        assert values(collected(provider)["good"]) == [1]
    assert kept.dropped == [("metrics", "callback_failed")] * 2


def test_a_callback_may_create_instruments_and_record(provider: MeterProvider) -> None:
    """In the SDK callbacks run under its lock, and this deadlocks."""
    meter = provider.get_meter("parts")

    def busy(options: CallbackOptions) -> Iterable[Observation]:
        meter.create_counter("made inside".replace(" ", ".")).add(1)
        meter.create_observable_gauge("also.made", [lambda options: [Observation(3)]])
        return [Observation(2)]

    meter.create_observable_gauge("busy", [busy])
    thread = threading.Thread(target=provider.collect, daemon=True)
    thread.start()
    thread.join(5)
    assert not thread.is_alive()
    assert {"busy", "made.inside", "also.made"} <= set(collected(provider))


def test_a_refused_scope_is_not_measured(provider: MeterProvider) -> None:
    """FastAPI's own HTTP metrics would double ours."""
    asked: list[int] = []
    meter = provider.get_meter("fastapi")
    meter.create_counter("http.server.requests").add(1)
    meter.create_observable_gauge("seen", [lambda options: asked.append(1) or []])  # type: ignore[func-returns-value]
    assert provider.collect() == []
    assert not asked


def test_exemplars_are_off_unless_asked_for(
    tracer: Any, monkeypatch: pytest.MonkeyPatch, provider: MeterProvider
) -> None:
    """They carry the labels that a view has taken away."""

    def exemplars(of: MeterProvider) -> int:
        counter = of.get_meter("parts").create_counter("quotes")
        with tracer.start_as_current_span("work"):
            counter.add(1)
        (point,) = collected(of)["quotes"].points
        return len(point.exemplars)  # type: ignore[union-attr]

    assert exemplars(provider) == 0
    monkeypatch.setenv("OTEL_METRICS_EXEMPLAR_FILTER", "always_on")
    assert exemplars(MeterProvider(resource=Resource.get_empty())) == 1


def test_views_and_temporality_of_the_sdk_are_taken() -> None:
    """They are the SDK's own."""
    provider = MeterProvider(
        resource=Resource.get_empty(),
        views=[View(instrument_name="quotes", name="renamed", attribute_keys=set())],
        temporality={SdkCounter: AggregationTemporality.DELTA},
    )
    provider.get_meter("parts").create_counter("quotes").add(1, {"part": 7})
    metric = collected(provider)["renamed"]
    assert (metric.temporality, metric.points[0].attributes) == (1, {})
    assert provider.collect() == []


def test_instruments_without_end_are_bounded(
    provider: MeterProvider, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A library that names instruments after requests does not fill the memory."""
    monkeypatch.setattr("sms_observability.providers.meter._MAX_INSTRUMENTS", 3)
    meter = provider.get_meter("parts")
    for number in range(10):
        meter.create_counter(f"quotes{number}").add(1)
    assert len(provider.collect()) == 3
    assert len(caplog.messages) == 1


def test_a_provider_without_a_door_does_nothing() -> None:
    """Until it is told to work as another; then instruments made before record, too."""
    provider = MeterProvider()
    counter = provider.get_meter("parts").create_counter("quotes")
    gauge = provider.get_meter("parts").create_observable_gauge("stock", [lambda options: [Observation(7)]])
    counter.add(1)
    assert provider.collect() == []
    assert provider.force_flush()
    first, second = (MeterProvider(resource=Resource.get_empty()) for _ in range(2))
    for other in (first, second):
        provider.use(other)
        counter.add(2)
        assert {name: values(metric) for name, metric in collected(other).items()} == {"quotes": [2], "stock": [7]}
    provider.use(None)
    counter.add(4)
    assert values(collected(second)["quotes"]) == [2]
    assert [metric.name for metric in first.collect()] == ["quotes"]
    del gauge
    gc.collect()
    provider.shutdown()


def test_flushing_asks_the_door() -> None:
    """In seconds."""
    asked: list[float] = []
    flush: Callable[[float], bool] = lambda seconds: bool(asked.append(seconds))  # type: ignore[func-returns-value]  # noqa: E731
    assert not MeterProvider(resource=Resource.get_empty(), flush=flush).force_flush(250)
    assert asked == [0.25]


def test_amounts_are_not_lost_when_many_threads_record(provider: MeterProvider) -> None:
    """While another thread collects."""
    counter = provider.get_meter("parts").create_counter("quotes")

    def record() -> None:
        for _ in range(500):
            counter.add(1)

    threads = [threading.Thread(target=record) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(5):
        provider.collect()
    for thread in threads:
        thread.join()
    assert values(collected(provider)["quotes"]) == [2000]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_process_counts_from_zero(provider: MeterProvider) -> None:
    """The sums of parent and child are the truth: the SDK's child inherits the parent's count."""
    meter = provider.get_meter("parts")
    counter = meter.create_counter("quotes")
    meter.create_observable_gauge("stock", [lambda options: [Observation(7)]])
    counter.add(5)
    reading, writing = os.pipe()
    # As in a parent whose other threads are creating and collecting at this moment.
    provider._lock.acquire()
    assert provider._pipeline is not None
    provider._pipeline._reader._lock.acquire()
    child = os.fork()
    if child == 0:
        try:
            provider.after_fork()
            counter.add(1)
            meter.create_counter("fresh").add(1)
            seen = {name: values(metric) for name, metric in collected(provider).items()}
            os.write(writing, repr(sorted(seen.items())).encode())
        finally:
            os._exit(0)
    provider._lock.release()
    provider._pipeline._reader._lock.release()
    os.waitpid(child, 0)
    os.close(writing)
    assert os.read(reading, 1000).decode() == "[('fresh', [1]), ('quotes', [1]), ('stock', [7])]"
    os.close(reading)
    assert values(collected(provider)["quotes"]) == [5]
