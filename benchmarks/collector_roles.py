"""What an item costs on the gateway, the sampler and the ship as they are shipped, with our net and with the stock one.

Every Collector is a real one with one core behind it; what counts is the CPU time of the process from the first request
until it has come to rest. Needs `make servers`; run it with `python -m benchmarks.collector_roles [rounds]`. The
formulae of `docs/sizing.md` are made of these figures.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
import uuid
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import trustme
from benchmarks.collector_net import cpu_seconds, traces_request
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from servers import otlp
from servers.collector import CONFIG, Collector
from servers.process import free_ports

ITEMS, REQUESTS = 2000, 30
_BEHIND = """
receivers:
  otlp:
    protocols:
      grpc: {endpoint: "127.0.0.1:${env:SMS_COLLECTOR_GRPC_PORT}", max_recv_msg_size_mib: 16}
      http: {endpoint: "127.0.0.1:${env:SMS_COLLECTOR_HTTP_PORT}"}
exporters:
  nop: {}
extensions:
  health_check: {endpoint: "127.0.0.1:${env:SMS_COLLECTOR_HEALTH_PORT}"}
service:
  extensions: [health_check]
  telemetry: {logs: {level: warn}, metrics: {level: none}}
  pipelines:
    traces: {receivers: [otlp], exporters: [nop]}
    logs: {receivers: [otlp], exporters: [nop]}
"""


def _logs() -> bytes:
    records = [
        otlp.log(
            "Parts quote requested",
            {"order_id": uuid.uuid4().hex, "endpoint": "/api/parts/quote", "duration_ms": random.uniform(1, 3e3)},
        )
        for _ in range(ITEMS)
    ]
    return otlp.logs(records).SerializeToString()


def _metrics() -> bytes:
    routes = ("/api/parts/quote", "/api/vessels", "/api/sync/upload", "/api/orders/{order_id}")
    points: list[dict[str, otlp.Plain]] = [
        {"http.request.method": "POST", "http.route": routes[each % 4], "http.response.status_code": 200 + each % 5}
        for each in range(ITEMS)
    ]
    return otlp.metrics([otlp.counter("http.server.active_requests", *points)]).SerializeToString()


def _traces(spans: int) -> list[bytes]:
    requests = REQUESTS if spans == ITEMS else 10 * REQUESTS  # small ones cost more each
    return [traces_request(spans) for _ in range(requests)]


def _at_rest(collector: Collector) -> float:
    """Give the CPU time when it grows no more than an idle process's."""
    quiet, before = 0, cpu_seconds(collector.pid)
    while quiet < 3:
        time.sleep(0.5)
        now = cpu_seconds(collector.pid)
        quiet = quiet + 1 if now - before <= 0.02 else 0
        before = now
    return before


def _cost(role: str, collector: Collector, signal: str, bodies: list[bytes], items: int) -> float:
    before = _at_rest(collector)
    for body in bodies:
        if role.startswith("sampler"):  # takes nothing but gRPC
            collector.send_grpc(ExportTraceServiceRequest.FromString(body))
        else:
            collector.post(signal, body)
    return (_at_rest(collector) - before) / (items * len(bodies)) * 1e6


def _files(net: str, topology: str, *names: str) -> list[Path]:
    stock = ["stock/redaction", f"stock/{topology}"] if net == "stock" else ["policy/redaction"]
    return [CONFIG / f"{name}.yaml" for name in (topology, *stock, *names)]


def main(rounds: int = 3) -> None:
    """Print the CPU time of an item for each role, with either net."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        authority = trustme.CA()
        authority.cert_pem.write_to_path(folder / "ca.crt")
        issued = authority.issue_cert("localhost")
        issued.private_key_pem.write_to_path(folder / "own.key")
        issued.cert_chain_pems[0].write_to_path(folder / "own.crt")
        one_core = {
            "GOMAXPROCS": "1",
            "SMS_COLLECTOR_CERTIFICATE": str(folder / "own.crt"),
            "SMS_COLLECTOR_KEY": str(folder / "own.key"),
            "SMS_COLLECTOR_CA": str(folder / "ca.crt"),
        }
        (folder / "behind.yaml").write_text(_BEHIND, encoding="utf-8")
        behind = stack.enter_context(Collector([folder / "behind.yaml"], backend=""))

        running: dict[str, Collector] = {}
        for net in ("own", "stock"):
            (vessels,) = free_ports(1)
            ashore = {
                **one_core,
                "SMS_COLLECTOR_VESSELS_PORT": str(vessels),
                "SMS_COLLECTOR_SAMPLERS": f"[127.0.0.1:{behind.grpc_port}]",
                "SMS_COLLECTOR_LOGS_URL": behind.http,
                "SMS_COLLECTOR_TRACES_ENDPOINT": f"127.0.0.1:{behind.grpc_port}",
                "SMS_COLLECTOR_TRACES_INSECURE": "true",
                "SMS_COLLECTOR_MEMORY_MIB": "4096",
            }
            files = _files(net, "gateway", "policy/metric_names", "samplers/static", "exporters/logs-otlp")
            running[f"gateway, {net} net"] = stack.enter_context(Collector(files, backend="", environment=ashore))
            files = _files(net, "sampler", "policy/sampling", "policy/span_metrics", "exporters/traces-otlp")
            running[f"sampler, {net} net"] = stack.enter_context(Collector(files, backend="", environment=ashore))
        at_sea = {
            **one_core,
            "SMS_COLLECTOR_GATEWAY": "localhost:1",
            "SMS_COLLECTOR_VESSEL": "v-42",
            "SMS_COLLECTOR_STORAGE": str(folder / "queue"),
        }
        ship = Collector(_files("own", "vessel", "policy/span_metrics"), backend="", environment=at_sea)
        running["ship without a line"] = stack.enter_context(ship)

        sent = {
            "traces": _traces(ITEMS),
            "logs": [_logs() for _ in range(REQUESTS)],
            "metrics": [_metrics() for _ in range(REQUESTS)],
        }
        found: dict[str, list[float]] = {}
        for round_ in range(rounds + 1):
            for role, collector in running.items():
                for signal, bodies in sent.items():
                    if signal == "traces" or role.startswith("gateway"):
                        cost = _cost(role, collector, signal, bodies, ITEMS)
                        found.setdefault(f"{role}: {signal}", []).extend([cost] if round_ else [])
            cost = _cost("ship", ship, "traces", _traces(20), 20)
            found.setdefault("ship without a line: traces, 20 in a request", []).extend([cost] if round_ else [])
        for what, costs in found.items():
            print(f"{median(costs):6.1f} µs  {what}")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
