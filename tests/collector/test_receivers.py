"""Old tracers and what is scraped: each source's file alone brings its data in, through the same public net."""

from __future__ import annotations

import json
import os
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from servers import otlp
from servers.backends import Prometheus
from servers.collector import CONFIG, POLICY, RECEIVE, TOPOLOGY, Collector
from servers.exporter_page import ExporterPage
from servers.jaeger_client import Binary, Compact, OldSpan, send_grpc, send_thrift_http, send_thrift_udp
from servers.otlp_sink import OtlpSink
from servers.process import free_ports, http_get, loopback
from servers.waiting import wait_until
from sms_observability.catalog.sms import scraped

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(200)]

SECRET = "Secret7f"
_KEEP_ALL = """
exporters: {otlp_http/backend: {sending_queue: {batch: {flush_timeout: 20ms}}}}
service: {pipelines: {traces/sampled: {processors: []}}}
"""


@contextmanager
def with_receivers(
    folder: Path, names: Sequence[str], environment: Mapping[str, str]
) -> Iterator[tuple[Collector, OtlpSink]]:
    """Run all-in-one with the files of some sources, and a sink behind it."""
    keep = folder / "keep_all.yaml"
    keep.write_text(_KEEP_ALL, encoding="utf-8")
    receivers = [CONFIG / "receivers" / f"{name}.yaml" for name in names]
    configs = [TOPOLOGY, *POLICY, RECEIVE, *receivers, keep]
    with OtlpSink() as sink, Collector(configs, backend=sink.url, environment=environment) as running:
        yield running, sink


def old_span(operation: str = "parts_ordering_flow") -> OldSpan:
    """Give a span with a tag that may leave and one that may not."""
    return OldSpan("old-parts", operation, os.urandom(16), os.urandom(8), {"sms.vessel.id": "v-7", "margin": SECRET})


# -- old tracers ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tracers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, int], OtlpSink]]:
    """A Collector with both old tracers' files, and the ports of their protocols."""
    names = ("JAEGER_GRPC", "JAEGER_HTTP", "JAEGER_COMPACT", "JAEGER_BINARY", "ZIPKIN")
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    environment = {f"SMS_COLLECTOR_{name}_PORT": str(port) for name, port in ports.items()}
    with with_receivers(tmp_path_factory.mktemp("old"), ["jaeger", "zipkin"], environment) as (_, sink):
        yield ports, sink


def send_zipkin(port: int, span: OldSpan) -> None:
    """Post a span in Zipkin's JSON."""
    document = [{
        "traceId": span.trace_id.hex(), "id": span.span_id.hex(), "name": span.operation,
        "timestamp": 1_700_000_000_000_000, "duration": 5000,
        "localEndpoint": {"serviceName": span.service}, "tags": dict(span.tags),
    }]  # fmt: skip
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v2/spans",
        data=json.dumps(document).encode(),
        headers={"Content-Type": "application/json"},
        method="POST",
    )
    with loopback.open(request, timeout=60):
        return


SENDERS: dict[str, Callable[[dict[str, int], OldSpan], None]] = {
    "Jaeger over gRPC": lambda ports, span: send_grpc(f"127.0.0.1:{ports['JAEGER_GRPC']}", span),
    "Jaeger in Thrift over HTTP": lambda ports, span: send_thrift_http(
        f"http://127.0.0.1:{ports['JAEGER_HTTP']}", span
    ),
    "Jaeger in compact Thrift": lambda ports, span: send_thrift_udp(ports["JAEGER_COMPACT"], Compact(), span),
    "Jaeger in binary Thrift": lambda ports, span: send_thrift_udp(ports["JAEGER_BINARY"], Binary(), span),
    "Zipkin over HTTP": lambda ports, span: send_zipkin(ports["ZIPKIN"], span),
}


@pytest.mark.parametrize("sender", SENDERS)
def test_old_tracers_spans_come_in_and_meet_the_net(sender: str, tracers: tuple[dict[str, int], OtlpSink]) -> None:
    """With ids, name and service; what nobody declared is gone, and a telling name is not shown."""
    ports, sink = tracers
    spans = [old_span(), old_span(f"price 18.5 {SECRET}")]

    def arrived() -> list[str]:
        ids = {span.trace_id for span in spans}
        return sorted({span.name for span in sink.spans() if span.trace_id in ids})

    def all_are_there() -> bool:
        if len(arrived()) < 2 and "over" not in sender:
            for span in spans:  # a datagram may get lost on a busy machine
                SENDERS[sender](ports, span)
        return len(arrived()) == 2

    for span in spans:
        SENDERS[sender](ports, span)
    wait_until(all_are_there, "the spans", within=60)
    assert arrived() == ["parts_ordering_flow", "redacted"]
    services = [
        otlp.attributes(group.resource.attributes)["service.name"]
        for request in list(sink.traces)
        for group in request.resource_spans
        for scope in group.scope_spans
        if any(span.trace_id == spans[0].trace_id for span in scope.spans)
    ]
    assert set(services) == {"old-parts"}
    kept = next(span for span in sink.spans() if span.trace_id == spans[0].trace_id)
    assert kept.span_id == spans[0].span_id
    assert otlp.attributes(kept.attributes)["sms.vessel.id"] == "v-7"
    assert SECRET not in sink.everything()


