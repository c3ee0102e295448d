"""A real Prometheus behind the gateway shows the catalogue's names, types and labels, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

import pytest
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality, Metric
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from servers import otlp
from servers.backends import Prometheus
from servers.collector import CONFIG, Collector
from servers.otlp_sink import OtlpSink
from servers.process import free_ports
from servers.waiting import wait_until
from sms_observability.catalog import SMS_CATALOG
from sms_observability.catalog import Metric as CatalogMetric

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(200)]

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
UNITS = {"s": "seconds", "By": "bytes", "%": "percent", "dollars": "dollars"}
OF_ALL = {"service", "version", "environment", "job", "instance"}
TYPES = {"counter": "counter", "histogram": "histogram", "gauge": "gauge", "updowncounter": "gauge"}
WHO = ("parts-api", "1.2.3", "test")
UNKNOWN = ("old-service", "unknown", "unknown")
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
        Prometheus(folder, [gateway.prometheus]) as running,
    ):
        every = [example(name) for name in SENT if name != "db.client.connection.count"]
        every.append(connections(used=1, idle=7))
        deadline = time.monotonic() + 60
        while not (
            {"db_connection_pool_used", "http_requests_total"} <= running.names()
            and running.series('sms_users_active{role="witness"}')
        ):
            assert time.monotonic() < deadline, "nothing was scraped"
            gateway.send("metrics", otlp.metrics(every, resource=RESOURCE))
            old = otlp.gauge("sms.users.active", 1.0, {"role": "witness"}, unit=SENT["sms.users.active"].unit)
            gateway.send("metrics", otlp.metrics([old], resource={"service.name": "old-service"}))
            time.sleep(0.3)
        wait_until(lambda: len(running.names()) >= len(SENT), "the rest of the scrape", within=60)
        yield running


def series_names(metrics: Iterable[CatalogMetric]) -> set[str]:
    """Give the names of the series of metrics; a histogram's own name has none."""
    declared = set()
    for metric in metrics:
        families = {name.removesuffix("_bucket") for name in metric.prometheus_names if name.endswith("_bucket")}
        declared |= set(metric.prometheus_names) - families
    return declared


def test_prometheus_knows_the_catalogues_names_and_no_other(prometheus: Prometheus) -> None:
    """Both ways: nothing declared is missing, nothing undeclared is there."""
    found = prometheus.names() - OWN_OF_PROMETHEUS
    declared = series_names(SENT.values())
    assert found - declared == set()
    assert declared - found == set()


def test_every_name_has_the_type_and_the_unit_that_are_declared(prometheus: Prometheus) -> None:
    """A counter is no gauge, a histogram no summary; the unit stands in the name, as Prometheus wants it."""
    told = {name: entries[0]["type"] for name, entries in prometheus.ask("metadata").items()}
    for metric in SENT.values():
        kinds = {metric.prometheus_name: TYPES[metric.kind]}
        for name in metric.gateway_names:
            if name.endswith("_total"):
                kinds[name] = "counter"
            elif metric.kind != "histogram":
                kinds[name] = TYPES[metric.kind]
            elif name.endswith("_bucket"):
                kinds[name.removesuffix("_bucket")] = "histogram"
        for name, kind in kinds.items():
            # OpenMetrics tells of a counter under the name without its suffix.
            plain = name.removesuffix("_total") if kind == "counter" else name
            assert told[plain] == kind, name
            counts = metric.kind == "histogram" and kind == "counter"
            unit = UNITS.get(metric.unit)
            assert unit is None or counts or plain.endswith(f"_{unit}"), name


def test_every_series_has_the_declared_labels_and_says_who_it_was(prometheus: Prometheus) -> None:
    """Both ways: each label of the catalogue is there, no other one, and service, version and environment on all."""
    for metric in SENT.values():
        own = {field.name.replace(".", "_") for field in metric.labels}
        plain = f"{metric.prometheus_name}_count" if metric.kind == "histogram" else metric.prometheus_name
        further = {name: set(labels) for name, labels in metric.gateway_names.items()}
        families = {name.removesuffix("_bucket") for name in further if name.endswith("_bucket")}
        for name, labels in {plain: own, **further}.items():
            found = prometheus.series(name)
            assert found or name in families, name
            for series, _ in found:
                assert set(series) - {"__name__", "le"} == labels | OF_ALL, name
                assert (series["service"], series["version"], series["environment"]) in {WHO, UNKNOWN}


