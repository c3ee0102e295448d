"""What a start costs: our import and `init_observability` against tracing by OTLP/HTTP on the stock SDK.

Each measurement is a process of its own: its CPU time from the first line to the end of the set-up, which on an idle
machine is the time that passes; the interpreter's own start is not in it. Processes of all cases take turns. Rich is
hidden from both sides, as in a service, which has no extra `cli`: structlog would import it for its tracebacks. Run it
with `python -m benchmarks.bench_import [rounds]`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from statistics import median

STOCK = """
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
provider = TracerProvider(resource=Resource.create({"service.name": "bench"}))
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
trace.set_tracer_provider(provider)
"""
ALL_SIGNALS = f"""{STOCK}
import logging
import structlog
from opentelemetry import metrics
from opentelemetry._logs import set_logger_provider
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
metrics.set_meter_provider(MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter())]))
loggers = LoggerProvider()
loggers.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter()))
set_logger_provider(loggers)
structlog.configure(processors=[structlog.processors.JSONRenderer()])
"""
OURS = """
from sms_observability import init_observability
init_observability("bench")
"""
# structlog comes with the first logger.
LOGGER = f"{OURS}from sms_observability import get_logger\nget_logger()\n"
# The base first. With libraries: both sides have imported them before, as a service has that uses them.
CASES = {
    "stock": ("", STOCK),
    "stock, all signals and structlog": ("", ALL_SIGNALS),
    "ours": ("", 'from sms_observability import init_observability\ninit_observability("bench", instrument=[])\n'),
    "ours, with a logger": ("", LOGGER.replace('("bench")', '("bench", instrument=[])')),
    "ours, import only": ("", "import sms_observability\n"),
    "ours, all libraries installed": ("", OURS),
    "ours, all libraries in use": ("import httpx, requests, sqlalchemy, fastapi\n", OURS),
}
_FRAME = """
import os, sys
sys.modules["rich"] = None
{before}
from time import process_time
start = process_time()
{measured}
took = process_time() - start
sys.__stdout__.write(f"\\ntook {{took}}\\n")
sys.__stdout__.flush()
os._exit(0)
"""
_NOBODY = "http://127.0.0.1:9"


def took(before, measured):
    # Byte code is kept, as where a service is deployed; otherwise a start compiles what has changed.
    without = ("OTEL_", "SMS_", "PYTEST", "PYTHONDONTWRITEBYTECODE")
    kept = {name: text for name, text in os.environ.items() if not name.startswith(without)}
    done = subprocess.run(
        [sys.executable, "-c", _FRAME.format(before=before, measured=measured)],
        env={**kept, "OTEL_EXPORTER_OTLP_ENDPOINT": _NOBODY, "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("took "))
    return float(line.split()[1])


def main(rounds=15):
    for case in CASES.values():  # so that all byte code is compiled
        took(*case)
    rows = [{name: took(*case) for name, case in CASES.items()} for _ in range(rounds)]
    ratios = {}
    print(f"{'case':<34}{'ms':>8}{'to stock':>10}")
    for name in CASES:
        ratios[name] = median(row[name] / row["stock"] for row in rows)
        print(f"{name:<34}{median(row[name] for row in rows) * 1000:>8.0f}{ratios[name]:>10.2f}")
    return ratios


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
