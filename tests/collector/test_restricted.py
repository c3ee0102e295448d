"""The restricted branch on the real Collector: what finance sees, and that nothing can fail towards the public."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from google.protobuf.message import Message
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric

from servers import otlp
from servers.collector import CONFIG, POLICY, RECEIVE, TOPOLOGY, Collector
from servers.otlp_sink import OtlpSink
from servers.process import free_ports, http_get, loopback
from servers.waiting import wait_until
from sms_observability.catalog import SMS_CATALOG

pytestmark = [pytest.mark.servers, pytest.mark.timeout(90)]

RESTRICTED = CONFIG / "restricted" / "all-in-one-restricted.yaml"
TOKEN = "not-a-real-token"
MARK = "Secret7f"
HIDDEN = {
    name: metric
    for name, metric in SMS_CATALOG.metrics.items()
    if metric.access == "restricted" and metric.source == "sms"
}

# Every second processor of the public net fails on whatever it meets, in the way that broken data would make it.
_BROKEN = """
exporters:
  otlp_http/backend: {sending_queue: {batch: {flush_timeout: 20ms}}}
  otlp_http/restricted: {sending_queue: {batch: {flush_timeout: 20ms}}}
processors:
  transform/public:
    error_mode: propagate
    trace_statements: [{context: span, statements: ['set(span.attributes["x"], ParseJSON("{"))']}]
    metric_statements: [{context: datapoint, statements: ['set(datapoint.attributes["x"], ParseJSON("{"))']}]
    log_statements: [{context: log, statements: ['set(log.attributes["x"], ParseJSON("{"))']}]
  filter/public:
    error_mode: propagate
    traces: {span: ['ParseJSON("{") == nil']}
    logs: {log_record: ['ParseJSON("{") == nil']}
    metrics: {metric: ['ParseJSON("{") == nil']}
service:
  pipelines:
    traces/sampled: {processors: []}
"""
# The filter fails on an item that says 0, the transformation on one that says 1; their fellows are none the wiser.
_HALF = """
exporters:
  otlp_http/backend: {sending_queue: {batch: {flush_timeout: 20ms}}}
  otlp_http/restricted: {sending_queue: {batch: {flush_timeout: 20ms}}}
processors:
  filter/public:
    traces:
      span:
        - span.attributes["attempt"] == 0 and ParseJSON("{") == nil
        - span.attributes["sms.class"] == "restricted"
    logs:
      log_record:
        - log.attributes["attempt"] == 0 and ParseJSON("{") == nil
        - log.attributes["sms.class"] == "restricted"
    metrics: {datapoint: ['datapoint.attributes["attempt"] == 0 and ParseJSON("{") == nil']}
  transform/public:
    trace_statements:
      - {context: span, statements: ['set(span.name, ParseJSON("{")) where span.attributes["attempt"] == 1']}
    metric_statements:
      - context: datapoint
        statements: ['set(datapoint.attributes["x"], ParseJSON("{")) where datapoint.attributes["attempt"] == 1']
    log_statements:
      - {context: log, statements: ['set(log.body, ParseJSON("{")) where log.attributes["attempt"] == 1']}
service:
  pipelines:
    traces/sampled: {processors: []}
"""
_NO_MEMORY = """
exporters:
  otlp_http/backend: {sending_queue: {batch: {flush_timeout: 20ms}}}
processors:
  memory_limiter/restricted: {check_interval: 100ms, limit_mib: 1, spike_limit_mib: 0}
"""
_WHOLE = """
exporters:
  otlp_http/backend: {sending_queue: {batch: {flush_timeout: 20ms}}}
  otlp_http/restricted: {sending_queue: {batch: {flush_timeout: 20ms}}}
service:
  pipelines:
    traces/sampled: {processors: []}
