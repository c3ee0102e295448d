"""Every exporter against its real backend: what was sent is read back through the backend's own interface."""

from __future__ import annotations

import json
import os
import re
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from servers import otlp
from servers.backends import Jaeger, Prometheus, VictoriaLogs, VictoriaMetrics
from servers.collector import CONFIG, Collector
from servers.elastic_door import ElasticDoor
from servers.java import Kafka, OpenSearch, Zipkin
from servers.process import free_ports, http_get, loopback
from servers.waiting import wait_until

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(400)]

SECRET = "Secret7f"
RESOURCE = {
    "service.name": "parts-api",
    "service.version": "1.2.3",
    "service.instance.id": "parts-api-0",
    "deployment.environment.name": "test",
}
_PLAIN_TLS = "receivers: {otlp/vessels: {protocols: {grpc: {tls: null}}}}\n"


@contextmanager
def sampler(backend: str, **environment: str) -> Iterator[Collector]:
    """Run a sampler with the file of one backend."""
    policies = ("redaction", "sampling", "span_metrics")
    configs = [CONFIG / "sampler.yaml", *(CONFIG / "policy" / f"{each}.yaml" for each in policies)]
    with Collector(
        [*configs, CONFIG / "exporters" / f"traces-{backend}.yaml"], backend="", environment=environment
    ) as running:
        yield running


@contextmanager
def gateway(folder: Path, exporters: Sequence[str], **environment: str) -> Iterator[Collector]:
    """Run a gateway with the files of some backends; logs go to a file where none of them takes logs."""
    plain = folder / "plain.yaml"
    plain.write_text(_PLAIN_TLS, encoding="utf-8")
    names = ("gateway", "policy/redaction", "policy/metric_names", "samplers/static", "exporters/logs-file")
    files = dict.fromkeys([*names, *(f"exporters/{each}" for each in exporters)])
    (vessels,) = free_ports(1)
    with Collector(
        [*(CONFIG / f"{each}.yaml" for each in files), plain],
        backend="",
        environment={
            "SMS_COLLECTOR_VESSELS_PORT": str(vessels),
            "SMS_COLLECTOR_SAMPLERS": "[127.0.0.1:9]",
            "SMS_COLLECTOR_LOGS_FILE": str(folder / "logs.jsonl"),
            **environment,
        },
    ) as running:
        yield running


def trace(trace_id: bytes) -> list[Span]:
    """Give a trace that is kept whatever the rates are: a journey with a step that failed."""
    root = otlp.span("parts_ordering_flow", attributes={"sms.journey.name": "parts_ordering_flow"}, trace_id=trace_id)
    child = otlp.span(
        "PartsService.getSupplierQuotes",
        attributes={"supplier_cost": SECRET, "sms.vessel.id": "v-7"},
        error=True,
        trace_id=trace_id,
        parent=root.span_id,
    )
    child.events.add(name="exception", time_unix_nano=child.end_time_unix_nano, attributes=otlp.key_values({
        "exception.type": "TimeoutError", "exception.message": SECRET,
    }))  # fmt: skip
    return [root, child]


@contextmanager
def sent_through_a_sampler(backend: str, **environment: str) -> Iterator[tuple[str, list[Span]]]:
    """Send one trace over gRPC, as a gateway would, and give its id and spans."""
    trace_id = os.urandom(16)
    spans = trace(trace_id)
    with sampler(backend, **environment) as running:
        running.send_grpc(otlp.traces(spans, resource=RESOURCE))
        yield trace_id.hex(), spans


def test_jaeger_shows_the_trace(tmp_path: Path) -> None:
    """Through OTLP, with parent, error, attributes and event, and without what nobody declared."""
    with Jaeger(tmp_path) as jaeger:
        endpoint = {"SMS_COLLECTOR_TRACES_ENDPOINT": jaeger.endpoint, "SMS_COLLECTOR_TRACES_INSECURE": "true"}
        with sent_through_a_sampler("otlp", **endpoint) as (trace_id, (root, child)):
            wait_until(lambda: jaeger.trace(trace_id) is not None, "the trace", within=60)
            found = jaeger.trace(trace_id)
    assert found is not None
    (resource,) = found["resourceSpans"]
    spans = {span["name"]: span for scope in resource["scopeSpans"] for span in scope["spans"]}
    assert set(spans) == {root.name, child.name}
    step = spans[child.name]
    assert bytes.fromhex(step["parentSpanId"]) == root.span_id
    assert step["status"]["code"] == 2
    assert {"key": "sms.vessel.id", "value": {"stringValue": "v-7"}} in step["attributes"]
    assert step["events"][0]["name"] == "exception"
    assert SECRET not in json.dumps(found)


