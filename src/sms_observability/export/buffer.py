"""What waits to be sent, in one byte budget over all signals, and the account of where every item went.

One lock guards both, so that the account is exact whenever nobody is inside. It can be entered again by its holder: a
signal handler or a finalizer may emit while the interrupted code emits.
"""

from __future__ import annotations

from threading import Condition, RLock
from time import monotonic
from typing import TYPE_CHECKING, Final

from sms_observability.context import is_quiet
from sms_observability.export.lane import OVERHEAD, Accounting, Item, Lane, size_of

__all__ = ["OVERHEAD", "QUEUE_FULL", "Accounting", "Buffer", "Item", "Lane"]

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sms_observability.export.records import Scope, Signal
    from sms_observability.settings import WhenFull

QUEUE_FULL: Final = "queue_full"


class Buffer:
    """Holds what waits, up to a number of bytes.

    Args:
        limit: Bytes, all lanes together, what is in flight included.
        when_full: Whose items go, or who waits.
        block_seconds: How long one that waits does so at most.
    """

    def __init__(self, limit: int, when_full: WhenFull, block_seconds: float) -> None:
        self._lock = RLock()
        self._room = Condition(self._lock)
        self._limit = limit
        self._when_full = when_full
        self._block_seconds = block_seconds
        # Once somebody has waited in vain, nobody waits until something has been sent.
        self._stuck = False
        self._bytes = 0
        self._lanes: list[Lane] = []
        self._closed = ""

    def add_lane(self, lane: Lane) -> None:
        """Take a signal in, before anything is put."""
        self._lanes.append(lane)

    def put(self, lane: Lane, scope: Scope, body: bytes, count: int = 1) -> int:
        """Put an item at the end of its lane, or drop one and count it.

        Returns:
            The number of the item in its lane, for `waiting_body` and `replace`; 0 if it was dropped.
        """
        size = len(body) + OVERHEAD
        with self._lock:
            lane.emitted += count
            if (
                self._closed
                or self._bytes + size > self._limit
                or (lane.most is not None and len(lane.items) >= lane.most)
            ) and not self._make_room(lane, size, count):
                return 0
            lane.items.append((scope, body, count))
            lane.added = number = lane.added + 1
            lane.queued += count
            lane.bytes += size
            self._bytes += size
            if lane.awake or (len(lane.items) < lane.wake_at and lane.bytes < lane.wake_bytes):
                return number
            lane.awake = True
        lane.wake()
        return number

    def waiting_body(self, lane: Lane, number: int) -> bytes | None:
        """Give an item that still waits; `None` once it was taken."""
        with self._lock:
            place = number - 1 - lane.taken
            return lane.items[place][1] if 0 <= place < len(lane.items) else None

    def replace(self, lane: Lane, number: int, body: bytes | None, reason: str = "") -> None:
        """Put another body in the place of an item that still waits; `None` drops it, and counts it as lost."""
        with self._lock:
            place = number - 1 - lane.taken
            if not 0 <= place < len(lane.items):
                return
            scope, before, count = lane.items[place]
            if body is None:
                # Its place stays, because others are found by their number.
                lane.items[place] = (scope, b"", 0)
                lane.queued -= count
                lane.drop(reason, count)
            else:
                lane.items[place] = (scope, body, count)
            more = len(body or b"") - len(before)
            lane.bytes += more
            self._bytes += more

    def refuse(self, lane: Lane, reason: str, count: int = 1) -> None:
        """Count an item that was lost before it could be put."""
        with self._lock:
            lane.emitted += count
            lane.drop(reason, count)

    def take(self, lane: Lane, most: int, most_bytes: int) -> list[Item]:
        """Take the oldest items; they are in flight, and count as queued, until they are settled."""
        taken: list[Item] = []
        total = 0
        with self._lock:
            items = lane.items
            while items and len(taken) < most:
                size = len(items[0][1])
                if taken and total + size > most_bytes:
                    break
                item = items.popleft()
                taken.append(item)
                total += size
                lane.queued -= item[2]
                lane.in_flight += item[2]
            total += OVERHEAD * len(taken)
            lane.taken += len(taken)
            lane.bytes -= total
            lane.in_flight_bytes += total
            lane.awake = len(items) >= lane.wake_at or lane.bytes >= lane.wake_bytes
        return taken

    def settle(self, lane: Lane, items: list[Item], rejected: int = 0, reason: str = "rejected") -> None:
        """Let go of items in flight: all but `rejected` of them were delivered."""
        count = sum(item[2] for item in items)
        size = sum(map(size_of, items))
        rejected = min(max(rejected, 0), count)
        with self._lock:
            lane.in_flight -= count
            lane.in_flight_bytes -= size
            self._bytes -= size
            lane.delivered += count - rejected
            if rejected:
                lane.drop(reason, rejected)
            self._stuck = False
            self._room.notify_all()

    def resize(self, lane: Lane, items: list[Item], parts: tuple[list[Item], ...]) -> None:
        """Note that items in flight were halved, which costs a few bytes."""
        more = sum(map(size_of, (item for part in parts for item in part))) - sum(map(size_of, items))
        with self._lock:
            lane.in_flight_bytes += more
            self._bytes += more

    def close(self, lanes: Mapping[Signal, Lane], reason: str) -> None:
        """Drop what waits, and from now on everything; what is in flight is settled by its worker."""
        with self._lock:
            self._closed = reason
            for lane in lanes.values():
                lane.drop(reason, lane.queued) if lane.queued else None
                lane.taken += len(lane.items)
                self._bytes -= lane.bytes
                lane.bytes = lane.queued = 0
                lane.items.clear()
            self._room.notify_all()

    def accounting(self, lane: Lane) -> Accounting:
        """Say where the items of a lane went."""
        with self._lock:
            return {
                "emitted": lane.emitted,
                "delivered": lane.delivered,
                "spooled": 0,
                "queued": lane.queued + lane.in_flight,
                "dropped": dict(lane.dropped),
            }

    def lost(self) -> int:
        """Say how many items were lost so far, drops by policy left out."""
        with self._lock:
            return sum(lane.lost for lane in self._lanes)

    def waiting(self) -> int:
        """Say how many items wait or are in flight."""
        with self._lock:
            return sum(lane.queued + lane.in_flight for lane in self._lanes)

    def _make_room(self, lane: Lane, size: int, count: int) -> bool:
        """Make room for an item, or drop it."""
        if self._closed:
            lane.drop(self._closed, count)
            return False
        if size > self._limit:
            lane.drop("too_large", count)
            return False
        if self._when_full == "block" and not is_quiet():
            self._wait_for_room(lane, size)
        elif self._when_full == "drop_oldest":
            if lane.most is not None and len(lane.items) >= lane.most:
                self._drop_oldest(lane)
            while self._bytes + size > self._limit:
                # The signal that takes the most pays, so that a flood of one does not wash the others out.
                largest = max(self._lanes, key=lambda each: each.bytes)
                if not largest.items:
                    break
                self._drop_oldest(largest)
        if self._fits(lane, size):
            return True
        lane.drop(QUEUE_FULL, count)
        return False

    def _fits(self, lane: Lane, size: int) -> bool:
        return (
            not self._closed
            and self._bytes + size <= self._limit
            and (lane.most is None or len(lane.items) < lane.most)
        )

    def _wait_for_room(self, lane: Lane, size: int) -> None:
        deadline = monotonic() + self._block_seconds
        while not self._fits(lane, size) and not self._closed:
            left = deadline - monotonic()
            if self._stuck or left <= 0:
                self._stuck = True
                return
            for each in self._lanes:
                if not each.awake and each.items:
                    each.awake = True
                    each.wake()
            self._room.wait(left)

    def _drop_oldest(self, lane: Lane) -> None:
        _, body, count = lane.items.popleft()
        size = len(body) + OVERHEAD
        lane.taken += 1
        lane.queued -= count
        lane.bytes -= size
        self._bytes -= size
        lane.drop(QUEUE_FULL, count)