"""


class Branch:
    """A Collector with the restricted branch, a sink behind its public side, and one that finance has."""

    def __init__(self, folder: Path, sink: OtlpSink, finance: OtlpSink, further: str) -> None:
        self.sink = sink
        self.finance = finance
        port, page = free_ports(2)
        self.endpoint = f"http://127.0.0.1:{port}"
        self.page = f"http://127.0.0.1:{page}/metrics"
        self.token_file = folder / "token"
        self.token_file.write_text(TOKEN, encoding="utf-8")
        config = folder / "further.yaml"
        config.write_text(further, encoding="utf-8")
        self.collector = Collector(
            [TOPOLOGY, *POLICY, RECEIVE, RESTRICTED, config],
            backend=sink.url,
            environment={
                "SMS_COLLECTOR_RESTRICTED_PORT": str(port),
                "SMS_COLLECTOR_RESTRICTED_BACKEND": finance.url,
                "SMS_COLLECTOR_RESTRICTED_PROMETHEUS_PORT": str(page),
                "SMS_COLLECTOR_RESTRICTED_TOKEN_FILE": str(self.token_file),
            },
        )

    def post(self, endpoint: str, signal: str, request: Message, token: str | None = None) -> int:
        """Send one OTLP request and give the answer's status."""
        headers = {"Content-Type": "application/x-protobuf"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        message = urllib.request.Request(
            f"{endpoint}/v1/{signal}", data=request.SerializeToString(), headers=headers, method="POST"
        )
        try:
            with loopback.open(message, timeout=30) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code

    def public(self) -> str:
        """Give everything that has come out on the public side."""
        return self.sink.everything() + http_get(self.collector.prometheus)[1]


@pytest.fixture
def branch(tmp_path: Path) -> Iterator[Branch]:
    with OtlpSink() as sink, OtlpSink() as finance:
        running = Branch(tmp_path, sink, finance, _WHOLE)
        with running.collector:
            yield running


@pytest.fixture
def broken(tmp_path: Path) -> Iterator[Branch]:
    with OtlpSink() as sink, OtlpSink() as finance:
        running = Branch(tmp_path, sink, finance, _BROKEN)
        with running.collector:
            yield running


def secret_metrics() -> list[Metric]:
    """Give every restricted metric of the catalogue, as its kind."""
    made = []
    for name, metric in HIDDEN.items():
        labels: dict[str, otlp.Plain] = {"parts_category": MARK}
        if metric.kind == "histogram":
            made.append(otlp.histogram(name, labels, unit=metric.unit))
        elif metric.kind == "counter":
            made.append(otlp.counter(name, labels, unit=metric.unit))
        else:
            made.append(otlp.gauge(name, 18.5, labels, unit=metric.unit))
    return made


def test_finance_sees_the_catalogues_names_and_the_public_side_nothing(branch: Branch) -> None:
    """Each restricted metric is on the restricted page under its `_sms_` name, with its labels, and nowhere else."""
    assert branch.post(branch.endpoint, "metrics", otlp.metrics(secret_metrics()), TOKEN) == 200
    wait_until(lambda: MARK in http_get(branch.page)[1], "the restricted page")
    page = http_get(branch.page)[1]
    names = set(re.findall(r"^(\w+)\{", page, re.MULTILINE)) - {"_sms_target_info"}
    wanted = {series for metric in HIDDEN.values() for series in metric.prometheus_names}
    families = {metric.prometheus_name for metric in HIDDEN.values() if metric.kind == "histogram"}
    assert names == wanted - families
    assert "_sms_parts_markup_realized_dollars_sum" in names

    # Something public goes the other way, so that the search below looks at a side that works.
    branch.collector.send("metrics", otlp.metrics([otlp.gauge("sms.users.active", 77.0, {"role": "witness"})]))
    wait_until(lambda: "witness" in branch.public(), "the public witness")
    assert MARK not in branch.public()
    assert "_sms_" not in branch.public()
    assert "witness" not in http_get(branch.page)[1]


@pytest.mark.parametrize("token", [None, "", "wrong", TOKEN[:-1], TOKEN.upper()])
def test_without_the_right_token_nothing_is_taken(token: str | None, branch: Branch) -> None:
    """401, and the page stays empty."""
    assert branch.post(branch.endpoint, "metrics", otlp.metrics(secret_metrics()), token) == 401
    assert MARK not in http_get(branch.page)[1]


def test_a_new_token_is_taken_without_a_restart(branch: Branch) -> None:
    """Whoever turns the key writes one file."""
    branch.token_file.write_text("a-new-one", encoding="utf-8")
    request = otlp.metrics(secret_metrics())
    wait_until(lambda: branch.post(branch.endpoint, "metrics", request, "a-new-one") == 200, "the new token")
    assert branch.post(branch.endpoint, "metrics", request, TOKEN) == 401


def test_internal_steps_and_reveals_reach_finances_store_and_the_public_side_nothing(branch: Branch) -> None:
    """A step under its true name and a record of a reveal: unharmed where they belong, and nowhere else."""
    span = otlp.traces([otlp.span("MarkupService.calculatePrice", attributes={"margin": MARK})])
    record = otlp.logs([otlp.log("A restricted value was revealed", {"reason": MARK, "sms.class": "restricted"})])
    assert branch.post(branch.endpoint, "traces", span) == 401
    assert branch.post(branch.endpoint, "logs", record) == 401
    assert branch.post(branch.endpoint, "traces", span, TOKEN) == 200
    assert branch.post(branch.endpoint, "logs", record, TOKEN) == 200
    wait_until(lambda: bool(branch.finance.traces and branch.finance.logs), "finance's store")
    (step,) = branch.finance.spans()
    assert step.name == "MarkupService.calculatePrice"
    assert otlp.attributes(step.attributes) == {"margin": MARK}
    (revealed,) = branch.finance.log_records()
    assert otlp.attributes(revealed.attributes) == {"reason": MARK, "sms.class": "restricted"}

    witness = otlp.span("Database.saveQuote")
    branch.collector.send("traces", otlp.traces([witness]))
    wait_until(lambda: any(each.trace_id == witness.trace_id for each in branch.sink.spans()), "the public witness")
    assert MARK not in branch.public()
    assert "MarkupService" not in branch.public()


def test_a_net_that_fails_lets_nothing_through_and_finance_still_sees_its_own(broken: Branch) -> None:
    """1,000 mixed items while every second processor of the net fails: each public batch is refused, none comes out."""
    public = broken.collector.http
    for number in range(50):
        spans = [otlp.span("parts_ordering_flow", attributes={"supplier_cost": MARK}) for _ in range(5)]
        records = [otlp.log("Parts quote requested", {"margin": MARK}) for _ in range(5)]
        points = [otlp.counter("sms.parts.quotes.requested", {"markup": MARK, "urgency": str(n)}) for n in range(5)]
        assert broken.post(public, "traces", otlp.traces(spans)) == 503
        assert broken.post(public, "logs", otlp.logs(records)) == 503
        assert broken.post(public, "metrics", otlp.metrics(points)) == 503
        secrets: list[dict[str, otlp.Plain]] = [{"parts_category": f"{MARK}{number}_{n}"} for n in range(5)]
        offered = otlp.metrics([otlp.counter("quotes.offered", *secrets)])
        assert broken.post(broken.endpoint, "metrics", offered, TOKEN) == 200

    def seen() -> int:
        return len(re.findall(rf"^_sms_quotes_offered_total\{{.*{MARK}", http_get(broken.page)[1], re.MULTILINE))

    wait_until(lambda: seen() == 250, "250 restricted series")
    refused = sum(
        broken.collector.counter(f"otelcol_receiver_refused_{items}", receiver="otlp")
        for items in ("spans", "log_records", "metric_points")
    )
    assert refused == 750
    assert broken.collector.stop() == 0
    assert broken.sink.everything() == ""


@contextmanager
def branch_with(folder: Path, further: str) -> Iterator[Branch]:
    with OtlpSink() as sink, OtlpSink() as finance:
        running = Branch(folder, sink, finance, further)
        with running.collector:
            yield running


def test_of_a_thousand_mixed_items_those_that_break_a_processor_go_nowhere(tmp_path: Path) -> None:
    """Public and restricted, each signal, one by one: half of them make the filter or the transformation fail.

    Those are refused or dropped. Of the others the public ones come out without what nobody declared, those marked or
    named restricted not at all, whichever door they took.
    """
    answers: Counter[tuple[str, int]] = Counter()
    with branch_with(tmp_path, _HALF) as branch:
        for number in range(250):
            # 0 and 1 break something, 2 and 3 nothing.
            attempt = number % 4
            extra: dict[str, otlp.Plain] = {"attempt": attempt, "order_id": f"o-{number}", "margin": MARK}
            marked = {"sms.class": "restricted"} if number % 8 >= 4 else {}
            span = otlp.span("parts_ordering_flow", attributes={**extra, **marked})
            record = otlp.log("Parts quote requested", {**extra, **marked})
            # A metric that is restricted by its name comes to the public door by mistake.
            name = "quotes.offered" if marked else "sms.parts.quotes.requested"
            point = otlp.counter(name, {**extra, "urgency": "high"}, unit="{quote}")
            public = branch.collector.http
            items = {"traces": otlp.traces([span]), "logs": otlp.logs([record]), "metrics": otlp.metrics([point])}
            for signal, request in items.items():
                answers[signal, branch.post(public, signal, request)] += 1
            offered = otlp.metrics([otlp.counter("quotes.offered", {"parts_category": f"{MARK}{number}"})])
            answers["restricted", branch.post(branch.endpoint, "metrics", offered, TOKEN)] += 1

        # What is marked or named restricted is dropped by the filter, before the transformation can fail on it.
        items_refused = sum(number % 4 == 0 or number % 8 == 1 for number in range(250))
        metrics_refused = sum(number % 8 < 2 for number in range(250))
        for signal, refused in {"traces": items_refused, "logs": items_refused, "metrics": metrics_refused}.items():
            assert answers[signal, 503] == refused, signal
            assert answers[signal, 200] == 250 - refused, signal
        assert answers["restricted", 200] == 250

        wait_until(lambda: len({s.span_id for s in branch.sink.spans()}) >= 62, "the spans", within=60)
        wait_until(lambda: len(list(branch.sink.log_records())) >= 62, "the records", within=60)
        seen = rf"^_sms_quotes_offered_total\{{.*{MARK}"
        page = lambda: http_get(branch.page)[1]  # noqa: E731
        wait_until(lambda: len(re.findall(seen, page(), re.MULTILINE)) == 250, "the restricted series", within=60)
        assert branch.collector.stop() == 0
        assert len(list(branch.sink.spans())) == len(list(branch.sink.log_records())) == 62
        everything = branch.sink.everything()
        orders = {int(found) for found in re.findall(r"o-(\d+)", everything)}
        assert {number % 4 for number in orders} == {2, 3}
        assert {number % 8 for number in orders} == {2, 3}
        assert MARK not in everything
        assert "quotes.offered" not in everything


def test_a_restricted_branch_that_takes_nothing_is_no_reason_to_go_elsewhere(tmp_path: Path) -> None:
    """Its memory is full: the sender is told to come back, the public side sees nothing and goes on."""
    with branch_with(tmp_path, _NO_MEMORY) as branch:
        request = otlp.metrics(secret_metrics())
        wait_until(lambda: branch.post(branch.endpoint, "metrics", request, TOKEN) == 503, "the refusal", within=60)
        branch.collector.send("metrics", otlp.metrics([otlp.gauge("sms.users.active", 77.0, {"role": "witness"})]))
        wait_until(lambda: "witness" in branch.public(), "the public witness", within=60)
        assert MARK not in branch.public()
