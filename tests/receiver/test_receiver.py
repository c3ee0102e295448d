"""The embedded receiver against raw requests and the official exporters."""

from __future__ import annotations

import gzip
import http.client
import json
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span, Status
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

from servers import otlp
from sms_observability.receiver import Answer, Batch, Receiver

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PROTOBUF = {"Content-Type": "application/x-protobuf"}
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


def post(
    receiver: Receiver, path: str, body: bytes, headers: Mapping[str, str] = PROTOBUF
) -> tuple[int, bytes, http.client.HTTPMessage]:
    connection = http.client.HTTPConnection("127.0.0.1", receiver.port, timeout=10)
    try:
        connection.request("POST", path, body, dict(headers))
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.headers
    finally:
        connection.close()


def one_span(name: str = "quote") -> bytes:
    body: bytes = otlp.traces([otlp.span(name)]).SerializeToString()
    return body


def test_a_span_becomes_a_plain_dictionary(receiver: Receiver) -> None:
    """All that OTLP says of a span can be read by name, with ids in hex."""
    span = otlp.span(
        "quote", attributes={"a": "x", "n": [1, 2.5, True, None], "m": {"k": b"v"}}, trace_id=bytes(15) + b"\x01"
    )
    span.kind = Span.SPAN_KIND_SERVER
    span.status.CopyFrom(Status(code=Status.STATUS_CODE_ERROR, message="TimeoutError"))
    span.events.add(name="sms.sla.breached", time_unix_nano=5, attributes=otlp.key_values({"s": 1}))
    span.links.add(trace_id=b"\x02" * 16, span_id=b"\x03" * 8)
    post(receiver, "/v1/traces", otlp.traces([span]).SerializeToString())
    (kept,) = receiver.spans
    assert kept["name"] == "quote"
    assert kept["trace_id"] == "0" * 31 + "1"
    assert kept["parent"] == ""
    assert kept["kind"] == "server"
    assert (kept["status"], kept["status_text"]) == ("error", "TimeoutError")
    assert kept["attributes"] == {"a": "x", "n": [1, 2.5, True, None], "m": {"k": b"v"}}
    assert kept["events"] == [{"name": "sms.sla.breached", "time_ns": 5, "attributes": {"s": 1}}]
    assert kept["links"] == [{"trace_id": "02" * 16, "span_id": "03" * 8, "attributes": {}}]
    assert kept["resource"]["service.name"] == "parts-api"
    assert kept["scope"]["name"] == "sms_observability.tests"


def test_logs_and_metric_points_become_plain_dictionaries(receiver: Receiver) -> None:
    """A log record keeps its body and attributes; a metric gives one dictionary for each data point."""
    post(receiver, "/v1/logs", otlp.logs([otlp.log("Quote requested", {"order_id": "o-1"})]).SerializeToString())
    points = otlp.metrics([otlp.counter("sms.q", {"a": "1"}, {"a": "2"}, unit="{q}"), otlp.gauge("sms.g", 0.5)])
    post(receiver, "/v1/metrics", points.SerializeToString())
    (log,) = receiver.logs
    assert (log["body"], log["severity"], log["attributes"]) == ("Quote requested", "INFO", {"order_id": "o-1"})
    first, second, gauge = receiver.metrics
    assert (first["name"], first["kind"], first["unit"], first["labels"], first["value"]) == (
        *("sms.q", "counter", "{q}"),
        {"a": "1"},
        1,
    )
    assert (second["labels"], second["temporality"]) == ({"a": "2"}, "cumulative")
    assert (gauge["kind"], gauge["value"]) == ("gauge", 0.5)


def test_a_histogram_point_keeps_its_buckets(receiver: Receiver) -> None:
    """Bounds, counts, sum and exemplars arrive."""
    request = otlp.metrics([])
    metric = request.resource_metrics[0].scope_metrics[0].metrics.add(name="sms.d", unit="s")
    metric.histogram.aggregation_temporality = 2
    point = metric.histogram.data_points.add(count=3, sum=4.5, explicit_bounds=[1.0, 2.0], bucket_counts=[1, 1, 1])
    point.exemplars.add(as_double=2.5, time_unix_nano=7, trace_id=b"\x01" * 16, span_id=b"\x02" * 8)
    status, _, _ = post(receiver, "/v1/metrics", request.SerializeToString())
    assert status == 200
    (kept,) = receiver.metrics
    assert (kept["kind"], kept["count"], kept["sum"], kept["min"]) == ("histogram", 3, 4.5, None)
    assert (kept["bounds"], kept["counts"], kept["value"]) == ([1.0, 2.0], [1, 1, 1], None)
    assert kept["exemplars"] == [{"time_ns": 7, "value": 2.5, "trace_id": "01" * 16, "span_id": "02" * 8}]


