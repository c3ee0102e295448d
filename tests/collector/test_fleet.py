"""Ship, gateway and samplers as real processes: what is sent on board is seen ashore, through an outage too."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from servers import otlp
from servers.collector import CONFIG, Collector
from servers.otlp_sink import OtlpSink
from servers.process import free_ports, http_get
from servers.waiting import wait_until

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(120)]

_QUICK = """
exporters:
  otlp_grpc/gateway:
    sending_queue: {batch: {flush_timeout: 20ms}}
    retry_on_failure: {initial_interval: 200ms, max_interval: 500ms}
"""
# The sink speaks HTTP; the shipped file for traces speaks gRPC.
_TRACES_TO_SINK = """
exporters:
  otlp_http/traces:
    endpoint: ${env:TEST_SINK}
    sending_queue: {batch: {flush_timeout: 20ms}}
service:
  pipelines:
    traces/to_sink: {receivers: [forward/traces], exporters: [otlp_http/traces]}
"""


def config(*names: str) -> list[Path]:
    return [CONFIG / f"{name}.yaml" for name in names]


@dataclass
class Fleet:
    """Where things are, to start and stop them."""

    folder: Path
    sink: OtlpSink
    stack: ExitStack
    vessels_port: int
    sampler_ports: list[int]

    def file(self, name: str, text: str) -> Path:
        place = self.folder / name
        place.write_text(text, encoding="utf-8")
        return place

    def sampler(self, port: int) -> Collector:
        traces = self.file("traces.yaml", _TRACES_TO_SINK)
        return self.stack.enter_context(
            Collector(
                [*config("sampler", "policy/redaction", "policy/sampling", "policy/span_metrics"), traces],
                backend="",
                environment={
                    "SMS_COLLECTOR_GRPC_PORT": str(port),
                    "SMS_COLLECTOR_SPAN_METRICS_INTERVAL": "200ms",
                    "TEST_SINK": self.sink.url,
                },
            )
        )

    def gateway(self) -> Collector:
        hosts = ", ".join(f"127.0.0.1:{port}" for port in self.sampler_ports)
        return self.stack.enter_context(
            Collector(
                config("gateway", "policy/redaction", "policy/metric_names", "samplers/static", "exporters/logs-otlp"),
                backend="",
                environment={
                    "SMS_COLLECTOR_VESSELS_PORT": str(self.vessels_port),
                    "SMS_COLLECTOR_SAMPLERS": f"[{hosts}]",
                    "SMS_COLLECTOR_LOGS_URL": self.sink.url,
                    **self.certificates("gateway"),
                },
            )
        )

    def vessel(self, certificate: str = "vessel") -> Collector:
        return self.stack.enter_context(
            Collector(
                [*config("vessel", "policy/redaction", "policy/span_metrics"), self.file("quick.yaml", _QUICK)],
                backend="",
                environment={
                    "SMS_COLLECTOR_GATEWAY": f"localhost:{self.vessels_port}",
                    "SMS_COLLECTOR_VESSEL": "v-42",
                    "SMS_COLLECTOR_STORAGE": str(self.folder / "queue"),
                    "SMS_COLLECTOR_SPAN_METRICS_INTERVAL": "200ms",
                    **self.certificates(certificate),
                },
            )
        )

    def certificates(self, name: str) -> dict[str, str]:
        return {
            "SMS_COLLECTOR_CERTIFICATE": str(self.folder / f"{name}.crt"),
            "SMS_COLLECTOR_KEY": str(self.folder / f"{name}.key"),
            "SMS_COLLECTOR_CA": str(self.folder / "ca.crt"),
        }


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    """Certificates, ports and a sink; nothing runs yet."""
    authority, stranger = trustme.CA(), trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.crt")
    for name, signer in (("gateway", authority), ("vessel", authority), ("stranger", stranger)):
        issued = signer.issue_cert("localhost")
        issued.private_key_pem.write_to_path(tmp_path / f"{name}.key")
        for number, part in enumerate(issued.cert_chain_pems):
            part.write_to_path(tmp_path / f"{name}.crt", append=number > 0)
    vessels, *samplers = free_ports(3)
    with OtlpSink() as sink, ExitStack() as stack:
        yield Fleet(tmp_path, sink, stack, vessels, samplers)


def test_what_is_sent_on_board_while_the_gateway_is_away_is_seen_ashore(fleet: Fleet) -> None:
    """Killed on board with the queue on disk, started again, connected: each item arrives, and names its ship."""
    vessel = fleet.vessel()
    errors = [otlp.span("technician_sync_flow", error=True) for _ in range(200)]
    vessel.send("traces", otlp.traces(errors))
    vessel.send("logs", otlp.logs([otlp.log("Sync started", {"sync_id": f"s-{n}"}) for n in range(200)]))
    vessel.send("metrics", otlp.metrics([otlp.counter("sms.photos.uploaded", {"vessel_id": "v-42"}, unit="{photo}")]))
    vessel.kill()

    for port in fleet.sampler_ports:
        fleet.sampler(port)
    gateway = fleet.gateway()
    fleet.vessel()

    sent = {span.trace_id for span in errors}
    wait_until(lambda: {span.trace_id for span in fleet.sink.spans()} >= sent, "the traces")
    wait_until(lambda: len(list(fleet.sink.log_records())) >= 200, "the log records")
    wait_until(lambda: "sms_photos_uploaded_total" in http_get(gateway.prometheus)[1], "the metric")
    assert len(list(fleet.sink.spans())) == 200
    ids = {str(otlp.attributes(record.attributes)["sync_id"]) for record in fleet.sink.log_records()}
    assert ids == {f"s-{n}" for n in range(200)}
    for request in fleet.sink.traces:
        for resource in request.resource_spans:
            assert otlp.attributes(resource.resource.attributes)["sms.vessel.id"] == "v-42"


def test_whole_traces_meet_on_one_sampler_and_spans_are_counted_once(fleet: Fleet) -> None:
    """Two samplers: a trace's spans sent apart come out together or not at all; ship's spans are counted on board."""
    samplers = [fleet.sampler(port) for port in fleet.sampler_ports]
    gateway, vessel = fleet.gateway(), fleet.vessel()
    traces = [os.urandom(16) for _ in range(300)]
    roots = [otlp.span("technician_sync_flow", trace_id=each) for each in traces]
    children = [
        otlp.span("Database.bulkUpsert", trace_id=root.trace_id, parent=root.span_id, error=True) for root in roots
    ]
    gateway.send("traces", otlp.traces(roots))
    gateway.send("traces", otlp.traces(reversed(children)))
    vessel.send("traces", otlp.traces([otlp.span("vessel_onboarding_flow", error=True) for _ in range(50)]))

    wait_until(lambda: len(list(fleet.sink.spans())) >= 650, "all spans, because each trace has an error")
    names = [span.name for span in fleet.sink.spans()]
    assert (names.count("technician_sync_flow"), names.count("Database.bulkUpsert")) == (300, 300)
    assert all(each.counter("otelcol_processor_tail_sampling_new_trace_id_received") > 0 for each in samplers), (
        "one sampler got everything"
    )

    def calls(page: str, name: str) -> float:
        wanted = [line for line in page.splitlines() if "calls_total{" in line and f'span_name="{name}"' in line]
        return sum(float(line.rpartition(" ")[2]) for line in wanted)

    def ashore(name: str) -> float:
        return sum(calls(http_get(each.prometheus)[1], name) for each in samplers)

    wait_until(lambda: ashore("Database.bulkUpsert") == 300, "300 calls counted ashore")
    wait_until(lambda: calls(http_get(gateway.prometheus)[1], "vessel_onboarding_flow") == 50, "50 counted on board")
    assert ashore("vessel_onboarding_flow") == 0


def test_a_stranger_is_not_taken_for_a_vessel(fleet: Fleet) -> None:
    """Without a certificate of our authority nothing gets in, and the stranger's queue keeps its items."""
    for port in fleet.sampler_ports:
        fleet.sampler(port)
    gateway = fleet.gateway()
    stranger = fleet.vessel("stranger")
    stranger.send("logs", otlp.logs([otlp.log("Sync started")]))
    wait_until(lambda: "certificate" in stranger.output(), "a refused handshake")
    assert gateway.counter("otelcol_receiver_accepted_log_records") == 0
    assert stranger.counter("otelcol_exporter_sent_log_records") == 0
