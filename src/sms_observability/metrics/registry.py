"""One channel's cells: which metrics are recorded on it, bound to the instruments of the catalogue while it lives."""

from __future__ import annotations

import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Final

from sms_observability.export.records import Scope
from sms_observability.metrics.cells import CELLS, Cells
from sms_observability.metrics.labels import LabelPolicy
from sms_observability.privacy import current_guard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sms_observability.catalog import Metric
    from sms_observability.export.records import MetricData
    from sms_observability.sanitise import Value

    _Record = Callable[[object, Mapping[str, object]], None]

SCOPE: Final = "sms_observability"

DROPPED: Final = "sms.telemetry.measurements.dropped"
"""Counts what the limits and checks took, wherever it is among the metrics: by metric and reason."""


def _same(amount: object) -> object:
    return amount


def _nothing() -> Mapping[str, Value]:
    return {}


def _guarded_ids(bound: Callable[[], Mapping[str, Value]]) -> Callable[[], Mapping[str, Value]]:
    def ids() -> Mapping[str, Value]:
        found = bound()
        guard = current_guard()
        if not found or not guard.armed:
            return found
        return {name: guard.clean(value, "fractions") for name, value in found.items()}

    return ids


class CellRegistry:
    """The cells of all metrics that leave by one door.

    Args:
        metrics: The declared metrics; each gets its cells at once, so that recording never allocates structure.
        bound: Gives the ids bound to the current request, for labels that are identifiers.
        unwrap: Turns a `Restricted` amount into a number, or `None` where this channel must not see it.
        guarded: Makes a recording function one that refuses the restricted values of the running request; those that
            `bind` connects pass through it, while what the library measures itself does not. With it, bound ids that
            hold such a value are masked.
        on_dropped: Told of each label or measurement that was not kept as given: metric name and reason.

    Example:
        >>> from sms_observability.catalog import Metric
        >>> retries = Metric.counter("sms.quotes.retried", unit="{retry}", description="Quotes asked for again")
        >>> registry = CellRegistry([retries])
        >>> registry.bind()
        >>> retries.add(2)
        >>> registry.collect()[0].points[0].value
        2
        >>> registry.unbind()
    """

    def __init__(
        self,
        metrics: Iterable[Metric],
        *,
        bound: Callable[[], Mapping[str, Value]] = _nothing,
        unwrap: Callable[[object], object] = _same,
        guarded: Callable[[_Record, Callable[[], None]], _Record] | None = None,
        on_dropped: Callable[[str, str], None] | None = None,
        version: str = "",
    ) -> None:
        self._guarded = guarded
        if guarded is not None:
            bound = _guarded_ids(bound)
        self._scope = Scope(SCOPE, version)
        self._on_dropped = on_dropped
        self._lock = threading.RLock()
        self._bound_metrics: list[Metric] = []
        self.dropped: dict[tuple[str, str], int] = {}
        start_ns = time.time_ns()
        self._cells: dict[str, Cells] = {}
        for metric in metrics:
            count = self._counter(metric.otel_name)
            labels = LabelPolicy(metric, bound=bound, count=count, folds=metric.kind != "gauge")
            self._cells[metric.otel_name] = CELLS[metric.kind](
                metric, labels, count=count, unwrap=unwrap, start_ns=start_ns
            )

    def __getitem__(self, otel_name: str) -> Cells:
        return self._cells[otel_name]

    def get(self, otel_name: str) -> Cells | None:
        """Give the cells of a metric, or `None` when it does not leave by this door."""
        return self._cells.get(otel_name)

    def bind(self) -> None:
        """Connect the instruments of the catalogue to these cells, and start the declared series at zero."""
        self._initialise()
        for cells in self._cells.values():
            record: _Record = cells.record
            if self._guarded is not None:
                record = self._guarded(record, partial(self._counter(cells.metric.otel_name), "restricted"))
            cells.metric.connect(record)
            self._bound_metrics.append(cells.metric)

    def unbind(self) -> None:
        """Make the instruments do nothing again."""
        for metric in self._bound_metrics:
            metric.disconnect()
        self._bound_metrics.clear()

    def collect(self) -> list[MetricData]:
        """Give every metric that has a series."""
        now_ns = time.time_ns()
        collected = [cells.collect(now_ns, self._scope) for cells in self._cells.values()]
        return [data for data in collected if data is not None]

    def reset(self) -> None:
        """Start all series anew, in a forked child."""
        self._lock = threading.RLock()
        self.dropped = {}
        start_ns = time.time_ns()
        for cells in self._cells.values():
            cells.reset(start_ns)
        if self._bound_metrics:
            self._initialise()

    def _initialise(self) -> None:
        for cells in self._cells.values():
            cells.initialise(cells.metric.initialise)

    def _counter(self, name: str) -> Callable[[str], None]:
        def count(reason: str) -> None:
            with self._lock:
                self.dropped[name, reason] = self.dropped.get((name, reason), 0) + 1
            own = self._cells.get(DROPPED)
            if own is not None and name != DROPPED:
                own.record(1, {"metric": name, "reason": reason})
            if self._on_dropped is not None:
                self._on_dropped(name, reason)

        return count
