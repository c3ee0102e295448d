"""What the process itself costs: CPU, memory, files, threads and garbage collection, read when metrics are collected.

Names are those of OpenTelemetry's semantic conventions for processes and CPython.
"""

from __future__ import annotations

import contextlib
import gc
import os
import resource
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sms_observability.catalog import SMS_CATALOG
from sms_observability.export.records import CUMULATIVE, MetricData, NumberPoint, Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sms_observability.export.records import MetricKind

    Labels = Mapping[str, str | int]
    Values = Iterable[tuple[Labels, int | float]]

_STATM: Final = Path("/proc/self/statm")
_DESCRIPTORS: Final = Path("/proc/self/fd")
_GENERATION: Final = "cpython.gc.generation"
_MODES: Final = ("user", "system")


class RuntimeMetrics:
    """A metric source for the door: `collect` reads the process's own figures.

    Args:
        version: Of this library.

    Example:
        >>> sorted(data.name for data in RuntimeMetrics().collect())[0]
        'cpython.gc.collected_objects'
    """

    def __init__(self, version: str = "") -> None:
        self._scope = Scope("sms_observability.runtime", version)
        self._page = resource.getpagesize()
        self.reset()

    def reset(self) -> None:
        """Start anew in a forked child."""
        self._start_ns = time.time_ns()
        self._started = self._read_at = time.monotonic()
        self._cpu = os.times()[:2]

    def collect(self) -> list[MetricData]:
        """Read the figures; one that this system does not have is left out."""
        now_ns = time.time_ns()
        now = time.monotonic()
        cpu = os.times()[:2]
        collected = gc.get_stats()
        figures: dict[str, Values] = {
            "process.cpu.time": self._by_mode(cpu),
            "process.thread.count": [({}, threading.active_count())],
            "process.uptime": [({}, now - self._started)],
            "cpython.gc.collections": _by_generation(collected, "collections"),
            "cpython.gc.collected_objects": _by_generation(collected, "collected"),
            "cpython.gc.uncollectable_objects": _by_generation(collected, "uncollectable"),
        }
        # Two collections at once would divide by nothing.
        if now > self._read_at:
            available = (now - self._read_at) * (os.cpu_count() or 1)
            used = [(after - before) / available for before, after in zip(self._cpu, cpu, strict=True)]
            figures["process.cpu.utilization"] = self._by_mode(used)
            self._read_at, self._cpu = now, cpu
        with contextlib.suppress(OSError, ValueError, IndexError):
            mapped, resident = (int(pages) * self._page for pages in _STATM.read_text("ascii").split()[:2])
            figures["process.memory.virtual"] = [({}, mapped)]
            figures["process.memory.usage"] = [({}, resident)]
        if "process.memory.usage" not in figures:
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            figures["process.memory.usage"] = [({}, peak if sys.platform == "darwin" else peak * 1024)]
        with contextlib.suppress(OSError):
            figures["process.unix.file_descriptor.count"] = [({}, sum(1 for _ in _DESCRIPTORS.iterdir()) - 1)]
        return [self._metric(name, values, now_ns) for name, values in figures.items()]

    def _by_mode(self, seconds: Iterable[float]) -> Values:
        return [({"cpu.mode": mode}, value) for mode, value in zip(_MODES, seconds, strict=True)]

    def _metric(self, name: str, values: Values, now_ns: int) -> MetricData:
        declared = SMS_CATALOG.metrics[name]
        kind: MetricKind = "gauge" if declared.kind == "gauge" else "sum"
        start_ns = 0 if kind == "gauge" else self._start_ns
        points = [NumberPoint(dict(labels), start_ns, now_ns, value) for labels, value in values]
        monotonic = declared.kind == "counter"
        return MetricData(name, declared.description, declared.unit, kind, points, self._scope, monotonic, CUMULATIVE)


def _by_generation(stats: list[dict[str, int]], figure: str) -> Values:
    return [({_GENERATION: generation}, one[figure]) for generation, one in enumerate(stats)]
