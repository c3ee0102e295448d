"""Backends that are built from source (``tools/servers.py``) and read back through their own interfaces."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from servers.process import Server, free_ports, http_get
from servers.programs import binary

_JAEGER = """
service:
  extensions: [jaeger_storage, jaeger_query, healthcheckv2]
  pipelines: {{traces: {{receivers: [otlp], exporters: [jaeger_storage_exporter]}}}}
  telemetry: {{metrics: {{level: none}}, logs: {{level: warn}}}}
extensions:
  healthcheckv2: {{use_v2: true, http: {{endpoint: 127.0.0.1:{health}}}}}
  jaeger_query:
    storage: {{traces: memory}}
    enable_tracing: false
    http: {{endpoint: 127.0.0.1:{http}}}
    grpc: {{endpoint: 127.0.0.1:{grpc}}}
  jaeger_storage: {{backends: {{memory: {{memory: {{max_traces: 10000}}}}}}}}
receivers:
  otlp: {{protocols: {{grpc: {{endpoint: 127.0.0.1:{otlp}}}}}}}
exporters: {{jaeger_storage_exporter: {{trace_storage: memory}}}}
"""


class Jaeger(Server):
    """A Jaeger that takes OTLP over gRPC and keeps everything in memory."""

    def __init__(self, folder: Path) -> None:
        health, http, grpc, otlp = free_ports(4)
        self.endpoint = f"127.0.0.1:{otlp}"
        self.url = f"http://127.0.0.1:{http}"
        config = folder / "jaeger.yaml"
        config.write_text(_JAEGER.format(health=health, http=http, grpc=grpc, otlp=otlp), encoding="utf-8")
        super().__init__([binary("jaeger"), "--config", config], ready=f"http://127.0.0.1:{health}/status")

    def trace(self, trace_id: str) -> dict[str, Any] | None:
        """Give a trace as OTLP's JSON, or nothing when it is not there (yet)."""
        status, text = http_get(f"{self.url}/api/v3/traces/{trace_id}")
        return dict(json.loads(text)["result"]) if status == 200 else None


class Prometheus(Server):
    """A Prometheus that takes remote write, late points too, and scrapes what it is told to."""

    def __init__(self, folder: Path, scrapes: Sequence[str] = ()) -> None:
        (port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{port}"
        self.write_url = f"{self.url}/api/v1/write"
        config = folder / "prometheus.yml"
        targets = ", ".join(f"'{page.split('/')[2]}'" for page in scrapes)
        config.write_text(
            "global: {scrape_interval: 1s}\n"
            "storage: {tsdb: {out_of_order_time_window: 8d}}\n"
            "scrape_configs:\n"
            f"- {{job_name: collector, honor_labels: true, static_configs: [{{targets: [{targets}]}}]}}\n",
            encoding="utf-8",
        )
        super().__init__(
            [
                binary("prometheus"), f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}", "--web.enable-remote-write-receiver", "--log.level=warn",
            ],
            ready=f"{self.url}/-/ready",
        )  # fmt: skip

    def ask(self, path: str) -> Any:
        """Give the data of an answer of its API."""
        return _data(f"{self.url}/api/v1/{path}")

    def series(self, query: str) -> list[tuple[dict[str, str], float]]:
        """Give labels and value of what a query finds."""
        return _series(self.url, query)

    def names(self) -> set[str]:
        """Give the names of all series but those that a scrape makes by itself."""
        return {str(name) for name in self.ask("label/__name__/values") if not name.startswith("scrape_")}


class VictoriaMetrics(Server):
    """A VictoriaMetrics of one process."""

    def __init__(self, folder: Path) -> None:
        (port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{port}"
        self.write_url = f"{self.url}/api/v1/write"
        super().__init__(
            [
                binary("victoria-metrics"), f"-storageDataPath={folder / 'vm'}", f"-httpListenAddr=127.0.0.1:{port}",
                "-retentionPeriod=1y", "-memory.allowedBytes=256MiB", "-loggerLevel=WARN",
                # What has just come in is found at once.
                "-search.disableCache", "-search.latencyOffset=0s",
            ],
            ready=f"{self.url}/health",
        )  # fmt: skip

    def series(self, query: str) -> list[tuple[dict[str, str], float]]:
        """Give labels and value of what a query finds."""
        http_get(f"{self.url}/internal/force_flush")
        return _series(self.url, query)


class VictoriaLogs(Server):
    """A VictoriaLogs of one process.

    Args:
        folder: Where it may keep its data.
        flags: Further flags, such as how long it keeps them.
    """

    def __init__(self, folder: Path, flags: Sequence[str] = ()) -> None:
        (port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{port}"
        super().__init__(
            [
                binary("victoria-logs"), f"-storageDataPath={folder / 'vl'}", f"-httpListenAddr=127.0.0.1:{port}",
                "-memory.allowedBytes=256MiB", "-loggerLevel=WARN", *flags,
            ],
            ready=f"{self.url}/health",
        )  # fmt: skip

    def records(self, query: str = "*") -> list[dict[str, str]]:
        """Give what a LogsQL query finds."""
        http_get(f"{self.url}/internal/force_flush")
        status, text = http_get(f"{self.url}/select/logsql/query?query={quote(query)}")
        assert status == 200, text
        return [dict(json.loads(line)) for line in text.splitlines()]


def _data(url: str) -> Any:
    status, text = http_get(url)
    assert status == 200, text
    return json.loads(text)["data"]


def _series(url: str, query: str) -> list[tuple[dict[str, str], float]]:
    found = _data(f"{url}/api/v1/query?query={quote(query)}")["result"]
    return [(dict(each["metric"]), float(each["value"][1])) for each in found]
