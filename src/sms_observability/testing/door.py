"""A door that leads into lists: what would leave is encoded and redacted as by the real one, and read back."""

from __future__ import annotations

import time
from threading import Lock
from typing import TYPE_CHECKING, Any, cast

from sms_observability.export.encode import Encoder
from sms_observability.export.records import SIGNALS
from sms_observability.privacy import CataloguePolicy
from sms_observability.receiver.decode import decode, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sms_observability.export.records import LogData, MetricData, Scope, Signal, SpanData
    from sms_observability.privacy import Policy
    from sms_observability.receiver import Log, MetricPoint, Span
    from sms_observability.sanitise import Value

_FAILED = "encode"


class Captured:
    """What has left by one channel, as it would have arrived.

    Args:
        now: Gives nanoseconds since 1970.
    """

    def __init__(self, now: Callable[[], int] = time.time_ns) -> None:
        self.now = now
        self.spans: list[Span] = []
        self.logs: list[Log] = []
        self._points: list[MetricPoint] = []
        self._doors: list[CapturingDoor] = []
        self._policies: list[CataloguePolicy] = []
        self._dropped: dict[str, dict[str, int]] = {}

    def metrics(self) -> list[MetricPoint]:
        """Collect the metrics of the doors that are open, and give them with those of the doors that were shut."""
        points = list(self._points)
        for door in self._doors:
            points += door.collect()
        return points

    def dropped(self) -> dict[str, dict[str, int]]:
        """Give how many items were dropped in the process, by signal and reason."""
        return {signal: dict(reasons) for signal, reasons in self._dropped.items()}

    def unknown_keys(self) -> list[str]:
        """Give the undeclared keys that policies have met."""
        return list(dict.fromkeys(key for policy in self._policies for key in policy.unknown_keys()))

    def clear(self) -> None:
        """Forget what has left so far; metrics go on from where they are."""
        self.spans.clear()
        self.logs.clear()
        self._points.clear()
        self._dropped.clear()

    def open(self, policy: Policy, resource: Mapping[str, Value]) -> CapturingDoor:
        """Open a door that leads here."""
        door = CapturingDoor(self, policy, resource)
        self._doors.append(door)
        if isinstance(policy, CataloguePolicy):
            self._policies.append(policy)
        return door

    def shut(self, door: CapturingDoor) -> None:
        """Keep the last metrics of a door."""
        if door in self._doors:
            self._points += door.collect()
            self._doors.remove(door)

    def count(self, signal: str, reason: str) -> None:
        """Count a drop."""
        reasons = self._dropped.setdefault(signal, {})
        reasons[reason] = reasons.get(reason, 0) + 1


class CapturingDoor:
    """Has the door's methods, for the rooms that emit."""

    def __init__(self, captured: Captured, policy: Policy, resource: Mapping[str, Value]) -> None:
        self._captured = captured
        self._encoder = Encoder(policy)
        self._resource = dict(resource)
        self._sources: list[Callable[[], list[MetricData]]] = []
        self._lock = Lock()
        self._figures = {signal: [0, 0] for signal in SIGNALS}

    def emit_span(self, span: SpanData) -> None:
        """Take an ended span."""
        self._guarded("traces", lambda: self._take("traces", span.scope_, self._encoder.encode_span(span)))

    def emit_log(self, log: LogData) -> None:
        """Take a log record."""
        # The standard library stamps its records by its own clock.
        log.time_ns = log.observed_ns = self._captured.now()
        self._guarded("logs", lambda: self._take("logs", log.scope, self._encoder.encode_log(log)))

    def add_metric_source(self, collect: Callable[[], list[MetricData]]) -> None:
        """Ask a source whenever somebody looks at the metrics."""
        self._sources.append(collect)

    def count_dropped(self, signal: Signal, reason: str) -> None:
        """Count an item that was lost before it came here."""
        with self._lock:
            self._figures[signal][0] += 1
        self._captured.count(signal, reason)

    def collect(self) -> list[MetricPoint]:
        """Ask every source, and give the points as they would arrive."""
        points: list[MetricPoint] = []
        for source in list(self._sources):
            for metric in source():
                encoded = self._encoder.encode_metric(metric)
                if encoded is not None:
                    points += cast("Sequence[MetricPoint]", self._read("metrics", metric.scope, encoded))
        return points

    def flush(self, timeout: float) -> bool:  # noqa: ARG002 - the door's signature
        """Do nothing: everything is delivered at once."""
        return True

    def shutdown(self, timeout: float) -> bool:  # noqa: ARG002 - the door's signature
        """Collect the metrics a last time."""
        self._captured.shut(self)
        self._sources.clear()
        return True

    def failures(self) -> dict[str, dict[str, int]]:
        """Give the failed requests: none are made."""
        return {}

    def accounting(self) -> dict[str, dict[str, Any]]:
        """Give the account: everything that was not dropped is delivered."""
        dropped = self._captured.dropped()
        return {
            signal: {
                "emitted": emitted,
                "delivered": delivered,
                "spooled": 0,
                "queued": 0,
                "dropped": dropped.get(signal, {}),
            }
            for signal, (emitted, delivered) in self._figures.items()
        }

    def status(self) -> str:
        """Say that all is well."""
        return "pass"

    def after_fork(self, resource: Mapping[str, Value]) -> None:
        """Go on in a child, whose captured telemetry nobody will see."""
        self._resource = dict(resource)

    def _guarded(self, signal: Signal, take: Callable[[], None]) -> None:
        try:
            take()
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001 - as the door: a bad item loses itself
            self.count_dropped(signal, _FAILED)

    def _take(self, signal: Signal, scope: Scope, item: bytes) -> None:
        read = self._read(signal, scope, item)
        kept: list[Any] = self._captured.spans if signal == "traces" else self._captured.logs
        with self._lock:
            kept += read
            self._figures[signal][0] += 1
            self._figures[signal][1] += 1

    def _read(self, signal: Signal, scope: Scope, item: bytes) -> Iterable[Any]:
        body = self._encoder.frame(self._encoder.encode_resource(self._resource), [(scope, [item])])
        return decode(signal, parse(signal, body, is_json=False))
