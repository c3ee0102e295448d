"""What a journey costs the code that runs it, its attributes and metrics included, against a bare stock span.

The base is a root span on the stock SDK, with a batch processor and an exporter that throws away. Ours ends at a
bounded deque, and its metrics in cells that nobody collects. Interleaved, as ratios of medians. Run it with
`python benchmarks/bench_journey.py [rounds]`.
"""

from __future__ import annotations

import sys
from collections import deque
from statistics import median
from time import perf_counter

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider as StockProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from sms_observability import metrics
from sms_observability.catalog import SMS_CATALOG
from sms_observability.context import bind_context, bound_context
from sms_observability.journeys import journey, ports, step
from sms_observability.metrics import CellRegistry, JourneyMetrics
from sms_observability.providers import TracerProvider, install

TIMES = 2000


class Nowhere(SpanExporter):
    def export(self, spans):  # noqa: ARG002
        return SpanExportResult.SUCCESS


def stock_root(tracer):
    for _ in range(TIMES):
        with tracer.start_as_current_span("work"):
            pass


@journey("parts_ordering_flow")
def decorated():
    """Do nothing, watched."""


@step("PartsService.getSupplierQuotes")
def decorated_step():
    """Do nothing, watched."""


def journey_decorator():
    for _ in range(TIMES):
        decorated()


def journey_block():
    for _ in range(TIMES):
        with journey("parts_ordering_flow"):
            pass


def journey_set_3():
    for _ in range(TIMES):
        with journey("parts_ordering_flow") as run:
            run.set("sms.order.type", "standard")
            run.set("sms.supplier.count", 3)
            run.set("sms.order.items", 7)


def step_decorator():
    with journey("parts_ordering_flow"):
        for _ in range(TIMES):
            decorated_step()


def step_block():
    with journey("parts_ordering_flow"):
        for _ in range(TIMES):
            with step("PartsService.getSupplierQuotes"):
                pass


def counter_add():
    for _ in range(TIMES):
        metrics.parts_quotes_requested.add(1, urgency="urgent")


def histogram_record():
    for _ in range(TIMES):
        metrics.offline_sync_duration.record(3.5, data_size_category="small")


def timed(call, *arguments):
    start = perf_counter()
    call(*arguments)
    return perf_counter() - start


def main(rounds=15):
    resource = Resource({"service.name": "bench"})
    stock = StockProvider(resource=resource, shutdown_on_exit=False)
    stock.add_span_processor(BatchSpanProcessor(Nowhere()))
    tracer = stock.get_tracer("bench")
    kept = deque(maxlen=2048)
    install(tracer=TracerProvider(kept.append, resource=resource))
    registry = CellRegistry((m for m in SMS_CATALOG.metrics.values() if m.access == "public"), bound=bound_context)
    registry.bind()
    ports.record, ports.enabled = JourneyMetrics(registry).record, True
    bind_context(company_id="cmp_1", vessel_id="vsl_1")
    cases = [
        journey_decorator,
        journey_block,
        journey_set_3,
        step_decorator,
        step_block,
        counter_add,
        histogram_record,
    ]
    print(f"{'case':<20}{'ours us':>10}{'stock root us':>15}{'ratio':>8}")
    ratios = {}
    for case in cases:
        timed(stock_root, tracer), timed(case)
        rows = [(timed(stock_root, tracer), timed(case)) for _ in range(rounds)]
        stock_us, ours_us = (median(row[side] for row in rows) / TIMES * 1e6 for side in (0, 1))
        ratio = median(ours / theirs for theirs, ours in rows)
        print(f"{case.__name__:<20}{ours_us:>10.2f}{stock_us:>15.2f}{ratio:>8.2f}")
        ratios[case.__name__] = ratio
    stock.shutdown()
    return ratios


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
