"""What the process itself costs: CPU, memory, threads and garbage collection, read when metrics are collected.

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
from typing import TYPE_CHECKING

from sms_observability.export.records import CUMULATIVE, MetricData, NumberPoint, Scope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sms_observability.export.records import MetricKind

_STATM = Path("/proc/self/statm")


class RuntimeMetrics:
    """A metric source for the door: `collect` reads the process's own figures."""

    def __init__(self, version: str = "") -> None:
        self._scope = Scope("sms_observability.runtime", version)
        self._start_ns = time.time_ns()
        self._page = resource.getpagesize()

    def reset(self) -> None:
        """Start anew in a forked child."""
        self._start_ns = time.time_ns()

    def collect(self) -> list[MetricData]:
        """Read the figures; one that this system does not have is left out."""
        now_ns = time.time_ns()
        user, system = os.times()[:2]
        metrics = [
            self._metric(
                "process.cpu.time",
                "CPU seconds used by the process",
                "s",
                "sum",
                [({"cpu.mode": "user"}, user), ({"cpu.mode": "system"}, system)],
                now_ns,
                monotonic=True,
            ),
            self._metric(
                "process.thread.count",
                "Threads of the process",
                "{thread}",
                "sum",
                [({}, threading.active_count())],
                now_ns,
            ),
            self._metric(
                "cpython.gc.collections",
                "Runs of the garbage collector",
                "{collection}",
                "sum",
                [
                    ({"cpython.gc.generation": generation}, stats["collections"])
                    for generation, stats in enumerate(gc.get_stats())
                ],
                now_ns,
                monotonic=True,
            ),
        ]
        resident = self._resident()
        if resident is not None:
            metrics.append(
                self._metric("process.memory.usage", "Resident memory", "By", "sum", [({}, resident)], now_ns)
            )
        return metrics

    def _resident(self) -> int | None:
        with contextlib.suppress(OSError, ValueError, IndexError):
            return int(_STATM.read_text("ascii").split()[1]) * self._page
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024

    def _metric(  # noqa: PLR0913
        self,
        name: str,
        description: str,
        unit: str,
        kind: MetricKind,
        values: list[tuple[Mapping[str, str | int], int | float]],
        now_ns: int,
        *,
        monotonic: bool = False,
    ) -> MetricData:
        points = [NumberPoint(dict(labels), self._start_ns, now_ns, value) for labels, value in values]
        return MetricData(name, description, unit, kind, points, self._scope, monotonic, CUMULATIVE)
