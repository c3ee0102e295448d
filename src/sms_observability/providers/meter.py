"""Meters of the plain OpenTelemetry API: any name and amount is taken, none raises, and all survive a fork."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any, Final, cast

from opentelemetry import metrics

from sms_observability.providers.instrument import (
    INSTRUMENTS,
    Counter,
    Gauge,
    Histogram,
    Instrument,
    ObservableCounter,
    ObservableGauge,
    ObservableUpDownCounter,
    UpDownCounter,
    describe,
    type_name,
)
from sms_observability.providers.metric_pipeline import MetricPipeline
from sms_observability.providers.notices import warn_once
from sms_observability.providers.pipeline import REFUSED_SCOPES, count_nothing, flush_nothing, flushed
from sms_observability.providers.scopes import scope_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from opentelemetry.sdk.metrics.export import AggregationTemporality
    from opentelemetry.sdk.metrics.view import Aggregation, View
    from opentelemetry.sdk.resources import Resource

    from sms_observability.export.records import MetricData, Scope
    from sms_observability.providers.instrument import Description, InstrumentKind
    from sms_observability.providers.pipeline import CountDropped

_MAX_INSTRUMENTS: Final = 4096


class Meter(metrics.Meter):
    """Makes the instruments of one instrumentation scope; those of one name, kind and unit are the same."""

    def __init__(self, provider: MeterProvider, scope: Scope) -> None:
        super().__init__(scope.name, scope.version, scope.schema_url)
        self._provider = provider
        self._scope = scope

    def create_counter(self, name: str, unit: str = "", description: str = "") -> Counter:
        """Make a counter. A name that is none gives one that does nothing."""
        return cast("Counter", self._made("counter", name, unit, description))

    def create_up_down_counter(self, name: str, unit: str = "", description: str = "") -> UpDownCounter:
        """Make a counter that may shrink."""
        return cast("UpDownCounter", self._made("up_down_counter", name, unit, description))

    def create_histogram(
        self,
        name: str,
        unit: str = "",
        description: str = "",
        *,
        explicit_bucket_boundaries_advisory: Sequence[float] | None = None,
    ) -> Histogram:
        """Make a histogram; in seconds it has boundaries in seconds, unless others are given."""
        bounds = explicit_bucket_boundaries_advisory
        return cast("Histogram", self._made("histogram", name, unit, description, bounds=bounds))

    def create_gauge(self, name: str, unit: str = "", description: str = "") -> Gauge:
        """Make a gauge."""
        return cast("Gauge", self._made("gauge", name, unit, description))

    def create_observable_counter(
        self, name: str, callbacks: Any = None, unit: str = "", description: str = ""
    ) -> ObservableCounter:
        """Make a counter that asks callbacks; what they raise is counted and reaches nobody."""
        return cast("ObservableCounter", self._made("observable_counter", name, unit, description, callbacks))

    def create_observable_up_down_counter(
        self, name: str, callbacks: Any = None, unit: str = "", description: str = ""
    ) -> ObservableUpDownCounter:
        """Make a counter that asks callbacks and may shrink."""
        return cast(
            "ObservableUpDownCounter", self._made("observable_up_down_counter", name, unit, description, callbacks)
        )

    def create_observable_gauge(
        self, name: str, callbacks: Any = None, unit: str = "", description: str = ""
    ) -> ObservableGauge:
        """Make a gauge that asks callbacks."""
        return cast("ObservableGauge", self._made("observable_gauge", name, unit, description, callbacks))

    def _made(  # noqa: PLR0913
        self, kind: InstrumentKind, name: Any, unit: Any, text: Any, callbacks: Any = None, *, bounds: Any = None
    ) -> Instrument:
        description = describe(self._scope, kind, name, unit, text, bounds)
        if description is None:
            warn_once(
                f"a {kind} does nothing: its name, of type {type_name(name)}, is no metric name; "
                "write letters, digits and _ . - / that begin with a letter"
            )
        return self._provider._instrument(kind, description, callbacks)


class MeterProvider(metrics.MeterProvider):
    """Hands out meters.

    Args:
        resource: What the SDK is told of this process; `None` makes a provider that records nothing until `use`.
        views: Of the SDK.
        temporality: Of the SDK; by default everything is cumulative.
        aggregation: Of the SDK.
        refused: Names of scopes whose metrics are not wanted.
        count_dropped: Told of every amount that was left out.
        flush: What `force_flush` calls, with seconds.

    Example:
        >>> from opentelemetry.sdk.resources import Resource
        >>> provider = MeterProvider(resource=Resource.get_empty())
        >>> provider.get_meter("parts").create_counter("quotes").add(2, {"urgency": "high"})
        >>> provider.collect()[0].points[0].value
        2
    """

    def __init__(  # noqa: PLR0913
        self,
        *,
        resource: Resource | None = None,
        views: Sequence[View] = (),
        temporality: Mapping[type, AggregationTemporality] | None = None,
        aggregation: Mapping[type, Aggregation] | None = None,
        refused: Iterable[str] = REFUSED_SCOPES,
        count_dropped: CountDropped = count_nothing,
        flush: Callable[[float], bool] = flush_nothing,
    ) -> None:
        self._lock = Lock()
        self._instruments: dict[Description, Instrument] = {}
        self._pipeline: MetricPipeline | None = None
        self._behind: MeterProvider | None = None
        if resource is not None:
            self._pipeline = MetricPipeline(
                resource=resource,
                views=views,
                temporality=temporality,
                aggregation=aggregation,
                refused=refused,
                count_dropped=count_dropped,
                flush=flush,
            )

    def use(self, other: MeterProvider | None) -> None:
        """Make the instruments of this provider, those already handed out too, record as those of another.

        Args:
            other: The other provider; `None` stops all of them.
        """
        pipeline = None if other is None else other._pipeline
        with self._lock:
            before, self._pipeline = self._pipeline, pipeline
            self._behind = other
            for instrument in self._instruments.values():
                if before is not None:
                    before.unbind(instrument)
                if pipeline is not None:
                    pipeline.bind(instrument)

    def get_meter(
        self,
        name: str,
        version: str | None = None,
        schema_url: str | None = None,
        attributes: Any = None,
    ) -> Meter:
        """Give the meter of a scope; any name is taken."""
        return Meter(self, scope_of(name, version, schema_url, attributes))

    def _instrument(self, kind: InstrumentKind, description: Description | None, callbacks: Any) -> Instrument:
        made = INSTRUMENTS[kind](description, callbacks)
        if description is None:
            return made
        with self._lock:
            known = self._instruments.get(description)
            if known is not None:
                known._callbacks += made._callbacks
                return known
            if len(self._instruments) >= _MAX_INSTRUMENTS:
                warn_once(f"a {kind} does nothing: there are {_MAX_INSTRUMENTS} instruments already")
                return made
            self._instruments[description] = made
            if self._pipeline is not None:
                self._pipeline.bind(made)
        return made

    def collect(self) -> list[MetricData]:
        """Give what was recorded so far; never raises. Observable callbacks run here, each guarded, under no lock."""
        pipeline = self._pipeline
        return [] if pipeline is None else pipeline.collect()

    def after_fork(self) -> None:
        """Start from zero in a child process; call it there before anything else records."""
        self._lock = Lock()
        if self._behind is not None:
            self._behind.after_fork()
        elif self._pipeline is not None:
            self._pipeline.after_fork()

    def force_flush(self, timeout_millis: float = 30000) -> bool:
        """Send what was recorded.

        Returns:
            Whether all of it was delivered in time.
        """
        pipeline = self._pipeline
        return pipeline is None or flushed(pipeline.flush, timeout_millis)

    def shutdown(self, timeout_millis: float = 30000) -> None:
        """Do nothing: the door is shut down by whoever opened it."""