# -- what is scraped --------------------------------------------------------------------------------------------------

PAGES = {
    page.stem: page.read_text("utf-8") for page in sorted(Path(__file__).with_name("exporter_pages").glob("*.prom"))
}
"""What the exporters write, in their format: with more names and labels than are taken, and some that are telling."""


@pytest.fixture(scope="module")
def scrapes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Prometheus, OtlpSink, str]]:
    """A Prometheus behind a Collector that reads all four exporters and its own host."""
    folder = tmp_path_factory.mktemp("scrapes")
    with ExitStack() as stack:
        environment = {"SMS_COLLECTOR_SCRAPE_INTERVAL": "1s", "SMS_COLLECTOR_ENVIRONMENT": "test"}
        for name, page in PAGES.items():
            exporter = stack.enter_context(ExporterPage(page))
            environment[f"SMS_COLLECTOR_{name.upper()}_TARGETS"] = f"[{exporter.address}]"
        running, sink = stack.enter_context(with_receivers(folder, [*PAGES, "host"], environment))
        prometheus = stack.enter_context(Prometheus(folder, [running.prometheus]))
        wanted = {"node_memory_MemTotal_bytes", "pg_up", "redis_up", "container_oom_events_total",
                  "system_cpu_time_seconds_total", "system_memory_usage_bytes"}  # fmt: skip
        wait_until(lambda: wanted <= prometheus.names(), "the scrapes", within=90)
        yield prometheus, sink, running.prometheus


OF_ALL = {"__name__", "service", "version", "environment"}
# Which disks and interfaces there are is the machine's affair; a container may have none.
OF_THE_MACHINE = {name for metric in scraped.HOST for name in metric.prometheus_names}


def test_prometheus_shows_what_is_declared_of_the_scrapes_and_no_other_name(
    scrapes: tuple[Prometheus, OtlpSink, str],
) -> None:
    """Both ways, for hosts, containers, databases, caches and the Collector's own host."""
    prometheus, sink, page = scrapes
    declared = {name for metric in scraped.METRICS for name in metric.prometheus_names}
    found = prometheus.names() - {"target_info"}
    assert found - declared == set()
    assert declared - found <= OF_THE_MACHINE
    assert SECRET not in sink.everything()
    assert SECRET not in http_get(page)[1]


def test_each_scraped_series_has_the_declared_labels_and_says_where_it_is(
    scrapes: tuple[Prometheus, OtlpSink, str],
) -> None:
    """No two series became one, and every label is declared; environment, service and version are on all."""
    prometheus = scrapes[0]
    for metric in scraped.METRICS:
        known = {field.name for field in metric.labels} | OF_ALL
        series = prometheus.series(metric.prometheus_name)
        for labels, _ in series:
            if metric.prometheus_name == "up" and labels["job"] == "collector":
                continue  # Prometheus' own
            assert set(labels) <= known, metric.prometheus_name
            assert set(labels) >= {"job", "instance", *OF_ALL}, metric.prometheus_name
            assert labels["environment"] == "test"


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ('node_cpu_seconds_total{job="node",cpu="0",mode="user"}', 12.25),
        ("count(node_cpu_seconds_total)", 3),
        ('node_filesystem_avail_bytes{mountpoint="/var"}', 6e10),
        ("count(container_cpu_usage_seconds_total)", 2),
        ('container_cpu_usage_seconds_total{container="parts"}', 7),
        ('container_cpu_usage_seconds_total{namespace="sms",pod="parts-0",container="api"}', 5),
        ('pg_stat_database_xact_commit_total{datname="portal"}', 100),
        ('pg_stat_activity_count{datname="portal",state="active"}', 7),
        ('redis_commands_total{cmd="set"}', 300),
        ('up{job="redis"}', 1),
        ('up{job="node",service="node",version="unknown"}', 1),
    ],
)
def test_the_values_are_those_of_the_exporters(
    query: str, value: float, scrapes: tuple[Prometheus, OtlpSink, str]
) -> None:
    """What differs in dropped labels only is summed, a group of processes that is no container is left out."""
    ((_, found),) = scrapes[0].series(query)
    assert found == value


