"""The parts service: a customer asks for a part, gets a price, orders and pays.

Run it alone: `uvicorn examples.portal.parts:app --port 8001`
"""

import asyncio
from collections import defaultdict
from decimal import Decimal
from typing import Annotated, Literal

import httpx
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, Field

from examples.portal import directory, jobs, suppliers
from examples.portal.access import Bearer, User, validate_token
from examples.portal.catalogue import PORTAL_CATALOG
from examples.portal.database import Order, OrderType, Quote, Session, ping
from examples.portal.presence import while_client_waits
from examples.portal.pricing import Offer, calculate_price
from examples.portal.telemetry import telemetry_router
from sms_observability import (
    HealthCheck,
    bind_context,
    get_logger,
    health_router,
    init_observability,
    journey,
    metrics,
    step,
)

Urgency = Literal["low", "normal", "urgent"]

app = FastAPI(title="Parts")
observability = init_observability("parts-api", app=app, catalog=PORTAL_CATALOG)
app.include_router(
    health_router([HealthCheck("database", ping), HealthCheck("sync-api", directory.sync_is_up, critical=False)])
)
app.include_router(telemetry_router(observability))

log = get_logger()
_recent: defaultdict[str, list[int]] = defaultdict(list)


class QuoteRequest(BaseModel):
    """What a customer asks for."""

    vessel_id: str
    part_no: str
    quantity: Annotated[int, Field(gt=0, le=100)] = 1
    urgency: Urgency = "normal"


class QuoteResponse(BaseModel):
    """What a customer is told: the price, and nothing of how it came about."""

    quote_id: int
    price: Decimal


class OrderRequest(BaseModel):
    """The quote that a customer takes."""

    quote_id: int
    order_type: OrderType = "standard"


class Payment(BaseModel):
    """How a customer pays."""

    card: str


@app.post("/api/parts/quote", status_code=201, dependencies=[while_client_waits])
@journey("parts_ordering_flow")
async def quote(request: QuoteRequest, bearer: Bearer) -> QuoteResponse:
    """Give a price for a part, within three seconds."""
    user = validate_token(bearer)
    bind_context(vessel_id=request.vessel_id)
    metrics.parts_quotes_requested.add(1, urgency=request.urgency)
    log.info("Parts quote requested", part_no=request.part_no, count=request.quantity)

    with step("PartsService.getSupplierQuotes"):
        try:
            costs = await suppliers.quotes(request.part_no)
        except suppliers.SupplierError as error:
            raise HTTPException(502, "no supplier answers") from error

    category = suppliers.MARKET[request.part_no].category
    offer = calculate_price(costs, request.quantity, category)
    quote_id = await asyncio.to_thread(save_quote, user, request, category, offer)
    with step("Cache.invalidate"):
        _recent.pop(request.vessel_id, None)
    with step("Webhook.notifyUser"):
        await directory.notify(request.vessel_id, "Your quote is ready")

    log.info("Parts quote ready", quote_id=quote_id)
    return QuoteResponse(quote_id=quote_id, price=offer.price)


@step("Database.saveQuote")
def save_quote(user: User, request: QuoteRequest, category: str, offer: Offer) -> int:
    """Keep a quote, its cost included, which reads back as restricted."""
    with Session.begin() as db:
        saved = Quote(
            company_id=user.company_id,
            vessel_id=request.vessel_id,
            part_no=request.part_no,
            parts_category=category,
            quantity=request.quantity,
            price=offer.price,
            cost=offer.cost,
        )
        db.add(saved)
        db.flush()
        return saved.id


@app.post("/api/parts/orders", status_code=201)
def order(request: OrderRequest, bearer: Bearer) -> dict[str, int]:
    """Order what was quoted."""
    user = validate_token(bearer)
    with Session.begin() as db:
        quoted = db.get(Quote, request.quote_id)
        if quoted is None or quoted.company_id != user.company_id:
            raise HTTPException(404, "no such quote")
        bind_context(vessel_id=quoted.vessel_id)
        placed = Order(quote_id=quoted.id, order_type=request.order_type)
        db.add(placed)
        db.flush()
        log.info("Order placed", order_id=placed.id, quote_id=quoted.id)
        return {"order_id": placed.id}


@app.post("/api/parts/orders/{order_id}/payment", status_code=202)
def pay(order_id: int, payment: Payment, bearer: Bearer) -> dict[str, str]:
    """Pay for an order; the worker does the rest."""
    user = validate_token(bearer)
    bind_context(vessel_id=vessel_of(order_id, user))
    try:
        charged = directory.charge(order_id, payment.card)
    except httpx.HTTPError as error:
        metrics.parts_orders_failed.add(1, failure_reason="payment")
        log.warning("Payment processor does not answer", order_id=order_id)
        raise HTTPException(502, "no payments at the moment") from error
    settle(order_id, charged=charged)
    if not charged:
        raise HTTPException(402, "the card was declined")
    return {"status": "paid"}


def vessel_of(order_id: int, user: User) -> str:
    """Give the vessel that an order of the user's company is for."""
    with Session() as db:
        quoted = db.query(Quote).join(Order, Order.quote_id == Quote.id).filter(Order.id == order_id).first()
        if quoted is None or quoted.company_id != user.company_id:
            raise HTTPException(404, "no such order")
        return quoted.vessel_id


def settle(order_id: int, *, charged: bool) -> None:
    """Note what became of the payment, and hand a paid order to the worker."""
    with Session.begin() as db:
        both = db.query(Order, Quote).join(Quote, Order.quote_id == Quote.id).filter(Order.id == order_id)
        placed, quoted = both.one()._tuple()
        if charged:
            placed.status = "paid"
            jobs.hand_over(db, placed, quoted)
            log.info("Order paid", order_id=order_id)
        else:
            placed.status = "failed"
            metrics.parts_orders_failed.add(1, failure_reason="payment")
            log.warning("Payment declined", order_id=order_id)


@app.get("/api/parts/quotes/{vessel_id}")
def recent_quotes(vessel_id: str, bearer: Bearer) -> list[int]:
    """List the quotes of a vessel, from the cache if it has them."""
    validate_token(bearer)
    if vessel_id not in _recent:
        with Session() as db:
            _recent[vessel_id] = [found.id for found in db.query(Quote).filter_by(vessel_id=vessel_id)]
    return _recent[vessel_id]
