"""Gateway and samplers ashore, with the shipped files; traces and logs go to a sink of the test."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from servers.collector import CONFIG, Collector
from servers.otlp_sink import OtlpSink

# The sink speaks HTTP; the shipped file for traces speaks gRPC.
_TRACES_TO_SINK = """
exporters:
  otlp_http/traces:
    endpoint: ${env:TEST_SINK}
    sending_queue:
      sizer: items
      queue_size: 200000
      batch: {sizer: items, min_size: 1000, max_size: 4000, flush_timeout: 20ms}
service:
  pipelines:
    traces/to_sink: {receivers: [forward/traces], exporters: [otlp_http/traces]}
"""


def _files(*names: str) -> list[Path]:
    return [CONFIG / f"{name}.yaml" for name in names]


def sampler(
    folder: Path, port: int, sink: OtlpSink, *, gates: Sequence[str] = (), further: Sequence[Path] = (), **env: str
) -> Collector:
    """Start a sampler that listens on this port."""
    traces = folder / "traces_to_sink.yaml"
    traces.write_text(_TRACES_TO_SINK, encoding="utf-8")
    return Collector(
        [*_files("sampler", "policy/redaction", "policy/sampling", "policy/span_metrics"), traces, *further],
        backend="",
        environment={
            "SMS_COLLECTOR_GRPC_PORT": str(port),
            "SMS_COLLECTOR_SPAN_METRICS_INTERVAL": "200ms",
            "TEST_SINK": sink.url,
            **env,
        },
        gates=gates,
    )


def gateway(
    folder: Path,
    samplers: Sequence[int],
    sink: OtlpSink,
    *exporters: str,
    further: Sequence[Path] = (),
    ring: str = "static",
    launcher: Sequence[str | Path] = (),
    **env: str,
) -> Collector:
    """Start a gateway in front of samplers on these ports; certificates are in ``folder`` (``servers.ship``)."""
    hosts = ", ".join(f"127.0.0.1:{port}" for port in samplers)
    return Collector(
        [
            *_files("gateway", "policy/redaction", "policy/metric_names", f"samplers/{ring}", "exporters/logs-otlp"),
            *_files(*exporters),
            *further,
        ],
        backend="",
        environment={
            "SMS_COLLECTOR_SAMPLERS": f"[{hosts}]",
            "SMS_COLLECTOR_LOGS_URL": sink.url,
            "SMS_COLLECTOR_CERTIFICATE": str(folder / "gateway.crt"),
            "SMS_COLLECTOR_KEY": str(folder / "gateway.key"),
            "SMS_COLLECTOR_CA": str(folder / "ca.crt"),
            **env,
        },
        launcher=launcher,
    )