def test_types_survive_the_way(scrapes: tuple[Prometheus, OtlpSink, str]) -> None:
    """A counter is a counter, a level a gauge."""
    told = {name: entries[0]["type"] for name, entries in scrapes[0].ask("metadata").items()}
    for metric in scraped.METRICS:
        name = metric.prometheus_name.removesuffix("_total") if metric.kind == "counter" else metric.prometheus_name
        if name != "up" and name in told:
            assert told[name] == ("counter" if metric.kind == "counter" else "gauge"), name


# -- log files --------------------------------------------------------------------------------------------------------

TRACE = """\
2026-11-25T10:00:00.123Z ERROR parts.orders: Parts order failed
Traceback (most recent call last):
  File "/srv/parts/orders.py", line 12, in place
    supplier.order(price=18.5, margin="Secret7f")
  File "/srv/parts/supplier.py", line 7, in order
    raise TimeoutError("no answer, Secret7f")
TimeoutError: no answer, Secret7f
"""


class Files:
    """A folder of logs, a place for the offsets, and a Collector that reads the one and keeps the other."""

    def __init__(self, folder: Path) -> None:
        self.logs = folder / "logs"
        self.logs.mkdir()
        self._folder = folder

    @contextmanager
    def read(self) -> Iterator[OtlpSink]:
        """Run the Collector, and give what is behind it."""
        keep = self._folder / "keep_all.yaml"
        keep.write_text(_KEEP_ALL, encoding="utf-8")
        configs = [TOPOLOGY, *POLICY, CONFIG / "receivers" / "files.yaml", CONFIG / "extensions" / "files.yaml", keep]
        environment = {
            "SMS_COLLECTOR_LOG_FILES": f"[{self.logs}/*.log, {self.logs}/*.log.*]",
            "SMS_COLLECTOR_FILES_STORAGE": str(self._folder / "offsets"),
            "SMS_COLLECTOR_ENVIRONMENT": "test",
        }
        with OtlpSink() as sink, Collector(configs, backend=sink.url, environment=environment):
            yield sink

    def write(self, *numbers: int, name: str = "parts.log") -> None:
        """Append numbered lines."""
        with (self.logs / name).open("a", encoding="utf-8") as file:
            for number in numbers:
                file.write(f"{json.dumps({'level': 'INFO', 'message': 'Order placed', 'order_id': f'o-{number}'})}\n")


def orders(sink: OtlpSink) -> list[str]:
    """Give the order of each record that has arrived."""
    bodies = [otlp.plain(record.body) for record in sink.log_records()]
    return sorted(str(body["order_id"]) for body in bodies if isinstance(body, dict) and "order_id" in body)


def test_a_stack_trace_belongs_to_its_line_and_shows_frames_and_types_only(tmp_path: Path) -> None:
    """One record of many lines, with the time and level of the first; source lines and messages stay in the file."""
    files = Files(tmp_path)
    (files.logs / "parts.log").write_text(TRACE + TRACE.replace("failed", "was late"), encoding="utf-8")
    with files.read() as sink:
        wait_until(lambda: len(list(sink.log_records())) >= 2, "the records", within=60)
        first, second = sorted(sink.log_records(), key=lambda record: record.body.string_value)
        assert (first.body.string_value, second.body.string_value) == ("Parts order failed", "Parts order was late")
        assert first.severity_number == 17
        assert first.time_unix_nano == 1_795_600_800_123_000_000
        assert otlp.attributes(first.attributes)["exception.stacktrace"] == (
            'Traceback (most recent call last):\n  File "/srv/parts/orders.py", line 12, in place\n'
            '  File "/srv/parts/supplier.py", line 7, in order\nTimeoutError'
        )
        assert SECRET not in sink.everything()


def test_json_lines_become_fields_and_what_nobody_declared_is_gone(tmp_path: Path) -> None:
    """With the time and level of the line; broken JSON and lines of no known form come out redacted."""
    files = Files(tmp_path)
    line = {"timestamp": "2026-11-25T10:00:00.5Z", "level": "WARNING", "message": "Order placed late", "margin": SECRET,
            "order_id": "o-1", "context": {"markup": 18.5, "endpoint": "/api/parts"}}  # fmt: skip
    text = f'{json.dumps(line)}\n{{"broken": "{SECRET}\n2026-11-25 10:00:01,5 INFO margin={SECRET} price=18.5\n'
    (files.logs / "parts.log").write_text(text, encoding="utf-8")
    with files.read() as sink:
        wait_until(lambda: len(list(sink.log_records())) >= 3, "the records", within=60)
        whole = next(record for record in sink.log_records() if record.body.WhichOneof("value") == "kvlist_value")
        body = otlp.plain(whole.body)
        assert isinstance(body, dict)
        assert (body["order_id"], body["message"], body["context.endpoint"]) == (
            "o-1",
            "Order placed late",
            "/api/parts",
        )
        assert (whole.severity_number, whole.time_unix_nano) == (13, 1_795_600_800_500_000_000)
        others = {record.body.string_value for record in sink.log_records() if record is not whole} - {""}
        assert others == {"redacted"}
        everything = sink.everything()
        assert SECRET not in everything
        assert "18.5" not in everything


