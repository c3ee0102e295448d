"""What people are shown of what has arrived."""

from __future__ import annotations

import doctest
import importlib
import io
import math
import time
from typing import TYPE_CHECKING, Any, cast

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span as ProtoSpan

from servers import otlp
from sms_observability.receiver import (
    Batch,
    Live,
    accounting_table,
    journey_table,
    journeys,
    latest,
    log_line,
    metric_line,
    plain,
    trace_tree,
    write,
)
from sms_observability.receiver.decode import decode
from sms_observability.receiver.line import shown
from sms_observability.receiver.view import quantile

if TYPE_CHECKING:
    from sms_observability.receiver import Log, MetricPoint, Span

TRACE = b"\x07" * 16


def spans(*made: ProtoSpan) -> list[Span]:
    return cast("list[Span]", decode("traces", otlp.traces(made)))


def points(*made: Any) -> list[MetricPoint]:
    return cast("list[MetricPoint]", decode("metrics", otlp.metrics(made)))


def logs(*made: Any) -> list[Log]:
    return cast("list[Log]", decode("logs", otlp.logs(made)))


def breached_trace() -> list[Span]:
    server = otlp.span("POST /api/parts/quote", trace_id=TRACE, milliseconds=3120)
    server.kind = ProtoSpan.SPAN_KIND_SERVER
    journey = otlp.span(
        "parts_ordering_flow",
        trace_id=TRACE,
        parent=server.span_id,
        milliseconds=3110,
        attributes={
            "sms.journey.name": "parts_ordering_flow",
            "sms.journey.outcome": "success",
            "sms.sla.threshold_ms": 3000.0,
            "sms.sla.duration_ms": 3110.0,
            "sms.sla.breached": True,
        },
    )
    journey.events.add(
        name="sms.sla.breached", attributes=otlp.key_values({"sms.sla.slowest_step": "PartsService.getSupplierQuotes"})
    )
    step = otlp.span(
        "PartsService.getSupplierQuotes",
        trace_id=TRACE,
        parent=journey.span_id,
        attributes={"sms.sla.budget_share": 0.97},
    )
    failed = otlp.span("GET", trace_id=TRACE, parent=step.span_id, error=True, attributes={"error.type": "503"})
    return spans(failed, step, journey, server)


def histogram(counts: list[int]) -> MetricPoint:
    request = otlp.metrics([])
    metric = request.resource_metrics[0].scope_metrics[0].metrics.add(name="sms.journey.duration", unit="s")
    metric.histogram.data_points.add(count=sum(counts), sum=4.5, explicit_bounds=[1.0, 2.0], bucket_counts=counts)
    return cast("MetricPoint", decode("metrics", request)[0])


def test_a_trace_is_a_tree_in_the_order_of_parents() -> None:
    """Whatever the order of arrival, children stand below their parents."""
    lines = [plain(line) for line in trace_tree(breached_trace())]
    assert lines[0].startswith("trace 07070707070707070707070707070707 POST /api/parts/quote 3.12 s [parts-api]")
    assert [line.lstrip(" └├─│").split(" ")[0] for line in lines[1:]] == [
        "parts_ordering_flow",
        "PartsService.getSupplierQuotes",
        "GET",
    ]
    assert [len(line) - len(line.lstrip(" └├─│")) for line in lines[1:]] == [3, 6, 9]


def test_a_tree_says_what_became_of_the_sla() -> None:
    """The breach, the step that caused it, shares of the budget and errors stand on their lines."""
    text = "\n".join(plain(line) for line in trace_tree(breached_trace()))
    assert "success SLA 3.00 s BREACHED, slowest step PartsService.getSupplierQuotes" in text
    assert "97% of SLA" in text
    assert "✗ 503" in text


def test_spans_without_their_parent_and_in_circles_do_not_hang_the_tree() -> None:
    """A tree shows what it has: orphans at the top; spans that only know each other cannot be reached."""
    orphan = otlp.span("orphan", trace_id=TRACE, parent=b"\x01" * 8)
    own_parent = otlp.span("own parent", trace_id=TRACE)
    own_parent.parent_span_id = own_parent.span_id
    text = "\n".join(plain(line) for line in trace_tree(spans(orphan, own_parent)))
    assert "orphan" in text
    assert "own parent" in text
    chain = [otlp.span("0", trace_id=TRACE)]
    for number in range(1, 2000):
        chain.append(otlp.span(str(number), trace_id=TRACE, parent=chain[-1].span_id))
    assert "deeper" in plain(trace_tree(spans(*chain))[-1])
    assert trace_tree([]) == []


def test_a_log_record_is_one_line() -> None:
    """Level, service, message and fields; nested fields get dotted names, empty ones are left out."""
    record = otlp.log("Quote requested", {"context": {"endpoint": "/q", "n": None}, "vessel_id": "v-1", "x": []})
    record.trace_id = TRACE
    text = plain(log_line(logs(record)[0]))
    assert "INFO     parts-api      Quote requested context.endpoint=/q vessel_id=v-1 trace=07070707" in text


def test_received_text_cannot_drive_the_terminal() -> None:
    """Escape sequences and line breaks of somebody's data are shown, not sent to the terminal."""
    text = plain(log_line(logs(otlp.log("a\x1b[31mb\nc\x9bd", {"k\r": "v\x07"}))[0]))
    assert "a\\x1b[31mb\\x0ac\\x9bd" in text
    assert all(character.isprintable() for character in text)


