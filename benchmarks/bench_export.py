"""What an exported item costs: sanitise, redact and encode, against the official encoder alone, as ratios.

The base makes protobuf messages of ready SDK objects and serialises them: no sanitising, no redaction. Ours takes the
values as a service gives them, makes them safe, asks the catalogue's policy for each key, looks for restricted values
where a request holds some (`armed`), and writes the bytes; per batch of 512, with the frame, in CPU time of the thread.
`queued` is the memory that an item takes until it is sent, by `tracemalloc`. Run it with
`python benchmarks/bench_export.py [rounds]`.
"""

from __future__ import annotations

import gc
import random
import sys
import tracemalloc
from decimal import Decimal
from statistics import median
from time import thread_time

from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.exporter.otlp.proto.common._log_encoder import encode_logs
from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk._logs import ReadableLogRecord
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, Status, TraceFlags

from sms_observability.catalog import SMS_CATALOG
from sms_observability.export.encode import Encoder
from sms_observability.export.records import LogData, Scope, SpanRecord
from sms_observability.metrics import CellRegistry
from sms_observability.privacy import CataloguePolicy, Restricted, guard_scope
from sms_observability.sanitise import sanitise_attributes, sanitise_text

BATCH = 512
START = 1_764_000_000_000_000_000
RESOURCE = {"service.name": "parts-api", "service.version": "1.2.3", "deployment.environment.name": "production"}
THEIR_SCOPE, OUR_SCOPE = InstrumentationScope("parts"), Scope("parts")
KINDS = (SpanKind.SERVER, SpanKind.INTERNAL, SpanKind.CLIENT)


def attributes(number):
    """Give six attributes, as many as an HTTP span of the portal has values that change."""
    return {
        "http.route": "/api/parts/quote",
        "http.request.method": "GET",
        "http.response.status_code": 200 if number % 50 else 503,
        "company_id": f"cmp_{number % 50}",
        "vessel_id": f"vsl_{number % 500}",
        "duration_ms": number * 0.37,
    }


def stock_span(number, ids):
    context = SpanContext(ids[number][0], ids[number][1], is_remote=False, trace_flags=TraceFlags(1))
    return ReadableSpan(
        name="GET /api/parts/quote",
        context=context,
        parent=SpanContext(ids[number][0], ids[number][1] ^ 1, is_remote=True, trace_flags=TraceFlags(1)),
        resource=Resource(RESOURCE),
        attributes=attributes(number),
        kind=KINDS[number % 3],
        status=Status(),
        start_time=START + number,
        end_time=START + number + 5_000_000,
        instrumentation_scope=THEIR_SCOPE,
    )


def our_span(number, ids, given):
    return SpanRecord(
        trace_id=ids[number][0],
        span_id=ids[number][1],
        name=sanitise_text("GET /api/parts/quote"),
        start_ns=START + number,
        end_ns=START + number + 5_000_000,
        scope=OUR_SCOPE,
        parent_span_id=ids[number][1] ^ 1,
        kind=KINDS[number % 3].value + 1,
        attributes=sanitise_attributes(given),
    )


def stock_log(number, ids):
    return ReadableLogRecord(
        LogRecord(
            timestamp=START + number,
            observed_timestamp=START + number,
            trace_id=ids[number][0],
            span_id=ids[number][1],
            trace_flags=TraceFlags(1),
            severity_text="INFO",
            severity_number=SeverityNumber.INFO,
            body="Parts quote requested",
            attributes=attributes(number),
        ),
        Resource(RESOURCE),
        THEIR_SCOPE,
    )


def our_log(number, ids, given):
    return LogData(
        START + number,
        9,
        "INFO",
        sanitise_text("Parts quote requested"),
        sanitise_attributes(given),
        OUR_SCOPE,
        trace_id=ids[number][0],
        span_id=ids[number][1],
    )