def test_what_a_service_does_not_say_of_itself_is_unknown(prometheus: Prometheus) -> None:
    """The three labels are on the series of an old service as well."""
    ((series, _),) = prometheus.series('sms_users_active{role="witness"}')
    assert (series["service"], series["version"], series["environment"]) == UNKNOWN


def value(prometheus: Prometheus, query: str) -> float:
    """Give the one value of a query."""
    ((_, found),) = prometheus.series(query)
    return found


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
    assert value(prometheus, query) == 3


def test_used_connections_are_not_the_idle_ones(prometheus: Prometheus) -> None:
    """One used and seven idle connections are one used connection."""
    assert value(prometheus, 'db_connection_pool_used{pool_name="main"}') == 1
    assert value(prometheus, "db_connection_pool_size") == 1


# -- what is counted from spans ---------------------------------------------------------------------------------------

SPANS = [metric for name, metric in SMS_CATALOG.metrics.items() if name.startswith("traces_")]


def send_call(sampler: Collector) -> None:
    """Send a call of one service to another, with each attribute by which span metrics are told apart."""
    attributes: dict[str, otlp.Plain] = {
        "http.route": "/api/parts", "sms.journey.name": "parts_ordering_flow", "sms.journey.outcome": "error",
        "sms.sla.breached": True,
    }  # fmt: skip
    client = otlp.span("parts_ordering_flow", attributes=attributes, error=True)
    client.kind = Span.SPAN_KIND_CLIENT
    server = otlp.span(
        "PartsService.getSupplierQuotes",
        attributes=attributes,
        error=True,
        trace_id=client.trace_id,
        parent=client.span_id,
    )
    server.kind = Span.SPAN_KIND_SERVER
    request = otlp.traces([client], resource=RESOURCE)
    request.MergeFrom(otlp.traces([server], resource={**RESOURCE, "service.name": "quotes"}))
    sampler.send_grpc(request)


@pytest.fixture(scope="module")
def of_spans(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """A sampler that was sent a call of one service to another, and a Prometheus that has scraped it."""
    folder = tmp_path_factory.mktemp("spans")
    names = ("sampler", "policy/redaction", "policy/sampling", "policy/span_metrics", "exporters/traces-file")
    environment = {
        "SMS_COLLECTOR_TRACES_FILE": str(folder / "traces.jsonl"),
        "SMS_COLLECTOR_SPAN_METRICS_INTERVAL": "1s",
    }
    with (
        Collector([*(CONFIG / f"{name}.yaml" for name in names)], backend="", environment=environment) as sampler,
        Prometheus(folder, [sampler.prometheus]) as running,
    ):
        deadline = time.monotonic() + 90
        wanted = series_names(SPANS)
        while not wanted <= running.names():
            assert time.monotonic() < deadline, wanted - running.names()
            send_call(sampler)
            time.sleep(0.5)
        yield running


def test_what_is_counted_from_spans_is_what_the_catalogue_says(of_spans: Prometheus) -> None:
    """Names both ways, every declared label, and service, version and environment of what a span metric counts."""
    assert of_spans.names() - OWN_OF_PROMETHEUS == series_names(SPANS)
    for metric in SPANS:
        name = f"{metric.prometheus_name}_count" if metric.kind == "histogram" else metric.prometheus_name
        labels = {field.name for field in metric.labels}
        found = of_spans.series(name)
        assert found, name
        for series, _ in found:
            # The type of a connection is empty, and so no label, unless a database or a queue is at its other end.
            assert set(series) - {"__name__"} == labels - {"connection_type"}, name
            if "span_metrics" in name:
                assert (series["version"], series["environment"]) == ("1.2.3", "test")
                assert series["service"] == series["service_name"]
