"""What the portal measures beyond the shared catalogue: one journey of the worker, one metric, one field."""

from sms_observability import SMS_CATALOG, Field, Journey, Metric, Step

PLACE_ORDER = Step("Supplier.placeOrder")
COMPLETE_ORDER = Step("Database.completeOrder")

ORDER_FULFILMENT = Journey(
    "order_fulfilment_flow",
    sla_ms=2000,
    owner="revenue",
    description="A paid order is placed with the supplier.",
    steps=(PLACE_ORDER, COMPLETE_ORDER),
)

jobs_taken = Metric.counter(
    "sms.jobs.taken",
    unit="{job}",
    labels=(Field("job_kind", values=("fulfil_order",), description="What there is to do"),),
    description="Jobs that the worker took, repeated ones included",
)

PORTAL_CATALOG = SMS_CATALOG.extend(
    journeys=[ORDER_FULFILMENT],
    metrics=[jobs_taken],
    fields=[Field("equipment_types", type="int", description="How many kinds of equipment an upload had")],
)
