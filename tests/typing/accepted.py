"""What a type checker must accept."""

from decimal import Decimal

from sms_observability.catalog import Field, Journey, JourneyName, Metric, Step, StepName
from sms_observability.metrics._instruments import (
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
step: StepName = "MarkupService.calculatePrice"
journey = Journey("refund_flow", sla_ms=2000, steps=(Step("Payment.refund"),))
