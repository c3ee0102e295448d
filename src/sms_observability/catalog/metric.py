"""A declared metric, which is at the same time the instrument that code records on."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

from sms_observability.catalog.buckets import checked_buckets, default_buckets
from sms_observability.catalog.checks import RESTRICTED_NAMESPACE, check_labels, check_own, check_own_labels
from sms_observability.catalog.errors import CatalogError
from sms_observability.catalog.field import Access, Field
from sms_observability.catalog.prometheus import MetricKind, prometheus_name, prometheus_series

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from decimal import Decimal

Source = Literal["sms", "semconv", "scraped", "external", "rule"]
Aggregation = Literal["sum", "max"]

_VERBS = {"counter": "add", "updowncounter": "add", "histogram": "record", "gauge": "set"}
_MONEY = frozenset({"dollars", "{USD}"})


class Wrapped(Protocol):
    """A `Restricted` amount, as far as the catalogue has to know it."""

    def reveal(self, *, reason: str) -> Any:
        """Give what is inside."""


if TYPE_CHECKING:
    Amount = float | Decimal | Wrapped


def _record_nothing(amount: object, labels: Mapping[str, object]) -> None:
    """Take the place of the recorder before `init_observability` and after shutdown."""


class Metric:
    """A declared metric; make one with `Metric.counter`, `Metric.histogram` or `Metric.gauge`.

    The object is the instrument. It does nothing until a service passes it in its catalogue to `init_observability`.

    Attributes:
        otel_name: Its OpenTelemetry name, lower-case and dotted.
        kind: `counter`, `histogram`, `gauge` or `updowncounter`.
        unit: Its UCUM unit, or `dollars`.
        labels: The fields it may be split by.
        buckets: The boundaries of a histogram, else empty.
        thresholds: Values that alerts and objectives compare with; each is one of `buckets`.
        description: One sentence for people.
        owner: The team that answers for it.
        access: `restricted` metrics leave by the restricted door only.
        money: It measures money, so it never carries exemplars.
        across_replicas: How the values of several replicas become one.
        initialise: Label sets whose series start at zero, so that the first event is an increase.
        source: `sms` (recorded through this object), `semconv` (emitted under OpenTelemetry's conventions), `scraped`
            (read by the Collector from another program or its host), `external` (in Prometheus by another way) or
            `rule` (made by a recording rule in Prometheus).
        prometheus_name: Its name in Prometheus; of a histogram, the family name.
        gateway_names: Further names that the gateway makes of it, and their labels.
        prometheus_names: Every name under which its series are queried.
        replaces: Names in the monitoring plan for which this stands.
        python_name: Its name in the `metrics` namespace.
    """

    __slots__ = (
        "__weakref__",
        "_recorder",
        "access",
        "across_replicas",
        "buckets",
        "description",
        "gateway_names",
        "initialise",
        "labels",
        "money",
        "otel_name",
        "owner",
        "prometheus_name",
        "prometheus_names",
        "python_name",
        "replaces",
        "source",
        "thresholds",
        "unit",
    )

    kind: ClassVar[MetricKind]
    _default_aggregation: ClassVar[Aggregation] = "sum"

    def __init__(
        self,
        name: str,
        *,
        unit: str = "",
        labels: Iterable[Field | str] = (),
        description: str = "",
        owner: str = "platform",
        access: Access = "public",
        money: bool | None = None,
        buckets: Iterable[float] = (),
        thresholds: Iterable[float] = (),
        across_replicas: Aggregation | None = None,
        initialise: Iterable[Mapping[str, str]] = (),
        source: Source = "sms",
        prometheus: str | None = None,
        gateway_names: Mapping[str, tuple[str, ...]] | None = None,
        replaces: Iterable[str] = (),
    ) -> None:
        self._recorder: Callable[[object, Mapping[str, object]], None] = _record_nothing
        self.otel_name = name
        self.unit = unit
        self.labels = tuple(Field(label) if isinstance(label, str) else label for label in labels)
        self.description = description
        self.owner = owner
        self.access: Access = access
        self.money = unit in _MONEY if money is None else money
        self.thresholds = tuple(thresholds)
        self.buckets = self._checked_buckets(tuple(buckets))
        self.across_replicas: Aggregation = across_replicas or self._default_aggregation
        self.initialise = tuple(initialise)
        self.source: Source = source
        self.replaces = tuple(replaces)
        self.gateway_names: Mapping[str, tuple[str, ...]] = MappingProxyType(dict(gateway_names or {}))
        check_labels(name, self.labels)
        if source == "sms":
            check_own(name, unit, access)
            check_own_labels(name, self.labels, access, self.initialise)
        self.python_name = name.removeprefix("sms.").replace(".", "_")
        self.prometheus_name = self._named(prometheus)
        self.prometheus_names = (
            *self.gateway_names,
            *prometheus_series(self.prometheus_name, self.kind),
        )

    @classmethod
    def counter(
        cls,
        name: str,
        *,
        unit: str = "",
        labels: Iterable[Field | str] = (),
        description: str = "",
        owner: str = "platform",
        access: Access = "public",
        money: bool | None = None,
        initialise: Iterable[Mapping[str, str]] = (),
        prometheus: str | None = None,
        replaces: Iterable[str] = (),
    ) -> Counter:
        """Declare something that is counted and only grows.

        Args:
            name: Lower-case and dotted, without `total`, such as `"sms.parts.returns.accepted"`. A restricted metric
                has no `sms.` in front: the restricted exporter puts `_sms_` there.
            unit: What is counted, in braces: `"{return}"`.
            labels: What it may be split by; a plain name stands for `Field(name)`.
            description: One sentence for people.
            owner: The team that answers for it.
            access: `"restricted"` for anything from which the markup can be learnt.
            money: It measures money; known by itself from the units `dollars` and `{USD}`.
            initialise: Label sets whose series start at zero.
            prometheus: The name that rules and dashboards use; checked against what Prometheus will make of it.
            replaces: Names for which this stands.

        Raises:
            CatalogError: The declaration cannot work; the message says what to write instead.

        Example:
            >>> returns = Metric.counter("sms.parts.returns", unit="{return}", labels=[Field("cause")])
            >>> returns.add(1, cause="wrong_part")
            >>> returns.prometheus_names
            ('sms_parts_returns_total',)
        """
        return Counter(
            name,
            unit=unit,
            labels=labels,
            description=description,
            owner=owner,
            access=access,
            money=money,
            initialise=initialise,
            prometheus=prometheus,
            replaces=replaces,
        )

    @classmethod
    def histogram(
        cls,
        name: str,
        *,
        unit: str = "",
        labels: Iterable[Field | str] = (),
        description: str = "",
        owner: str = "platform",
        access: Access = "public",
        money: bool | None = None,
        buckets: Iterable[float] = (),
        thresholds: Iterable[float] = (),
        initialise: Iterable[Mapping[str, str]] = (),
        prometheus: str | None = None,
        replaces: Iterable[str] = (),
    ) -> Histogram:
        """Declare something whose distribution matters: a duration, a size, an amount.

        Args:
            name: As for `counter`; durations end in `.duration`.
            unit: `"s"` for durations, `"By"` for sizes, `"dollars"` for money, or what it is in braces.
            labels: As for `counter`.
            description: One sentence for people.
            owner: The team that answers for it.
            access: As for `counter`.
            money: As for `counter`.
            buckets: Upper boundaries in growing order; left out, they follow from the unit.
            thresholds: Values that alerts and objectives compare with; each must be a boundary.
            initialise: Label sets whose series start at zero.
            prometheus: As for `counter`, without `_bucket`, `_sum` or `_count`.
            replaces: Names for which this stands.

        Raises:
            CatalogError: The declaration cannot work; the message says what to write instead.

        Example:
            >>> wait = Metric.histogram("sms.quotes.wait", unit="s", buckets=(0.5, 1, 2), thresholds=(1,))
            >>> wait.record(0.7)
            >>> wait.prometheus_name
            'sms_quotes_wait_seconds'
        """
        return Histogram(
            name,
            unit=unit,
            labels=labels,
            description=description,
            owner=owner,
            access=access,
            money=money,
            buckets=buckets,
            thresholds=thresholds,
            initialise=initialise,
            prometheus=prometheus,
            replaces=replaces,
        )

    @classmethod
    def gauge(
        cls,
        name: str,
        *,
        unit: str = "",
        labels: Iterable[Field | str] = (),
        description: str = "",
        owner: str = "platform",
        access: Access = "public",
        money: bool | None = None,
        across_replicas: Aggregation = "max",
        initialise: Iterable[Mapping[str, str]] = (),
        prometheus: str | None = None,
        replaces: Iterable[str] = (),
    ) -> Gauge:
        """Declare a level that is set: what is true now, not what has happened.

        Args:
            name: As for `counter`.
            unit: `"%"`, `"s"`, `"By"` or what it is in braces; never `"1"`, which Prometheus calls a ratio.
            labels: As for `counter`.
            description: One sentence for people.
            owner: The team that answers for it.
            access: As for `counter`.
            money: As for `counter`.
            across_replicas: `"max"` if each replica sets the same level, `"sum"` if each knows a part of it.
            initialise: Label sets whose series start at zero.
            prometheus: As for `counter`.
            replaces: Names for which this stands.

        Raises:
            CatalogError: The declaration cannot work; the message says what to write instead.

        Example:
            >>> stock = Metric.gauge("sms.parts.stock", unit="{part}", across_replicas="sum")
            >>> stock.set(12)
        """
        return Gauge(
            name,
            unit=unit,
            labels=labels,
            description=description,
            owner=owner,
            access=access,
            money=money,
            across_replicas=across_replicas,
            initialise=initialise,
            prometheus=prometheus,
            replaces=replaces,
        )

    def connect(self, recorder: Callable[[object, Mapping[str, object]], None]) -> None:
        """Let measurements go to a recorder, which must never raise."""
        self._recorder = recorder

    def disconnect(self) -> None:
        """Let measurements go nowhere again."""
        self._recorder = _record_nothing

    def to_json(self) -> dict[str, Any]:
        """Give the declaration as plain data."""
        return {
            "otel_name": self.otel_name,
            "prometheus_names": list(self.prometheus_names),
            "kind": self.kind,
            "unit": self.unit,
            "labels": [label.name for label in self.labels],
            "label_values": {label.name: list(label.values) for label in self.labels if label.values is not None},
            "access": self.access,
            "buckets": list(self.buckets),
            "thresholds": list(self.thresholds),
            "description": self.description,
            "owner": self.owner,
            "money": self.money,
            "across_replicas": self.across_replicas,
            "initialise": [dict(labels) for labels in self.initialise],
            "source": self.source,
            "gateway_names": {name: list(labels) for name, labels in self.gateway_names.items()},
            "replaces": list(self.replaces),
            "python_name": self.python_name,
        }

    if not TYPE_CHECKING:  # a checker that saw this would let every method pass

        def __getattr__(self, name: str) -> object:
            msg = f"{type(self).__name__!r} object has no attribute {name!r}"
            if name in _VERBS.values():
                msg = f"{self.otel_name} is a {self.kind}: write .{_VERBS[self.kind]}(…) in the place of .{name}(…)"
            raise AttributeError(msg)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.otel_name} [{self.unit}]>"

    def _named(self, declared: str | None) -> str:
        if self.source in ("scraped", "external", "rule"):
            return declared or self.otel_name
        namespace = RESTRICTED_NAMESPACE if self.access == "restricted" else ""
        computed = prometheus_name(self.otel_name, self.unit, self.kind, namespace=namespace)
        if declared is not None and declared != computed:
            msg = (
                f"metric {self.otel_name!r} is declared as {declared!r} in Prometheus, but a {self.kind} with unit "
                f"{self.unit!r} becomes {computed!r} there: change the name, the unit or the declaration"
            )
            raise CatalogError(msg)
        return computed

    def _checked_buckets(self, buckets: tuple[float, ...]) -> tuple[float, ...]:
        if buckets or self.thresholds:
            msg = f"metric {self.otel_name!r} is a {self.kind}: only a histogram has buckets and thresholds"
            raise CatalogError(msg)
        return ()


class Counter(Metric):
    """Counts what happens; see `Metric.counter`."""

    __slots__ = ()
    kind = "counter"

    def add(self, amount: Amount = 1, /, **labels: object) -> None:
        """Count something. Never raises: an unusable or negative amount, or an unknown label, is dropped and counted.

        Args:
            amount: How many; not below zero.
            labels: Values of the declared labels. An identifier that is left out is taken from the request's context.
        """
        self._recorder(amount, labels)


class UpDownCounter(Metric):
    """Counts what comes and goes, such as requests in progress; made by the library only."""

    __slots__ = ()
    kind = "updowncounter"

    def add(self, amount: Amount = 1, /, **labels: object) -> None:
        """Count something that came, or with an amount below zero, that went. Never raises."""
        self._recorder(amount, labels)


class Histogram(Metric):
    """Collects how amounts are distributed; see `Metric.histogram`."""

    __slots__ = ()
    kind = "histogram"

    def record(self, amount: Amount, /, **labels: object) -> None:
        """Record one measurement. Never raises: an unusable amount or an unknown label is dropped and counted.

        Args:
            amount: What was measured, in the metric's unit (seconds, not milliseconds).
            labels: Values of the declared labels. An identifier that is left out is taken from the request's context.
        """
        self._recorder(amount, labels)

    def _checked_buckets(self, buckets: tuple[float, ...]) -> tuple[float, ...]:
        return checked_buckets(self.otel_name, buckets or default_buckets(self.unit), self.thresholds)


class Gauge(Metric):
    """Says what is true now; see `Metric.gauge`."""

    __slots__ = ()
    kind = "gauge"
    _default_aggregation = "max"

    def set(self, amount: Amount, /, **labels: object) -> None:
        """Set the level. Never raises: an unusable amount or an unknown label is dropped and counted.

        Args:
            amount: The level, in the metric's unit.
            labels: Values of the declared labels. An identifier that is left out is taken from the request's context.
        """
        self._recorder(amount, labels)
