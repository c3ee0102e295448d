"""The Collector's own health: the catalogue's names are those it shows, and it says what is wrong at its start."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from servers import otlp
from servers.collector import POLICY, TOPOLOGY, Collector
from servers.process import free_ports, http_get
from servers.programs import binary
from servers.ship import vessel, write_certificates
from servers.waiting import wait_until
from sms_observability.catalog.sms.infrastructure import COLLECTOR

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(120)]

# A backend that is not there, given up at once, and room for one request.
_FAILING = """
exporters:
  otlp_http/backend:
    sending_queue: {sizer: requests, queue_size: 1, num_consumers: 1, batch: null}
    retry_on_failure: {enabled: false}
"""


# What these count does not happen here; that the program knows their names must do.
RARE = {
    "otelcol_exporter_send_failed_metric_points",
    "otelcol_exporter_enqueue_failed_metric_points",
    "otelcol_processor_tail_sampling_sampling_late_span_age",
    "otelcol_processor_tail_sampling_sampling_trace_dropped_too_early",
    "otelcol_sms_retry_answers",
    "otelcol_sms_retry_refused_bytes",
}


def names(page: str) -> set[str]:
    return {name.removesuffix("_bucket") for name in re.findall(r"^(otelcol_\w+)[{ ]", page, re.MULTILINE)}


def send_all(collector: Collector) -> None:
    for signal, request in (
        ("traces", otlp.traces([otlp.span("technician_sync_flow", error=True) for _ in range(50)])),
        ("metrics", otlp.metrics([otlp.gauge("sms.quality.score", 1.0)])),
        ("logs", otlp.logs([otlp.log("Sync started")])),
    ):
        try:
            collector.send(signal, request)
        except AssertionError as refused:
            assert "503" in str(refused)


def test_the_collector_shows_the_names_that_the_catalogue_has(tmp_path: Path) -> None:
    """Taken, refused, sent, failed, queued, sampled, late: each name that alerts rest on exists at our version."""
    declared = {metric.otel_name for metric in COLLECTOR}
    assert len(declared) > 20
    write_certificates(tmp_path)
    (tmp_path / "failing.yaml").write_text(_FAILING, encoding="utf-8")
    (nobody,) = free_ports(1)
    away = f"http://127.0.0.1:{nobody}"
    seen: set[str] = set()
    with (
        Collector([TOPOLOGY, *POLICY, tmp_path / "failing.yaml"], backend=away) as failing,
        Collector([TOPOLOGY, *POLICY], backend=away, environment={"SMS_COLLECTOR_MEMORY_MIB": "24"}) as full,
        vessel(tmp_path, nobody) as ship,
    ):

        def all_seen() -> bool:
            for each in (failing, full, ship):
                send_all(each)
                seen.update(names(http_get(each.telemetry)[1]))
            return seen >= declared - RARE

        try:
            wait_until(all_seen, "every name", 60)
        except AssertionError:
            assert declared - RARE - seen == set()
    program = binary("otelcol").read_bytes()
    assert [name for name in declared - seen if name.encode() not in program] == []


@pytest.mark.parametrize(
    ("variable", "place", "words"),
    [
        ("SMS_COLLECTOR_CERTIFICATE", "missing.crt", "no such file"),
        ("SMS_COLLECTOR_KEY", "ca.crt", "private key"),
        ("SMS_COLLECTOR_CA", "vessel.key", "CA"),
        ("SMS_COLLECTOR_STORAGE", "ca.crt", "not a directory"),
        ("SMS_COLLECTOR_QUEUE_BYTES", None, "queue_size"),
    ],
)
def test_a_ship_that_could_not_keep_or_send_says_so_and_does_not_start(
    variable: str, place: str | None, words: str, tmp_path: Path
) -> None:
    """A certificate that is not there or not one, a folder that is a file, a queue of no size."""
    write_certificates(tmp_path)
    wrong = str(tmp_path / place) if place else "0"
    with pytest.raises(AssertionError) as said:
        vessel(tmp_path, free_ports(1)[0], **{variable: wrong}).kill()
    assert "at start" in str(said.value)
    assert words in str(said.value)


def test_the_health_check_answers_until_the_end(tmp_path: Path) -> None:
    """200 when it is up; after SIGTERM what it took is on disk, its status is 0, and nobody answers any more."""
    write_certificates(tmp_path)
    (nobody,) = free_ports(1)
    with vessel(tmp_path, nobody) as ship:
        assert http_get(ship.health)[0] == 200
        ship.send("logs", otlp.logs([otlp.log("Sync started")]))
        assert ship.stop() == 0, ship.output()
        with pytest.raises(OSError, match="refused"):
            http_get(ship.health)
    with vessel(tmp_path, nobody) as again:
        wait_until(lambda: again.counter("otelcol_exporter_queue_size", data_type="logs") > 0, "the record on disk")
