"""The telemetry of the telemetry: the doors' accounting as metrics, so that a loss can be seen and alerted on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from sms_observability.export.records import CUMULATIVE, MetricData, NumberPoint, Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sms_observability.export.records import MetricKind

Accounting = "Mapping[str, Mapping[str, Any]]"

_SUMS = ("emitted", "delivered")
_GAUGES = ("queued", "spooled")


class TelemetryMetrics:
    """A metric source for the door: `sms.telemetry.*`, from what the doors account for.

    Args:
        accounting: Gives the accounting of `Observability.accounting()`.
    """

    def __init__(self, accounting: Callable[[], Mapping[str, Mapping[str, Any]]], version: str = "") -> None:
        self._accounting = accounting
        self._scope = Scope("sms_observability.telemetry", version)
        self._start_ns = time.time_ns()

    def reset(self) -> None:
        """Start anew in a forked child."""
        self._start_ns = time.time_ns()

    def collect(self) -> list[MetricData]:
        """Turn the accounting of this moment into points."""
        accounting = self._accounting()
        now_ns = time.time_ns()
        metrics = [
            self._metric(
                f"sms.telemetry.{figure}", kind, [({"signal": s}, a[figure]) for s, a in accounting.items()], now_ns
            )
            for kind, figures in (("sum", _SUMS), ("gauge", _GAUGES))
            for figure in figures
        ]
        dropped = [
            ({"signal": signal, "reason": reason}, number)
            for signal, account in accounting.items()
            for reason, number in account["dropped"].items()
        ]
        if dropped:
            metrics.append(self._metric("sms.telemetry.dropped", "sum", dropped, now_ns))
        return metrics

    def _metric(self, name: str, kind: MetricKind, values: list[tuple[dict[str, str], int]], now_ns: int) -> MetricData:
        points = [NumberPoint(dict(labels), self._start_ns, now_ns, value) for labels, value in values]
        return MetricData(name, "", "{item}", kind, points, self._scope, kind == "sum", CUMULATIVE)
