"""The door: what is emitted is encoded, waits within a budget, is sent by one thread a signal, and is accounted for."""

from __future__ import annotations

import threading
from time import monotonic
from typing import TYPE_CHECKING, Final, Literal

from sms_observability.export.buffer import Accounting, Buffer, Lane
from sms_observability.export.encode import Encoder, Quarantined
from sms_observability.export.late import LateLook
from sms_observability.export.notices import Notices
from sms_observability.export.records import SIGNALS
from sms_observability.export.sources import MetricSources
from sms_observability.export.transport import transport_of
from sms_observability.export.worker import QUARANTINED, SHUTDOWN, Flush, Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sms_observability.export.buffer import Item
    from sms_observability.export.door_settings import DoorSettings
    from sms_observability.export.endpoint import Endpoint
    from sms_observability.export.records import LogData, Scope, Signal, SpanData
    from sms_observability.export.sources import Collect
    from sms_observability.privacy.policy import Policy
    from sms_observability.sanitise import Value

OFF: Final = "off"
FAILED: Final = "emit_failed"

_WATCH_EVERY: Final = 1.0
_LET_GO: Final = 0.15
# Waiting takes no number of seconds beyond a few centuries.
_LONGEST_FLUSH: Final = 86_400.0


def _time_nothing(signal: Signal, seconds: float) -> None:
    """Stand in where nobody measures."""


