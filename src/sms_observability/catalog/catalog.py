"""Everything that is declared, checked as a whole."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from sms_observability.catalog.errors import CatalogError
from sms_observability.catalog.field import Field
from sms_observability.catalog.journey import Journey, Step
from sms_observability.catalog.later import Later, by_name
from sms_observability.catalog.messages import check_messages
from sms_observability.catalog.metric import Metric

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sms_observability.catalog.alert import Alert
    from sms_observability.catalog.dashboard import Dashboard
    from sms_observability.catalog.incident import IncidentClass
    from sms_observability.catalog.later import Source
    from sms_observability.catalog.log_class import LogClass
    from sms_observability.catalog.recording import RecordingRule
    from sms_observability.catalog.routing import Routing
    from sms_observability.catalog.slo import Slo

JOURNEY_DURATION = "sms.journey.duration"

_Each = TypeVar("_Each")
_T = TypeVar("_T", Metric, Journey, Step, Field)


class Catalog:
    """What a service measures: metrics, journeys with their steps, and the class of every field.

    Args:
        metrics: Instruments made by `Metric.counter`, `Metric.histogram` or `Metric.gauge`.
        journeys: Business transactions with an SLA; their steps are taken from them.
        steps: Further steps, which belong to no journey.
        fields: Attributes, labels and log fields; labels of the metrics need not be repeated.
        messages: Classes of exceptions whose message may leave, such as `"portal.parts.OutOfStockError"`; that of any
            other never does.
        dashboards: What people look at, or a function that gives it, so that no service loads it at its start.
        alerts: What people are called for, or a function that gives it.
        slos: What is promised over 30 days, or a function that gives it.
        recordings: What Prometheus computes from other series, or a function that gives it.
        log_classes: Log lines by how long they are kept, the first that fits counts, or a function that gives them.
        incidents: Classes of incidents, the worst first, or a function that gives them.
        routing: A function that gives who is told of alerts; nobody is if left out.

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

    __slots__ = (
        "_alerts",
        "_dashboards",
        "_declared",
        "_further",
        "_incidents",
        "_log_classes",
        "_recordings",
        "_routing",
        "_slos",
        "fields",
        "journeys",
        "messages",
        "metrics",
        "steps",
    )

    def __init__(
        self,
        *,
        metrics: Iterable[Metric] = (),
        journeys: Iterable[Journey] = (),
        steps: Iterable[Step] = (),
        fields: Iterable[Field] = (),
        messages: Iterable[str] = (),
        dashboards: Source[Dashboard] = (),
        alerts: Source[Alert] = (),
        slos: Source[Slo] = (),
        recordings: Source[RecordingRule] = (),
        log_classes: Source[LogClass] = (),
        incidents: Source[IncidentClass] = (),
        routing: Callable[[], Routing] | None = None,
    ) -> None:
        self._dashboards: Later[Dashboard] = Later("dashboards", lambda each: each.uid, dashboards)
        self._incidents: Later[IncidentClass] = Later("incidents", lambda each: each.code, incidents)
        self._routing = routing
        self._alerts: Later[Alert] = Later("alerts", lambda each: each.name, alerts)
        self._slos: Later[Slo] = Later("SLOs", lambda each: each.name, slos)
        self._recordings: Later[RecordingRule] = Later("recording rules", lambda each: each.key, recordings)
        self._log_classes: Later[LogClass] = Later("log classes", lambda each: each.name, log_classes)
        self._declared = tuple(fields)
        self._further = tuple(steps)
        self.messages: frozenset[str] = check_messages(messages)
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
        messages: Iterable[str] = (),
        dashboards: Source[Dashboard] = (),
        alerts: Source[Alert] = (),
        slos: Source[Slo] = (),
        recordings: Source[RecordingRule] = (),
        log_classes: Source[LogClass] = (),
        routing: Callable[[], Routing] | None = None,
    ) -> Catalog:
        """Give a catalogue with more in it; this one stays as it is.

        Args:
            metrics: Further instruments.
            journeys: Further journeys.
            steps: Further steps.
            fields: Further attributes, labels and log fields.
            messages: Further classes of exceptions whose message may leave.
            dashboards: Further dashboards.
            alerts: Further alerts.
            slos: Further objectives.
            recordings: Further recording rules.
            log_classes: Further classes of log lines, asked before those of this catalogue.
            routing: A function that gives who is told of alerts, in the place of what was declared.

        Raises:
            CatalogError: The whole does not pass the checks; nothing of this catalogue can be declared anew.
        """
        return Catalog(
            metrics=(*self.metrics.values(), *_listed("metrics", metrics)),
            journeys=(*self.journeys.values(), *_listed("journeys", journeys)),
            steps=(*self._further, *_listed("steps", steps)),
            fields=(*self._declared, *_listed("fields", fields)),
            messages=(*self.messages, *_listed("messages", messages)),
            dashboards=self._dashboards.and_then(dashboards),
            alerts=self._alerts.and_then(alerts),
            slos=self._slos.and_then(slos),
            recordings=self._recordings.and_then(recordings),
            log_classes=self._log_classes.preceded_by(log_classes),
            incidents=self._incidents.and_then(()),
            routing=routing or self._routing,
        )

    @property
    def dashboards(self) -> Mapping[str, Dashboard]:
        """What people look at, by its uid; loaded when it is first asked for."""
        return self._dashboards.all()

    @property
    def alerts(self) -> Mapping[str, Alert]:
        """What people are called for, by its name; loaded when it is first asked for."""
        return self._alerts.all()

    @property
    def slos(self) -> Mapping[str, Slo]:
        """What is promised over 30 days, by its name; loaded when it is first asked for."""
        return self._slos.all()

    @property
    def recordings(self) -> Mapping[str, RecordingRule]:
        """What Prometheus computes from other series, by name and added labels; loaded when it is first asked for."""
        return self._recordings.all()

    @property
    def log_classes(self) -> Mapping[str, LogClass]:
        """Log lines by how long they are kept, by name, in the order in which they are asked."""
        return self._log_classes.all()

    @property
    def incidents(self) -> Mapping[str, IncidentClass]:
        """Classes of incidents by their code, the worst first; loaded when they are first asked for."""
        return self._incidents.all()

    @property
    def routed(self) -> bool:
        """Whether somebody is told of alerts at all."""
        return self._routing is not None

    @property
    def routing(self) -> Routing:
        """Who is told of which alert, by which way.

        Raises:
            CatalogError: Nobody was declared.
        """
        if self._routing is None:
            msg = "the catalogue says nothing of who is told of alerts: give it routing=lambda: Routing(…)"
            raise CatalogError(msg)
        return self._routing()

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


def _listed(what: str, things: Iterable[_Each]) -> Iterable[_Each]:
    if isinstance(things, str) or not hasattr(type(things), "__iter__"):
        msg = f"{what}=… takes a list, not a {type(things).__name__}: write {what}=[…]"
        raise CatalogError(msg)
    return things


def _by_name(what: str, kind: type[_T], things: Iterable[_T]) -> dict[str, _T]:
    def name_of(thing: _T) -> str:
        if not isinstance(thing, kind):
            msg = f"{what} takes {kind.__name__} objects, not {type(thing).__name__}"
            raise CatalogError(msg)
        return _name_of(thing)

    return by_name(what, name_of, things)


def _name_of(thing: Metric | Journey | Step | Field) -> str:
    return thing.otel_name if isinstance(thing, Metric) else thing.name
