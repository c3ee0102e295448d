"""The suppliers' exchange: who has a part, and at what cost. What it answers is restricted from the first moment."""

import asyncio
from dataclasses import dataclass
from decimal import Decimal

import httpx

from examples.portal.faults import is_on
from sms_observability import Restricted, get_logger

log = get_logger()

EXCHANGE = "https://exchange.example"


class SupplierError(Exception):
    """The exchange does not answer, or nobody has the part."""


@dataclass(frozen=True)
class SupplierQuote:
    """What a supplier wants for one piece."""

    supplier_id: str
    unit_cost: Restricted[Decimal]


async def quotes(part_no: str) -> list[SupplierQuote]:
    """Ask all suppliers for a part.

    Raises:
        SupplierError: There is no answer or no offer.
    """
    response = await _exchange.get(f"{EXCHANGE}/quotes/{part_no}")
    if response.is_error:
        log.warning("Supplier exchange failed", status_code=response.status_code)
        raise SupplierError
    return [SupplierQuote(each["supplier"], Restricted(Decimal(each["unit_cost"]))) for each in response.json()]


async def place_order(part_no: str, quantity: int) -> None:
    """Order a part from whoever offered it.

    Raises:
        SupplierError: The order was not taken.
    """
    response = await _exchange.post(f"{EXCHANGE}/orders", json={"part_no": part_no, "quantity": quantity})
    if response.is_error:
        raise SupplierError


@dataclass(frozen=True)
class Listing:
    """A part on the exchange, which is simulated here: nothing leaves the machine."""

    category: str
    unit_costs: tuple[str, ...]
    seconds: float = 0.02
    fails_first: bool = False
    sold_out: bool = False


MARKET = {
    "PUMP-100": Listing("pump", ("1412.37", "1428.91")),
    "VALVE-20": Listing("valve", ("1187.43",)),
    "TURBO-900": Listing("engine", ("9120.53", "9344.17"), seconds=3.1),
    "FILTER-3": Listing("filter", ("1038.19", "1036.83"), fails_first=True),
    "PROPELLER-1": Listing("propulsion", ("15833.61",), sold_out=True),
    "GASKET-0": Listing("seal", ()),
}

_failed_before: set[str] = set()


def _fails(ordering: bool, part_no: str) -> bool:  # noqa: FBT001 - of one call below
    """Say whether the exchange is in trouble: it takes no orders, and has lost some of its offers."""
    return is_on("supplier_fails") and (ordering or part_no.startswith("VALVE"))


async def _answer(request: httpx.Request) -> httpx.Response:
    await request.aread()
    ordering = request.method == "POST"
    part_no = httpx.Response(200, content=request.content).json()["part_no"] if ordering else request.url.path[8:]
    listing = MARKET.get(part_no)
    if listing is None or not listing.unit_costs or _fails(ordering, part_no):
        return httpx.Response(503)
    await asyncio.sleep(0.02 if ordering else listing.seconds)
    if listing.fails_first and part_no not in _failed_before:
        _failed_before.add(part_no)
        return httpx.Response(503)
    if ordering:
        return httpx.Response(409 if listing.sold_out else 201)
    offers = [{"supplier": f"sup_{n}", "unit_cost": cost} for n, cost in enumerate(listing.unit_costs, 1)]
    return httpx.Response(200, json=offers)


_exchange = httpx.AsyncClient(transport=httpx.MockTransport(_answer))
