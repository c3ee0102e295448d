"""The telemetry of the telemetry: the doors' accounting as metrics, so that a loss can be seen and alerted on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from sms_observability.catalog import SMS_CATALOG
from sms_observability.export.records import CUMULATIVE, MetricData, NumberPoint, Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sms_observability.export.records import MetricKind

_KINDS: Final[dict[str, MetricKind]] = {
    "emitted": "sum",
    "delivered": "sum",
    "queued": "gauge",
    "spooled": "gauge",
    "dropped": "sum",
    "failures": "sum",
}
_NAMES: Final = {"failures": "sms.telemetry.export.failures"}


class TelemetryMetrics:
    """A metric source for the door: `sms.telemetry.*`, from what the doors account for.

    Figures that an account does not have are left out. `sms.telemetry.redacted`,
    `sms.telemetry.export.duration` and `sms.telemetry.measurements.dropped` are counted where they happen and are not
    among them.

    Args:
        accounting: Gives, by signal, `emitted`, `delivered`, `queued`, `spooled`; and by reason, `dropped` and,
            where known, `failures` (requests to the receiver). `Observability.accounting` does.
        version: Of this library.

    Example:
        >>> account = {"traces": {"emitted": 3, "delivered": 2, "queued": 1, "spooled": 0, "dropped": {}}}
        >>> [(data.name, data.points[0].value) for data in TelemetryMetrics(lambda: account).collect()][:2]
        [('sms.telemetry.emitted', 3), ('sms.telemetry.delivered', 2)]
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
        metrics: list[MetricData] = []
        for figure, kind in _KINDS.items():
            values: list[tuple[dict[str, str], int]] = []
            for signal, account in accounting.items():
                value = account.get(figure)
                if isinstance(value, int):
                    values.append(({"signal": signal}, value))
                elif value:
                    values += [({"signal": signal, "reason": reason}, number) for reason, number in value.items()]
            if values:
                metrics.append(self._metric(_NAMES.get(figure, f"sms.telemetry.{figure}"), kind, values, now_ns))
        return metrics

    def _metric(self, name: str, kind: MetricKind, values: list[tuple[dict[str, str], int]], now_ns: int) -> MetricData:
        declared = SMS_CATALOG.metrics[name]
        start_ns = self._start_ns if kind == "sum" else 0
        points = [NumberPoint(labels, start_ns, now_ns, value) for labels, value in values]
        return MetricData(
            name, declared.description, declared.unit, kind, points, self._scope, kind == "sum", CUMULATIVE
        )
