"""A service for `bench_latency`, in a process of its own: `benchmarks.served none|ours|contrib PORT ENDPOINT`."""

from __future__ import annotations

import json
import logging
import sys

import uvicorn
from fastapi import FastAPI

OFF = {"tracing": False, "metrics": False, "logs": False}


def quote_with(tracer, count, log, **settings):
    """Make the application: a quote with three steps, two measurements and two log lines."""
    app = FastAPI(**settings)

    @app.get("/quote/{part}")
    async def quote(part: str):
        with tracer.start_as_current_span("suppliers", attributes={"part": part}):
            pass
        with tracer.start_as_current_span("price"):
            pass
        with tracer.start_as_current_span("store"):
            pass
        count()
        count()
        log("Parts quote requested")
        log("Parts quote made")
        return {"part": part}

    return app


class JsonFormatter(logging.Formatter):
    """What a service without us writes: the same fields, by `json`."""

    def format(self, record):
        return json.dumps({"time": self.formatTime(record), "level": record.levelname, "message": record.getMessage()})


def plain_log():
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter())
    logger = logging.getLogger("parts")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    return logger


def none(endpoint):  # noqa: ARG001
    from opentelemetry.trace import NoOpTracer

    return quote_with(NoOpTracer(), lambda: None, plain_log().info, telemetry=OFF)


def contrib(endpoint):
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
    from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
    from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    tracers, logs = TracerProvider(), LoggerProvider()
    tracers.add_span_processor(
        BatchSpanProcessor(OTLPSpanExporter(f"{endpoint}/v1/traces"), schedule_delay_millis=1000)
    )
    logs.add_log_record_processor(
        BatchLogRecordProcessor(OTLPLogExporter(f"{endpoint}/v1/logs"), schedule_delay_millis=1000)
    )
    reader = PeriodicExportingMetricReader(OTLPMetricExporter(f"{endpoint}/v1/metrics"), export_interval_millis=5000)
    meters = MeterProvider([reader])
    log = plain_log()
    log.addHandler(LoggingHandler(logger_provider=logs))
    counter = meters.get_meter("bench").create_counter("sms.parts.quotes.requested")
    app = quote_with(
        tracers.get_tracer("bench"), lambda: counter.add(1, {"urgency": "routine"}), log.info, telemetry=OFF
    )
    FastAPIInstrumentor.instrument_app(app, tracer_provider=tracers, meter_provider=meters)
    return app


def ours(endpoint):
    from opentelemetry import trace

    from sms_observability import get_logger, init_observability, metrics

    app = quote_with(
        trace.get_tracer("bench"),
        lambda: metrics.parts_quotes_requested.add(1, urgency="routine"),
        get_logger().info,
    )
    init_observability("parts-api", app=app, endpoint=endpoint, environment="production")
    return app


if __name__ == "__main__":
    variant, port, target = sys.argv[1:]
    application = {"none": none, "ours": ours, "contrib": contrib}[variant](target)
    uvicorn.run(application, host="127.0.0.1", port=int(port), log_config=None, access_log=False)
