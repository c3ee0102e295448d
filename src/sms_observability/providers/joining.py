"""Joining the providers of somebody else's: their spans, metrics and logs pass our door as well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from opentelemetry.sdk.trace import SpanProcessor

from sms_observability.export.foreign import log_from_sdk, metrics_from_sdk, span_from_readable
from sms_observability.providers.pipeline import count_nothing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from opentelemetry.sdk.trace import ReadableSpan

    from sms_observability.export.records import LogData, MetricData, Signal, SpanData
    from sms_observability.providers.pipeline import CountDropped
    from sms_observability.providers.pull_reader import PullReader


class Joined:
    """What could be joined.

    Attributes:
        signals: The signals that pass our door.
        refused: The signals whose provider lets nobody join; they go where it sends them.
    """

    def __init__(self) -> None:
        self.signals: list[Signal] = []
        self.refused: list[Signal] = []
        self._active = True
        self._reader: PullReader | None = None

    def collect(self) -> list[MetricData]:
        """Give the metrics of the joined provider; never raises."""
        if self._reader is None or not self._active:
            return []
        try:
            data = self._reader.take()
            return [] if data is None else metrics_from_sdk(data)
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001  # their callbacks run in there
            return []

    def leave(self) -> None:
        """Take nothing more; processors cannot be removed, so ours stay and do nothing."""
        self._active = False


def join(
    foreign: Mapping[Signal, object],
    *,
    emit_span: Callable[[SpanData], None],
    emit_log: Callable[[LogData], None],
    count_dropped: CountDropped = count_nothing,
) -> Joined:
    """Add ourselves to providers that others have made global.

    Args:
        foreign: What `install` returned.
        emit_span: Takes every ended and sampled span.
        emit_log: Takes every log record.
        count_dropped: Told of every item that was lost here.

    Returns:
        What could be joined, in order to say so in one line, and to pull the metrics.
    """
    joined = Joined()
    for signal, provider in foreign.items():
        try:
            if signal == "traces":
                cast("Any", provider).add_span_processor(_Spans(joined, emit_span, count_dropped))
            elif signal == "metrics":
                from sms_observability.providers.pull_reader import PullReader  # a start without them needs it not

                reader = PullReader()
                cast("Any", provider).add_metric_reader(reader)
                joined._reader = reader
            else:
                cast("Any", provider).add_log_record_processor(_Logs(joined, emit_log, count_dropped))
            joined.signals.append(signal)
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001  # any provider at all may be there
            joined.refused.append(signal)
    return joined


class _Spans(SpanProcessor):
    def __init__(self, joined: Joined, emit: Callable[[SpanData], None], count_dropped: CountDropped) -> None:
        self._joined = joined
        self._emit = emit
        self._count_dropped = count_dropped

    def on_end(self, span: ReadableSpan) -> None:
        if not self._joined._active:
            return
        try:
            record = span_from_readable(span)
            if record.trace_flags & 1:
                self._emit(record)
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001  # promise 1
            self._count_dropped("traces", "emit_failed")


class _Logs:
    """A log record processor, without the SDK's base class, which is not public."""

    def __init__(self, joined: Joined, emit: Callable[[LogData], None], count_dropped: CountDropped) -> None:
        self._joined = joined
        self._emit = emit
        self._count_dropped = count_dropped

    def on_emit(self, log_record: Any) -> None:
        if not self._joined._active:
            return
        try:
            self._emit(log_from_sdk(log_record))
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001  # promise 1
            self._count_dropped("logs", "emit_failed")

    def enabled(self, **fields: Any) -> bool:  # noqa: ARG002
        return self._joined._active

    def shutdown(self) -> None:
        self._joined.leave()

    def force_flush(self, timeout_millis: int = 30000) -> bool:  # noqa: ARG002
        return True
