"""The sync service: a technician's work without a network reaches the portal, and everybody on board hears of it.

Run it alone: `uvicorn examples.portal.sync:app --port 8002`
"""

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Header, HTTPException, Query, WebSocket, WebSocketDisconnect
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from examples.portal.access import Bearer, validate_offline_token
from examples.portal.catalogue import PORTAL_CATALOG
from examples.portal.database import Equipment, Session, ping
from examples.portal.telemetry import telemetry_router
from sms_observability import bind_context, get_logger, health_router, init_observability, journey, metrics, step

app = FastAPI(title="Sync")
observability = init_observability("sync-api", app=app, catalog=PORTAL_CATALOG)
app.include_router(health_router({"database": ping}))
app.include_router(telemetry_router(observability))

log = get_logger()
PHOTO_BYTES = 1_000_000
AT_ONCE = 10
_watching: set[WebSocket] = set()


class Item(BaseModel):
    """A piece of equipment, as documented on board."""

    equipment_id: str
    equipment_type: Literal["pump", "engine", "valve", "radar"]
    notes: str = ""
    photos: Annotated[int, Field(ge=0)] = 0
    updated_at: datetime


class Upload(BaseModel):
    """What was collected without a network."""

    vessel_id: str
    items: Annotated[list[Item], Field(min_length=1)]
    checksum: str


class Notification(BaseModel):
    """Something that people on a vessel want to hear."""

    vessel_id: str
    text: str


@app.post("/api/sync/upload")
@journey("technician_sync_flow")
async def upload(upload: Upload, bearer: Bearer, content_length: Annotated[int, Header()] = 0) -> dict[str, int]:
    """Take over what a technician did without a network."""
    began = time.perf_counter()
    technician = validate_offline_token(bearer)
    bind_context(vessel_id=upload.vessel_id)
    with step("SyncService.validateChecksum"):
        if upload.checksum != checksum(upload.items):
            raise HTTPException(400, "the upload was damaged on its way")

    newer, conflicts = await asyncio.to_thread(merge, upload)
    await asyncio.to_thread(save, upload.vessel_id, newer)
    with step("QualityScore.calculate"):
        for item in newer:
            metrics.quality_score.record(quality(item), equipment_type=item.equipment_type)
            metrics.photos_uploaded.add(item.photos, equipment_type=item.equipment_type)
            metrics.restricted.equipment_documented.add(1, tech_id=technician.user_id)
    metrics.equipment_documented.add(len(newer))
    await broadcast({"vessel_id": upload.vessel_id, "updated": len(newer)})

    metrics.offline_sync_duration.record(time.perf_counter() - began, data_size_category=size(content_length))
    metrics.feature_usage.add(1, feature="offline_sync", role=technician.role)
    log.info("Upload taken over", items=len(newer), conflicts=conflicts)
    return {"updated": len(newer), "conflicts": conflicts}


@step("ConflictResolver.mergeData")
def merge(upload: Upload) -> tuple[list[Item], int]:
    """Keep what is newer than what the portal has; the rest are conflicts."""
    with Session() as db:
        known = {each.id: each.updated_at for each in db.query(Equipment).filter_by(vessel_id=upload.vessel_id)}
    newer = [
        item
        for item in upload.items
        if item.equipment_id not in known or item.updated_at > known[item.equipment_id].replace(tzinfo=UTC)
    ]
    return newer, len(upload.items) - len(newer)


@step("Database.bulkUpsert")
def save(vessel_id: str, items: list[Item]) -> None:
    """Write all items in one transaction."""
    with Session.begin() as db:
        for item in items:
            db.merge(
                Equipment(
                    id=item.equipment_id,
                    vessel_id=vessel_id,
                    equipment_type=item.equipment_type,
                    notes=item.notes,
                    photos=item.photos,
                    updated_at=item.updated_at,
                )
            )


@step("WebSocket.broadcastUpdate")
async def broadcast(update: dict[str, Any]) -> None:
    """Tell everybody who is watching."""
    for socket in list(_watching):
        try:
            await socket.send_json(update)
        except (WebSocketDisconnect, RuntimeError):
            _watching.discard(socket)


@app.get("/api/sync/photos/{vessel_id}")
def photos(vessel_id: str, bearer: Bearer, count: Annotated[int, Query(gt=0, le=200)] = 1) -> StreamingResponse:
    """Export pictures of a vessel's equipment, a megabyte each."""
    validate_offline_token(bearer)
    bind_context(vessel_id=vessel_id)
    log.info("Photos exported", count=count)
    length = {"Content-Length": str(count * PHOTO_BYTES)}
    return StreamingResponse(_pictures(count), media_type="application/octet-stream", headers=length)


async def _pictures(count: int) -> AsyncIterator[bytes]:
    for first in range(0, count, AT_ONCE):
        yield bytes(PHOTO_BYTES * min(AT_ONCE, count - first))


@app.post("/api/notifications", status_code=202)
async def notification(notification: Notification) -> None:
    """Pass on what another service has to say."""
    bind_context(vessel_id=notification.vessel_id)
    await broadcast(notification.model_dump())
    log.info("Notification sent")


@app.websocket("/ws/updates")
async def updates(socket: WebSocket) -> None:
    """Keep a browser informed."""
    await socket.accept()
    _watching.add(socket)
    try:
        while True:
            await socket.receive_text()
    except WebSocketDisconnect:
        _watching.discard(socket)


def checksum(items: list[Item]) -> str:
    """Give the checksum that the tablet computes as well."""
    text = json.dumps([item.model_dump(mode="json") for item in items], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def quality(item: Item) -> int:
    """Score a documentation from 0 to 100: words and pictures."""
    return min(60, len(item.notes)) + min(40, 20 * item.photos)


def size(content_length: int) -> Literal["small", "medium", "large", "huge"]:
    """Give the category of an upload's size."""
    megabytes = content_length / 1_000_000
    return "small" if megabytes < 1 else "medium" if megabytes < 10 else "large" if megabytes < 100 else "huge"  # noqa: PLR2004
