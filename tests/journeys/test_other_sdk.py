"""Journeys where somebody else's SDK was there first: its spans, our attributes, nothing of ours breaks in between."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from inline_snapshot import snapshot

from sms_observability.catalog import SMS_CATALOG
from sms_observability.journeys import journey, ports, step
from sms_observability.metrics import CellRegistry, JourneyMetrics

# The API takes one provider in the life of a process, so this is another process.
PROGRAM = """
import json, logging
logging.basicConfig(level=logging.DEBUG)
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sms_observability.journeys import journey, ports, step

exporter, recorded = InMemorySpanExporter(), []
provider = TracerProvider(shutdown_on_exit=False)
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)
ports.record = lambda journey, outcome, seconds, breached, trace: recorded.append([outcome, trace is not None])
ports.enabled = True

class Hostile:
    def __str__(self): raise SystemExit
    __repr__ = __hash__ = __str__

@journey("parts_ordering_flow")
def stream():
    with step("PartsService.getSupplierQuotes") as run:
        run.set(Hostile(), Hostile())
        run.set("sms.supplier.count", 3)
        run.fail(Hostile())
    yield 1
    raise LookupError("cost 1250.3175")

try:
    for _ in stream():
        assert not trace.get_current_span().is_recording()
except LookupError:
    pass
spans = [
    [s.name, sorted(s.attributes), s.status.status_code.name, s.status.description, [e.name for e in s.events]]
    for s in exporter.get_finished_spans()
]
text = " ".join(s.to_json() for s in exporter.get_finished_spans())
print(json.dumps({"spans": spans, "recorded": recorded, "leaked": "1250.3175" in text}))
"""


def test_somebody_else_s_spans_carry_the_journey() -> None:
    """Any value is taken, the current span follows the generator, and the message of the exception stays here."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert json.loads(done.stdout) == snapshot(
        {
            "spans": [
                [
                    "PartsService.getSupplierQuotes",
                    [
                        "<unprintable Hostile>",
                        "sms.sla.budget_remaining_ms",
                        "sms.sla.budget_share",
                        "sms.step.name",
                        "sms.step.reason",
                        "sms.supplier.count",
                    ],
                    "ERROR",
                    None,
                    [],
                ],
                [
                    "parts_ordering_flow",
                    [
                        "sms.journey.name",
                        "sms.journey.outcome",
                        "sms.journey.revenue",
                        "sms.sla.breached",
                        "sms.sla.duration_ms",
                        "sms.sla.threshold_ms",
                    ],
                    "ERROR",
                    "LookupError",
                    ["exception"],
                ],
            ],
            "recorded": [["failure", True]],
            "leaked": False,
        }
    )


def test_a_journey_is_counted_with_its_own_trace(watched: Any) -> None:
    """Span, duration, breach and exemplar belong to the same run."""
    registry = CellRegistry(metric for metric in SMS_CATALOG.metrics.values() if metric.access == "public")
    ports.record = JourneyMetrics(registry).record
    with journey("parts_ordering_flow"), step("PartsService.getSupplierQuotes"):
        pass
    flow = watched.named("parts_ordering_flow")
    data = {data.name: data for data in registry.collect()}
    (point,) = data["sms.journey.duration"].points
    assert point.attributes == {"journey": "parts_ordering_flow", "outcome": "success"}
    assert point.sum * 1000 == pytest.approx(flow.attributes_["sms.sla.duration_ms"])  # type: ignore[union-attr, operator]
    (exemplar,) = point.exemplars  # type: ignore[union-attr]
    assert (exemplar.trace_id, exemplar.span_id) == (flow.trace_id, flow.span_id)
    (breaches,) = data["sms.journey.sla.breaches"].points
    assert breaches.value == 0  # type: ignore[union-attr]
