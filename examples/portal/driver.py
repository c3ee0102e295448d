"""Somebody uses the portal: a realistic mix of what goes well and what does not.

Run it against services that are up: `python -m examples.portal.driver`
"""

import asyncio
import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from examples.portal.directory import Service, url

CAPTAIN, PURCHASER, TECHNICIAN = "token-captain", "token-purchaser", "offline-technician"
LYRA, VEGA = "vsl_9074729", "vsl_9321483"
GONE = 0
"""Stands for the status of a request whose client went away."""


class UnexpectedAnswerError(Exception):
    """A service answered otherwise than it should; what follows from the answer cannot be sent."""


@dataclass(frozen=True)
class Sent:
    """A request that was sent, and how it was answered."""

    what: str
    service: Service
    correlation_id: str
    expected: int
    status: int
    seconds: float


@dataclass
class Driver:
    """Sends requests and remembers them.

    Args:
        on_sent: Called after each.
    """

    on_sent: Callable[[Sent], None] = lambda _: None
    sent: list[Sent] = field(default_factory=list)

    async def drive(self) -> list[Sent]:
        """Play the whole day: vessels join, parts are ordered, technicians upload, and some of it goes wrong."""
        async with httpx.AsyncClient(timeout=20, trust_env=False) as client:
            self._client = client
            await self._vessels_join()
            await asyncio.gather(
                self._slow_supplier(),
                self._impatient_client(),
                self._orders(),
                self._troubles(),
                self._uploads(),
            )
        return self.sent

    async def _vessels_join(self) -> None:
        await self._post("a vessel joins", "vessels", "create", {"imo": "9074729", "name": "Lyra"}, CAPTAIN)
        await self._post("a vessel joins", "vessels", "create", {"imo": "9321483", "name": "Vega"}, PURCHASER)
        wrong = {"imo": "9074728", "name": "Typing error"}
        await self._post("a wrong IMO number", "vessels", "create", wrong, CAPTAIN, expected=422)
        await self._send("a vessel is looked up", "vessels", "GET", f"/api/vessels/{LYRA}", None, CAPTAIN, 200)

    async def _orders(self) -> None:
        parts = ("PUMP-100", "VALVE-20", "PUMP-100", "VALVE-20", "PUMP-100", "PROPELLER-1")
        for number, part_no in enumerate(parts):
            token, vessel = (CAPTAIN, LYRA) if number % 2 else (PURCHASER, VEGA)
            urgency = ("low", "normal", "urgent")[number % 3]
            quote = await self._quote("a part is quoted", part_no, token, vessel, quantity=number + 1, urgency=urgency)
            card = "declined" if number == 3 else "4242"  # noqa: PLR2004
            await self._order(quote, token, ("standard", "express", "emergency")[number % 3], card)

    async def _order(self, quote: Any, token: str, order_type: str = "standard", card: str = "4242") -> None:
        body = {"quote_id": quote["quote_id"], "order_type": order_type}
        order = await self._post("a quote is ordered", "parts", "orders", body, token)
        what, expected = ("a card is declined", 402) if card == "declined" else ("an order is paid", 202)
        await self._post(what, "parts", f"orders/{order['order_id']}/payment", {"card": card}, token, expected=expected)

    async def _slow_supplier(self) -> None:
        await self._quote("a supplier is slow", "TURBO-900", CAPTAIN, LYRA)

    async def _impatient_client(self) -> None:
        await self._quote("a client goes away", "TURBO-900", PURCHASER, VEGA, expected=GONE, patience=0.5)

    async def _troubles(self) -> None:
        await self._quote("no supplier answers", "GASKET-0", CAPTAIN, LYRA, expected=502)
        await self._quote("a wrong quantity", "PUMP-100", CAPTAIN, LYRA, expected=422, quantity=0)
        await self._quote("an unknown token", "PUMP-100", "token-of-nobody", LYRA, expected=401)
        # The same transaction again: one correlation id joins the failure and the success.
        again = "retry-of-filter"
        await self._quote("a first try fails", "FILTER-3", CAPTAIN, LYRA, expected=502, correlation_id=again)
        quote = await self._quote("a retry succeeds", "FILTER-3", CAPTAIN, LYRA, correlation_id=again)
        await self._order(quote, CAPTAIN)

    async def _uploads(self) -> None:
        now = datetime.now(UTC)
        pump = equipment("lyra-bilge-pump", "pump", "Bearing replaced, runs without noise.", 2, now)
        radar = equipment("lyra-radar", "radar", "Antenna cleaned.", 1, now)
        await self._upload("a technician uploads", [pump, radar])
        older = equipment("lyra-radar", "radar", "An older note.", 0, now - timedelta(days=1))
        await self._upload("an upload has a conflict", [older, equipment("lyra-engine-2", "engine", "Oil.", 3, now)])
        await self._upload("an upload is damaged", [pump], expected=400, digest="damaged")
        await self._upload("an unknown tablet", [pump], expected=401, token="stolen-tablet")  # noqa: S106

    async def _quote(  # noqa: PLR0913
        self,
        what: str,
        part_no: str,
        token: str,
        vessel: str,
        *,
        expected: int = 201,
        quantity: int = 1,
        urgency: str = "normal",
        correlation_id: str | None = None,
        patience: float = 20,
    ) -> Any:
        body = {"vessel_id": vessel, "part_no": part_no, "quantity": quantity, "urgency": urgency}
        return await self._send(
            what, "parts", "POST", "/api/parts/quote", body, token, expected, correlation_id, patience
        )

    async def _upload(
        self, what: str, items: list[Any], *, expected: int = 200, digest: str | None = None, token: str = TECHNICIAN
    ) -> None:
        text = json.dumps(items, sort_keys=True)
        checksum = digest or hashlib.sha256(text.encode()).hexdigest()
        body = {"vessel_id": LYRA, "items": items, "checksum": checksum}
        await self._post(what, "sync", "upload", body, token, expected=expected)

    async def _post(
        self, what: str, service: Service, path: str, body: Any, token: str, *, expected: int | None = None
    ) -> Any:
        usual = 200 if service == "sync" else 201
        return await self._send(what, service, "POST", f"/api/{service}/{path}", body, token, expected or usual)

    async def _send(  # noqa: PLR0913
        self,
        what: str,
        service: Service,
        method: str,
        path: str,
        body: Any,
        token: str,
        expected: int,
        correlation_id: str | None = None,
        patience: float = 20,
    ) -> Any:
        correlation_id = correlation_id or f"drive-{len(self.sent)}-{time.monotonic_ns() % 10**9}"
        headers = {"Authorization": f"Bearer {token}", "X-Correlation-ID": correlation_id}
        began = time.perf_counter()
        answer: Any = None
        try:
            response = await self._client.request(
                method, url(service, path), json=body, headers=headers, timeout=patience
            )
            status = response.status_code
            if status == expected:
                answer = response.json()
        except httpx.ReadTimeout:
            status = GONE
        sent = Sent(what, service, correlation_id, expected, status, time.perf_counter() - began)
        self.sent.append(sent)
        self.on_sent(sent)
        if status != expected:
            msg = f"{what}: the answer was {status}, not {expected}"
            raise UnexpectedAnswerError(msg)
        return answer


def equipment(equipment_id: str, kind: str, notes: str, photos: int, updated_at: datetime) -> dict[str, Any]:
    """Give a piece of equipment as the tablet sends it."""
    return {
        "equipment_id": equipment_id,
        "equipment_type": kind,
        "notes": notes,
        "photos": photos,
        "updated_at": updated_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }


async def _main() -> None:
    def tell(sent: Sent) -> None:
        print(f"{sent.status:3}  {sent.seconds:5.2f} s  {sent.what}")  # noqa: T201

    await Driver(tell).drive()


if __name__ == "__main__":
    asyncio.run(_main())
