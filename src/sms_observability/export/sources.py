"""Where metrics come from: sources that are asked when a door sends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sms_observability.export.encode import Quarantined
from sms_observability.export.worker import QUARANTINED

if TYPE_CHECKING:
    from collections.abc import Callable

    from sms_observability.export.buffer import Buffer, Lane
    from sms_observability.export.encode import Encoder
    from sms_observability.export.notices import Notices
    from sms_observability.export.records import MetricData

    Collect = Callable[[], list[MetricData]]

POLICY: Final = "policy"


class MetricSources:
    """The sources of one door."""

    __slots__ = ("_sources",)

    def __init__(self) -> None:
        self._sources: list[Collect] = []

    def add(self, collect: Collect) -> None:
        """Ask one more from now on."""
        self._sources.append(collect)

    def pull(self, lane: Lane, buffer: Buffer, encoder: Encoder, notices: Notices) -> None:
        """Put what all sources have into a lane; a source that fails loses its own, a metric itself."""
        for collect in tuple(self._sources):
            try:
                for metric in collect():
                    _put(metric, lane, buffer, encoder, notices)
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # noqa: BLE001  # callbacks of others run in there
                notices.say(f"source:{type(error).__name__}", "metrics not collected: %s", type(error).__name__)


def _put(metric: MetricData, lane: Lane, buffer: Buffer, encoder: Encoder, notices: Notices) -> None:
    points = len(metric.points)
    try:
        body = encoder.encode_metric(metric)
    except Quarantined as error:
        buffer.refuse(lane, QUARANTINED, points)
        notices.say(f"encode:{error}", "a metric could not be encoded: %s", error)
        return
    if body is not None:
        buffer.put(lane, metric.scope, body, points)
    elif points:
        buffer.refuse(lane, POLICY, points)
