"""What a ship's Collector tells of itself ashore: the catalogue's names in a real Prometheus, and when it matters."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from servers.backends import Prometheus
from servers.exporter_page import ExporterPage
from servers.otlp_sink import OtlpSink
from servers.process import free_ports, http_get
from servers.ship import vessel, write_certificates
from servers.shore import gateway
from servers.waiting import wait_until
from sms_observability.catalog.sms import vessels

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(200)]

# Every name that is taken, some of which are rare, and neighbours of theirs that stay on board.
PAGE = """\
# TYPE otelcol_exporter_queue_size gauge
otelcol_exporter_queue_size{data_type="logs",exporter="otlp_grpc/first"} 7
otelcol_exporter_queue_size{data_type="logs",exporter="otlp_grpc/gateway"} 900
otelcol_exporter_queue_size{data_type="traces",exporter="otlp_grpc/restricted"} 5
# TYPE otelcol_exporter_queue_capacity gauge
otelcol_exporter_queue_capacity{data_type="logs",exporter="otlp_grpc/first"} 100
otelcol_exporter_queue_capacity{data_type="logs",exporter="otlp_grpc/gateway"} 1000
otelcol_exporter_queue_capacity{data_type="traces",exporter="otlp_grpc/restricted"} 50
# TYPE otelcol_exporter_enqueue_failed_log_records counter
otelcol_exporter_enqueue_failed_log_records{exporter="otlp_grpc/first"} 10
otelcol_exporter_enqueue_failed_log_records{exporter="otlp_grpc/gateway"} 1
# TYPE otelcol_exporter_send_failed_spans counter
otelcol_exporter_send_failed_spans{exporter="otlp_grpc/gateway"} 2
# TYPE otelcol_exporter_sent_spans counter
otelcol_exporter_sent_spans{exporter="otlp_grpc/gateway"} 2000
# TYPE otelcol_processor_memory_limiter_refused_metric_points counter
otelcol_processor_memory_limiter_refused_metric_points{processor="memory_limiter"} 3
# TYPE otelcol_receiver_refused_spans counter
otelcol_receiver_refused_spans{receiver="otlp",transport="http"} 4
otelcol_receiver_refused_spans{receiver="otlp",transport="grpc"} 40
# TYPE otelcol_sms_retry_answers counter
otelcol_sms_retry_answers{answer="Internal",extension="sms_retry"} 6
# TYPE otelcol_sms_retry_batches_aside gauge
otelcol_sms_retry_batches_aside{extension="sms_retry"} 1
# TYPE otelcol_sms_retry_refused_files gauge
otelcol_sms_retry_refused_files{extension="sms_retry"} 2
otelcol_sms_retry_refused_files{extension="sms_retry/first"} 3
# TYPE otelcol_sms_retry_folder_gone gauge
otelcol_sms_retry_folder_gone{extension="sms_retry"} 1
# TYPE otelcol_process_uptime counter
otelcol_process_uptime 60
"""

# The Collector's own page goes elsewhere, so that it reads the test's.
_ELSEWHERE = """
service:
  telemetry: {{metrics: {{readers: [{{pull: {{exporter: {{prometheus: {{host: 127.0.0.1, port: {port}}}}}}}}}]}}}}
"""


@pytest.fixture(scope="module")
def ashore(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """A Prometheus that scrapes the gateway of a ship whose Collector has had every trouble."""
    folder = tmp_path_factory.mktemp("health")
    write_certificates(folder)
    vessels_port, nobody, elsewhere = free_ports(3)
    further = folder / "elsewhere.yaml"
    further.write_text(_ELSEWHERE.format(port=elsewhere), encoding="utf-8")
    with ExitStack() as stack:
        sink = stack.enter_context(OtlpSink())
        page = stack.enter_context(ExporterPage(PAGE))
        running = stack.enter_context(
            gateway(folder, [nobody], sink, SMS_COLLECTOR_VESSELS_PORT=str(vessels_port)),
        )
        stack.enter_context(
            vessel(
                folder,
                vessels_port,
                further=[further],
                SMS_COLLECTOR_TELEMETRY_PORT=page.address.rpartition(":")[2],
                SMS_COLLECTOR_OWN_INTERVAL="1s",
                SMS_COLLECTOR_ENVIRONMENT="test",
            )
        )
        prometheus = stack.enter_context(Prometheus(folder, [running.prometheus]))
        wait_until(lambda: prometheus.names() >= DECLARED, "the ship's figures", within=90)
        assert "otelcol" not in http_get(running.prometheus)[1].replace("otelcol-vessel", "")
        yield prometheus


DECLARED = {name for metric in vessels.METRICS for name in metric.prometheus_names}
WHO = {
    "job": "otelcol-vessel",
    "instance": "v-42",
    "vessel_id": "v-42",
    "service": "otelcol-vessel",
    "version": "unknown",
    "environment": "test",
}


def test_ashore_a_ship_shows_the_catalogues_names_and_no_other(ashore: Prometheus) -> None:
    """Both ways, with exactly the declared labels and types, and each series says which ship it is of."""
    assert ashore.names() - {"up", "target_info"} == DECLARED
    assert {labels["job"] for labels, _ in ashore.series("up")} == {"collector"}
    told = {name: entries[0]["type"] for name, entries in ashore.ask("metadata").items()}
    for metric in vessels.METRICS:
        own = {field.name for field in metric.labels}
        series = ashore.series(metric.prometheus_name)
        assert series
        for labels, _ in series:
            assert set(labels) == {"__name__"} | own | WHO.keys(), metric.prometheus_name
            assert labels.items() >= WHO.items()
        assert told[metric.prometheus_name.removesuffix("_total")] == metric.kind


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ('queue_size{queue="gateway",signal="logs"}', 900),
        ('queue_capacity{queue="restricted",signal="traces"}', 50),
        ('items_failed_total{reason="refused",signal="traces"}', 44),
        ('items_failed_total{reason="memory_limit",signal="metrics"}', 3),
        ('items_failed_total{reason="queue_full",signal="logs"}', 11),
        ('items_failed_total{reason="send_failed",signal="traces"}', 2),
        ('batches_aside{queue="gateway"}', 1),
        ('batches_refused{queue="first"}', 3),
        ('folder_gone{queue="gateway"}', 1),
    ],
)
def test_the_values_are_those_of_the_page_on_board(query: str, value: float, ashore: Prometheus) -> None:
    """What differs only in its way in or out is summed."""
    ((_, found),) = ashore.series(f"sms_vessel_collector_{query}")
    assert found == value
