"""The SDK's metrics, kept where nothing of the application's runs under their locks, and pulled by the door."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sms_observability import lifecycle
from sms_observability.export.foreign import metrics_from_sdk
from sms_observability.providers.notices import warn_once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from opentelemetry.metrics import CallbackOptions, Meter, MeterProvider, Observation
    from opentelemetry.sdk.metrics.export import AggregationTemporality
    from opentelemetry.sdk.metrics.view import Aggregation, View
    from opentelemetry.sdk.resources import Resource

    from sms_observability.export.records import MetricData
    from sms_observability.providers.instrument import Instrument
    from sms_observability.providers.pipeline import CountDropped
    from sms_observability.providers.pull_reader import PullReader


class _Bound:
    """An instrument that records here, and what its callbacks gave."""

    __slots__ = ("instrument", "is_asked", "observed")

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self.is_asked = False
        self.observed: list[Observation] = []


class MetricPipeline:
    """One SDK provider after the other, from the first instrument on: after a fork a new one, to count from zero."""

    def __init__(  # noqa: PLR0913
        self,
        *,
        resource: Resource,
        views: Sequence[View],
        temporality: Mapping[type, AggregationTemporality] | None,
        aggregation: Mapping[type, Aggregation] | None,
        refused: Iterable[str],
        count_dropped: CountDropped,
        flush: Callable[[float], bool],
    ) -> None:
        self.resource = resource
        self.refused = frozenset(refused)
        self.count_dropped = count_dropped
        self.flush = flush
        self._views = views
        self._temporality = temporality
        self._aggregation = aggregation
        self._bound: dict[int, _Bound] = {}
        self._reader: PullReader | None = None
        self._sdk: MeterProvider | None = None

    def _provider(self) -> MeterProvider:
        if self._sdk is None:
            with lifecycle.importing():
                from sms_observability.providers.pull_reader import PullReader, pulled_provider

            self._reader = PullReader(self._temporality, self._aggregation)
            self._sdk = pulled_provider(self._reader, self.resource, self._views)
        return self._sdk

    def bind(self, instrument: Instrument) -> None:
        """Let an instrument record here."""
        self._bound[id(instrument)] = bound = _Bound(instrument)
        description = instrument._description
        if description is None or description.scope.name in self.refused:
            return
        try:
            scope = description.scope
            meter = self._provider().get_meter(
                scope.name or "unknown",
                scope.version or None,
                scope.schema_url or None,
                dict(scope.attributes) or None,
            )
            instrument._count_dropped = self.count_dropped
            instrument._record = self._made(meter, bound)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001  # views and the like are the application's
            warn_once(f"an instrument does nothing: the SDK refused it with {type(error).__name__}")

    def unbind(self, instrument: Instrument) -> None:
        """Let an instrument record here no more."""
        instrument._record = None
        instrument._count_dropped = None
        bound = self._bound.pop(id(instrument), None)
        if bound is not None:
            # The SDK keeps its observable instruments for good.
            bound.observed = []

    def _made(self, meter: Meter, bound: _Bound) -> Callable[..., None] | None:
        """Make the SDK's instrument, and give what records on it; an observable one is asked instead."""
        description = bound.instrument._description
        assert description is not None  # noqa: S101  # `bind` asked
        name, unit, text = description.name, description.unit, description.text
        if description.kind == "counter":
            return meter.create_counter(name, unit, text).add
        if description.kind == "up_down_counter":
            return meter.create_up_down_counter(name, unit, text).add
        if description.kind == "gauge":
            return meter.create_gauge(name, unit, text).set
        if description.kind == "histogram":
            return meter.create_histogram(
                name, unit, text, explicit_bucket_boundaries_advisory=description.bounds
            ).record
        make: Any = getattr(meter, f"create_{description.kind}")

        def observed(options: CallbackOptions) -> list[Observation]:  # noqa: ARG001
            return bound.observed

        make(name, [observed], unit, text)
        bound.is_asked = True
        return None

    def collect(self) -> list[MetricData]:
        """Ask the application's callbacks, under no lock, then the SDK.

        Returns:
            What there is; nothing, if the SDK fails.
        """
        for bound in list(self._bound.values()):
            if bound.is_asked:
                bound.observed = bound.instrument._observe()
        try:
            data = None if self._reader is None else self._reader.take()
            return [] if data is None else metrics_from_sdk(data)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001  # promise 1
            warn_once(f"metrics were not collected: {type(error).__name__}")
            return []

    def after_fork(self) -> None:
        """Start from zero in a child process, without the parent's locks."""
        self._reader = self._sdk = None
        for bound in list(self._bound.values()):
            self.bind(bound.instrument)
