"""Data on its way through the shipped configuration: both protocols, names for Prometheus, outages, hostile input."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterator

import grpc
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import TraceServiceStub
from opentelemetry.proto.metrics.v1.metrics_pb2 import Exemplar, Metric
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from servers import otlp
from servers.collector import POLICY, TOPOLOGY, Collector, Route
from servers.otlp_sink import OtlpSink
from servers.process import free_ports, http_get
from servers.waiting import wait_until

pytestmark = [pytest.mark.servers, pytest.mark.timeout(90)]


def test_the_health_check_answers(with_net: Route) -> None:
    """200 and a word of its state, from the process that was started."""
    status, text = http_get(with_net.collector.health)
    assert status == 200
    assert "Server available" in text


def test_traces_arrive_over_grpc_too(with_net: Route) -> None:
    """The second standard protocol on the second standard port."""
    sent = otlp.span("Database.saveQuote")
    with grpc.insecure_channel(f"127.0.0.1:{with_net.collector.grpc_port}") as channel:
        TraceServiceStub(channel).Export(otlp.traces([sent]), timeout=10)  # type: ignore[no-untyped-call]
    wait_until(lambda: any(span.trace_id == sent.trace_id for span in with_net.sink.spans()), "the span")


def histogram(
    name: str, labels: dict[str, otlp.Plain], *, unit: str = "s", exemplar: float | None = None, at: int = 0
) -> Metric:
    metric = otlp.histogram(name, labels, unit=unit, at=at)
    (point,) = metric.histogram.data_points
    if exemplar is not None:
        now = point.time_unix_nano
        point.exemplars.append(Exemplar(as_double=exemplar, trace_id=b"t" * 16, span_id=b"s" * 8, time_unix_nano=now))
    return metric


def page(route: Route, until: str) -> str:
    wait_until(lambda: until in http_get(route.collector.prometheus)[1], f"{until} on the Prometheus page")
    return http_get(route.collector.prometheus)[1]


def test_http_and_database_metrics_get_the_names_of_the_plan(with_net: Route) -> None:
    """Beside the names of the semantic conventions; points that differ in nothing the plan knows are added up."""
    request: dict[str, otlp.Plain] = {
        "http.request.method": "POST",
        "http.route": "/api/parts/quote",
        "http.response.status_code": 200,
    }
    # The points of one export have one time; the Collector adds up what has the same time only.
    now = time.time_ns()
    duration = histogram("http.server.request.duration", {**request, "url.scheme": "http"}, at=now)
    other = histogram("http.server.request.duration", {**request, "url.scheme": "https"}, at=now)
    duration.histogram.data_points.extend(other.histogram.data_points)
    database = histogram(
        "db.client.operation.duration", {"db.operation.name": "INSERT", "db.collection.name": "quotes"}
    )
    with_net.collector.send("metrics", otlp.metrics([duration, database]))

    text = page(with_net, "db_query_duration_seconds_count")
    labels = (
        'endpoint="/api/parts/quote",environment="unknown",job="parts-api",method="POST",service="parts-api",'
        'status="200",version="1.2.3"'
    )
    assert f"http_request_duration_seconds_count{{{labels}}} 6\n" in text
    assert f'http_request_duration_seconds_bucket{{{labels},le="1"}} 6\n' in text
    assert f"http_requests_total{{{labels}}} 6\n" in text
    assert re.search(r'db_query_duration_seconds_count\{.*query_type="INSERT".*table="quotes".*\} 3\n', text)
    assert "http_server_request_duration_seconds_count" in text


def test_a_metric_of_another_kind_under_a_known_name_holds_nothing_up(with_net: Route) -> None:
    """A gauge called http.server.request.duration is accepted, and its neighbour in the batch arrives."""
    odd = otlp.gauge("http.server.request.duration", 1.0, {"http.route": "/odd"})
    own = otlp.gauge("http.request.duration", 1.0, {"method": "odd"})
    with_net.collector.send("metrics", otlp.metrics([odd, own, otlp.gauge("sms.quality.score", 4.0)]))
    page(with_net, "sms_quality_score")


def test_an_exemplar_links_a_latency_to_its_trace_but_never_an_amount(with_net: Route) -> None:
    """On money, neither value nor ids of an exemplar leave."""
    amount = histogram("sms.parts.order.value.dollars", {"vessel_id": "v-1"}, unit="{USD}", exemplar=118.25)
    latency = histogram("sms.journey.duration", {"journey": "parts_ordering_flow"}, exemplar=0.25)
    with_net.collector.send("metrics", otlp.metrics([amount, latency]))
    wait_until(lambda: any(metric.name == "sms.journey.duration" for metric in with_net.sink.points()), "both metrics")

    found = {
        metric.name: metric.histogram.data_points[0]
        for metric in with_net.sink.points()
        if metric.histogram.data_points
    }
    (kept,) = found["sms.journey.duration"].exemplars
    assert (kept.trace_id, kept.as_double) == (b"t" * 16, 0.25)
    for hidden in found["sms.parts.order.value.dollars"].exemplars:
        assert hidden.trace_id in {b"", bytes(16)}
        assert hidden.span_id in {b"", bytes(8)}
        assert not hidden.as_double
    assert found["sms.parts.order.value.dollars"].sum == 0.6


def test_span_metrics_are_exact_and_carry_clean_names() -> None:
    """Every span is counted, whether or not its trace is kept, under the name that it leaves with."""
    with (
        OtlpSink() as sink,
        Collector(
            [TOPOLOGY, *POLICY], backend=sink.url, environment={"SMS_COLLECTOR_SPAN_METRICS_INTERVAL": "200ms"}
        ) as it,
    ):
        spans = [otlp.span("technician_sync_flow") for _ in range(500)]
        it.send("traces", otlp.traces([*spans, *(otlp.span("MarkupService.calculatePrice") for _ in range(7))]))
        total = re.compile(r'traces_span_metrics_calls_total\{.*span_name="technician_sync_flow".*\} 500\n')
        wait_until(lambda: bool(total.search(http_get(it.prometheus)[1])), "500 calls")
        text = http_get(it.prometheus)[1]
    assert re.search(r'traces_span_metrics_calls_total\{.*span_name="QuoteService.prepareQuote".*\} 7\n', text)
    assert "Markup" not in text


def test_what_is_sent_while_the_backend_is_away_arrives_when_it_is_back() -> None:
    """The exporter's queue holds it, and the sender is not made to wait."""
    (port,) = free_ports(1)
    environment = {"SMS_COLLECTOR_LOG_LEVEL": "info"}
    with Collector([TOPOLOGY, *POLICY], backend=f"http://127.0.0.1:{port}", environment=environment) as it:
        it.send("logs", otlp.logs([otlp.log("Parts quote requested", {"quote_id": f"q-{n}"}) for n in range(50)]))
        # It has failed at least once, and still holds the records.
        wait_until(lambda: "connection refused" in it.output(), "a failed attempt")
        with OtlpSink(port) as sink:
            wait_until(lambda: len(list(sink.log_records())) >= 50, "the records")
            ids = {str(otlp.attributes(record.attributes)["quote_id"]) for record in sink.log_records()}
    assert ids == {f"q-{n}" for n in range(50)}