def test_zipkin_shows_the_trace() -> None:
    """With parent, error and tags; events are annotations there."""
    with Zipkin() as zipkin:
        url = {"SMS_COLLECTOR_ZIPKIN_URL": f"{zipkin.url}/api/v2/spans"}
        with sent_through_a_sampler("zipkin", **url) as (trace_id, (root, child)):
            wait_until(lambda: len(zipkin.trace(trace_id) or []) == 2, "the trace", within=60)
            found = zipkin.trace(trace_id) or []
    spans = {span["name"]: span for span in found}
    step = spans[child.name.lower()]
    assert step["parentId"] == root.span_id.hex()
    assert step["tags"]["sms.vessel.id"] == "v-7"
    assert step["localEndpoint"]["serviceName"] == "parts-api"
    assert "error" in step["tags"]
    assert SECRET not in json.dumps(found)


def test_kafka_has_each_trace_under_its_id(tmp_path: Path) -> None:
    """Twenty traces that come at once are twenty messages: each holds one trace whole, and its id is the key."""
    sent = {trace_id.hex(): trace(trace_id) for trace_id in (os.urandom(16) for _ in range(20))}
    with Kafka(tmp_path) as kafka, sampler("kafka", SMS_COLLECTOR_KAFKA_BROKERS=f"[{kafka.broker}]") as running:
        running.send_grpc(otlp.traces([span for spans in sent.values() for span in spans], resource=RESOURCE))
        messages = kafka.read("sms-traces", len(sent))
    assert sorted(key for _, key, _ in messages) == sorted(sent)
    for _, key, value in messages:
        message = ExportTraceServiceRequest.FromString(value)
        found = [span for resource in message.resource_spans for scope in resource.scope_spans for span in scope.spans]
        assert {span.span_id for span in found} == {span.span_id for span in sent[key]}
        assert {span.trace_id.hex() for span in found} == {key}
        assert SECRET.encode() not in value


def put(url: str, document: object) -> None:
    """Give a server a JSON document."""
    request = urllib.request.Request(
        url, data=json.dumps(document).encode(), method="PUT", headers={"Content-Type": "application/json"}
    )
    with loopback.open(request, timeout=60):
        return


def test_elasticsearchs_sink_takes_traces_and_logs_into_their_data_streams(tmp_path: Path) -> None:
    """On an OpenSearch, which has the same bulk interface and data streams but for one parameter of Elasticsearch."""
    node, folder = tmp_path / "node", tmp_path / "gateway"
    folder.mkdir()
    with OpenSearch(node) as search, ElasticDoor(search.url) as door:
        put(
            f"{search.url}/_index_template/sms",
            {"index_patterns": ["logs-sms*", "traces-sms*"], "data_stream": {}, "priority": 500},
        )
        address = {"SMS_COLLECTOR_ELASTICSEARCH": f"[{door.url}]"}
        with sent_through_a_sampler("elasticsearch", **address) as (trace_id, spans):
            wait_until(lambda: len(search.search("traces-sms.otel-default")) == 2, "the spans", within=60)
            wait_until(lambda: len(search.search("logs-sms.otel-default")) == 1, "the event", within=60)
        with gateway(folder, ["logs-elasticsearch"], **address) as running:
            record = otlp.log("Parts quote requested", {"order_id": "o-1", "margin": SECRET})
            running.send("logs", otlp.logs([record], resource=RESOURCE))
            wait_until(lambda: len(search.search("logs-sms.otel-default")) == 2, "the log record", within=60)
        documents = search.search("traces-sms.otel-default")
        event, log = sorted(search.search("logs-sms.otel-default"), key=lambda each: "body" in each)
        streams = {each["name"] for each in json.loads(http_get(f"{search.url}/_data_stream")[1])["data_streams"]}
    assert {json.dumps(action) for action in door.actions} == {
        json.dumps({"create": {"_index": f"{signal}-sms.otel-default", "require_data_stream": True}})
        for signal in ("traces", "logs")
    }
    assert streams == {"traces-sms.otel-default", "logs-sms.otel-default"}
    found = {each["name"]: each for each in documents}
    assert {found[span.name]["span_id"] for span in spans} == {span.span_id.hex() for span in spans}
    assert {each["trace_id"] for each in found.values()} == {trace_id}
    assert log["body"]["text"] == "Parts quote requested"
    assert log["attributes"]["order_id"] == "o-1"
    assert log["resource"]["attributes"]["service.name"] == "parts-api"
    assert (event["attributes"]["exception.type"], event["trace_id"]) == ("TimeoutError", trace_id)
    assert SECRET not in json.dumps([*documents, event, log])


