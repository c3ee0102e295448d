"""What `explain-sampling` says of a trace is what the real Collector does with it, on ten thousand random ones."""

from __future__ import annotations

import os
import random

import pytest
import yaml
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from servers import otlp
from servers.collector import POLICY, TOPOLOGY, Collector
from servers.otlp_sink import OtlpSink
from servers.waiting import wait_until
from sms_observability.sampling import SampledSpan, explain, read_rules

pytestmark = [pytest.mark.servers, pytest.mark.timeout(90)]

TRACES = 10_000
RECORD = "processor.tailsamplingprocessor.recordpolicy"

NAMES = [
    *("parts_ordering_flow", "technician_sync_flow", "payment.charge", "PartsService.getSupplierQuotes", "crew_change"),
    *("POST /api/parts/quote", "HTTP POST /api/v2/payments", "GET /api/vessels/{vessel_id}", "INSERT spare_parts", ""),
]
VALUES: list[otlp.Plain] = [True, False, "true", 1, 0, "", 1.0]


def random_trace(random_: random.Random, trace_id: bytes) -> list[Span]:
    spans = []
    for _ in range(random_.choice([1, 1, 2, 3])):
        attributes = {
            key: random_.choice(VALUES)
            for key in ("sms.journey.revenue", "sms.sla.breached")
            if random_.random() < 0.15
        }
        span = otlp.span(
            random_.choice(NAMES),
            trace_id=trace_id,
            attributes=attributes,
            milliseconds=random_.choice([0, 5, 300, 300, 300, 998, 999, 999.9, 1000, 1000.9, 1001, 4000]),
        )
        shift = random_.choice([0, 0, 1, 400]) * 1_000_000
        span.start_time_unix_nano += shift
        span.end_time_unix_nano += shift
        if random_.random() < 0.05:
            span.status.code = random_.choice([Status.STATUS_CODE_ERROR, Status.STATUS_CODE_OK])
        spans.append(span)
    return spans


def seen(span: Span) -> SampledSpan:
    attributes = {
        key: value for key, value in otlp.attributes(span.attributes).items() if isinstance(value, str | int | float)
    }  # noqa: E501
    failed = span.status.code == Status.STATUS_CODE_ERROR
    return SampledSpan(span.name, failed, span.start_time_unix_nano, span.end_time_unix_nano, attributes)


def test_the_explanation_is_what_the_collector_does() -> None:
    """Kept or dropped, and by which rule: no disagreement."""
    random_ = random.Random(os.environ.get("SMS_SEED", "sampling"))
    rules = read_rules(yaml.safe_load(POLICY[1].read_text(encoding="utf-8")))
    traces = {}
    for _ in range(TRACES):
        trace_id = random_.randbytes(16)
        traces[trace_id] = random_trace(random_, trace_id)

    with (
        OtlpSink() as sink,
        Collector([TOPOLOGY, *POLICY], backend=sink.url, gates=[RECORD]) as collector,
    ):
        everything = list(traces.values())
        for start in range(0, TRACES, 2000):
            chunk = everything[start : start + 2000]
            collector.send("traces", otlp.traces(span for trace in chunk for span in trace))
        decided = "otelcol_processor_tail_sampling_global_count_traces_sampled"
        wait_until(lambda: collector.counter(decided) >= TRACES, "a decision on every trace")
        assert collector.stop() == 0, collector.output()
        by_rule: dict[bytes, str] = {}
        for request in sink.traces:
            for resource in request.resource_spans:
                for scope in resource.scope_spans:
                    rule = str(otlp.attributes(scope.scope.attributes)["tailsampling.policy"])
                    by_rule.update({span.trace_id: rule for span in scope.spans})

    disagreements = []
    for trace_id, spans in traces.items():
        said = explain(rules, trace_id, [seen(span) for span in spans])
        if (said.rule or None) != by_rule.get(trace_id):
            disagreements.append((said, by_rule.get(trace_id)))
    assert disagreements == []
    assert {rule.name for rule in rules} == set(by_rule.values()), "a rule was never tried"
    assert 0.2 * TRACES < len(by_rule) < 0.9 * TRACES
