"""A service that uses the library in all ways that leave telemetry; `test_library.py` runs it behind the Collector."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

import httpx
from fastapi import FastAPI, HTTPException, Request
from sqlalchemy import create_engine, text
from sqlalchemy.pool import StaticPool

from sms_observability import bind_context, get_logger, health_router, init_observability, journey, metrics, step

engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE quotes (id INTEGER PRIMARY KEY, part TEXT)"))
    yield
    engine.dispose()


app = FastAPI(lifespan=lifespan)
observability = init_observability("parts-api", app=app, version="1.2.3", environment="test", region="eu-west-1")
app.include_router(health_router())
log = get_logger()


@step("PartsService.getSupplierQuotes")
async def supplier_costs(base: str) -> Decimal:
    """Call a supplier: another service, here this one."""
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"{base}suppliers/7")
    return Decimal(answer.json()["cost"])


@step("MarkupService.calculatePrice")
async def price(cost: Decimal) -> Decimal:
    """The internal step, recording what only finance may see."""
    metrics.restricted.parts_markup_realized.record(cost * Decimal("0.55"))
    return cost * Decimal("1.55")


@app.post("/api/parts/quote")
@journey("parts_ordering_flow")
async def quote(request: Request) -> dict[str, str]:
    """A journey with all of its steps."""
    bind_context(user_id="usr_1", company_id="comp_2", vessel_id="v-3")
    with step("Auth.validateToken"):
        pass
    cost = await supplier_costs(str(request.base_url))
    amount = await price(cost)
    with step("Database.saveQuote"), engine.begin() as connection:
        connection.execute(text("INSERT INTO quotes (part) VALUES (:part)"), {"part": "pump"})
    with step("WebSocket.broadcastUpdate"):
        pass
    metrics.parts_quotes_requested.add(1, urgency="high")
    metrics.parts_order_value_dollars.record(182.5)
    log.info("Parts quote requested", duration_ms=245, supplier_cost=118.2731)
    logging.getLogger("uvicorn.error").warning("Quote for 118.2731 dollars")
    return {"price": str(amount)}


@app.get("/suppliers/{number}")
async def supplier(number: int) -> dict[str, str]:
    """What a supplier answers."""
    return {"cost": "118.2731"}


@app.post("/api/sync/upload")
@journey("technician_sync_flow")
async def upload() -> None:
    """A journey that fails with a figure in its exception."""
    with step("Auth.validateOfflineToken"):
        log.info("Sync started", sync_id="s-1")
    raise ValueError("margin is 118.2731")


@app.post("/api/vessels/create")
@journey("vessel_onboarding_flow")
async def create() -> None:
    """A journey that the client is to blame for."""
    raise HTTPException(409, "there is one already")


@app.post("/flush")
async def flush() -> dict[str, object]:
    """Send everything now."""
    return {"flushed": observability.flush(10.0), "accounting": observability.accounting()}
