"""What a type checker must refuse: every marked line, and no other."""

from decimal import Decimal

from sms_observability import metrics
from sms_observability.catalog import Field, Journey, JourneyName, Step, StepName
from sms_observability.journeys import journey, step
from sms_observability.metrics import _instruments
from sms_observability.metrics._instruments import parts_order_value_dollars, parts_quotes_requested, restricted
from sms_observability.privacy import Restricted

parts_quotes_requested.add(1, urgencee="urgent")  # refused
parts_quotes_requested.add(1, urgency="very")  # refused
parts_quotes_requested.add(1, user_id="usr_1")  # refused
parts_quotes_requested.add(1, company_id=7)  # refused
parts_quotes_requested.add("1")  # refused
parts_quotes_requested.add(amount=1)  # refused
parts_quotes_requested.record(1)  # refused
parts_order_value_dollars.record()  # refused
parts_order_value_dollars.record(Restricted(Decimal(1)))  # refused
restricted.parts_markup_realised.record(1)  # refused
_instruments.parts_quote_requested.add(1)  # refused
_instruments.parts_markup_realized.record(1)  # refused

name: JourneyName = "parts_order_flow"  # refused
step_name: StepName = "Database.save"  # refused
Journey("refund_flow", 2000)  # refused
Step("A.b", access="restricted")  # refused
Field("a", access="secret")  # refused
Field("a", "restricted")  # refused

metrics.parts_quote_requested.add(1)  # refused
metrics.parts_quotes_requested.add(1, urgencee="urgent")  # refused
metrics.parts_quotes_requested.add(1, urgency="very")  # refused
metrics.parts_markup_realized.record(1)  # refused
metrics.restricted.parts_markup_realized.record(1, user_id="usr_1")  # refused
nothing = metrics.nonsense  # refused

journey("parts_order_flow")  # refused
step("PartsService.getQuotes")  # refused
journey(Step("A.b"))  # refused
step(Journey("refund_flow", sla_ms=2000))  # refused


@journey("parts_ordering_flow")
def quote(part: str, *, count: int) -> str:
    return part * count


quote("a", count="2")  # refused
number: int = quote("a", count=2)  # refused
with journey("parts_ordering_flow") as run:
    run.share("a", 1)  # refused
    run.set(1, 1)  # refused
