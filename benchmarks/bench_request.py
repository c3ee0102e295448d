"""What watching a request costs: ours against contrib's defaults and FastAPI's own telemetry, interleaved, as ratios.

The CPU time of the process for a request through a FastAPI application, without a server, less that of the same
application without telemetry. All end at doors that throw away what they get: the stock SDK's batch processor and
metric reader, our deque and metric cells. `hello` returns a text; `quote` makes three spans and records two metrics.
Run it with `python -m benchmarks.bench_request [rounds]`.
"""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from statistics import median
from time import process_time

from benchmarks.served import OFF, quote_with
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.sdk.metrics import MeterProvider as StockMeters
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider as StockTracers
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import NoOpTracer

from sms_observability import providers
from sms_observability.catalog import SMS_CATALOG
from sms_observability.instrumentation import InstrumentationOptions, excluder, instrument_app
from sms_observability.metrics import CellRegistry
from sms_observability.trust import host_test, peer_test

REQUESTS = 400
RESOURCE = Resource({"service.name": "bench"})
HEADERS = [
    (b"host", b"127.0.0.1:8000"),
    (b"user-agent", b"python-httpx/0.28.1"),
    (b"accept", b"*/*"),
    (b"accept-encoding", b"gzip, deflate"),
    (b"connection", b"keep-alive"),
    (b"traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
]


class Nowhere(SpanExporter):
    def export(self, spans):  # noqa: ARG002
        return SpanExportResult.SUCCESS


def application(tracer, count, **settings):
    app = quote_with(tracer, count, lambda message: None, **settings)  # noqa: ARG005

    @app.get("/hello")
    async def hello():
        return "hello"

    return app


def bare():
    return application(NoOpTracer(), lambda: None, telemetry=OFF)


def stock_parts():
    tracers = StockTracers(resource=RESOURCE, shutdown_on_exit=False)
    tracers.add_span_processor(BatchSpanProcessor(Nowhere()))
    meters = StockMeters([InMemoryMetricReader()], resource=RESOURCE, shutdown_on_exit=False)
    counter = meters.get_meter("bench").create_counter("sms.parts.quotes.requested")
    return tracers, meters, lambda: counter.add(1, {"urgency": "routine"})


def contrib(**settings):
    tracers, meters, count = stock_parts()
    app = application(tracers.get_tracer("bench"), count, telemetry=OFF)
    FastAPIInstrumentor.instrument_app(app, tracer_provider=tracers, meter_provider=meters, **settings)
    return app


def native():
    tracers, meters, count = stock_parts()
    return application(
        tracers.get_tracer("bench"), count, telemetry={"tracer_provider": tracers, "meter_provider": meters}
    )


def ours():
    kept = deque(maxlen=2048)
    tracers = providers.TracerProvider(kept.append, resource=RESOURCE)
    providers.install(tracer=tracers)
    cells = CellRegistry(SMS_CATALOG.metrics.values())
    options = InstrumentationOptions(
        trusted=peer_test(["127.0.0.0/8"]),
        internal=host_test(["127.*"]),
        excluded=excluder(("/livez", "/readyz", "/health")),
        metric=lambda name: cells[name].record,
    )
    counter = cells["sms.parts.quotes.requested"]
    app = application(tracers.get_tracer("bench"), lambda: counter.record(1, {"urgency": "routine"}))
    return instrument_app(app, options)


async def receive():
    return {"type": "http.request", "body": b"", "more_body": False}


async def send(message):
    pass


async def drive(app, path):
    for _ in range(REQUESTS):
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "server": ("127.0.0.1", 8000),
            "client": ("127.0.0.1", 50000),
            "scheme": "http",
            "method": "GET",
            "root_path": "",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": list(HEADERS),
            "state": {},
        }
        await app(scope, receive, send)


def timed(app, path):
    loop = asyncio.new_event_loop()
    start = process_time()
    loop.run_until_complete(drive(app, path))
    spent = process_time() - start
    loop.close()
    return spent / REQUESTS * 1e6


def main(rounds=15):
    apps = {
        "no telemetry": bare(),
        "contrib, its defaults": contrib(),
        "contrib, without receive and send": contrib(exclude_spans=["receive", "send"]),
        "FastAPI's own": native(),
        "ours": ours(),
    }
    print(f"{'':<46}{'CPU us':>9}{'added us':>10}{'ratio':>9}")
    ratios = {}
    for path in ("/hello", "/quote/7"):
        for app in apps.values():
            timed(app, path)
        rows = [{name: timed(app, path) for name, app in apps.items()} for _ in range(rounds)]
        for name in apps:
            added = median(row[name] - row["no telemetry"] for row in rows)
            ratio = median(
                (row[name] - row["no telemetry"]) / (row["contrib, its defaults"] - row["no telemetry"]) for row in rows
            )
            print(f"{path + ', ' + name:<46}{median(row[name] for row in rows):>9.1f}{added:>10.1f}{ratio:>9.2f}")
            ratios[f"{path}, {name}"] = ratio
    return ratios


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
