"""People use the portal, all day: mostly well, with a few mistakes of their own, and attacks when they are switched on.

Run it against services that are up: `python -m examples.portal.traffic`. It stops at SIGTERM. `PORTAL_PACE` is how many
rounds a second are begun.
"""

import asyncio
import hashlib
import itertools
import json
import os
import random
import signal
import socket
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import httpx

from examples.portal.directory import PORTS, Service, url
from examples.portal.driver import CAPTAIN, LYRA, PURCHASER, TECHNICIAN, VEGA, equipment
from examples.portal.faults import is_on

PARTS = ("PUMP-100", "VALVE-20")
MISTAKE_EVERY = 60
JOIN_EVERY = 7
UPLOAD_EVERY = 3
AT_ONCE = 60
STORM_PAUSE = 0.05
LOOK_PAUSE = 0.5
EXPORT_PAUSE = 0.1
EXPORT_MEGABYTES = 200


class Traffic:
    """Rounds of what customers do, until cancelled.

    Args:
        pace: Rounds a second.
    """

    def __init__(self, pace: float) -> None:
        self._pause = 1 / pace
        self._client = httpx.AsyncClient(timeout=20, trust_env=False)
        self.answers: Counter[str] = Counter()

    async def run(self) -> None:
        """Go on for ever."""
        async with self._client, asyncio.TaskGroup() as group:
            group.create_task(self._customers())
            group.create_task(self._login_storm())
            group.create_task(self._export_storm())
            group.create_task(self._tell())

    async def _customers(self) -> None:
        for service in PORTS:
            while not await self._is_up(service):
                await asyncio.sleep(LOOK_PAUSE)
        await self._join()
        busy = asyncio.Semaphore(AT_ONCE)
        async with asyncio.TaskGroup() as group:
            for number in itertools.count(1):
                await busy.acquire()  # slow services slow their customers down; they do not pile up
                task = group.create_task(self._round(number))
                task.add_done_callback(lambda _: busy.release())
                await asyncio.sleep(self._pause * random.uniform(0.7, 1.3))

    async def _is_up(self, service: Service) -> bool:
        try:
            return (await self._client.get(url(service, "/readyz"))).is_success
        except httpx.HTTPError:
            return False

    async def _join(self) -> None:
        for imo, name, token in (("9074729", "Lyra", CAPTAIN), ("9321483", "Vega", PURCHASER)):
            while await self._post("vessels", "/api/vessels/create", {"imo": imo, "name": name}, token) is None:
                await asyncio.sleep(1)

    async def _round(self, number: int) -> None:
        token, vessel = (CAPTAIN, LYRA) if number % 2 else (PURCHASER, VEGA)
        if number % MISTAKE_EVERY == 0:
            await self._mistake(number // MISTAKE_EVERY, token, vessel)
            return
        if number % JOIN_EVERY == 0:
            await self._post("vessels", "/api/vessels/create", {"imo": "9321483", "name": "Vega"}, PURCHASER)
        if number % UPLOAD_EVERY == 0:
            await self._upload(number)
        await self._send("vessels", "GET", f"/api/vessels/{vessel}", None, token)
        await self._send("parts", "GET", f"/api/parts/quotes/{vessel}", None, token)
        quote = await self._quote(random.choice(PARTS), token, vessel)
        if quote is None:
            return
        body = {"quote_id": quote["quote_id"], "order_type": random.choice(("standard", "express", "emergency"))}
        order = await self._post("parts", "/api/parts/orders", body, token)
        if order is not None:
            await self._post("parts", f"/api/parts/orders/{order['order_id']}/payment", {"card": "4242"}, token)

    async def _mistake(self, number: int, token: str, vessel: str) -> None:
        """Do what people do: a typing error, an unknown part's number of pieces, a forgotten password."""
        if number % 3 == 0:
            await self._post("vessels", "/api/vessels/create", {"imo": "9074728", "name": "Typing error"}, token)
        elif number % 3 == 1:
            await self._quote("PUMP-100", token, vessel, quantity=0)
        else:
            await self._quote("PUMP-100", "token-of-nobody", vessel)

    async def _upload(self, number: int) -> None:
        """Take work ashore from a ship in port."""
        items = [equipment("vega-bilge-pump", "pump", "Checked.", number % 3, datetime.now(UTC))]
        checksum = hashlib.sha256(json.dumps(items, sort_keys=True).encode()).hexdigest()
        body = {"vessel_id": VEGA, "items": items, "checksum": checksum}
        await self._post("sync", "/api/sync/upload", body, TECHNICIAN)

    async def _quote(self, part_no: str, token: str, vessel: str, quantity: int | None = None) -> Any:
        pieces = random.randint(1, 5) if quantity is None else quantity
        urgency = random.choice(("low", "normal", "urgent"))
        body = {"vessel_id": vessel, "part_no": part_no, "quantity": pieces, "urgency": urgency}
        return await self._post("parts", "/api/parts/quote", body, token)

    async def _login_storm(self) -> None:
        """Try one token after the other, while that is switched on."""
        while True:
            if is_on("login_storm"):
                await self._send("vessels", "GET", f"/api/vessels/{LYRA}", None, f"guess-{random.random()}")
            await asyncio.sleep(STORM_PAUSE if is_on("login_storm") else LOOK_PAUSE)

    async def _export_storm(self) -> None:
        """Take every picture there is, while that is switched on."""
        address = httpx.URL(url("sync", f"/api/sync/photos/{LYRA}?count={EXPORT_MEGABYTES}"))
        while True:
            if is_on("export_storm"):
                self.answers[f"sync {await asyncio.to_thread(_take_everything, address)}"] += 1
            await asyncio.sleep(EXPORT_PAUSE if is_on("export_storm") else LOOK_PAUSE)

    async def _post(self, service: Service, path: str, body: Any, token: str) -> Any:
        return await self._send(service, "POST", path, body, token)

    async def _send(self, service: Service, method: str, path: str, body: Any, token: str) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        try:
            response = await self._client.request(method, url(service, path), json=body, headers=headers)
        except httpx.HTTPError as error:
            self.answers[f"{service} {type(error).__name__}"] += 1
            return None
        self.answers[f"{service} {response.status_code}"] += 1
        return response.json() if response.is_success else None

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(10)
            told = ", ".join(f"{what}: {count}" for what, count in sorted(self.answers.items()))
            sys.stdout.write(f"{time.strftime('%H:%M:%S')}  {told}\n")
            sys.stdout.flush()


def _take_everything(address: httpx.URL) -> str:
    """Download by hand and give the status: a client that looks at what it gets is not fast enough for a storm."""
    lines = (f"GET {address.raw_path.decode()} HTTP/1.1", f"Host: {address.host}", "Connection: close")
    head = "\r\n".join((*lines, f"Authorization: Bearer {TECHNICIAN}", "", ""))
    place = memoryview(bytearray(1 << 20))
    try:
        with socket.create_connection((address.host, address.port or 80), timeout=20) as connection:
            connection.sendall(head.encode())
            status = bytes(place[: connection.recv_into(place)]).split()[1].decode()
            while connection.recv_into(place):
                pass
    except (OSError, IndexError) as error:
        return type(error).__name__
    return status


async def _main() -> None:
    task = asyncio.ensure_future(Traffic(float(os.environ.get("PORTAL_PACE", "2"))).run())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        return


if __name__ == "__main__":
    asyncio.run(_main())
