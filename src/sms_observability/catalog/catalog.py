"""Everything that is declared, checked as a whole."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from sms_observability.catalog.errors import CatalogError
from sms_observability.catalog.field import Field
from sms_observability.catalog.journey import Journey, Step
from sms_observability.catalog.later import Later
from sms_observability.catalog.metric import Metric

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sms_observability.catalog.dashboard import Dashboard
    from sms_observability.catalog.later import Source

JOURNEY_DURATION = "sms.journey.duration"

_T = TypeVar("_T", Metric, Journey, Step, Field)


class Catalog:
    """What a service measures: metrics, journeys with their steps, and the class of every field.

    Args:
        metrics: Instruments made by `Metric.counter`, `Metric.histogram` or `Metric.gauge`.
        journeys: Business transactions with an SLA; their steps are taken from them.
        steps: Further steps, which belong to no journey.
        fields: Attributes, labels and log fields; labels of the metrics need not be repeated.
        dashboards: What people look at, or a function that gives it, so that no service loads it at its start.

    Raises:
        CatalogError: Something is declared twice or contradicts another; the message says what to write instead.

    Example:
        >>> from sms_observability.catalog import SMS_CATALOG
        >>> catalog = SMS_CATALOG.extend(
        ...     journeys=[Journey("parts_refund_flow", sla_ms=2000)],
        ...     metrics=[Metric.counter("sms.parts.refunds", unit="{refund}")],
        ...     fields=[Field("refund_id", identifier=True)],
        ... )
        >>> catalog.journeys["parts_refund_flow"].sla_ms
        2000
    """

    __slots__ = ("_dashboards", "_declared", "_further", "fields", "journeys", "metrics", "steps")

    def __init__(
        self,
        *,
        metrics: Iterable[Metric] = (),
        journeys: Iterable[Journey] = (),
        steps: Iterable[Step] = (),
        fields: Iterable[Field] = (),
        dashboards: Source[Dashboard] = (),
    ) -> None:
        self._dashboards: Later[Dashboard] = Later("dashboards", lambda each: each.uid, dashboards)
        self._declared = tuple(fields)
        self._further = tuple(steps)
        self.metrics: Mapping[str, Metric] = MappingProxyType(_by_name("metrics", Metric, metrics))
        self.journeys: Mapping[str, Journey] = MappingProxyType(_by_name("journeys", Journey, journeys))
        self.steps: Mapping[str, Step] = MappingProxyType(self._all_steps())
        self.fields: Mapping[str, Field] = MappingProxyType(self._all_fields())
        self._check_metrics()
        self._check_slas()

    def extend(
        self,
        *,
        metrics: Iterable[Metric] = (),
        journeys: Iterable[Journey] = (),
        steps: Iterable[Step] = (),
        fields: Iterable[Field] = (),
        dashboards: Source[Dashboard] = (),
    ) -> Catalog:
        """Give a catalogue with more in it; this one stays as it is.

        Args:
            metrics: Further instruments.
            journeys: Further journeys.
            steps: Further steps.
            fields: Further attributes, labels and log fields.
            dashboards: Further dashboards.

        Raises:
            CatalogError: The whole does not pass the checks; nothing of this catalogue can be declared anew.
        """
        return Catalog(
            metrics=(*self.metrics.values(), *metrics),
            journeys=(*self.journeys.values(), *journeys),
            steps=(*self._further, *steps),
            fields=(*self._declared, *fields),
            dashboards=lambda: (*self.dashboards.values(), *(dashboards() if callable(dashboards) else dashboards)),
        )

    @property
    def dashboards(self) -> Mapping[str, Dashboard]:
        """What people look at, by its uid; loaded when it is first asked for."""
        return self._dashboards.all()

    def to_json(self) -> dict[str, list[dict[str, Any]]]:
        """Give the whole as plain data, ready for `json.dumps`."""
        return {
            "metrics": [metric.to_json() for metric in self.metrics.values()],
            "journeys": [journey.to_json() for journey in self.journeys.values()],
            "steps": [step.to_json() for step in self.steps.values()],
            "fields": [field.to_json() for field in self.fields.values()],
        }

    def __repr__(self) -> str:
        return f"<Catalog: {len(self.metrics)} metrics, {len(self.journeys)} journeys, {len(self.fields)} fields>"

    def _all_steps(self) -> dict[str, Step]:
        steps: dict[str, Step] = {}
        _by_name("steps", Step, self._further)
        for step in (*(step for journey in self.journeys.values() for step in journey.steps), *self._further):
            if steps.setdefault(step.name, step) != step:
                msg = f"the step {step.name!r} is declared in two ways: declare it once and use that object everywhere"
                raise CatalogError(msg)
        return steps

    def _all_fields(self) -> dict[str, Field]:
        fields = _by_name("fields", Field, self._declared)
        for metric in self.metrics.values():
            if metric.source in ("external", "rule"):
                continue
            for label in metric.labels:
                known = fields.setdefault(label.name, label)
                if known is not label and not known.same_class(label):
                    msg = (
                        f"metric {metric.otel_name!r}: its label {label.name!r} is already a field of another class: "
                        f"use catalog.fields[{label.name!r}], or give the label another name"
                    )
                    raise CatalogError(msg)
        return fields

    def _check_metrics(self) -> None:
        names: dict[str, Metric] = {}
        for metric in self.metrics.values():
            for name in metric.prometheus_names:
                other = names.setdefault(name, metric)
                if other is not metric:
                    msg = (
                        f"metrics {other.otel_name!r} and {metric.otel_name!r} would both be {name!r} in Prometheus: "
                        "rename one"
                    )
                    raise CatalogError(msg)

    def _check_slas(self) -> None:
        duration = self.metrics.get(JOURNEY_DURATION)
        if duration is None:
            return
        for journey in self.journeys.values():
            sla = journey.sla_seconds
            if sla not in duration.buckets:
                lower = max((bound for bound in duration.buckets if bound < sla), default=duration.buckets[0])
                upper = min((bound for bound in duration.buckets if bound > sla), default=duration.buckets[-1])
                nearby = " or ".join(f"sla_ms={bound * 1000:g}" for bound in sorted({lower, upper}))
                msg = (
                    f"journey {journey.name!r}: sla_ms={journey.sla_ms:g} is no bucket boundary of {JOURNEY_DURATION}, "
                    f"so Prometheus could not tell whether it is kept: write {nearby}"
                )
                raise CatalogError(msg)


def _by_name(what: str, kind: type[_T], things: Iterable[_T]) -> dict[str, _T]:
    named: dict[str, _T] = {}
    for thing in things:
        _check_type(what, kind, thing)
        name = _name_of(thing)
        if name in named:
            msg = f"{what}: {name!r} is declared twice: give the second another name, or drop it"
            raise CatalogError(msg)
        named[name] = thing
    return named


def _check_type(what: str, kind: type, thing: object) -> None:
    if not isinstance(thing, kind):
        msg = f"{what} takes {kind.__name__} objects, not {type(thing).__name__}"
        raise CatalogError(msg)


def _name_of(thing: Metric | Journey | Step | Field) -> str:
    return thing.otel_name if isinstance(thing, Metric) else thing.name
