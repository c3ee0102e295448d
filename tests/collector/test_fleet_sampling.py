"""Two gateways and two samplers: whole traces at the promised rates, exact counts; what a change of the ring costs."""

from __future__ import annotations

import os
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from collector_bounds import binomial_range
from servers import otlp
from servers.collector import Collector
from servers.otlp_sink import OtlpSink
from servers.process import free_ports, http_get
from servers.ship import write_certificates
from servers.shore import gateway, sampler
from servers.waiting import wait_until

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(300)]

ODDS = 1e-6
WITHIN = 100.0
SIGMAS = 4.9  # a normal distribution leaves this range with less than these odds
CALLER, CALLED = {"service.name": "parts-api"}, {"service.name": "directory"}
CLASSES = {"error": 100, "slow": 100, "revenue": 50, "rest": 10}
NAMES = {"error": "technician_sync_flow", "slow": "vessel_onboarding_flow", "revenue": "parts_ordering_flow"}
REST = "Cache.invalidate"


@dataclass(frozen=True)
class Trace:
    """A root and a call of another service: spans of one service each."""

    kind: str
    root: Span
    client: Span
    server: Span


def make(kind: str) -> Trace:
    trace_id = os.urandom(16)
    root = otlp.span(NAMES.get(kind, REST), trace_id=trace_id, milliseconds=1500 if kind == "slow" else 5)
    client = otlp.span("GET", trace_id=trace_id, parent=root.span_id)
    client.kind = Span.SPAN_KIND_CLIENT
    server = otlp.span("GET /vessels", trace_id=trace_id, parent=client.span_id, error=kind == "error")
    server.kind = Span.SPAN_KIND_SERVER
    return Trace(kind, root, client, server)


