"""What a span costs the code that makes it: ours against the stock SDK, interleaved, as ratios.

Both end at a door that does nothing: the stock one at a batch processor with an exporter that throws away, ours at a
bounded deque. Run it with `python benchmarks/bench_span.py [rounds]`.
"""

from __future__ import annotations

import sys
from collections import deque
from statistics import median
from time import perf_counter

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider as StockProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF

from sms_observability.providers import TracerProvider

ATTRIBUTES = {
    "sms.journey.name": "parts_ordering_flow",
    "sms.sla.threshold_ms": 3000,
    "sms.journey.revenue": True,
    "http.route": "/api/parts/quote",
    "http.response.status_code": 200,
    "sms.sla.duration_ms": 12.5,
}
THREE = dict(list(ATTRIBUTES.items())[:3])
SPANS = 2000


class Nowhere(SpanExporter):
    def export(self, spans):  # noqa: ARG002
        return SpanExportResult.SUCCESS


def root(tracer):
    for _ in range(SPANS):
        with tracer.start_as_current_span("work"):
            pass


def root_3(tracer):
    for _ in range(SPANS):
        with tracer.start_as_current_span("work", attributes=THREE):
            pass


def root_6(tracer):
    for _ in range(SPANS):
        with tracer.start_as_current_span("work", attributes=ATTRIBUTES):
            pass


def root_set_6(tracer):
    for _ in range(SPANS):
        with tracer.start_as_current_span("work") as span:
            for key, value in ATTRIBUTES.items():
                span.set_attribute(key, value)


def child(tracer):
    with tracer.start_as_current_span("parent"):
        root(tracer)


def child_3(tracer):
    with tracer.start_as_current_span("parent"):
        root_3(tracer)


def child_6(tracer):
    with tracer.start_as_current_span("parent"):
        root_6(tracer)


def event_3(tracer):
    for _ in range(SPANS):
        with tracer.start_as_current_span("work") as span:
            span.add_event("happened", THREE)


def failed(tracer):
    for _ in range(SPANS // 10):
        try:
            with tracer.start_as_current_span("work"):
                raise ValueError("no stock")
        except ValueError:
            pass


def started_only(tracer):
    for _ in range(SPANS):
        tracer.start_span("work").end()


def timed(case, tracer):
    start = perf_counter()
    case(tracer)
    return perf_counter() - start


def main(rounds=15):
    resource = Resource({"service.name": "bench"})
    stock = StockProvider(resource=resource, shutdown_on_exit=False)
    stock.add_span_processor(BatchSpanProcessor(Nowhere()))
    kept = deque(maxlen=2048)
    pairs = {
        "": (stock.get_tracer("bench"), TracerProvider(kept.append, resource=resource).get_tracer("bench")),
        ", not sampled": (
            StockProvider(resource=resource, sampler=ALWAYS_OFF, shutdown_on_exit=False).get_tracer("bench"),
            TracerProvider(kept.append, resource=resource, sampler=ALWAYS_OFF).get_tracer("bench"),
        ),
    }
    cases = [root, root_3, root_6, root_set_6, child, child_3, child_6, event_3, failed, started_only]
    plan = [(case, "") for case in cases] + [(root, ", not sampled")]
    print(f"{'case':<22}{'stock us':>10}{'ours us':>10}{'ratio':>8}{'to stock root':>15}")
    base, ratios = None, {}
    for case, suffix in plan:
        theirs, ours = pairs[suffix]
        timed(case, theirs), timed(case, ours)
        rows = [(timed(case, theirs), timed(case, ours)) for _ in range(rounds)]
        count = SPANS // 10 if case is failed else SPANS
        stock_us, ours_us = (median(row[side] for row in rows) / count * 1e6 for side in (0, 1))
        base = base or stock_us
        ratio = median(ours_time / stock_time for stock_time, ours_time in rows)
        print(f"{case.__name__ + suffix:<22}{stock_us:>10.2f}{ours_us:>10.2f}{ratio:>8.2f}{ours_us / base:>15.2f}")
        ratios[case.__name__ + suffix] = ratio
    stock.shutdown()
    return ratios


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
