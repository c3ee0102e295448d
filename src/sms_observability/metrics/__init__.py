"""The instruments of the portal's catalogue: `metrics.<instrument>.add`, `.record` or `.set`.

Instruments are named as their OpenTelemetry name without `sms.`, with underscores for dots; those whose measurements
leave by the restricted door only are under `metrics.restricted`. Before `init_observability`, and after shutdown, they
can be used and do nothing. Recording never raises: what cannot be kept is dropped and counted in
`sms.telemetry.measurements.dropped`.

Example:
    >>> from sms_observability import metrics
    >>> metrics.parts_quotes_requested.add(1, urgency="urgent")
    >>> metrics.restricted.parts_markup_realized.record(2.5)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sms_observability.metrics import _instruments
from sms_observability.metrics._instruments import *  # noqa: F403 - the names of the catalogue, typed by the stub
from sms_observability.metrics.cells import Cells
from sms_observability.metrics.journeys import JourneyMetrics
from sms_observability.metrics.labels import MAX_LABEL_VALUES, MAX_SERIES
from sms_observability.metrics.loop_lag import LoopLag
from sms_observability.metrics.registry import CellRegistry
from sms_observability.metrics.runtime import RuntimeMetrics
from sms_observability.metrics.telemetry import TelemetryMetrics

__all__ = [  # noqa: PLE0604
    "MAX_LABEL_VALUES",
    "MAX_SERIES",
    "CellRegistry",
    "Cells",
    "JourneyMetrics",
    "LoopLag",
    "RuntimeMetrics",
    "TelemetryMetrics",
]
__all__ += _instruments.__all__

if not TYPE_CHECKING:  # a checker that saw this would take any name for an instrument

    def __getattr__(name: str) -> object:
        return _instruments.__getattr__(name)