def test_over_rotation_and_restarts_every_line_is_read_once(tmp_path: Path) -> None:
    """A file that is renamed is read to its end, and a restarted Collector goes on where it was."""
    files = Files(tmp_path)
    files.write(1, 2)
    with files.read() as sink:
        wait_until(lambda: len(orders(sink)) >= 2, "the first lines", within=60)
        files.write(3)
        (files.logs / "parts.log").rename(files.logs / "parts.log.1")
        (files.logs / "parts.log.9.gz").write_bytes(bytes(range(256)))
        files.write(4)
        wait_until(lambda: len(orders(sink)) >= 4, "the lines around the rotation", within=60)
        assert orders(sink) == ["o-1", "o-2", "o-3", "o-4"]
    files.write(5)
    files.write(6, name="payments.log")
    with files.read() as sink:
        wait_until(lambda: len(orders(sink)) >= 2, "what was written meanwhile", within=60)
        (files.logs / "parts.log.1").rename(files.logs / "parts.log.2")
        files.write(7)
        wait_until(lambda: len(orders(sink)) >= 3, "what was written then", within=60)
        assert orders(sink) == ["o-5", "o-6", "o-7"]


# -- everywhere -------------------------------------------------------------------------------------------------------

_PLAIN = {
    "vessel": "exporters:\n"
    "  otlp_grpc/first: {tls: &plain {insecure: true, cert_file: '', key_file: '', ca_file: ''}}\n"
    "  otlp_grpc/gateway: {tls: *plain}\n",
    "gateway": "receivers: {otlp/vessels: {protocols: {grpc: {tls: null}}}}\n",
}
_NEEDED = {
    "vessel": ["policy/redaction", "policy/span_metrics"],
    "gateway": [
        "policy/redaction",
        "policy/metric_names",
        "samplers/static",
        "exporters/logs-file",
        "exporters/metrics-file",
    ],
}


@pytest.mark.parametrize("topology", ["vessel", "gateway"])
def test_every_source_runs_on_board_and_ashore(topology: str, tmp_path: Path) -> None:
    """All of them together start, also what `validate` does not look at: ports, folders, lists of extensions."""
    plain = tmp_path / "plain.yaml"
    plain.write_text(_PLAIN[topology], encoding="utf-8")
    prefix = "vessel-" if topology == "vessel" else ""
    names = [
        topology,
        *_NEEDED[topology],
        *(f"receivers/{file.stem}" for file in (CONFIG / "receivers").glob("*.yaml")),
    ]
    configs = [CONFIG / f"{name}.yaml" for name in [*names, f"extensions/{prefix}files"]]
    jaeger = ("JAEGER_GRPC", "JAEGER_HTTP", "JAEGER_COMPACT", "JAEGER_BINARY", "ZIPKIN", "VESSELS")
    environment = {
        f"SMS_COLLECTOR_{name}_PORT": str(port) for name, port in zip(jaeger, free_ports(6), strict=True)
    } | {
        "SMS_COLLECTOR_VESSEL": "v-7",
        "SMS_COLLECTOR_GATEWAY": "127.0.0.1:9",
        "SMS_COLLECTOR_SAMPLERS": "[127.0.0.1:9]",
        "SMS_COLLECTOR_SCRAPE_INTERVAL": "1s",
        "SMS_COLLECTOR_STORAGE": str(tmp_path / "queues"),
        "SMS_COLLECTOR_FILES_STORAGE": str(tmp_path / "offsets"),
        "SMS_COLLECTOR_LOG_FILES": f"[{tmp_path}/*.log]",
        "SMS_COLLECTOR_LOGS_FILE": str(tmp_path / "logs.jsonl"),
        "SMS_COLLECTOR_METRICS_FILE": str(tmp_path / "metrics.jsonl"),
    }
    (tmp_path / "parts.log").write_text("2026-11-25T10:00:00Z INFO Order placed\n", encoding="utf-8")
    with Collector([*configs, plain], backend="", environment=environment) as running:
        accepted = "otelcol_receiver_accepted_"
        wait_until(lambda: running.counter(f"{accepted}log_records", receiver="file_log") == 1, "the line", within=60)
        wait_until(
            lambda: running.counter(f"{accepted}metric_points", receiver="host_metrics") > 0, "the host", within=60
        )
        assert running.stop() == 0