def test_exponential_histograms_and_summaries_are_kept_too(receiver: Receiver) -> None:
    """Kinds without explicit buckets keep their count and sum."""
    request = otlp.metrics([])
    metrics = request.resource_metrics[0].scope_metrics[0].metrics
    metrics.add(name="e").exponential_histogram.data_points.add(count=2, sum=3.0)
    metrics.add(name="s").summary.data_points.add(count=4, sum=5.0)
    metrics.add(name="nothing")
    post(receiver, "/v1/metrics", request.SerializeToString())
    kept = [(point["kind"], point["count"], point["sum"]) for point in receiver.metrics]
    assert kept == [("exponential_histogram", 2, 3.0), ("summary", 4, 5.0)]


def test_gzip_is_understood(receiver: Receiver) -> None:
    """A compressed body arrives, and its size on the wire is counted."""
    body = gzip.compress(one_span())
    assert post(receiver, "/v1/traces", body, {**PROTOBUF, "Content-Encoding": "gzip"})[0] == 200
    assert len(receiver.spans) == 1
    assert receiver.totals()["traces"] == {"items": 1, "requests": 1, "wire_bytes": len(body)}


def test_json_is_understood_with_ids_in_hex(receiver: Receiver) -> None:
    """OTLP's JSON has hex ids and texts for large numbers, and is answered in JSON."""
    span = {
        "traceId": "5b8efff798038103d269b633813fc60c",
        "spanId": "eee19b7ec3c1b174",
        "parentSpanId": "",
        "name": "quote",
        "kind": 2,
        "startTimeUnixNano": "1544712660000000000",
        "endTimeUnixNano": 1544712661000000000,
        "attributes": [{"key": "traceId", "value": {"stringValue": "not an id"}}],
        "aFieldOfTheFuture": 1,
    }
    body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}).encode()
    status, answer, headers = post(receiver, "/v1/traces", body, JSON)
    assert (status, json.loads(answer), headers["Content-Type"]) == (200, {}, "application/json")
    (kept,) = receiver.spans
    assert kept["trace_id"] == "5b8efff798038103d269b633813fc60c"
    assert (kept["kind"], kept["end_ns"] - kept["start_ns"]) == ("server", 1_000_000_000)
    assert kept["attributes"] == {"traceId": "not an id"}


def test_success_is_answered_as_the_protocol_says(receiver: Receiver) -> None:
    """An answer to protobuf is a protobuf response without a partial success."""
    status, body, headers = post(receiver, "/v1/traces", one_span())
    assert (status, headers["Content-Type"]) == (200, "application/x-protobuf")
    assert not ExportTraceServiceResponse.FromString(body).HasField("partial_success")


@pytest.mark.parametrize(
    ("path", "body", "kind", "field"),
    [
        ("/v1/traces", otlp.traces([otlp.span("a"), otlp.span("b")]), ExportTraceServiceResponse, "rejected_spans"),
        ("/v1/logs", otlp.logs([otlp.log("a"), otlp.log("b")]), ExportLogsServiceResponse, "rejected_log_records"),
        (
            "/v1/metrics",
            otlp.metrics([otlp.counter("sms.a", {"l": "1"}, {"l": "2"})]),
            ExportMetricsServiceResponse,
            "rejected_data_points",
        ),
    ],
)
def test_a_hook_can_refuse_a_part(path: str, body: Any, kind: Any, field: str) -> None:
    """A partial success tells how many were refused and why; these are not kept."""
    with Receiver(on_receive=lambda batch: Answer(rejected=1, message="too old")) as receiver:
        status, answer, _ = post(receiver, path, body.SerializeToString())
        partial = kind.FromString(answer).partial_success
        assert (status, getattr(partial, field), partial.error_message) == (200, 1, "too old")
        assert [len(each) for each in (receiver.spans, receiver.logs, receiver.metrics) if each] == [1]


def test_a_hook_can_refuse_everything() -> None:
    """A status of the hook is answered, with Retry-After, and nothing is kept."""
    with Receiver(on_receive=lambda batch: Answer(status=503, message="full", retry_after=2)) as receiver:
        status, body, headers = post(receiver, "/v1/logs", otlp.logs([otlp.log("a")]).SerializeToString())
        assert (status, headers["Retry-After"]) == (503, "2")
        assert b"full" in body
        assert receiver.logs == []
        assert receiver.totals()["logs"]["items"] == 0