def metrics():
    """Give equal metrics of both: a counter and a histogram with a hundred label sets each."""
    reader = InMemoryMetricReader()
    meter = MeterProvider([reader], resource=Resource(RESOURCE), shutdown_on_exit=False).get_meter("parts")
    counter, histogram = meter.create_counter("sms.parts.quotes.requested"), meter.create_histogram("sms.quote")
    cells = CellRegistry(SMS_CATALOG.metrics.values())
    ours = cells["sms.parts.quotes.requested"], cells["http.server.request.duration"]
    for number in range(100):
        labels = {"company_id": f"cmp_{number}", "vessel_id": f"vsl_{number}", "urgency": "routine"}
        counter.add(1, labels)
        ours[0].record(1, labels)
        histogram.record(number / 100, {"http.route": f"/api/{number}", "http.request.method": "GET"})
        ours[1].record(number / 100, {"http.route": f"/api/{number}", "http.request.method": "GET"})
    return reader.get_metrics_data(), [metric for metric in cells.collect() if metric.points]


def spent(work):
    start = thread_time()
    work()
    return thread_time() - start


def queued_bytes(make):
    gc.collect()
    tracemalloc.start()
    kept = [make(number) for number in range(BATCH)]
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return used / len(kept)


def compare(ratios, case, theirs, ours, rounds, each):
    theirs(), ours()
    rows = [(spent(theirs), spent(ours)) for _ in range(rounds)]
    ratios[case] = ratio = median(own / their for their, own in rows)
    stock_us, ours_us = (median(row[side] for row in rows) * 1e6 / each for side in (0, 1))
    print(f"{case:<20}{ours_us:>10.2f}{stock_us:>12.2f}{ratio:>8.3f}")


def main(rounds=25):
    source = random.Random(20)
    ids = [(source.getrandbits(128), source.getrandbits(64)) for _ in range(BATCH)]
    raw = [attributes(number) for number in range(BATCH)]
    encoder = Encoder(CataloguePolicy(SMS_CATALOG, unknown_fields="drop", channel="public"))
    resource = encoder.encode_resource(RESOURCE)
    spans, logs = ([make(number, ids) for number in range(BATCH)] for make in (stock_span, stock_log))
    their_metrics, our_metrics = metrics()

    def export_spans():
        body = [encoder.encode_span(our_span(number, ids, raw[number])) for number in range(BATCH)]
        encoder.frame(resource, [(OUR_SCOPE, body)])

    def export_logs():
        body = [encoder.encode_log(our_log(number, ids, raw[number])) for number in range(BATCH)]
        encoder.frame(resource, [(OUR_SCOPE, body)])

    def export_metrics():
        encoder.frame(resource, [(OUR_SCOPE, [encoder.encode_metric(metric) for metric in our_metrics])])

    ratios = {}
    print(f"{'case':<20}{'ours us':>10}{'official us':>12}{'ratio':>8}")
    points = 200
    for case, secrets in (("", 0), (", armed", 8)):
        with guard_scope():
            kept = [Restricted(Decimal(1000 + number) / 7) for number in range(secrets)]
            compare(ratios, f"span{case}", lambda: encode_spans(spans).SerializeToString(), export_spans, rounds, BATCH)
            compare(ratios, f"log{case}", lambda: encode_logs(logs).SerializeToString(), export_logs, rounds, BATCH)
            del kept
    compare(
        ratios,
        "metric point",
        lambda: encode_metrics(their_metrics).SerializeToString(),
        export_metrics,
        rounds,
        points,
    )
    stock_bytes = queued_bytes(lambda number: stock_span(number, ids))
    own_bytes = queued_bytes(lambda number: (encoder.encode_span(our_span(number, ids, attributes(number))), OUR_SCOPE))
    ratios["queued span"] = own_bytes / stock_bytes
    ratios["queued span, bytes"] = own_bytes
    print(f"{'queued span, bytes':<20}{own_bytes:>10.0f}{stock_bytes:>12.0f}{own_bytes / stock_bytes:>8.3f}")
    return ratios


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
