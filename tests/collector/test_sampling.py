"""The shipped sampling rules on the real Collector: rates within the binomial bound, the smaller set in the larger."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from collector_bounds import binomial_range
from servers import otlp
from servers.collector import POLICY, TOPOLOGY, Collector
from servers.otlp_sink import OtlpSink
from servers.waiting import wait_until

pytestmark = [pytest.mark.servers, pytest.mark.timeout(90)]

TRACES = 2000
ODDS = 1e-6


@dataclass(frozen=True)
class Kind:
    """One class of traces: how they look, and how many in a hundred are to be kept."""

    make: Callable[[bytes], list[Span]]
    percent: int


def one(name: str, percent: int, **looks: object) -> Kind:
    return Kind(lambda trace_id: [otlp.span(name, trace_id=trace_id, **looks)], percent)  # type: ignore[arg-type]


def error_in_a_child(trace_id: bytes) -> list[Span]:
    root = otlp.span("technician_sync_flow", trace_id=trace_id)
    return [root, otlp.span("Database.bulkUpsert", trace_id=trace_id, parent=root.span_id, error=True)]


KINDS = {
    "error in a child": Kind(error_in_a_child, 100),
    "slow": one("technician_sync_flow", 100, milliseconds=1001),
    "exactly a second": one("technician_sync_flow", 100, milliseconds=1000),
    "broke its SLA": one("technician_sync_flow", 100, attributes={"sms.sla.breached": True}),
    "revenue by attribute": one("crew_change", 50, attributes={"sms.journey.revenue": True}),
    "revenue journey": one("parts_ordering_flow", 50),
    "operation of the plan": one("payment.charge", 50),
    "request": one("HTTP POST /api/parts/quote", 50),
    "request by convention": one("POST /api/parts/quote", 50),
    "service of the plan": one("PartsService.getSupplierQuotes", 50),
    "service nobody declared": one("PaymentService.capture", 50),
    "the rest": one("technician_sync_flow", 10),
    "just below a second": one("technician_sync_flow", 10, milliseconds=999),
    "kept its SLA, no revenue": one(
        "technician_sync_flow", 10, attributes={"sms.sla.breached": False, "sms.journey.revenue": False}
    ),
    "parts in another place": one("INSERT spare_parts", 10),
}


def kept(ids: dict[str, list[bytes]], kinds: dict[str, Kind]) -> dict[str, set[bytes]]:
    """Send every trace through a new Collector and give the ids of those that came out, by kind."""
    with OtlpSink() as sink, Collector([TOPOLOGY, *POLICY], backend=sink.url) as collector:
        sent = 0
        for name, traces in ids.items():
            spans = [span for trace_id in traces for span in kinds[name].make(trace_id)]
            sent += len(traces)
            collector.send("traces", otlp.traces(spans))

        decided = "otelcol_processor_tail_sampling_global_count_traces_sampled"
        wait_until(lambda: collector.counter(decided) >= sent, "a decision on every trace")
        assert collector.counter(decided) == sent
        assert collector.stop() == 0, collector.output()
        arrived = {span.trace_id for span in sink.spans()}
    return {name: arrived.intersection(traces) for name, traces in ids.items()}


def random_ids(count: int = TRACES) -> list[bytes]:
    return [os.urandom(16) for _ in range(count)]


@pytest.fixture(scope="module")
def counts() -> dict[str, int]:
    """How many of 2,000 traces of each kind came out."""
    return {name: len(traces) for name, traces in kept({name: random_ids() for name in KINDS}, KINDS).items()}


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_of_trace_is_kept_at_its_rate(name: str, counts: dict[str, int]) -> None:
    """2,000 traces of a kind: the number that comes out is one that the promised rate explains."""
    percent = KINDS[name].percent
    low, high = (TRACES, TRACES) if percent == 100 else binomial_range(TRACES, percent, ODDS)
    assert low <= counts[name] <= high, f"{counts[name]} of {TRACES} kept, promised {percent} %: {low} to {high}"


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_twenty_thousand_traces_of_each_kind_are_kept_at_their_rate() -> None:
    """The long form: the bound is narrower."""
    came = {name: len(each) for name, each in kept({name: random_ids(20_000) for name in KINDS}, KINDS).items()}
    for name, kind in KINDS.items():
        low, high = (20_000, 20_000) if kind.percent == 100 else binomial_range(20_000, kind.percent, ODDS)
        print(f"{name}: {came[name] / 200:.2f} %, promised {kind.percent} %: {low / 200:.2f} to {high / 200:.2f}")
        assert low <= came[name] <= high, name


def test_every_replica_decides_alike() -> None:
    """The same traces on two samplers that know nothing of each other: the same ones come out."""
    ids = {name: random_ids(300) for name in KINDS}
    assert kept(ids, KINDS) == kept(ids, KINDS)


def test_what_is_kept_at_ten_percent_is_also_kept_at_fifty() -> None:
    """One trace id meets one hash: a service that sees part of a trace decides as the one that sees the other part."""
    ids = random_ids()
    rest = kept({"the rest": ids}, KINDS)["the rest"]
    revenue = kept({"revenue journey": ids}, KINDS)["revenue journey"]
    assert rest, "nothing was kept"
    assert rest <= revenue


def test_the_bound_is_the_binomial_distributions() -> None:
    """A small case worked out by hand: of four fair coins, none or all is at odds of 1 in 8."""
    assert binomial_range(4, 50, 2 / 16 + 1e-9) == (1, 3)
    assert binomial_range(4, 50, 2 / 16 - 1e-9) == (0, 4)
    low, high = binomial_range(TRACES, 10, ODDS)
    assert 120 < low < 150 < 250 < high < 280