@pytest.mark.parametrize(
    ("unit", "value", "shown"),
    [("{quote}", 1, 'sms_parts_quotes_requested_total{company_id="c"} 1')],
)
def test_a_metric_has_its_prometheus_name(unit: str, value: int, shown: str) -> None:
    """Names are those that rules and dashboards use."""
    (point,) = points(otlp.counter("sms.parts.quotes.requested", {"company_id": "c"}, unit=unit))
    assert point["value"] == value
    assert plain(metric_line(point)) == shown


def test_a_histogram_shows_count_sum_and_quantiles() -> None:
    """A histogram is shown by what people ask it for."""
    assert plain(metric_line(histogram([2, 2, 0]))) == ("sms_journey_duration_seconds count=4 sum=4.5 p50≈1 p95≈1.9")
    assert plain(metric_line(histogram([]), namespace="_sms")) == "_sms_sms_journey_duration_seconds count=0 sum=4.5"


def test_a_quantile_above_all_bounds_is_the_last_bound() -> None:
    """As Prometheus answers it."""
    assert quantile(histogram([0, 0, 5]), 0.5) == 2.0
    assert quantile(histogram([0, 0, 0]), 0.5) is None


def test_hostile_amounts_are_shown() -> None:
    """NaN and infinity have a text."""
    assert plain(metric_line(points(otlp.gauge("sms.g", math.nan))[0])) == "sms_g nan"
    assert plain(metric_line(points(otlp.gauge("sms.g", 0.0000012))[0])) == "sms_g 1.2e-06"


def test_only_the_newest_point_of_a_series_counts() -> None:
    """Exports repeat every series; a series is a name, a service and its labels."""
    old, new, other = points(otlp.gauge("g", 1), otlp.gauge("g", 2), otlp.gauge("g", 3, {"l": "x"}))
    old["time_ns"] = 1
    assert {point["value"] for point in latest([new, old, other])} == {2.0, 3.0}


def test_journeys_are_summed_up() -> None:
    """Runs, quantiles, outcomes and the steps that broke the SLA."""
    quick = otlp.span(
        "parts_ordering_flow",
        attributes={
            "sms.journey.name": "parts_ordering_flow",
            "sms.journey.outcome": "failure",
            "sms.sla.duration_ms": 100.0,
            "sms.sla.breached": False,
        },
    )
    (figures,) = journeys([*breached_trace(), *spans(quick)])
    assert figures.to_json() == {
        "journey": "parts_ordering_flow",
        "service": "parts-api",
        "runs": 2,
        "outcomes": {"success": 1, "failure": 1},
        "p50_ms": 100.0,
        "p95_ms": 3110.0,
        "breaches": {"PartsService.getSupplierQuotes": 1},
    }
    header, row = (plain(line) for line in journey_table([figures]))
    assert header.startswith("journey")
    assert "PartsService.getSupplierQuotes (1)" in row
    assert journeys([]) == []


def test_accounting_says_what_was_dropped_and_why() -> None:
    """One row for each service and signal."""
    figures = {"emitted": 5, "delivered": 3, "queued": 0, "spooled": 0, "dropped": {"restricted": 2, "full": 0}}
    _, row = (plain(line) for line in accounting_table({"parts-api": {"metrics": figures}}))
    assert row.split() == ["parts-api", "metrics", "5", "3", "0", "2", "restricted"]


def test_live_shows_a_trace_when_it_has_settled() -> None:
    """Spans of one trace come in pieces; the tree is shown once, with all of them."""
    live = Live(settle=60)
    for span in breached_trace():
        live.take(Batch("traces", 1, [span], b"", 0, {}))
    live.take(Batch("logs", 1, logs(otlp.log("hello")), b"", 0, {}))
    assert ["hello" in plain(line) for line in live.lines()] == [True]
    assert len(live.lines(everything=True)) == 4
    assert live.lines(everything=True) == []
    settled = Live(settle=0)
    settled.take(Batch("traces", 4, breached_trace(), b"", 0, {}))
    time.sleep(0.001)
    assert len(settled.lines()) == 4


def test_live_holds_a_bounded_number_of_traces() -> None:
    """A flood of unfinished traces is shown early instead of held."""
    live = Live(settle=60, max_traces=2)
    live.take(Batch("traces", 5, spans(*(otlp.span(str(n)) for n in range(5))), b"", 0, {}))
    assert len(live.lines()) == 3


def test_live_shows_a_metric_only_when_it_has_changed() -> None:
    """Each export repeats every series; what stays the same is no news."""
    live = Live()
    batch = Batch("metrics", 1, points(otlp.gauge("sms.g", 1)), b"", 0, {})
    live.take(batch)
    live.take(batch)
    assert len(live.lines()) == 1


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_lines_are_coloured_in_a_terminal_only() -> None:
    """A file gets plain text, a terminal colours."""
    lines = trace_tree(breached_trace())
    file, terminal = io.StringIO(), _Terminal()
    write(lines, file)
    write(lines, terminal)
    assert file.getvalue().splitlines() == [plain(line) for line in lines]
    assert "parts_ordering_flow" in terminal.getvalue()


@pytest.mark.parametrize("module", ["server", "view", "live", "line", "report"])
def test_the_examples_of_the_documentation_run(module: str) -> None:
    """What the docstrings show is so."""
    loaded = importlib.import_module(f"sms_observability.receiver.{module}")
    assert doctest.testmod(loaded).failed == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a\u202eb", "a\\u202eb"), ("a\ud800b", "a\\ud800b"), ("⚓ å", "⚓ å"), ("x" * 300, "x" * 199 + "…")],
)
def test_a_text_cannot_turn_the_line_or_break_the_stream(text: str, expected: str) -> None:
    """Marks of direction and halves of characters are written as their codes."""
    assert shown(text) == expected