def test_a_hook_that_raises_costs_one_answer_only() -> None:
    """The sender gets a 500 and the receiver goes on."""
    calls: list[Batch] = []

    def once(batch: Batch) -> None:
        calls.append(batch)
        if len(calls) == 1:
            raise KeyError

    with Receiver(on_receive=once) as receiver:
        assert post(receiver, "/v1/traces", one_span())[0] == 500
        assert post(receiver, "/v1/traces", one_span())[0] == 200
        assert len(receiver.spans) == 1
        assert calls[1].headers["content-type"] == "application/x-protobuf"
        assert calls[1].items == receiver.spans


@pytest.mark.parametrize(
    ("path", "body", "headers", "status"),
    [
        ("/v1/traces", b"\xff\xff\xff", PROTOBUF, 400),
        ("/v1/traces", b"{", JSON, 400),
        ("/v1/traces", b"[1]", JSON, 400),
        ("/v1/traces", b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "xyz"}]}]}]}', JSON, 400),
        ("/v1/traces", b"[" * 100_000, JSON, 400),
        ("/v1/traces", b"", {"Content-Type": "text/plain"}, 415),
        ("/v1/traces", b"", {**PROTOBUF, "Content-Encoding": "zstd"}, 415),
        ("/v1/traces", b"no gzip", {**PROTOBUF, "Content-Encoding": "gzip"}, 400),
        ("/v1/traces", gzip.compress(b"x" * 99)[:-9], {**PROTOBUF, "Content-Encoding": "gzip"}, 400),
        ("/v1/profiles", b"", PROTOBUF, 404),
    ],
)
def test_what_is_no_request_is_refused_and_the_next_one_taken(
    receiver: Receiver, path: str, body: bytes, headers: dict[str, str], status: int
) -> None:
    """Each mistake has its status, and the connection stays usable."""
    connection = http.client.HTTPConnection("127.0.0.1", receiver.port, timeout=10)
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    assert (answer.status, bool(answer.read())) == (status, True)
    connection.request("POST", "/v1/traces", one_span(), PROTOBUF)
    assert connection.getresponse().status == 200
    connection.close()
    assert len(receiver.spans) == 1


@pytest.mark.parametrize("compress", [False, True])
def test_a_body_above_the_limit_is_refused(*, compress: bool) -> None:
    """The limit holds before and after decompression, so that a small gzip cannot fill the memory."""
    body = one_span("x" * 100_000)
    headers = PROTOBUF
    if compress:
        body, headers = gzip.compress(body), {**PROTOBUF, "Content-Encoding": "gzip"}
    with Receiver(max_body=10_000) as receiver:
        assert post(receiver, "/v1/traces", body, headers)[0] == 413
        assert post(receiver, "/v1/traces", one_span())[0] == 200


def test_a_body_in_chunks_is_understood(receiver: Receiver) -> None:
    """Senders that do not know the length beforehand are served."""
    body = one_span()
    connection = http.client.HTTPConnection("127.0.0.1", receiver.port, timeout=10)
    for _ in range(2):
        connection.request("POST", "/v1/traces", iter([body[:10], body[10:]]), PROTOBUF, encode_chunked=True)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
    connection.close()
    assert len(receiver.spans) == 2


def test_one_connection_serves_many_requests(receiver: Receiver) -> None:
    """Keep-alive: a sender connects once."""
    connection = http.client.HTTPConnection("127.0.0.1", receiver.port, timeout=10)
    connection.connect()
    first = connection.sock
    for _ in range(20):
        connection.request("POST", "/v1/traces", one_span(), PROTOBUF)
        connection.getresponse().read()
    assert connection.sock is first
    connection.close()
    assert len(receiver.spans) == 20


def test_memory_is_bounded_and_the_newest_are_kept() -> None:
    """The oldest items go first; the totals count them all."""
    with Receiver(keep=3) as receiver:
        for number in range(5):
            post(receiver, "/v1/traces", one_span(str(number)))
        assert [span["name"] for span in receiver.spans] == ["2", "3", "4"]
        assert receiver.totals()["traces"]["items"] == 5
        receiver.clear()
        assert (receiver.spans, receiver.totals()["traces"]["items"]) == ([], 0)


