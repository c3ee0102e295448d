"""A program in which a tired developer puts a figure wherever he can: `python -m tests.privacy.sinks` crashes.

Everything that it writes to standard output and error is a way out of the process like any other.
"""

from __future__ import annotations

import contextlib
import json
import logging
import threading
import urllib.request
import warnings
from decimal import Decimal

import httpx
import requests
import structlog
import urllib3
from fastapi import FastAPI
from fastapi.testclient import TestClient
from opentelemetry import trace

from sms_observability import (
    HealthCheck,
    Restricted,
    get_logger,
    health_router,
    init_observability,
    journey,
    metrics,
    step,
)

SECRET = "48611.37"
QUERY = "hush7f"


def unhealthy() -> None:
    """Fail, and say too much."""
    raise ValueError(f"no stock at {SECRET}")


def main() -> None:
    """Leak."""
    app = FastAPI()
    observability = init_observability("parts-api", app=app, log_level="DEBUG")
    app.include_router(health_router([HealthCheck("suppliers", unhealthy)]))

    @app.get("/quote/{part}")
    def quote(part: str) -> str:
        raise ValueError(f"{part} costs {SECRET}")

    cost = Restricted(Decimal(SECRET))
    plain = cost.reveal(reason="test")
    for say in (logging.getLogger("portal").info, get_logger().info, structlog.get_logger().warning):
        say(f"Quoted {cost} and {plain}")
        say("Quoted %s", plain)
    get_logger().info("Quoted", cost=cost, state=plain, colour=str(plain), unit_cost=plain)
    logging.getLogger("portal").info("Quoted %.2f", cost)
    with contextlib.suppress(ValueError), journey("parts_ordering_flow"), step("MarkupService.calculatePrice") as run:
        run.set("state", plain)
        run.set("sms.parts.markup", cost)
        unhealthy()
    trace.get_tracer("portal").start_span(f"quote {plain}", attributes={"state": str(plain), "cost": str(plain)}).end()
    metrics.parts_order_value_dollars.record(plain)
    metrics.restricted.supplier_cost.record(cost, supplier_id="s", parts_category="pump")
    warnings.warn(f"costs {SECRET}", stacklevel=1)
    thread = threading.Thread(target=unhealthy)
    thread.start()
    thread.join()

    with TestClient(app, raise_server_exceptions=False) as client:
        for path in ("/health", "/readyz?verbose", "/livez", f"/quote/7?cost={SECRET}", f"/nothing/{QUERY}"):
            print(client.get(path).text)
        with httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(200))) as outgoing:
            outgoing.get(f"https://exchange.example/{QUERY}?sig={QUERY}")
        address = f"http://127.0.0.1:9/{QUERY}?sig={QUERY}"
        for call in (
            lambda: requests.get(address, timeout=1),
            lambda: urllib3.PoolManager(retries=urllib3.Retry(1)).request("GET", address),
            lambda: urllib.request.urlopen(address, timeout=1),
        ):
            with contextlib.suppress(Exception):
                call()
    observability.flush()
    print(json.dumps(observability.accounting()))
    unhealthy()


if __name__ == "__main__":
    main()
