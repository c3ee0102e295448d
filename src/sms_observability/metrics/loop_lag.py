"""How late the event loop runs what is due: what a blocking call in an `async def` does to everybody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from weakref import WeakSet

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

INTERVAL: Final = 0.5
"""Seconds between two looks."""


class LoopLag:
    """Measures the lag of running event loops.

    A timer, not a task: it holds no loop open, and whoever waits for all tasks to end does not wait for it.

    Args:
        record: Told of each lag, in seconds: what `sms.eventloop.lag` records.
        interval: Seconds between two looks.

    Example:
        >>> lags = []
        >>> async def serve() -> None:
        ...     LoopLag(lags.append, interval=0.01).watch()
        ...     await asyncio.sleep(0.05)
        >>> asyncio.run(serve())
        >>> len(lags) > 0
        True
    """

    __slots__ = ("_interval", "_record", "_round", "_watched")

    def __init__(self, record: Callable[[float], None], interval: float = INTERVAL) -> None:
        self._record = record
        self._interval = interval
        self._watched: WeakSet[asyncio.AbstractEventLoop] = WeakSet()
        # Timers of an earlier round find that it is over; only the loop's own thread could cancel them.
        self._round = object()

    def watch(self) -> bool:
        """Watch the running loop from now on; a second call for the same loop changes nothing.

        Returns:
            Whether there is a running loop.
        """
        import asyncio  # a process without event loops never gets here

        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return False
        if loop not in self._watched:
            self._watched.add(loop)
            self._look(loop, self._round)
        return True

    def stop(self) -> None:
        """Watch no loop any more; from any thread."""
        self._round = object()
        self._watched = WeakSet()

    def _look(self, loop: asyncio.AbstractEventLoop, this_round: object) -> None:
        due = loop.time() + self._interval

        def look() -> None:
            if self._round is not this_round:
                return
            self._record(max(loop.time() - due, 0.0))
            self._look(loop, this_round)

        loop.call_at(due, look)
