"""A ship that comes back after a week, and fifty that come back at once, before the real gateway."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import grpc
import pytest
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2_grpc

from servers import otlp
from servers.backends import Prometheus
from servers.otlp_sink import OtlpSink
from servers.process import free_ports
from servers.ship import vessel, write_certificates
from servers.shore import gateway, sampler
from servers.waiting import wait_until

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(150)]

HOURS = 168
_soak = [pytest.mark.soak, pytest.mark.timeout(3600)]


# An hour of a ship at sea: 2 spans a second, 1 log record a second. The bounded form has a few of each.
@pytest.mark.parametrize(("spans", "lines"), [(5, 5), pytest.param(7200, 3600, marks=_soak)])
def test_a_week_at_sea_arrives_whole_and_its_metrics_at_the_hours_at_which_they_happened(
    spans: int, lines: int, tmp_path: Path
) -> None:
    """Killed in the middle of the week; a real Prometheus then shows each hour's value at that hour."""
    write_certificates(tmp_path)
    vessels, sampler_port = free_ports(2)
    began = (int(time.time()) // 3600 - HOURS) * 3600

    def live(first: int, last: int) -> None:
        with vessel(tmp_path, vessels) as ship:
            for hour in range(first, last):
                at = (began + hour * 3600) * 10**9
                uploaded = otlp.counter("sms.photos.uploaded", {"vessel_id": "v-42"}, unit="{photo}")
                uploaded.sum.data_points[0].time_unix_nano = at
                uploaded.sum.data_points[0].start_time_unix_nano = began * 10**9 - 1
                uploaded.sum.data_points[0].as_int = hour * hour + 1
                lasted = otlp.histogram("sms.journey.duration", {"sms.journey.name": "technician_sync_flow"}, at=at)
                ship.send("metrics", otlp.metrics([uploaded, lasted]))
                for start in range(0, spans, 1800):
                    made = [otlp.span("technician_sync_flow", error=True) for _ in range(min(1800, spans - start))]
                    ship.send("traces", otlp.traces(made))
                for start in range(0, lines, 1800):
                    records = [otlp.log("Sync started") for _ in range(min(1800, lines - start))]
                    ship.send("logs", otlp.logs(records))
            ship.kill()

    live(0, 100)
    live(100, HOURS)
    size = sum(each.stat().st_size for each in (tmp_path / "queue").iterdir() if each.is_file())
    with OtlpSink() as sink, Prometheus(tmp_path) as prometheus, sampler(tmp_path, sampler_port, sink) as decider:
        ashore = gateway(
            tmp_path,
            [sampler_port],
            sink,
            "exporters/metrics-remote-write",
            SMS_COLLECTOR_VESSELS_PORT=str(vessels),
            SMS_COLLECTOR_REMOTE_WRITE_URL=prometheus.write_url,
        )
        with ashore, vessel(tmp_path, vessels) as ship:
            back = time.monotonic()

            def arrived(signal: str) -> float:
                return ashore.counter(f"otelcol_receiver_accepted_{signal}", receiver="otlp/vessels")

            wait_until(lambda: arrived("spans") >= spans * HOURS, "the spans", 3000)
            wait_until(lambda: arrived("log_records") >= lines * HOURS, "the log records", 3000)

            def values(query: str) -> dict[int, float]:
                path = f"query_range?query={quote(query)}&start={began}&end={began + (HOURS - 1) * 3600}&step=3600"
                return {int(at): float(text) for each in prometheus.ask(path)["result"] for at, text in each["values"]}

            wanted = {began + hour * 3600: float(hour * hour + 1) for hour in range(HOURS)}
            wait_until(lambda: values("sms_photos_uploaded_total") == wanted, "each hour's value", 60)
            wait_until(
                lambda: values("sms_journey_duration_seconds_count") == dict.fromkeys(wanted, 3.0), "journeys", 60
            )
            took = time.monotonic() - back
            assert arrived("spans") == spans * HOURS
            assert arrived("log_records") == lines * HOURS
            assert ship.counter("otelcol_exporter_queue_size") == 0
            kept = "otelcol_processor_tail_sampling_global_count_traces_sampled"
            wait_until(lambda: decider.counter(kept, sampled="true") == spans * HOURS, "a decision on each", 300)
    print(f"a week: {(spans + lines) * HOURS} items, {size / 1e6:.0f} MB on disk, ashore after {took:.0f} s")


@pytest.mark.parametrize(("batches", "items"), [(2, 100), pytest.param(10, 4000, marks=_soak)])
def test_the_gateway_survives_fifty_ships_that_return_at_once(batches: int, items: int, tmp_path: Path) -> None:
    """Fifty connections begin to send at one moment; what cannot be taken is refused for now, and all of it arrives."""
    write_certificates(tmp_path)
    vessels, nobody = free_ports(2)
    trust = grpc.ssl_channel_credentials(
        (tmp_path / "ca.crt").read_bytes(),
        (tmp_path / "vessel.key").read_bytes(),
        (tmp_path / "vessel.crt").read_bytes(),
    )
    batch = otlp.logs([otlp.log("Sync started", {"sync_id": "s-1"}) for _ in range(items)])
    together = threading.Barrier(50)

    def ship(_: int) -> int:
        refused = 0
        with grpc.secure_channel(f"localhost:{vessels}", trust) as channel:
            export = logs_service_pb2_grpc.LogsServiceStub(channel).Export
            together.wait(60)
            for _ in range(batches):
                while True:
                    try:
                        export(batch, timeout=60)
                        break
                    except grpc.RpcError as error:
                        assert error.code() in {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED}
                        refused += 1
                        time.sleep(0.2)
        return refused

    with OtlpSink() as sink:
        ashore = gateway(
            tmp_path, [nobody], sink, SMS_COLLECTOR_VESSELS_PORT=str(vessels), SMS_COLLECTOR_MEMORY_MIB="512"
        )
        with ashore, ThreadPoolExecutor(50) as pool:
            began = time.monotonic()
            refusals = sum(pool.map(ship, range(50)))
            total = 50 * batches * items
            sent = "otelcol_exporter_sent_log_records"
            wait_until(lambda: ashore.counter(sent, exporter="otlp_http/logs") == total, "all of it", 1500)
            took = time.monotonic() - began
            memory = ashore.counter("otelcol_process_memory_rss")
            assert ashore.counter("otelcol_exporter_send_failed_log_records") == 0
            assert sum(1 for _ in sink.log_records()) == total
    print(f"50 ships: {total} records, {refusals} refused for now, {took:.0f} s, {memory / 2**20:.0f} MiB")
