"""The thread that sends one signal: by time, by amount, and when somebody flushes; it outlives whatever is thrown."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Final, Protocol

from sms_observability.context import quiet
from sms_observability.export.halving import halves
from sms_observability.export.retry import Backoff

if TYPE_CHECKING:
    from collections.abc import Callable

    from sms_observability.export.answer import Answer
    from sms_observability.export.buffer import Buffer, Item, Lane
    from sms_observability.export.endpoint import Endpoint
    from sms_observability.export.notices import Notices
    from sms_observability.export.records import Signal
    from sms_observability.export.schedule import Schedule

SHUTDOWN: Final = "shutdown"
QUARANTINED: Final = "quarantined"

# A request may be this much later than its limit before it is broken off from outside.
_GRACE: Final = 1.0
_PAUSE: Final = 0.05


class Transport(Protocol):
    """Sends requests; `abort` may be called from another thread."""

    def send(self, body: bytes, timeout: float) -> Answer:
        """Send one request."""
        ...

    def abort(self) -> None:
        """Break off the request that is under way."""
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...


@dataclass(slots=True)
class Flush:
    """Somebody waits for what was emitted until now.

    Attributes:
        deadline: Until when, by the monotonic clock.
        done: Set when the worker knows.
        delivered: Whether all of it was taken care of.
    """

    deadline: float
    done: threading.Event = field(default_factory=threading.Event)
    delivered: bool = False


class Worker:
    """Sends what waits in one lane.

    Args:
        lane: What waits.
        buffer: Who holds it.
        endpoint: Where it goes.
        schedule: When, and how much at once.
        transport: How.
        frame: Puts items into the body of a request.
        collect: Called before each regular or asked-for export, to put more into the lane; metrics are pulled.
        notices: Where trouble is said.
        on_export: Told of each request: the signal, and how many seconds it took.
    """

    def __init__(  # noqa: PLR0913
        self,
        lane: Lane,
        buffer: Buffer,
        *,
        endpoint: Endpoint,
        schedule: Schedule,
        transport: Transport,
        frame: Callable[[list[Item]], bytes],
        collect: Callable[[], None] | None,
        notices: Notices,
        on_export: Callable[[Signal, float], None],
    ) -> None:
        self.lane = lane
        self.failures: dict[str, int] = {}
        self.restarts = 0
        self._buffer = buffer
        self._endpoint = endpoint
        self._schedule = schedule
        self._transport = transport
        self._frame = frame
        self._collect = collect
        self._notices = notices
        self._on_export = on_export
        self._backoff = Backoff()
        self._condition = threading.Condition()
        self._woken = self._stopping = False
        self._flushes: list[Flush] = []
        self._under_way: list[Flush] = []
        self._pending: deque[list[Item]] = deque()
        self._next = monotonic() + schedule.delay
        self._overdue: float | None = None
        self.thread: threading.Thread | None = None

    def start(self) -> None:
        """Run, on a daemon thread of its own."""
        self.thread = threading.Thread(target=self._run, name=f"sms-observability-{self.lane.signal}", daemon=True)
        self.thread.start()

    def wake(self) -> None:
        """Say that there is enough to send."""
        with self._condition:
            self._woken = True
            self._condition.notify()

    def ask(self, flush: Flush) -> None:
        """Have everything sent that was emitted until now."""
        with self._condition:
            self._flushes.append(flush)
            self._condition.notify()

    def stop(self) -> None:
        """End after what is under way, which is broken off."""
        with self._condition:
            self._stopping = True
            self._condition.notify()
        self._transport.abort()

    def watch(self) -> None:
        """Break off a request that takes too long, and start a thread that died anew."""
        overdue = self._overdue
        if overdue is not None and monotonic() > overdue:
            self._transport.abort()
        thread = self.thread
        if thread is not None and not thread.is_alive() and not self._stopping:
            self.restarts += 1
            self.start()

    def _run(self) -> None:
        with quiet():
            while True:
                try:
                    if self._step():
                        break
                except BaseException as error:  # noqa: BLE001  # the thread must outlive whatever is thrown in it
                    self.restarts += 1
                    self._answer(delivered=False)
                    self._notices.say(f"worker:{type(error).__name__}", "an export failed: %s", type(error).__name__)
                    with self._condition:
                        self._condition.wait(_PAUSE)
            self._finish()

    def _step(self) -> bool:
        """Wait for something to do, and do it; say whether this was the last time."""
        with self._condition:
            while not (self._stopping or self._flushes or self._woken) and (left := self._left()) > 0:
                self._condition.wait(left)
            self._woken = False
            self._under_way, self._flushes = self._flushes, []
            stopping = self._stopping
        if stopping:
            return True
        if self._under_way or monotonic() >= self._next:
            self._next = monotonic() + self._schedule.delay
            if self._collect is not None:
                self._collect()
        deadline: float | None = None
        if self._under_way:
            self._backoff.start_flush()
            deadline = max(flush.deadline for flush in self._under_way)
        self._answer(delivered=self._drain(self.lane.added, deadline))
        return False

    def _left(self) -> float:
        if self.lane.awake and self.lane.items and not self._backoff.failures:
            return 0.0  # it filled up again while the last batches were sent
        due = self._next
        if self._backoff.failures and (self._pending or self.lane.items):
            due = self._backoff.due if self._collect is None else min(due, self._backoff.due)
        return due - monotonic()

    def _drain(self, target: int, deadline: float | None) -> bool:
        """Send until everything that was put before `target` has left; say whether it has.

        Args:
            target: The number of the last item that matters.
            deadline: Of a flush; without one, a failure ends it, and the back-off says when to go on.
        """
        while True:
            if not self._pending:
                if self.lane.taken >= target:
                    return True
                items = self._buffer.take(self.lane, self._schedule.batch, self._schedule.batch_bytes)
                if not items:
                    return True
                self._pending.append(items)
            if self._stopping or (deadline is None and self._flushes):
                return False
            if deadline is None and self._backoff.due > monotonic():
                return False
            if deadline is not None:
                self._pause(self._backoff.asked_wait(monotonic(), deadline))
            if not self._send(self._pending[0], deadline):
                if deadline is None:
                    return False
                wait = self._backoff.flush_wait(monotonic(), deadline)
                if wait is None:
                    return False
                self._pause(wait)

    def _pause(self, seconds: float) -> None:
        """Wait, whatever is put or asked meanwhile; only the end of the work breaks it off."""
        until = monotonic() + seconds
        with self._condition:
            while not self._stopping and (left := until - monotonic()) > 0:
                self._condition.wait(left)

    def _send(self, items: list[Item], deadline: float | None) -> bool:
        """Send the oldest items; say whether that got on."""
        limit = min(self._endpoint.timeout, self._schedule.timeout)
        began = monotonic()
        if deadline is not None:
            limit = max(min(limit, deadline - began), _PAUSE)
        body = self._frame(items)
        self._overdue = began + limit + _GRACE
        try:
            answer = self._transport.send(body, limit)
        finally:
            self._overdue = None
        now = monotonic()
        self._on_export(self.lane.signal, now - began)
        if answer.verdict == "retry":
            self.failures[answer.cause] = self.failures.get(answer.cause, 0) + 1
            self._backoff.failed(now, answer.retry_after)
            self._notices.failing(self.lane.signal, answer.cause, self._endpoint.address, self._buffer.lost())
            return False
        self._backoff.succeeded(now)
        self._notices.working(self.lane.signal, self._buffer.lost())
        self._pending.popleft()
        if answer.verdict == "delivered":
            self._buffer.settle(self.lane, items, answer.rejected)
            if answer.rejected:
                self._notices.say(
                    f"rejected:{self.lane.signal}", "the receiver rejected some %s (partial success)", self.lane.signal
                )
            return True
        self.failures[answer.cause] = self.failures.get(answer.cause, 0) + 1
        parts = halves(self.lane.signal, items)
        if parts is not None:
            self._buffer.resize(self.lane, items, parts)
            self._pending.extendleft(reversed(parts))
            return True
        self._buffer.settle(self.lane, items, items[0][2], QUARANTINED)
        self._notices.say(
            f"refused:{answer.cause}", "the receiver refused one of the %s alone: %s", self.lane.signal, answer.cause
        )
        return True

    def _answer(self, *, delivered: bool) -> None:
        flushes, self._under_way = self._under_way, []
        for flush in flushes:
            flush.delivered = delivered
            flush.done.set()

    def _finish(self) -> None:
        """Let go: what is in flight will not arrive."""
        self._answer(delivered=False)
        with self._condition:
            flushes, self._flushes = self._flushes, []
        for flush in flushes:
            flush.done.set()
        while self._pending:
            items = self._pending.popleft()
            self._buffer.settle(self.lane, items, sum(item[2] for item in items), SHUTDOWN)
        self._transport.close()
