"""From the supplier's cost to the customer's price. This is what must never show anywhere."""

from dataclasses import dataclass
from decimal import Decimal

from examples.portal.suppliers import SupplierQuote
from sms_observability import Restricted, declassify, get_logger, metrics, step

log = get_logger()

MARKUP = Restricted(Decimal("0.1873"))


@dataclass(frozen=True)
class Offer:
    """What we offer, and what it costs us."""

    price: Decimal
    cost: Restricted[Decimal]


@step("MarkupService.calculatePrice")  # an internal step: others see QuoteService.prepareQuote
def calculate_price(quotes: list[SupplierQuote], quantity: int, category: str) -> Offer:
    """Take the best supplier and make the customer's price of it."""
    best = min(quotes, key=lambda quote: quote.unit_cost)
    cost = best.unit_cost * quantity
    price = declassify(round(cost + cost * MARKUP, 2), reason="the customer's price")
    metrics.restricted.supplier_cost.record(best.unit_cost, supplier_id=best.supplier_id, parts_category=category)
    metrics.restricted.quotes_offered.add(1, price_band=band(price))
    # A slip, on purpose: the field is restricted, so this line leaves without the figure.
    log.info("Price calculated", markup=MARKUP, parts_category=category)
    return Offer(price, cost)


def band(price: Decimal) -> str:
    """Give the band of a price, by which quotes and orders are compared."""
    return next((f"below_{limit}" for limit in (100, 1_000, 10_000) if price < limit), "10000_and_above")