class Door:
    """The way out of one channel. Nothing in here raises into the caller, and only `flush` and `shutdown` wait.

    Args:
        policy: Decides what may leave.
        resource: Who the process is.
        settings: Where to, when, and how much may wait.
        channel: `public` or `restricted`, for diagnostics.
    """

    def __init__(
        self, policy: Policy, resource: Mapping[str, Value], settings: DoorSettings, *, channel: str = "public"
    ) -> None:
        self._encoder = Encoder(policy)
        self._settings = settings
        self._channel = channel
        self._sources = MetricSources()
        self.on_export: Callable[[Signal, float], None] = _time_nothing
        self._start(resource)

    def _start(self, resource: Mapping[str, Value]) -> None:
        settings = self._settings
        self._resource = self._encoded_resource(resource)
        self._notices = Notices(self._channel)
        self._buffer = Buffer(settings.buffer_bytes, settings.when_full, settings.block_seconds)
        self._late = LateLook(self._encoder, self._buffer, self._notices)
        self._lanes: dict[Signal, Lane] = {}
        self._off: set[Signal] = set()
        self._workers: list[Worker] = []
        self._lock = threading.RLock()
        self._is_open = True
        self._lost_before = 0
        for signal in SIGNALS:
            endpoint = settings.endpoints[signal]
            if endpoint.to != "none":
                self._open_lane(signal, endpoint)
        self._span_lane = self._lanes.get("traces")
        self._log_lane = self._lanes.get("logs")
        self._metric_lane = self._lanes.get("metrics")
        self._ended = threading.Event()
        try:
            for worker in self._workers:
                worker.start()
            if self._workers:
                threading.Thread(target=self._watch, name="sms-observability-watchdog", daemon=True).start()
        except (
            RuntimeError
        ):  # the interpreter is ending and takes no new threads; what is emitted now is counted as lost
            self._notices.say("threads", "no thread can be started any more: telemetry is not sent")

    def _open_lane(self, signal: Signal, endpoint: Endpoint) -> None:
        schedule = self._settings.schedules[signal]
        workers: list[Worker] = []
        lane = Lane(
            signal, lambda: workers[0].wake() if workers else None, schedule.batch, schedule.batch_bytes, schedule.most
        )
        self._buffer.add_lane(lane)
        self._lanes[signal] = lane
        if endpoint.to == "off":
            self._off.add(signal)
            return
        workers.append(
            Worker(
                lane,
                self._buffer,
                endpoint=endpoint,
                schedule=schedule,
                transport=transport_of(endpoint),
                frame=self._frame,
                collect=self._collect if signal == "metrics" else None,
                notices=self._notices,
                on_export=self._exported,
            )
        )
        self._workers += workers

    def emit_span(self, span: SpanData) -> None:
        """Take an ended and sampled span."""
        lane = self._span_lane
        if lane is None:
            return
        try:
            if lane.signal in self._off:
                self._buffer.refuse(lane, OFF)
                return
            guard = span.guard_
            seen = guard.size
            number = self._buffer.put(lane, span.scope_, self._encoder.encode_span(span))
            guard.emitted((self._late.look, lane, number, seen))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001  # promise 1
            self._lost(lane, error)

    def emit_log(self, log: LogData) -> None:
        """Take a log record."""
        lane = self._log_lane
        if lane is None:
            return
        try:
            if lane.signal in self._off:
                self._buffer.refuse(lane, OFF)
                return
            guard = log.guard
            seen = guard.size
            number = self._buffer.put(lane, log.scope, self._encoder.encode_log(log))
            guard.emitted((self._late.look, lane, number, seen))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001  # promise 1
            self._lost(lane, error)

    def add_metric_source(self, collect: Collect) -> None:
        """Have metrics pulled: at each interval, at each flush, and at the end.

        Args:
            collect: Gives what there is; called on the thread that sends metrics. What it raises is counted.
        """
        self._sources.add(collect)

    def count_dropped(self, signal: Signal, reason: str) -> None:
        """Count an item that was lost before it could be emitted."""
        lane = self._lanes.get(signal)
        if lane is not None:
            self._buffer.refuse(lane, reason)

    def flush(self, timeout: float) -> bool:
        """Send what waits, all signals side by side.

        Args:
            timeout: Seconds; the call returns a quarter of a second after them at the latest.

        Returns:
            Whether nothing that was emitted since the previous flush was lost or is still waiting.
        """
        deadline = monotonic() + min(timeout, _LONGEST_FLUSH)
        if any(threading.current_thread() is worker.thread for worker in self._workers):
            return False  # asked for by what a worker runs: it would wait for itself
        # After the shutdown nobody works any more, and nothing waits.
        workers = () if self._ended.is_set() else self._workers
        flushes = [Flush(deadline) for _ in workers]
        for worker, flush in zip(workers, flushes, strict=True):
            worker.watch()
            worker.ask(flush)
        for flush in flushes:
            flush.done.wait(max(deadline - monotonic(), 0.0))
        with self._lock:
            lost = self._buffer.lost()
            before, self._lost_before = self._lost_before, lost
        return lost == before and all(flush.delivered for flush in flushes)

    def shutdown(self, timeout: float) -> bool:
        """Send what waits, then stop; what could not be sent in time is dropped and counted.

        Args:
            timeout: Seconds, as for `flush`.

        Returns:
            As `flush`.
        """
        with self._lock:
            if not self._is_open:
                return True
            self._is_open = False
        delivered = self.flush(timeout)
        with self._lock:
            self._buffer.close(self._lanes, SHUTDOWN)
        self._ended.set()
        for worker in self._workers:
            worker.stop()
        let_go = monotonic() + _LET_GO
        for worker in self._workers:
            if worker.thread is not None and worker.thread.ident is not None:
                worker.thread.join(max(let_go - monotonic(), 0.0))
        return delivered

    def accounting(self) -> dict[Signal, Accounting]:
        """Say what became of everything: `emitted = delivered + spooled + queued + dropped`."""
        return {
            signal: self._buffer.accounting(self._lanes[signal])
            if signal in self._lanes
            else Accounting(emitted=0, delivered=0, spooled=0, queued=0, dropped={})
            for signal in SIGNALS
        }

    def failures(self) -> dict[Signal, dict[str, int]]:
        """Say how many requests failed, by cause; retried ones included."""
        return {worker.lane.signal: dict(worker.failures) for worker in self._workers}

    def status(self) -> Literal["pass", "warn"]:
        """Say how delivery fares, for a health endpoint."""
        return "warn" if self._off or self._notices.failures() else "pass"

    def after_fork(self, resource: Mapping[str, Value]) -> None:
        """Start anew in a child: nothing waits, nothing is counted, no connection and no lock is the parent's.

        Args:
            resource: Who the child is.
        """
        was_open = self._is_open
        self._late.retire()
        self._start(resource)
        if not was_open:
            self.shutdown(0.0)

    def _lost(self, lane: Lane, error: BaseException) -> None:
        try:
            self._buffer.refuse(lane, QUARANTINED if isinstance(error, Quarantined) else FAILED)
            kind = str(error) if isinstance(error, Quarantined) else type(error).__name__
            self._notices.say(f"encode:{kind}", "one of the %s could not be encoded: %s", lane.signal, kind)
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001, S110  # promise 1
            pass

    def _collect(self) -> None:
        if self._metric_lane is not None:
            self._sources.pull(self._metric_lane, self._buffer, self._encoder, self._notices)

    def _frame(self, items: list[Item]) -> bytes:
        groups: dict[int, tuple[Scope, list[bytes]]] = {}
        for scope, body, count in items:
            if not count:
                continue  # dropped while it waited
            groups.setdefault(id(scope), (scope, []))[1].append(body)
        return self._encoder.frame(self._resource, groups.values())

    def _encoded_resource(self, resource: Mapping[str, Value]) -> bytes:
        try:
            return self._encoder.encode_resource(resource)
        except Quarantined:
            return b""

    def _exported(self, signal: Signal, seconds: float) -> None:
        try:
            self.on_export(signal, seconds)
        except Exception as error:  # noqa: BLE001  # raised past here, a delivered batch would be sent again
            self._notices.say(f"measure:{type(error).__name__}", "an export was not measured: %s", type(error).__name__)

    def _watch(self) -> None:
        ended, workers = self._ended, self._workers
        while not ended.wait(_WATCH_EVERY):
            for worker in workers:
                try:
                    worker.watch()
                except Exception:  # noqa: BLE001  # no new thread at the end of the interpreter
                    return
