"""Giving up work that nobody waits for any more."""

import asyncio
from collections.abc import AsyncIterator

from fastapi import Depends, HTTPException, Request

CLIENT_CLOSED_REQUEST = 499


async def _while_client_waits(request: Request) -> AsyncIterator[None]:
    work = asyncio.current_task()
    assert work is not None

    async def watch() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        work.cancel()

    watcher = asyncio.create_task(watch())
    try:
        yield
    except asyncio.CancelledError:
        if not watcher.done():
            raise
        work.uncancel()
        raise HTTPException(CLIENT_CLOSED_REQUEST) from None
    finally:
        watcher.cancel()


while_client_waits = Depends(_while_client_waits)
"""A dependency that cancels the endpoint when its client has gone away; the journey's outcome is `cancelled`."""
