"""A ship behind a port's portal and on a full disk: a page is no gateway, and what a full disk loses is counted."""

from __future__ import annotations

import subprocess
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from servers import otlp
from servers.gateway_double import GatewayDouble
from servers.listening import Listening
from servers.process import free_ports
from servers.ship import vessel, write_certificates
from servers.waiting import wait_until

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(150)]

# Where only HTTP gets through, the same extension goes around an HTTP exporter.
_BY_HTTP = """
exporters:
  otlp_http/gateway:
    endpoint: http://127.0.0.1:{port}
    compression: none
    middlewares: [{{id: sms_retry}}]
    sending_queue: {{storage: file_storage/public, sizer: bytes, queue_size: 1000000, num_consumers: 1}}
    retry_on_failure: {{initial_interval: 50ms, max_interval: 200ms, max_elapsed_time: 0s}}
service:
  pipelines:
    logs/rest: {{exporters: [otlp_http/gateway]}}
"""
PROTOBUF, PAGE = "application/x-protobuf", "text/html; charset=utf-8"


class Portal(Listening):
    """An HTTP server that answers as its test says, and keeps what it answered with a gateway's yes."""

    def __init__(self, port: int) -> None:
        self.answer = (200, PAGE)
        self.asked = 0
        self.ids: list[str] = []
        portal = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                """Give the page to which a browser would be led."""
                self._say(200, PAGE)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                portal.asked += 1
                if portal.answer == (200, PROTOBUF):
                    assert self.headers["Content-Encoding"] is None
                    portal.take(ExportLogsServiceRequest.FromString(body))
                self._say(*portal.answer)

            def _say(self, status: int, kind: str) -> None:
                page = b"<html>Pay for the network first</html>" if kind == PAGE else b""
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(page)))
                if status == 302:
                    self.send_header("Location", "/login")
                self.end_headers()
                self.wfile.write(page)

            def log_message(self, format: str, *args: object) -> None:
                """Stay quiet."""

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                """A client that speaks TLS to it is part of the test."""

        super().__init__(Quiet(("127.0.0.1", port), Handler))

    def take(self, request: ExportLogsServiceRequest) -> None:
        for resource in request.resource_logs:
            for scope in resource.scope_logs:
                self.ids += [str(otlp.attributes(each.attributes)["sync_id"]) for each in scope.log_records]


def test_over_http_neither_a_portals_page_nor_a_refusal_is_taken_for_success(tmp_path: Path) -> None:
    """A page with 200, a way to a page, and eight refusals, in turn: each item arrives once when they end."""
    write_certificates(tmp_path)
    port, nobody = free_ports(2)
    (tmp_path / "http.yaml").write_text(_BY_HTTP.format(port=port), encoding="utf-8")
    sent = 0
    answers = [(200, PAGE), (302, PAGE), *((code, PROTOBUF) for code in (400, 401, 403, 404, 413, 429, 500, 503))]
    with (
        Portal(port) as shore,
        vessel(tmp_path, nobody, further=[tmp_path / "http.yaml"]) as ship,
    ):
        for answer in answers:
            shore.answer = answer
            before = shore.asked
            ship.send("logs", otlp.logs([otlp.log("Sync started", {"sync_id": f"s-{sent + n}"}) for n in range(10)]))
            sent += 10
            wait_until(lambda before=before: shore.asked >= before + 5, f"{answer} five times", 60)
        assert shore.ids == []
        shore.answer = (200, PROTOBUF)

        def all_there() -> bool:
            nonlocal sent
            if {f"s-{number}" for number in range(wanted)} <= set(shore.ids):
                return True
            ship.send("logs", otlp.logs([otlp.log("Sync started", {"sync_id": f"s-{sent}"})]))
            sent += 1
            return False

        wanted = sent
        wait_until(all_there, "all items", 60)
        wait_until(lambda: len(shore.ids) >= sent, "the rest", 60)
        assert ship.counter("otelcol_sms_retry_answers", answer="200 text/html") >= 5
        assert ship.counter("otelcol_exporter_send_failed_log_records") == 0
    assert Counter(shore.ids) == Counter(f"s-{number}" for number in range(sent))


def test_a_portal_in_the_place_of_the_gateway_is_not_taken_for_it(tmp_path: Path) -> None:
    """As shipped, over gRPC with certificates: the portal gets nothing, and the gateway all when it is back."""
    write_certificates(tmp_path)
    (port,) = free_ports(1)
    with vessel(tmp_path, port) as ship:
        with Portal(port) as shore:
            ship.send("logs", otlp.logs([otlp.log("Sync started", {"sync_id": f"s-{n}"}) for n in range(50)]))
            wait_until(lambda: "tls: first record does not look like" in ship.output(), "a failed handshake", 60)
            assert ship.counter("otelcol_exporter_sent_log_records") == 0
            assert shore.asked == 0
        with GatewayDouble(port, tmp_path) as gateway:
            gateway.start()
            wait_until(lambda: len(list(gateway.records())) == 50, "the backlog", 60)


@pytest.mark.soak
@pytest.mark.parametrize("how", ["lives on", "killed"])
def test_a_full_disk(how: str, tmp_path: Path) -> None:
    """What does not fit is refused with an answer that may be repeated; what was taken is delivered if it lives on."""
    storage = tmp_path / "queue"
    storage.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m", "none", storage], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"NOT TESTED: no small disk to be had: {mounted.stderr.strip()}")
    try:
        write_certificates(tmp_path)
        (port,) = free_ports(1)
        taken = 0
        ship = vessel(tmp_path, port)
        with ship:
            refusal = ""
            while not refusal:
                try:
                    ship.send("logs", otlp.logs([otlp.log("Sync started") for _ in range(200)]))
                    taken += 200
                except AssertionError as error:
                    refusal = str(error)
            assert "503" in refusal
            if how == "killed":
                ship.kill()
                ship = vessel(tmp_path, port)
            with ship, GatewayDouble(port, tmp_path) as gateway:
                gateway.start()
                wait_until(lambda: ship.counter("otelcol_exporter_queue_size") == 0, "an empty queue", 60)
                came = sum(1 for _ in gateway.records())
                print(
                    f"full disk, {how}: {taken} acknowledged, {taken - came} lost\n{refusal}\n{ship.output()[-1500:]}"
                )
                assert came == taken or how == "killed"
    finally:
        subprocess.run(["umount", storage], check=True)
