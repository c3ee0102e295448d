"""The real Collector with the shipped configuration, on free ports."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from google.protobuf.message import Message
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from servers.otlp_sink import OtlpSink
from servers.process import Server, free_ports, http_get, loopback
from servers.programs import ROOT, binary

CONFIG = ROOT / "collector-config"
TOPOLOGY = CONFIG / "all-in-one.yaml"
RECEIVE = CONFIG / "receive.yaml"
POLICY = tuple(CONFIG / "policy" / f"{name}.yaml" for name in ("redaction", "sampling", "span_metrics", "metric_names"))
STOCK_POLICY = (CONFIG / "stock" / "redaction.yaml", *POLICY[1:], CONFIG / "stock" / "all-in-one.yaml")


_SAMPLE = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)$", re.MULTILINE)


def config_arguments(configs: Sequence[Path]) -> list[str]:
    """Give the command line's part for these files, in this order."""
    return [part for config in configs for part in ("--config", str(config))]


class Collector(Server):
    """A running Collector.

    Args:
        configs: Files in the order of the command line.
        backend: Where its exporter sends to.
        environment: Further placeholders.
        gates: Feature gates to switch on.
        launcher: What starts the program, if it is not started as it is.
    """

    def __init__(
        self,
        configs: Sequence[Path],
        *,
        backend: str,
        environment: Mapping[str, str] | None = None,
        gates: Sequence[str] = (),
        launcher: Sequence[str | Path] = (),
    ) -> None:
        grpc, http, health, prometheus, telemetry = free_ports(5)
        self.grpc_port = grpc
        self.http = f"http://127.0.0.1:{http}"
        self.prometheus = f"http://127.0.0.1:{prometheus}/metrics"
        self.health = f"http://127.0.0.1:{health}/"
        self.telemetry = f"http://127.0.0.1:{telemetry}/metrics"
        super().__init__(
            [
                *launcher,
                binary("otelcol"),
                *config_arguments(configs),
                *([f"--feature-gates={','.join(gates)}"] if gates else []),
            ],
            ready=self.health,
            environment={
                "SMS_COLLECTOR_GRPC_PORT": str(grpc),
                "SMS_COLLECTOR_HTTP_PORT": str(http),
                "SMS_COLLECTOR_HEALTH_PORT": str(health),
                "SMS_COLLECTOR_PROMETHEUS_PORT": str(prometheus),
                "SMS_COLLECTOR_TELEMETRY_PORT": str(telemetry),
                "SMS_COLLECTOR_BACKEND": backend,
                "SMS_COLLECTOR_DECISION_WAIT": "1s",
                "SMS_COLLECTOR_LOG_LEVEL": "warn",
                **(environment or {}),
            },
        )

    def send(self, signal: str, request: Message) -> None:
        """Post one OTLP request (``traces``, ``metrics`` or ``logs``); anything but 200 is an error."""
        self.post(signal, request.SerializeToString())

    def send_grpc(self, request: ExportTraceServiceRequest) -> None:
        """Export traces over gRPC, which is all that a sampler takes; a refusal is an error."""
        import grpc  # noqa: PLC0415 - takes long, and few tests need it
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import TraceServiceStub  # noqa: PLC0415

        with grpc.insecure_channel(f"127.0.0.1:{self.grpc_port}") as channel:
            TraceServiceStub(channel).Export(request, timeout=60, wait_for_ready=True)

    def post(self, signal: str, body: bytes) -> None:
        """Post the body of an OTLP request; anything but 200 is an error."""
        message = urllib.request.Request(
            f"{self.http}/v1/{signal}",
            data=body,
            headers={"Content-Type": "application/x-protobuf"},
            method="POST",
        )
        try:
            with loopback.open(message, timeout=60):
                return
        except urllib.error.HTTPError as refusal:
            with refusal:
                text = refusal.read().decode("utf-8", "replace")
            raise AssertionError(f"the Collector refused the {signal} with {refusal.code}: {text}") from None

    def counter(self, name: str, **labels: str) -> float:
        """Give the sum of one of the Collector's own counters over the series with these labels."""
        total = 0.0
        for found, have, value in _SAMPLE.findall(http_get(self.telemetry)[1]):
            if found == name and all(f'{label}="{wanted}"' in have for label, wanted in labels.items()):
                total += float(value)
        return total


@dataclass(frozen=True)
class Route:
    """A Collector and what arrives behind it."""

    collector: Collector
    sink: OtlpSink


@contextmanager
def route(configs: Sequence[Path]) -> Iterator[Route]:
    """Run a Collector whose backend is a sink of this process."""
    with OtlpSink() as sink, Collector(configs, backend=sink.url) as collector:
        yield Route(collector, sink)