def test_victorialogs_finds_the_record_in_its_services_stream(tmp_path: Path) -> None:
    """Through both files that lead there: the one made for it, and the one for any OTLP store."""
    with VictoriaLogs(tmp_path) as store:
        url = f"{store.url}/insert/opentelemetry"
        address = {"SMS_COLLECTOR_VICTORIALOGS_URL": url, "SMS_COLLECTOR_LOGS_URL": url}
        for exporter, count in (("logs-victorialogs", 1), ("logs-otlp", 2)):
            with gateway(tmp_path, [exporter], **address) as running:
                record = otlp.log("Parts quote requested", {"order_id": "o-1", "margin": SECRET})
                running.send("logs", otlp.logs([record], resource=RESOURCE))
                wait_until(lambda: len(store.records()) == count, "the record", within=60)  # noqa: B023
        records = store.records('{service.name="parts-api"} order_id:o-1')
        (ours,) = store.records('{service.name="parts-api",deployment.environment.name="test"} _msg:"quote requested"')[
            :1
        ]
    assert len(records) == 2
    assert ours["severity"] == "INFO"
    assert SECRET not in json.dumps(records)


@pytest.mark.parametrize(("backend", "exporter", "variable"), [
    (Prometheus, "metrics-remote-write", "SMS_COLLECTOR_REMOTE_WRITE_URL"),
    (VictoriaMetrics, "metrics-victoriametrics", "SMS_COLLECTOR_VICTORIAMETRICS_URL"),
])  # fmt: skip
def test_remote_write_keeps_names_labels_and_the_time_of_happening(
    backend: type[Prometheus | VictoriaMetrics], exporter: str, variable: str, tmp_path: Path
) -> None:
    """Under the catalogue's names, with service, version and environment, at the time that the point carries."""
    hours_ago = 6
    point = otlp.histogram("http.server.request.duration", {
        "http.request.method": "GET", "http.route": "/api/parts", "http.response.status_code": 200, "margin": SECRET,
    })  # fmt: skip
    for each in point.histogram.data_points:
        each.time_unix_nano -= hours_ago * 3600 * 10**9
        each.start_time_unix_nano = each.time_unix_nano - 10**9
    at = point.histogram.data_points[0].time_unix_nano / 1e9
    late = f'http_requests_total{{endpoint="/api/parts"}} offset {hours_ago}h'
    with backend(tmp_path) as store, gateway(tmp_path, [exporter], **{variable: store.write_url}) as running:
        running.send("metrics", otlp.metrics([point], resource=RESOURCE))
        wait_until(lambda: bool(store.series(late)), "the late point", within=60)
        ((labels, value),) = store.series(late)
        ((_, time),) = store.series(f"timestamp({late})")
        assert store.series('{__name__=~".+",margin!=""}') == []
        assert store.series("http_requests_total") == []
    assert value == 3
    assert abs(time - at) < 1
    assert labels == {
        "__name__": "http_requests_total", "method": "GET", "endpoint": "/api/parts", "status": "200",
        "service": "parts-api", "version": "1.2.3", "environment": "test",
        "job": "parts-api", "instance": "parts-api-0",
    }  # fmt: skip


def text_of(file: Path) -> str:
    """Give what a file holds; nothing when it is not there yet."""
    return file.read_text("utf-8") if file.exists() else ""


def test_files_hold_what_leaves_one_request_a_line(tmp_path: Path) -> None:
    """Traces, logs and metrics each in their file, after the net."""
    places = {name: tmp_path / f"{name}.jsonl" for name in ("traces", "logs", "metrics")}
    environment = {f"SMS_COLLECTOR_{name.upper()}_FILE": str(place) for name, place in places.items()}
    with sent_through_a_sampler("file", **environment) as (trace_id, _):
        wait_until(lambda: trace_id in text_of(places["traces"]), "the trace", within=60)
    with gateway(tmp_path, ["metrics-file"], **environment) as running:
        running.send("logs", otlp.logs([otlp.log("Parts quote requested", {"margin": SECRET})], resource=RESOURCE))
        users = otlp.gauge("sms.users.active", 4.0, {"role": "captain", "margin": SECRET})
        running.send("metrics", otlp.metrics([users], resource=RESOURCE))
        wait_until(lambda: "quote requested" in text_of(places["logs"]), "the record", within=60)
        wait_until(lambda: "sms.users.active" in text_of(places["metrics"]), "the point", within=60)
    for place in places.values():
        text = place.read_text("utf-8")
        assert all(json.loads(line) for line in text.splitlines())
        assert SECRET not in text


def test_debug_prints_what_leaves(tmp_path: Path) -> None:
    """Where the environment allows it, and after the net."""
    with gateway(tmp_path, ["logs-debug"], SMS_COLLECTOR_ENVIRONMENT="test", SMS_COLLECTOR_LOG_LEVEL="info") as running:
        running.send("logs", otlp.logs([otlp.log("Parts quote requested", {"margin": SECRET})], resource=RESOURCE))
        wait_until(lambda: re.search(r"Body: Str\(Parts quote requested\)", running.output()) is not None, "the print")
        assert SECRET not in running.output()
