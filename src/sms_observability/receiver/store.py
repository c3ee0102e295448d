"""What has arrived: the newest items of each signal, and how many there were in all."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sms_observability.receiver.items import Signal


class Store:
    """Keeps the newest items; safe to use from any thread.

    Args:
        keep: How many items of each signal.
    """

    def __init__(self, keep: int) -> None:
        self._changed = threading.Condition()
        self._changes = 0
        self._items: dict[Signal, deque[Any]] = {signal: deque(maxlen=keep) for signal in ("traces", "logs", "metrics")}
        self._counts: dict[Signal, int] = dict.fromkeys(self._items, 0)
        self._requests: dict[Signal, int] = dict.fromkeys(self._items, 0)
        self._wire_bytes: dict[Signal, int] = dict.fromkeys(self._items, 0)

    def add(self, signal: Signal, items: Sequence[Any], count: int, wire_bytes: int) -> None:
        """Keep the items of one accepted request and count them."""
        with self._changed:
            self._items[signal].extend(items)
            self._counts[signal] += count
            self._requests[signal] += 1
            self._wire_bytes[signal] += wire_bytes
            self._changes += 1
            self._changed.notify_all()

    def snapshot(self, signal: Signal) -> list[Any]:
        """Give the items that are kept, oldest first."""
        with self._changed:
            return list(self._items[signal])

    def totals(self) -> dict[Signal, dict[str, int]]:
        """Give how many items, requests and bytes have been accepted in all."""
        with self._changed:
            return {
                signal: {
                    "items": self._counts[signal],
                    "requests": self._requests[signal],
                    "wire_bytes": self._wire_bytes[signal],
                }
                for signal in self._items
            }

    def clear(self) -> None:
        """Forget all items and start counting anew."""
        with self._changed:
            for signal, items in self._items.items():
                items.clear()
                self._counts[signal] = self._requests[signal] = self._wire_bytes[signal] = 0
            self._changes += 1
            self._changed.notify_all()

    def wait_for(self, condition: Callable[[], bool], timeout: float) -> bool:
        """Wait until a condition holds, asked again whenever something has arrived.

        The condition runs outside the lock, so that it may take its time.
        """
        deadline = time.monotonic() + timeout
        while True:
            with self._changed:
                seen = self._changes
            if condition():
                return True
            with self._changed:
                if not self._changed.wait_for(lambda: self._changes != seen, deadline - time.monotonic()):  # noqa: B023
                    break
        return condition()
