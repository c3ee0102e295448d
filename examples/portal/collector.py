"""The real Collector between the services and the demo's receiver, if it has been built (`make servers`)."""

import os
import subprocess
import sys
from pathlib import Path

from examples.portal.processes import ROOT, Process, free_ports

CONFIG = ROOT / "collector-config"
FILES = (
    "all-in-one.yaml",
    "policy/redaction.yaml",
    "policy/sampling.yaml",
    "policy/span_metrics.yaml",
    "policy/metric_names.yaml",
    "receive.yaml",
)


class NotBuiltError(Exception):
    """There is no Collector on this machine."""


def collector(backend: str, folder: Path) -> tuple[Process, str, str]:
    """Give the Collector, not started yet.

    Args:
        backend: Where it sends what it lets out.
        folder: Where its output is kept.

    Returns:
        The process, its OTLP endpoint, and its page for Prometheus.

    Raises:
        NotBuiltError: It has to be built first.
    """
    found = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, str(ROOT / "tools" / "servers.py"), "path", "otelcol"],
        capture_output=True,
        text=True,
        check=False,
    )
    if found.returncode:
        msg = "the Collector has not been built: run `make servers` first (about 8 minutes)"
        raise NotBuiltError(msg)
    grpc, http, health, prometheus, own = free_ports(5)
    environment = {
        **os.environ,
        "SMS_COLLECTOR_GRPC_PORT": str(grpc),
        "SMS_COLLECTOR_HTTP_PORT": str(http),
        "SMS_COLLECTOR_HEALTH_PORT": str(health),
        "SMS_COLLECTOR_PROMETHEUS_PORT": str(prometheus),
        "SMS_COLLECTOR_TELEMETRY_PORT": str(own),
        "SMS_COLLECTOR_BACKEND": backend,
        "SMS_COLLECTOR_DECISION_WAIT": "5s",
        "SMS_COLLECTOR_LOG_LEVEL": "warn",
    }
    arguments = [part for name in FILES for part in ("--config", str(CONFIG / name))]
    process = Process(
        "collector", [found.stdout.strip(), *arguments], environment, folder, ready=f"http://127.0.0.1:{health}/"
    )
    return process, f"http://127.0.0.1:{http}", f"http://127.0.0.1:{prometheus}/metrics"