def test_without_decoding_items_are_still_counted() -> None:
    """For benchmarks only numbers are kept."""
    with Receiver(decode=False) as receiver:
        post(receiver, "/v1/traces", otlp.traces([otlp.span("a"), otlp.span("b")]).SerializeToString())
        post(receiver, "/v1/logs", otlp.logs([otlp.log("a")]).SerializeToString())
        post(receiver, "/v1/metrics", otlp.metrics([otlp.counter("c", {"a": "1"}, {})]).SerializeToString())
        assert {signal: total["items"] for signal, total in receiver.totals().items()} == {
            "traces": 2,
            "logs": 1,
            "metrics": 2,
        }
        assert receiver.spans == []


def test_waiting_ends_as_soon_as_the_condition_holds(receiver: Receiver) -> None:
    """A test waits for what it wants to see, not for a time."""
    sender = threading.Timer(0.05, post, (receiver, "/v1/traces", one_span()))
    sender.start()
    assert receiver.wait_for(lambda r: len(r.spans) == 1, timeout=30)
    sender.join()
    assert not receiver.wait_for(lambda r: len(r.spans) == 2, timeout=0.01)


def test_many_senders_at_once_lose_nothing(receiver: Receiver) -> None:
    """Every accepted item is counted and kept once, while others read."""

    def send() -> None:
        for _ in range(10):
            post(receiver, "/v1/traces", one_span())

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        _ = receiver.spans
        threads[0].join(0.01)
    assert len({span["span_id"] for span in receiver.spans}) == 80
    assert receiver.totals()["traces"]["items"] == 80


def test_closing_frees_the_port_and_ends_open_connections() -> None:
    """Nothing keeps running; the same port can be listened on again, and what arrived can still be read."""
    receiver = Receiver().start()
    port = receiver.port
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("POST", "/v1/traces", one_span(), PROTOBUF)
    connection.getresponse().read()
    receiver.close()
    receiver.close()
    assert connection.sock.recv(1) == b""
    connection.close()
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=1)
    assert (len(receiver.spans), receiver.port) == (1, port)
    with Receiver(port=port) as again:
        assert again.endpoint == f"http://127.0.0.1:{port}"


def test_a_port_in_use_is_an_error_of_start(receiver: Receiver) -> None:
    """Whoever asks for a port that is taken is told at once."""
    with pytest.raises(OSError, match="in use"):
        Receiver(port=receiver.port).start()


def test_a_connection_that_breaks_off_leaves_the_others_alone(receiver: Receiver) -> None:
    """Half a request, then silence: the next sender is served."""
    with socket.create_connection(("127.0.0.1", receiver.port)) as broken:
        broken.sendall(b"POST /v1/traces HTTP/1.1\r\nContent-Length: 100\r\n\r\nabc")
    assert post(receiver, "/v1/traces", one_span())[0] == 200


def test_a_browser_is_told_what_this_is(receiver: Receiver) -> None:
    """GET is answered, with the paths that exist."""
    connection = http.client.HTTPConnection("127.0.0.1", receiver.port, timeout=10)
    connection.request("GET", "/")
    answer = connection.getresponse()
    assert (answer.status, b"/v1/traces" in answer.read()) == (404, True)
    connection.close()


def test_the_official_exporter_is_content(receiver: Receiver) -> None:
    """What the stock SDK sends arrives, and its exporter calls it a success."""
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter(endpoint=f"{receiver.endpoint}/v1/traces")))
    with provider.get_tracer("t").start_as_current_span("parent") as parent:
        parent.set_attribute("k", "v")
        with provider.get_tracer("t").start_as_current_span("child"):
            pass
    provider.shutdown()
    child, kept = receiver.spans
    assert child["parent"] == kept["span_id"]
    assert kept["attributes"] == {"k": "v"}


def test_without_the_protobuf_package_the_error_names_the_extra() -> None:
    """A core install has no protobuf; the import says what to install."""
    code = (
        "import sys; sys.modules['opentelemetry.proto'] = None\n"
        "try:\n import sms_observability.receiver\nexcept ImportError as e:\n print(e)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "sms-observability[cli]" in done.stdout


def test_an_empty_request_is_a_success(receiver: Receiver) -> None:
    """The specification wants an empty request to be accepted."""
    empty = ExportTraceServiceRequest(resource_spans=[ResourceSpans(scope_spans=[ScopeSpans()])])
    assert post(receiver, "/v1/traces", empty.SerializeToString())[0] == 200
    assert post(receiver, "/v1/traces", b"")[0] == 200
    assert receiver.spans == []
