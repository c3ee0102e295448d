"""The payment processor: charges cards. It is a service of its own, so that it can be down on its own.

Run it alone: `uvicorn examples.portal.payments:app --port 8004`
"""

import asyncio

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

from examples.portal.catalogue import PORTAL_CATALOG
from examples.portal.telemetry import telemetry_router
from sms_observability import get_logger, health_router, init_observability

app = FastAPI(title="Payments")
observability = init_observability("payment-processor", app=app, catalog=PORTAL_CATALOG)
app.include_router(health_router())
app.include_router(telemetry_router(observability))

log = get_logger()


class Charge(BaseModel):
    """What is to be paid, and how."""

    order_id: int
    card: str


@app.post("/api/payments", status_code=201)
async def charge(charge: Charge) -> dict[str, str]:
    """Charge a card; a simulated bank takes its time, and declines one that says so."""
    await asyncio.sleep(0.02)
    if charge.card == "declined":
        log.info("Card declined", order_id=charge.order_id)
        raise HTTPException(402, "the card was declined")
    log.info("Card charged", order_id=charge.order_id)
    return {"status": "charged"}
