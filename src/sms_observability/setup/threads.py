"""Waiting side by side, and waiting without holding up an event loop."""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

DEFAULT_TIMEOUT: Final = 5.0
_MOST: Final = 86_400.0


def seconds(timeout: object) -> float:
    """Read a time limit; what is no number of seconds is the default.

    Example:
        >>> seconds(2), seconds("soon"), seconds(float("nan")), seconds(-1)
        (2.0, 5.0, 5.0, 0.0)
    """
    if isinstance(timeout, bool) or not isinstance(timeout, (int, float)) or math.isnan(timeout):
        return DEFAULT_TIMEOUT
    return float(min(max(timeout, 0.0), _MOST))


async def in_thread(call: Callable[[], object]) -> None:
    """Await a call that blocks, on a thread of its own: the loop's pool may be full of work that hangs.

    Args:
        call: What it raises is swallowed.
    """
    import asyncio  # whoever awaits this has it; a worker need not

    loop = asyncio.get_running_loop()
    done = asyncio.Event()

    def run() -> None:
        try:
            call()
        finally:
            try:
                loop.call_soon_threadsafe(done.set)
            except RuntimeError:  # the loop was closed meanwhile: nobody waits any more
                return

    threading.Thread(target=run, name="sms-observability-flush", daemon=True).start()
    await done.wait()
