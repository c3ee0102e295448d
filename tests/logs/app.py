"""A tiny application whose logs are configured as `init_observability` would, with no other part of the library."""

from __future__ import annotations

import logging
import sys
import warnings
from typing import Any

from sms_observability.logs import LogOptions, configure_logs, get_logger, take_over_servers

if "later" not in sys.argv:
    configure_logs(LogOptions(service="served", format="json"))
log = get_logger()


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answer anything; log by each of the ways."""
    if scope["type"] == "lifespan":
        assert (await receive())["type"] == "lifespan.startup"
        take_over_servers()
        await send({"type": "lifespan.startup.complete"})
        assert (await receive())["type"] == "lifespan.shutdown"
        await send({"type": "lifespan.shutdown.complete"})
        return
    if scope["path"] == "/fails":
        raise ValueError("secret-price 118.25")
    log.info("By structlog", path=scope["path"])
    logging.getLogger("parts").info("By %s", "logging")
    warnings.warn("secret-price 118.25", UserWarning, stacklevel=1)
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


if __name__ == "__main__":
    import uvicorn

    if "later" in sys.argv:
        configure_logs(LogOptions(service="served", format="json"))
    uvicorn.run(app, port=int(sys.argv[1]))
