"""What waits of one signal, and the account of where its items went."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, TypedDict

if TYPE_CHECKING:
    from collections.abc import Callable

    from sms_observability.export.records import Scope, Signal

Item = tuple["Scope", bytes, int]
"""The scope, the encoded item, and for how many it counts (metrics: data points)."""

OVERHEAD: Final = 128
"""What an item costs beside its bytes: a bytes object, a tuple, a place in the queue."""

POLICY_REASONS: Final = frozenset({"policy", "restricted", "redacted"})
"""Reasons to drop that are what was asked for, and no loss."""


class Accounting(TypedDict):
    """Where the items of one signal went; `emitted = delivered + spooled + queued + dropped`."""

    emitted: int
    delivered: int
    spooled: int
    queued: int
    dropped: dict[str, int]


class Lane:
    """What waits of one signal, and its account; changed under the buffer's lock only.

    Attributes:
        added: How many items were ever put in; with `taken` it says which have left.
        wake_at: So many items that wait wake the worker.
    """

    __slots__ = (
        "added",
        "awake",
        "bytes",
        "count",
        "delivered",
        "dropped",
        "emitted",
        "in_flight",
        "in_flight_bytes",
        "items",
        "lost",
        "most",
        "queued",
        "signal",
        "taken",
        "wake",
        "wake_at",
        "wake_bytes",
    )

    def __init__(
        self, signal: Signal, wake: Callable[[], object], wake_at: int, wake_bytes: int, most: int | None
    ) -> None:
        self.signal: Signal = signal
        self.wake = wake
        self.wake_at = wake_at
        self.wake_bytes = wake_bytes
        self.most = most
        self.items: deque[Item] = deque()
        self.awake = False
        self.added = self.taken = self.bytes = self.queued = 0
        self.in_flight = self.in_flight_bytes = 0
        self.emitted = self.delivered = self.lost = 0
        self.dropped: dict[str, int] = {}

    def drop(self, reason: str, count: int) -> None:
        """Count items as dropped; they are counted as emitted by somebody else."""
        self.dropped[reason] = self.dropped.get(reason, 0) + count
        if reason not in POLICY_REASONS:
            self.lost += count


def size_of(item: Item) -> int:
    """Give the bytes that an item costs."""
    return len(item[1]) + OVERHEAD
