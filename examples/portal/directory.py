"""Where the portal's services are, and the client that they call each other with."""

import os
from typing import Literal

import httpx

Service = Literal["parts", "sync", "vessels", "payments"]
PORTS: dict[Service, int] = {"parts": 8001, "sync": 8002, "vessels": 8003, "payments": 8004}

DECLINED = 402

# Trace context, correlation id and the rest of the SLA's budget travel with every call; nobody has to think of it.
client = httpx.AsyncClient(timeout=5, trust_env=False)
_from_threads = httpx.Client(timeout=5, trust_env=False)


def url(service: Service, path: str) -> str:
    """Give the address of a path of one of our services; `PORTAL_PARTS_URL` and the like say where it is."""
    base = os.environ.get(f"PORTAL_{service.upper()}_URL", f"http://127.0.0.1:{PORTS[service]}")
    return f"{base}{path}"


async def notify(vessel_id: str, text: str) -> None:
    """Tell everybody who watches a vessel, through the sync service."""
    response = await client.post(url("sync", "/api/notifications"), json={"vessel_id": vessel_id, "text": text})
    response.raise_for_status()


def charge(order_id: int, card: str) -> bool:
    """Have a card charged by the payment processor; say whether it was.

    Raises:
        httpx.HTTPError: The payment processor does not answer, or fails.
    """
    response = _from_threads.post(url("payments", "/api/payments"), json={"order_id": order_id, "card": card})
    if response.status_code == DECLINED:
        return False
    response.raise_for_status()
    return True


async def sync_is_up() -> None:
    """Raise if the sync service does not answer; a health check."""
    (await client.get(url("sync", "/livez"))).raise_for_status()
