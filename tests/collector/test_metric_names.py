"""A real Prometheus behind the gateway shows the catalogue's names, types and labels, and nothing else."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality, Metric

from servers import otlp
from servers.collector import CONFIG, Collector, wait_until
from servers.otlp_sink import OtlpSink
from servers.process import Server, free_ports, http_get
from servers.programs import binary
from sms_observability.catalog import SMS_CATALOG

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(120)]

SENT = {
    name: metric
    for name, metric in SMS_CATALOG.metrics.items()
    if metric.access == "public" and metric.source in {"sms", "semconv"}
}
RESOURCE = {
    "service.name": "parts-api",
    "service.version": "1.2.3",
    "service.instance.id": "parts-api-0",
    "deployment.environment.name": "test",
}
OF_ALL = {"service", "version", "environment", "job", "instance"}
TYPES = {"counter": "counter", "histogram": "histogram", "gauge": "gauge", "updowncounter": "gauge"}
OWN_OF_PROMETHEUS = {"up", "target_info"}

_TLS_OFF = """
receivers:
  otlp/vessels: {protocols: {grpc: {tls: null}}}
"""


def example(name: str) -> Metric:
    """Give a metric of the catalogue with one point that has every label."""
    metric = SENT[name]
    labels: dict[str, otlp.Plain] = {}
    for field in metric.labels:
        value: otlp.Plain = field.values[0] if field.values else f"some_{field.name.replace('.', '_')}"
        labels[field.name] = {"int": 200, "bool": True}.get(field.type, value)
    if metric.kind == "histogram":
        return otlp.histogram(name, labels, unit=metric.unit)
    if metric.kind == "gauge":
        return otlp.gauge(name, 4.0, labels, unit=metric.unit)
    made = otlp.counter(name, labels, unit=metric.unit)
    made.sum.is_monotonic = metric.kind == "counter"
    made.sum.aggregation_temporality = AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE
    return made


def connections(**states: int) -> Metric:
    """Give the connections of one pool, by state."""
    labels: list[dict[str, otlp.Plain]] = [
        {"db.client.connection.pool.name": "main", "db.client.connection.state": state} for state in states
    ]
    made = otlp.counter("db.client.connection.count", *labels, unit="{connection}")
    made.sum.is_monotonic = False
    for point, count in zip(made.sum.data_points, states.values(), strict=True):
        point.as_int = count
    return made


class Prometheus(Server):
    """A Prometheus that scrapes one page."""

    def __init__(self, folder: Path, page: str) -> None:
        (port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{port}"
        address = page.split("/")[2]
        config = folder / "prometheus.yml"
        config.write_text(
            "global: {scrape_interval: 1s}\n"
            "scrape_configs:\n"
            f"- {{job_name: gateway, honor_labels: true, static_configs: [{{targets: ['{address}']}}]}}\n",
            encoding="utf-8",
        )
        super().__init__(
            [
                binary("prometheus"), f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn",
            ],
            ready=f"{self.url}/-/ready",
        )  # fmt: skip

    def ask(self, path: str) -> Any:
        """Give the data of an answer of its API."""
        status, text = http_get(f"{self.url}/api/v1/{path}")
        assert status == 200, text
        return json.loads(text)["data"]

    def names(self) -> set[str]:
        """Give the names of all series but those that it makes itself."""
        found = {str(name) for name in self.ask("label/__name__/values")}
        return {name for name in found if not name.startswith("scrape_")} - OWN_OF_PROMETHEUS

    def series(self, name: str) -> list[dict[str, str]]:
        """Give the labels of the series of a name."""
        return [dict(each["metric"]) for each in self.ask(f"query?query={quote(name)}")["result"]]

    def value(self, query: str) -> float:
        """Give the one value of a query."""
        (result,) = self.ask(f"query?query={quote(query)}")["result"]
        return float(result["value"][1])


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """A gateway that was sent every public metric once, and a Prometheus that has scraped it."""
    folder = tmp_path_factory.mktemp("names")
    plain = folder / "plain.yaml"
    plain.write_text(_TLS_OFF, encoding="utf-8")
    names = ("gateway", "policy/redaction", "policy/metric_names", "samplers/static", "exporters/logs-otlp")
    (vessels,) = free_ports(1)
    environment = {
        "SMS_COLLECTOR_VESSELS_PORT": str(vessels),
        "SMS_COLLECTOR_SAMPLERS": "[127.0.0.1:9]",
    }
    with (
        OtlpSink() as sink,
        Collector(
            [*(CONFIG / f"{name}.yaml" for name in names), plain], backend=sink.url, environment=environment
        ) as gateway,
        Prometheus(folder, gateway.prometheus) as running,
    ):
        every = [example(name) for name in SENT if name != "db.client.connection.count"]
        every.append(connections(used=1, idle=7))
        deadline = time.monotonic() + 30
        while "db_connection_pool_used" not in running.names() or "http_requests_total" not in running.names():
            assert time.monotonic() < deadline, "nothing was scraped"
            gateway.send("metrics", otlp.metrics(every, resource=RESOURCE))
            time.sleep(0.3)
        wait_until(lambda: len(running.names()) >= len(SENT), "the rest of the scrape")
        yield running


def test_prometheus_knows_the_catalogues_names_and_no_other(prometheus: Prometheus) -> None:
    """Both ways: nothing declared is missing, nothing undeclared is there."""
    declared = set()
    for metric in SENT.values():
        families = {name.removesuffix("_bucket") for name in metric.prometheus_names if name.endswith("_bucket")}
        declared |= set(metric.prometheus_names) - families
    found = prometheus.names()
    assert found - declared == set()
    assert declared - found == set()


def test_every_name_has_the_type_that_is_declared(prometheus: Prometheus) -> None:
    """A counter is no gauge, a histogram no summary."""
    told = {name: entries[0]["type"] for name, entries in prometheus.ask("metadata").items()}
    for metric in SENT.values():
        # OpenMetrics tells of a counter under the name without its suffix.
        name = metric.prometheus_name.removesuffix("_total") if metric.kind == "counter" else metric.prometheus_name
        assert told[name] == TYPES[metric.kind], metric.otel_name


def test_every_series_says_who_it_was(prometheus: Prometheus) -> None:
    """Service, version and environment are labels, and no label is there that the catalogue does not know."""
    for metric in SENT.values():
        own = {field.name.replace(".", "_") for field in metric.labels}
        wanted = {metric.prometheus_name: own, **{n: set(labels) for n, labels in metric.gateway_names.items()}}
        for name, labels in wanted.items():
            for series in prometheus.series(name):
                assert set(series) - {"__name__", "le"} <= labels | OF_ALL, name
                assert {"service", "version", "environment", "job", "instance"} <= set(series), name
                assert (series["service"], series["environment"]) == ("parts-api", "test")


@pytest.mark.parametrize(
    "query",
    [
        'http_request_duration_seconds_count{method="GET",endpoint="some_http_route",status="200"}',
        'http_requests_total{method="GET",endpoint="some_http_route",status="200"}',
        'http_request_size_bytes_count{method="GET",endpoint="some_http_route"}',
        'http_response_size_bytes_count{method="GET",endpoint="some_http_route",status="200"}',
        'db_query_duration_seconds_count{query_type="some_db_operation_name",table="some_db_collection_name"}',
    ],
)
def test_the_plans_labels_are_filled(query: str, prometheus: Prometheus) -> None:
    """From the attributes of the semantic conventions."""
    assert prometheus.value(query) == 3


def test_used_connections_are_not_the_idle_ones(prometheus: Prometheus) -> None:
    """One used and seven idle connections are one used connection."""
    assert prometheus.value('db_connection_pool_used{pool_name="main"}') == 1
    assert prometheus.value("db_connection_pool_size") == 1
