"""What arrives, as it arrives: for `sms-observability receive`."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, cast

from sms_observability.receiver.line import DIM, NAME
from sms_observability.receiver.view import log_line, metric_line, service, trace_tree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sms_observability.receiver.items import Batch, Log, MetricPoint, Span
    from sms_observability.receiver.line import Line


class Live:
    """Turns batches into lines as they come; a trace is shown when nothing more of it has come for a moment.

    Args:
        settle: Seconds without a further span after which a trace is shown.
        max_traces: How many unfinished traces are held; beyond it the oldest is shown early.

    Example:
        >>> live = Live()
        >>> with Receiver(on_receive=live.take):  # doctest: +SKIP
        ...     while True:
        ...         time.sleep(0.2)
        ...         write(live.lines())
    """

    def __init__(self, *, settle: float = 1.0, max_traces: int = 1000) -> None:
        self._settle = settle
        self._max_traces = max_traces
        self._lock = threading.Lock()
        self._ready: list[Line] = []
        self._traces: dict[str, list[Span]] = {}
        self._touched: dict[str, float] = {}
        self._values: dict[str, Any] = {}

    def take(self, batch: Batch) -> None:
        """Take what has arrived; made to be a receiver's `on_receive`."""
        with self._lock:
            if batch.signal == "logs":
                self._ready += [log_line(log) for log in cast("Sequence[Log]", batch.items)]
            elif batch.signal == "metrics":
                self._ready += self._changed(cast("Sequence[MetricPoint]", batch.items))
            else:
                self._hold(cast("Sequence[Span]", batch.items))

    def lines(self, *, everything: bool = False) -> list[Line]:
        """Give the lines that are ready since the last call.

        Args:
            everything: Also traces that may not be complete, at the end.
        """
        with self._lock:
            now = time.monotonic()
            settled = [key for key, touched in self._touched.items() if everything or now - touched >= self._settle]
            for key in settled:
                self._show(key)
            ready, self._ready = self._ready, []
            return ready

    def _hold(self, spans: Sequence[Span]) -> None:
        now = time.monotonic()
        for span in spans:
            self._traces.setdefault(span["trace_id"], []).append(span)
            self._touched[span["trace_id"]] = now
        while len(self._traces) > self._max_traces:
            self._show(next(iter(self._traces)))

    def _show(self, trace_id: str) -> None:
        self._touched.pop(trace_id, None)
        self._ready += trace_tree(self._traces.pop(trace_id, ()))

    def _changed(self, points: Sequence[MetricPoint]) -> list[Line]:
        # Each export repeats every series; only what has changed is news.
        if len(self._values) > 50_000:  # noqa: PLR2004
            self._values.clear()
        lines: list[Line] = []
        for point in points:
            key = f"{service(point)} {point['name']} {sorted(point['labels'].items(), key=lambda pair: pair[0])}"
            value = (point["value"], point["count"], point["sum"])
            if self._values.get(key) != value:
                self._values[key] = value
                lines.append([("metric   ", DIM), (f"{service(point):<14} ", NAME), *metric_line(point)])
        return lines
