"""What the Collector's public net costs a span, part by part and statement by statement, as ratios to a bare pipeline.

Every variant is a real Collector with one core; they take turns; what counts is the CPU time of the process over the
same requests. Needs `make servers`; run it with `python -m benchmarks.collector_net [rounds]`. The figures of
`docs/sizing.md` are from here.
"""

from __future__ import annotations

import copy
import os
import random
import sys
import tempfile
import uuid
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

import yaml

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from servers import otlp
from servers.collector import CONFIG, Collector

SPANS, REQUESTS = 2000, 40
NET = ["filter/public", "transform/public", "sms_scrub"]
STOCK_NET = ["filter/public", "groupbyattrs", "transform/public", "redaction/public"]
_BASE = """
receivers:
  otlp: {{protocols: {{http: {{endpoint: "127.0.0.1:${{env:SMS_COLLECTOR_HTTP_PORT}}"}}}}}}
processors:
  memory_limiter: {{check_interval: 1s, limit_mib: 2048}}
exporters:
  nop: {{}}
extensions:
  health_check: {{endpoint: "127.0.0.1:${{env:SMS_COLLECTOR_HEALTH_PORT}}"}}
service:
  extensions: [health_check]
  telemetry: {{logs: {{level: warn}}, metrics: {{level: none}}}}
  pipelines:
    traces: {{receivers: [otlp], processors: [memory_limiter, {processors}], exporters: [nop]}}
"""
_ON_BOARD: dict[str, otlp.Plain] = {"sms.vessel.id": "v-42", "sms.company.id": "c-7"}
_PER_TRACE = ("user.id", "sms.correlation_id", "sms.sla.duration_ms")
_KINDS: list[tuple[str, dict[str, otlp.Plain]]] = [
    (
        "POST /api/parts/quote",
        {"http.request.method": "POST", "http.route": "/api/parts/quote", "http.response.status_code": 200,
         "url.scheme": "http", "server.address": "parts-api", "user.id": "u-17", **_ON_BOARD},
    ),
    (
        "parts_ordering_flow",
        {"sms.journey.name": "parts_ordering_flow", "sms.journey.revenue": True, "sms.sla.breached": False,
         "sms.sla.budget_ms": 3000.0, "sms.sla.duration_ms": 245.0, **_ON_BOARD},
    ),
    (
        "INSERT quotes",
        {"db.system.name": "postgresql", "db.operation.name": "INSERT", "db.collection.name": "quotes",
         "db.namespace": "sms", "server.address": "db", "server.port": 5432},
    ),
    (
        "PartsService.getSupplierQuotes",
        {"sms.step.name": "PartsService.getSupplierQuotes", "sms.journey.name": "parts_ordering_flow",
         "sms.correlation_id": "0f" * 16, "error.type": "TimeoutError", **_ON_BOARD},
    ),
]  # fmt: skip


def traces_request(count: int) -> bytes:
    """Make traces with ids and durations of their own, as real ones have: no memory can know those beforehand."""
    spans = []
    for _ in range(count // len(_KINDS)):
        own: dict[str, otlp.Plain] = dict(
            zip(_PER_TRACE, (f"u-{random.getrandbits(40)}", uuid.uuid4().hex, random.uniform(1, 3e3)), strict=True)
        )
        spans += [
            otlp.span(name, attributes={key: own.get(key, value) for key, value in attributes.items()})
            for name, attributes in _KINDS
        ]
    return otlp.traces(spans).SerializeToString()


def cpu_seconds(pid: int) -> float:
    """Give the CPU time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _start(folder: Path, name: str, processors: dict[str, Any]) -> Collector:
    place = folder / f"{name}.yaml"
    text = _BASE.format(processors=", ".join(processors)).replace("limiter, ]", "limiter]")
    place.write_text(text, encoding="utf-8")
    further = folder / f"{name}-policy.yaml"
    further.write_text(yaml.safe_dump({"processors": processors}), encoding="utf-8")
    return Collector([place, further], backend="", environment={"GOMAXPROCS": "1"})


def measure(variants: dict[str, dict[str, Any]], rounds: int) -> dict[str, float]:
    """Give microseconds of CPU a span for each variant."""
    bodies = [traces_request(SPANS) for _ in range(REQUESTS)]
    found: dict[str, list[float]] = {name: [] for name in variants}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        running = {
            name: stack.enter_context(_start(Path(folder), f"variant-{number}", processors))
            for number, (name, processors) in enumerate(variants.items())
        }
        for round_ in range(rounds + 1):
            for name, collector in running.items():
                before = cpu_seconds(collector.pid)
                for body in bodies:
                    collector.post("traces", body)
                if round_:  # the first one warms up
                    found[name].append((cpu_seconds(collector.pid) - before) / (SPANS * REQUESTS) * 1e6)
    return {name: median(each) for name, each in found.items()}


def main(rounds: int = 5) -> None:
    """Print two tables: the parts of the net, and the statements of its transform."""
    policy, stock = (
        yaml.safe_load((CONFIG / folder / "redaction.yaml").read_text(encoding="utf-8"))["processors"]
        for folder in ("policy", "stock")
    )
    parts = {"bare": {}, "the whole net": {name: policy[name] for name in NET}}
    parts |= {name: {name: policy[name]} for name in NET}
    parts |= {"the stock net": {name: stock[name] for name in STOCK_NET}}
    costs = measure(parts, rounds)
    for name, cost in costs.items():
        print(f"{name:24}{cost:6.1f} µs  {cost / costs['bare']:5.2f}")

    statements: dict[str, dict[str, Any]] = {"bare": {}}
    for group in policy["transform/public"]["trace_statements"]:
        for statement in group["statements"]:
            alone = copy.deepcopy(policy["transform/public"])
            alone = {"error_mode": alone["error_mode"], "trace_statements": [{**group, "statements": [statement]}]}
            statements[f"{group['context']}: {statement[:60]}"] = {"transform/public": alone}
    costs = measure(statements, rounds)
    for name, cost in sorted(costs.items(), key=lambda each: -each[1]):
        print(f"{cost - costs['bare']:6.1f} µs  {name}")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
