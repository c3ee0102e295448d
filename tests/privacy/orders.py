"""A program: the example portal sells a number of parts, each at a cost and a markup of its own, and writes the truth.

`python -m tests.privacy.orders COUNT SEED TRUTH HOW`: the parts service and the worker in one process. HOW `alone`:
each order is flushed alone, so that each interval of the metrics holds one order, which is the worst case for those who
want to keep a figure, and its cost is so long that no coincidence hits it. HOW `everyday`: costs as they are.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
from examples.portal import parts, pricing, suppliers, worker
from examples.portal.database import Base, engine

from sms_observability import Restricted

PLACE, TOKENS = "vsl_9074729", ("token-captain", "token-purchaser")


class Market:
    """The suppliers' exchange, with a cost of its own for each order."""

    def __init__(self, seed: int, *, everyday: bool) -> None:
        self._random = random.Random(seed)
        self._everyday = everyday
        self.cost = self.rate = Decimal(0)

    def turn(self) -> None:
        """Change cost and markup."""
        if self._everyday:
            self.cost = Decimal(round(10 ** self._random.uniform(2.5, 6.3))) / 100
            self.rate = Decimal(self._random.randrange(1_000, 3_000)) / 10**4
        else:
            self.cost = Decimal(self._random.randrange(10**9, 9 * 10**10)) / 100
            self.rate = Decimal(self._random.randrange(100_000_000, 300_000_000)) / 10**9
        pricing.MARKUP = Restricted(self.rate)

    async def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer as the exchange does."""
        offers = [
            {"supplier": "sup_1", "unit_cost": str(self.cost)},
            {"supplier": "sup_2", "unit_cost": str(self.cost + 7)},
        ]
        return httpx.Response(201 if request.method == "POST" else 200, json=offers)


async def sell(count: int, seed: int, *, everyday: bool) -> list[dict[str, Any]]:
    """Sell parts, one after the other, and give what they cost and brought."""
    market, sold = Market(seed, everyday=everyday), []
    suppliers._exchange = httpx.AsyncClient(transport=httpx.MockTransport(market.answer))
    transport = httpx.ASGITransport(parts.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://parts") as client:
        for number in range(count):
            market.turn()
            headers = {"Authorization": f"Bearer {TOKENS[number % 2]}"}

            async def post(path: str, body: dict[str, Any], headers: dict[str, str] = headers) -> Any:
                return (await client.post(path, json=body, headers=headers)).raise_for_status().json()

            quote = await post("/api/parts/quote", {"vessel_id": PLACE, "part_no": "PUMP-100", "urgency": "normal"})
            order = await post("/api/parts/orders", {"quote_id": quote["quote_id"]})
            await post(f"/api/parts/orders/{order['order_id']}/payment", {"card": "good"})
            assert await worker.work_once()
            if not everyday or number % 50 == 0:
                await asyncio.to_thread(parts.observability.flush, 30)
            price = Decimal(quote["price"])
            truth = {"cost": market.cost, "price": price, "markup": price - market.cost, "rate": market.rate}
            sold.append({**{name: float(value) for name, value in truth.items()}, "until_ns": time.time_ns()})
    return sold


def main(count: int, seed: int, truth: Path, how: str) -> None:
    """Run it."""
    Base.metadata.create_all(engine)
    truth.write_text(json.dumps(asyncio.run(sell(count, seed, everyday=how == "everyday"))), encoding="utf-8")
    parts.observability.shutdown(30)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4])
