"""The vessels service: a vessel joins the portal with its equipment.

Run it alone: `uvicorn examples.portal.vessels:app --port 8003`
"""

import asyncio
import os
import time
from typing import Annotated, Any

import httpx
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, Field

from examples.portal import directory
from examples.portal.access import Bearer, validate_token
from examples.portal.catalogue import PORTAL_CATALOG
from examples.portal.database import Equipment, Session, Vessel, ping
from examples.portal.telemetry import telemetry_router
from sms_observability import bind_context, get_logger, health_router, init_observability, journey, metrics, step

app = FastAPI(title="Vessels")
observability = init_observability("vessels-api", app=app, catalog=PORTAL_CATALOG)
app.include_router(health_router({"database": ping}))
app.include_router(telemetry_router(observability))

log = get_logger()

OFFLINE_ALLOWANCE = float(os.environ.get("PORTAL_OFFLINE_ALLOWANCE", "86400"))
ON_EVERY_VESSEL = ("engine", "pump", "radar")


class NewVessel(BaseModel):
    """A vessel that wants to join."""

    imo: Annotated[str, Field(pattern=r"^\d{7}$")]
    name: Annotated[str, Field(min_length=1, max_length=80)]


@app.post("/api/vessels/create", status_code=201)
@journey("vessel_onboarding_flow")
async def create(vessel: NewVessel, bearer: Bearer) -> dict[str, str]:
    """Register a vessel and prepare its equipment list."""
    user = validate_token(bearer)
    vessel_id = f"vsl_{vessel.imo}"
    bind_context(vessel_id=vessel_id)
    metrics.onboarding_started_timestamp.set(time.time())
    metrics.onboarding_progress.set(0)

    with step("ValidationService.checkIMO"):
        if not is_imo_number(vessel.imo):
            raise HTTPException(422, "this is no IMO number")
    with step("IntegrationService.fetchVesselData"):
        data = (await _registry.get(f"https://registry.example/vessels/{vessel.imo}")).raise_for_status().json()
    metrics.onboarding_progress.set(50)

    await asyncio.to_thread(generate_templates, vessel_id, user.company_id, vessel.name, data["home_port"])
    with step("NotificationService.informUsers"):
        await directory.notify(vessel_id, "Welcome on board")

    metrics.onboarding_progress.set(100)
    metrics.vessel_active.set(1)
    metrics.vessel_offline_allowance.set(OFFLINE_ALLOWANCE)
    metrics.company_active.set(1)
    log.info("Vessel joined")
    return {"vessel_id": vessel_id}


@step("EquipmentService.generateTemplates")
def generate_templates(vessel_id: str, company_id: str, name: str, home_port: str) -> None:
    """Save the vessel, with one empty entry for each kind of equipment that every vessel has."""
    with Session.begin() as db:
        db.merge(Vessel(id=vessel_id, company_id=company_id, name=name, home_port=home_port))
        for kind in ON_EVERY_VESSEL:
            db.merge(Equipment(id=f"{vessel_id}-{kind}", vessel_id=vessel_id, equipment_type=kind))


@app.get("/api/vessels/{vessel_id}")
def get(vessel_id: str, bearer: Bearer) -> dict[str, str]:
    """Give what is known of a vessel."""
    user = validate_token(bearer)
    bind_context(vessel_id=vessel_id)
    with Session() as db:
        found = db.get(Vessel, vessel_id)
        if found is None or found.company_id != user.company_id:
            raise HTTPException(404, "no such vessel")
        return {"vessel_id": found.id, "name": found.name, "home_port": found.home_port}


def is_imo_number(imo: str) -> bool:
    """Check the last digit: the others, weighted 7 to 2, end on it."""
    return sum(int(digit) * weight for digit, weight in zip(imo, range(7, 1, -1), strict=False)) % 10 == int(imo[6])


async def _answer(_: httpx.Request) -> httpx.Response:
    await asyncio.sleep(0.05)
    body: dict[str, Any] = {"home_port": "Rotterdam"}
    return httpx.Response(200, json=body)


# The register of ships, simulated: nothing leaves the machine.
_registry = httpx.AsyncClient(transport=httpx.MockTransport(_answer))