def hostile(random_: random.Random, depth: int = 0) -> otlp.Plain:
    """Give a value that some program somewhere has put into telemetry."""
    leaves: list[otlp.Plain] = [
        None, "", " ", "\x00", "{", '{"message": 1}', '{"message": {"a": []}}', "[1]", "=", "é☃\U0001f600", "a" * 5000,
        "${env:HOME}", "$1", "%s", b"", b"\xff\x00", 0, -(2**63), 2**63 - 1, float("nan"), float("inf"), -0.0,
        True, False,
        "ot=th:zz", "Quote 12", "\n\n", "markup", "(?i)",
    ]  # fmt: skip
    kind = random_.random()
    if depth < 4 and kind < 0.15:
        return [hostile(random_, depth + 1) for _ in range(random_.randrange(4))]
    if depth < 4 and kind < 0.35:
        return hostile_map(random_, depth + 1)
    return random_.choice(leaves)


def hostile_map(random_: random.Random, depth: int = 0) -> dict[str, otlp.Plain]:
    keys = [
        "",
        ".",
        "message",
        "sms.journey.name",
        "sms.step.name",
        "quote_id",
        "context",
        "a.b",
        "exception.stacktrace",
        "é",
        "0",
    ]
    return {random_.choice(keys): hostile(random_, depth) for _ in range(random_.randrange(5))}


def hostile_spans(random_: random.Random, count: int) -> Iterator[Span]:
    names = ["", "x", "GET ", "GET /{", "parts_ordering_flow", "\x00", "é" * 300, "sms", "${env:HOME}"]
    for _ in range(count):
        span = otlp.span(random_.choice(names), attributes=hostile_map(random_))
        span.trace_state = random_.choice(
            ["", "=", "ot=", "ot=th:8", "ot=th:8,a=b", ",,", "a=b;ot=th:8", "é=1", "ot=rv:g"]
        )
        span.status.message = random_.choice(["", "x", "ValueError", "é", "ValueError: 12"])
        span.events.append(
            Span.Event(name=random_.choice(["", "exception", "x"]), attributes=otlp.key_values(hostile_map(random_)))
        )
        span.links.append(Span.Link(attributes=otlp.key_values(hostile_map(random_)), trace_state="a=b"))
        yield span


def test_of_thousands_of_hostile_records_every_one_comes_out(with_net: Route) -> None:
    """No statement of the net can fail: a batch that it refused would be repeated by its sender for ever."""
    random_ = random.Random(20250105)
    spans = list(hostile_spans(random_, 2000))
    records = [otlp.log(hostile(random_), hostile_map(random_)) for _ in range(2000)]
    before = len(list(with_net.sink.log_records()))
    for start in range(0, 2000, 100):  # a refusal is an error of send()
        with_net.collector.send("traces", otlp.traces(spans[start : start + 100], resource=hostile_map(random_)))
        with_net.collector.send("logs", otlp.logs(records[start : start + 100], resource=hostile_map(random_)))
    sent = {span.trace_id for span in spans}
    wait_until(lambda: len(sent & {span.trace_id for span in with_net.sink.spans()}) == 2000, "2,000 spans")
    wait_until(lambda: len(list(with_net.sink.log_records())) - before == 2000, "2,000 log records")


def test_passing_the_net_twice_changes_nothing_more(with_net: Route) -> None:
    """Ship and shore run the same net: what has passed it once passes it as it is."""
    random_ = random.Random(7)
    first = {span.trace_id: span for span in hostile_spans(random_, 300)}
    with_net.collector.send("traces", otlp.traces(first.values()))

    def arrived() -> dict[bytes, Span]:
        return {span.trace_id: span for span in with_net.sink.spans() if span.trace_id in first}

    wait_until(lambda: len(arrived()) == 300, "the first passage")
    once = arrived()
    with_net.sink.traces.clear()
    with_net.collector.send("traces", otlp.traces(once.values()))
    wait_until(lambda: len(arrived()) == 300, "the second passage")
    assert arrived() == once
