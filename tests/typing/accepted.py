"""What a type checker must accept."""

from decimal import Decimal

from sms_observability import metrics
from sms_observability.catalog import Field, Journey, JourneyName, Metric, Step, StepName
from sms_observability.journeys import journey, step
from sms_observability.metrics import (
    CellRegistry,
    JourneyMetrics,
    RuntimeMetrics,
    TelemetryMetrics,
    offline_sync_duration,
    parts_order_value_dollars,
    parts_orders_failed,
    parts_quotes_requested,
    restricted,
    users_active,
)
from sms_observability.privacy import Restricted

parts_quotes_requested.add()
parts_quotes_requested.add(1, urgency="urgent", company_id="cmp_1")
parts_order_value_dollars.record(Decimal("12.50"), vessel_id=None)
parts_orders_failed.add(1, failure_reason="supplier")
offline_sync_duration.record(3, data_size_category="small")
users_active.set(4.0, role="technician")
restricted.parts_markup_realized.record(Restricted(Decimal("2.50")), parts_category="engine")
restricted.parts_markup_realized.record(2.5)
restricted.equipment_documented.add(1, tech_id="t-1")

retries = Metric.counter("sms.quotes.retried", unit="{retry}", labels=[Field("cause")])
retries.add(1, cause="timeout")
hidden = Metric.histogram("rebates.paid", unit="dollars", access="restricted")
hidden.record(Restricted(Decimal(3)))

name: JourneyName = "parts_ordering_flow"
step_name: StepName = "MarkupService.calculatePrice"
refund_flow = Journey("refund_flow", sla_ms=2000, steps=(Step("Payment.refund"),))

metrics.parts_quotes_requested.add(1, urgency="urgent", vessel_id="vsl_1")
metrics.restricted.parts_markup_realized.record(Restricted(Decimal(2)))
registry = CellRegistry([retries, hidden])
sources = [registry.collect, RuntimeMetrics().collect, TelemetryMetrics(dict).collect]
JourneyMetrics(registry).record(refund_flow, "success", 1.5, breached=False)


@journey("parts_ordering_flow")
def quote(part: str, *, count: int) -> str:
    with step("PartsService.getSupplierQuotes") as run:
        run.set("sms.supplier.count", 3)
    return part * count


@journey(refund_flow)
async def refund() -> int:
    async with step(refund_flow.steps[0]) as run:
        run.fail("refused")
    return 3


class Service:
    @step("Database.saveQuote")
    async def save(self, text: str) -> int:
        return len(text)


async def use() -> int:
    text: str = quote("a", count=2)
    return await refund() + await Service().save(text)