@dataclass
class Shore:
    """Gateways, samplers, and what comes out of them."""

    folder: Path
    sink: OtlpSink
    ports: list[int]
    gateways: list[Collector]
    samplers: list[Collector]
    quick: Path
    stack: ExitStack

    def send(self, spans: list[tuple[Span, bool]]) -> None:
        """Send spans (and whether the called service made them) in turn through all gateways."""
        for start in range(0, len(spans), 500):
            part = spans[start : start + 500]
            through = self.gateways[start // 500 % len(self.gateways)]
            for called, resource in ((False, CALLER), (True, CALLED)):
                mine = [span for span, by_called in part if by_called == called]
                if mine:
                    through.send("traces", otlp.traces(mine, resource=resource))

    def arrived(self) -> float:
        return sum(each.counter("otelcol_receiver_accepted_spans") for each in self.samplers)

    def settled(self) -> bool:
        """Say whether the gateways hold nothing any more."""
        return all(
            each.counter(name) == 0
            for each in self.gateways
            for name in ("otelcol_exporter_queue_size", "otelcol_exporter_in_flight_requests")
        )

    def pages(self) -> str:
        return "".join(http_get(each.prometheus)[1] for each in self.samplers)

    def total(self, name: str, **labels: str) -> float:
        """Give the sum of a metric over the samplers' pages."""
        found = re.findall(rf"^{name}{{(.*)}} (\S+)", self.pages(), re.MULTILINE)
        return sum(float(v) for have, v in found if all(f'{label}="{text}"' in have for label, text in labels.items()))

    def kept(self) -> dict[bytes, list[Span]]:
        by_trace: dict[bytes, list[Span]] = defaultdict(list)
        for span in self.sink.spans():
            by_trace[span.trace_id].append(span)
        return by_trace

    def start_sampler(self, port: int, wait: str) -> Collector:
        started = sampler(self.folder, port, self.sink, further=[self.quick], SMS_COLLECTOR_DECISION_WAIT=wait)
        return self.stack.enter_context(started)

    def start_gateway(self, ports: list[int]) -> Collector:
        vessels = str(free_ports(1)[0])
        started = gateway(self.folder, ports, self.sink, further=[self.quick], SMS_COLLECTOR_VESSELS_PORT=vessels)
        return self.stack.enter_context(started)


_QUICK_SAMPLER = "connectors: {service_graph: {metrics_flush_interval: 200ms}}\n"
_QUICK_GATEWAY = """
exporters:
  load_balancing:
    protocol: {otlp: {retry_on_failure: {initial_interval: 100ms, max_interval: 500ms}}}
"""


@pytest.fixture
def shore(tmp_path: Path) -> Iterator[Shore]:
    """Ports, certificates and a sink; nothing runs yet."""
    write_certificates(tmp_path)
    with OtlpSink() as sink, ExitStack() as stack:
        made = Shore(tmp_path, sink, free_ports(3), [], [], tmp_path / "unused", stack)
        yield made
        for each in (*made.gateways, *made.samplers):
            each.kill()  # what they still hold is not waited for


def run(shore: Shore, samplers: int, wait: str) -> None:
    shore.quick = shore.folder / "quick_sampler.yaml"
    shore.quick.write_text(_QUICK_SAMPLER, encoding="utf-8")
    shore.samplers = [shore.start_sampler(port, wait) for port in shore.ports[:samplers]]
    shore.quick = shore.folder / "quick_gateway.yaml"
    shore.quick.write_text(_QUICK_GATEWAY, encoding="utf-8")
    shore.gateways = [shore.start_gateway(shore.ports[:samplers]) for _ in range(2)]


@pytest.mark.parametrize("count", [400, pytest.param(20_000, marks=[pytest.mark.soak, pytest.mark.timeout(1800)])])
def test_two_gateways_and_two_samplers_keep_whole_traces_and_count_every_span(count: int, shore: Shore) -> None:
    """Spans sent apart and shuffled meet; rates, counts, graph and estimates are right; stopping loses none."""
    run(shore, 2, "600s")
    traces = {trace.root.trace_id: trace for kind in CLASSES for trace in (make(kind) for _ in range(count))}
    spans = [
        (s, called) for t in traces.values() for s, called in ((t.root, False), (t.client, False), (t.server, True))
    ]
    random.Random(1).shuffle(spans)
    shore.send(spans)
    wait_until(lambda: shore.arrived() == len(spans), "every span on a sampler", 300)

    # Before sampling: every span was counted, every call is an edge.
    def calls(name: str) -> float:
        return shore.total("traces_span_metrics_calls_total", span_name=name)

    names = Counter(span.name for span, _ in spans)
    wait_until(lambda: {name: calls(name) for name in names} == names, "exact counts", 60)
    edges = "traces_service_graph_request_total"
    wait_until(
        lambda: shore.total(edges, client="parts-api", server="directory") == 4 * count, "an edge for each call", 60
    )
    assert shore.total("traces_service_graph_request_failed_total", client="parts-api") == count

    # A graceful end: gateways first, then samplers, which decide on all that they hold.
    for each in (*shore.gateways, *shore.samplers):
        assert each.stop() == 0, each.output()
    kept = shore.kept()
    assert all(len(found) == 3 for found in kept.values()), "a trace was split"
    by_kind = Counter(traces[trace_id].kind for trace_id in kept)
    for kind, percent in CLASSES.items():
        low, high = (count, count) if percent == 100 else binomial_range(count, percent, ODDS)
        assert low <= by_kind[kind] <= high, f"{kind}: {by_kind[kind]} of {count}"

    # What is kept says for how many it stands.
    weights = {trace_id: {float(str(otlp.attributes(s.attributes)["sms.sampling.weight"])) for s in found}
               for trace_id, found in kept.items()}  # fmt: skip
    assert all(len(each) == 1 for each in weights.values())
    estimate = sum(next(iter(each)) for each in weights.values())
    variance = sum(count * (100 / percent - 1) for percent in CLASSES.values())
    assert abs(estimate - 4 * count) <= SIGMAS * variance**0.5 + 10
    print(f"{count} traces a class: kept {dict(by_kind)}, estimated total {estimate:.0f} of {4 * count}")


# The wait is longer than a gateway needs to find a restarted sampler again.
@pytest.mark.parametrize(
    ("count", "wait"), [(300, "12s"), pytest.param(3_000, "60s", marks=[pytest.mark.soak, pytest.mark.timeout(1800)])]
)
def test_what_a_killed_and_an_added_sampler_cost(count: int, wait: str, shore: Shore) -> None:
    """Killed: it loses what it had not decided, no other trace. Added: what is under way can be split, nothing else."""
    run(shore, 2, wait)

    def phase(between: object = None) -> dict[bytes, Trace]:
        """Send half of each trace, let something happen, send the other half; the error is in the second."""
        traces = [make("error") for _ in range(count)]
        shore.send([(s, False) for t in traces for s in (t.root, t.client)])
        if callable(between):
            between()
        shore.send([(t.server, True) for t in traces])
        return {t.root.trace_id: t for t in traces}

    def whole(traces: dict[bytes, Trace]) -> int:
        kept = shore.kept()
        return sum(len(kept.get(trace_id, ())) == 3 for trace_id in traces)

    def seconds(traces: dict[bytes, Trace]) -> int:
        kept = shore.kept()
        return sum(any(s.span_id == t.server.span_id for s in kept.get(i, ())) for i, t in traces.items())

    before = phase()
    wait_until(lambda: whole(before) == count, "whole traces before", WITHIN)

    lost_spans = 0.0

    def kill() -> None:
        nonlocal lost_spans
        wait_until(lambda: shore.arrived() >= 5 * count, "the first halves", 60)
        lost_spans = shore.samplers[1].counter("otelcol_receiver_accepted_spans") - before_kill
        shore.samplers[1].kill()
        shore.quick = shore.folder / "quick_sampler.yaml"
        shore.samplers[1] = shore.start_sampler(shore.ports[1], wait)

    before_kill = shore.samplers[1].counter("otelcol_receiver_accepted_spans")
    hit = phase(kill)
    wait_until(shore.settled, "empty queues of the gateways", 90)
    after = phase()
    wait_until(lambda: whole(after) == count, "whole traces after the restart", WITHIN)
    # What was sent while the sampler was away is tried again after a pause, and may be later than what came after it.
    wait_until(lambda: seconds(hit) == count, "the second halves, with the error", WITHIN)
    kept = shore.kept()
    assert all(len(found) == len({s.span_id for s in found}) for found in kept.values()), "a span came twice"
    broken = count - whole(hit)
    assert broken * 2 <= lost_spans, "more was lost than the killed sampler held"
    print(f"killed: {broken} of {count} traces lost their first half, {lost_spans:.0f} spans were in its memory")

    def add() -> None:
        wait_until(lambda: shore.arrived() >= arrived_before + 2 * count, "the first halves", 60)
        shore.quick = shore.folder / "quick_sampler.yaml"
        shore.samplers.append(shore.start_sampler(shore.ports[2], wait))
        shore.quick = shore.folder / "quick_gateway.yaml"
        for index in range(2):
            assert shore.gateways[index].stop() == 0
            shore.gateways[index] = shore.start_gateway(shore.ports)

    arrived_before = shore.arrived()
    moved = phase(add)
    wait_until(shore.settled, "empty queues of the gateways", 90)
    later = phase()
    wait_until(lambda: whole(later) == count, "whole traces on the larger ring", WITHIN)
    wait_until(lambda: seconds(moved) == count, "the errors", WITHIN)
    split = count - whole(moved)
    assert split <= count * 0.7, "a third of the ring moves, not most of it"
    print(f"added a third: {split} of {count} traces under way were split")
