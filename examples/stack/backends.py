"""Where telemetry ends: the stores that are built, and our own receiver in the place of others."""

import sys
from pathlib import Path

from examples.stack.places import HOST, Places
from examples.stack.program import Program, optional

_RECEIVE = (sys.executable, "-m", "sms_observability.cli", "receive")

_JAEGER = """\
service:
  extensions: [jaeger_storage, jaeger_query, healthcheckv2]
  pipelines: {{traces: {{receivers: [otlp], exporters: [jaeger_storage_exporter]}}}}
  telemetry: {{metrics: {{level: none}}, logs: {{level: warn}}}}
extensions:
  healthcheckv2: {{use_v2: true, http: {{endpoint: {health}}}}}
  jaeger_query:
    storage: {{traces: mem}}
    enable_tracing: false
    http: {{endpoint: {http}}}
    grpc: {{endpoint: {grpc}}}
  jaeger_storage: {{backends: {{mem: {{memory: {{max_traces: 10000}}}}}}}}
receivers:
  otlp: {{protocols: {{grpc: {{endpoint: {otlp}}}}}}}
exporters: {{jaeger_storage_exporter: {{trace_storage: mem}}}}
"""


def backends(places: Places, folder: Path) -> list[Program]:
    """Give the stores."""
    found = [
        _receive("restricted-store", places.port("receive_restricted"), "internal steps and reveals, for finance"),
    ]
    if not optional("victoria-logs"):
        found.append(_receive("log-store", places.port("receive"), "log lines that reached the shore"))
    for store in (_jaeger, _victoria_metrics, _victoria_logs):
        found.extend(store(places, folder))
    return found


def _receive(name: str, port: int, shows: str) -> Program:
    return Program(name, (*_RECEIVE, "--port", str(port)), shows=shows, killed="the gateway repeats for five minutes")


def _jaeger(places: Places, folder: Path) -> list[Program]:
    program = optional("jaeger")
    if program is None:
        return []
    config = folder / "jaeger.yaml"
    ports = {"health": "jaeger_health", "http": "jaeger", "grpc": "jaeger_grpc", "otlp": "jaeger_otlp"}
    addresses = {key: places.address(name) for key, name in ports.items()}
    config.write_text(_JAEGER.format(**addresses), encoding="utf-8")
    return [
        Program(
            "jaeger",
            (str(program), "--config", str(config)),
            ready=places.url("jaeger_health", "/status"),
            shows="kept traces (API; its pages are not in the Go module)",
            page=places.url("jaeger", "/api/services"),
            killed="what it held in memory is gone; the sampler repeats what is new for five minutes",
        )
    ]


def _victoria_metrics(places: Places, folder: Path) -> list[Program]:
    program = optional("victoria-metrics")
    if program is None:
        return []
    return [
        Program(
            "victoria-metrics",
            (
                str(program),
                f"-storageDataPath={folder / 'victoria-metrics'}",
                f"-httpListenAddr={places.address('victoria_metrics')}",
                *("-retentionPeriod=1y", "-memory.allowedBytes=128MiB", "-loggerLevel=WARN"),
            ),
            ready=places.url("victoria_metrics", "/health"),
            shows="metrics with their own timestamps",
            page=places.url("victoria_metrics", "/vmui/"),
            killed="the gateway repeats for five minutes",
        )
    ]


def _victoria_logs(places: Places, folder: Path) -> list[Program]:
    program = optional("victoria-logs")
    if program is None:
        return []
    return [
        Program(
            "victoria-logs",
            (
                str(program),
                f"-storageDataPath={folder / 'victoria-logs'}",
                f"-httpListenAddr={HOST}:{places.port('victoria_logs')}",
                *("-memory.allowedBytes=128MiB", "-loggerLevel=WARN"),
            ),
            ready=places.url("victoria_logs", "/health"),
            shows="log lines",
            page=places.url("victoria_logs", "/select/vmui/"),
            killed="the gateway repeats for five minutes",
        )
    ]
