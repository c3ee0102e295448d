"""On board of a vessel: its own service, which sends its telemetry to the ship's Collector and its work to the portal.

Run it: `python -m examples.portal.onboard`; `PORTAL_VESSEL` says which vessel it is on. It stops at SIGTERM.
"""

import asyncio
import hashlib
import itertools
import json
import os
import random
import signal
from datetime import UTC, datetime

import httpx

from examples.portal.catalogue import PORTAL_CATALOG
from examples.portal.directory import client, url
from examples.portal.driver import TECHNICIAN, equipment
from examples.portal.faults import is_on
from sms_observability import bind_context, get_logger, init_observability, journey, metrics

PAUSE = 1.0

log = get_logger()


async def work(vessel_id: str) -> None:
    """Document equipment and take it ashore, again and again, while the ship has a connection."""
    bind_context(vessel_id=vessel_id, company_id="cmp_northsea")
    while not await _somebody_answers():
        await asyncio.sleep(PAUSE)
    for number in itertools.count(1):
        if not is_on("vessel_silent"):
            metrics.vessel_active.set(1)
            try:
                await synchronise(vessel_id, number)
            except httpx.HTTPError:
                log.warning("Nobody ashore answers")
        await asyncio.sleep(PAUSE * random.uniform(0.8, 1.2))


async def _somebody_answers() -> bool:
    try:
        return (await client.get(url("sync", "/readyz"))).is_success
    except httpx.HTTPError:
        return False


@journey("technician_sync_flow")
async def synchronise(vessel_id: str, number: int) -> None:
    """Send what was documented since the last time."""
    notes = f"Checked, {number % 7} drops a minute."
    items = [equipment(f"{vessel_id}-bilge-pump-{number % 20}", "pump", notes, number % 3, datetime.now(UTC))]
    digest = hashlib.sha256(json.dumps(items, sort_keys=True).encode()).hexdigest()
    response = await client.post(
        url("sync", "/api/sync/upload"),
        json={"vessel_id": vessel_id, "items": items, "checksum": digest},
        headers={"Authorization": f"Bearer {TECHNICIAN}"},
    )
    response.raise_for_status()
    log.info("Work taken ashore", items=len(items))


async def _main() -> None:
    observability = init_observability("vessel-agent", catalog=PORTAL_CATALOG)
    task = asyncio.ensure_future(work(os.environ.get("PORTAL_VESSEL", "vsl_9074729")))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        log.info("Going below")
    observability.shutdown()


if __name__ == "__main__":
    asyncio.run(_main())
