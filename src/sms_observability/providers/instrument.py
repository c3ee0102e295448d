"""Instruments of the plain OpenTelemetry API: amounts and labels are made safe before the SDK sees them."""

from __future__ import annotations

import re
from itertools import islice, pairwise
from math import isfinite
from types import GeneratorType
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, NamedTuple

from opentelemetry import metrics
from opentelemetry.metrics import CallbackOptions, Observation

from sms_observability.export.fields import read
from sms_observability.privacy.guard import current_guard
from sms_observability.sanitise import sanitise_attributes, sanitise_number, sanitise_text
from sms_observability.sanitise.classes import class_of, short_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sms_observability.export.records import Scope
    from sms_observability.providers.pipeline import CountDropped

InstrumentKind = Literal[
    "counter",
    "up_down_counter",
    "histogram",
    "gauge",
    "observable_counter",
    "observable_up_down_counter",
    "observable_gauge",
]

SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
"""Boundaries of a histogram in seconds that states none: the SDK's are for milliseconds."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_./-]{0,254}")
_UNIT = re.compile(r"[\x20-\x7e]{0,63}")
_MAX_BOUNDS: Final = 256
_MAX_CALLBACKS: Final = 1000
_MAX_OBSERVATIONS: Final = 10_000


class Description(NamedTuple):
    """What an instrument is, as the SDK is told: all of it valid."""

    scope: Scope
    kind: InstrumentKind
    name: str
    unit: str
    text: str
    bounds: tuple[float, ...] | None = None


def describe(scope: Scope, kind: InstrumentKind, name: Any, unit: Any, text: Any, bounds: Any) -> Description | None:
    """Make a description of what a caller has given; `None` if the name is none.

    A unit that is none becomes the empty one, a text becomes safe, boundaries that do not grow are left out.
    """
    if type(name) is not str or _NAME.fullmatch(name) is None:
        return None
    safe_unit = unit if type(unit) is str and _UNIT.fullmatch(unit) else ""
    safe_text = "" if text is None else sanitise_text(text, 1024)
    return Description(scope, kind, name, safe_unit, safe_text, _bounds(kind, safe_unit, bounds))


class Instrument:
    """What all instruments share: where their amounts go, which changes when the library starts, stops or forks."""

    _positive: ClassVar[bool] = False

    def __init__(self, description: Description | None, callbacks: Any = None) -> None:
        self._description = description
        self._record: Callable[..., None] | None = None
        self._count_dropped: CountDropped | None = None
        self._callbacks = list(islice(_callbacks(callbacks), _MAX_CALLBACKS))

    def _take(self, amount: Any, attributes: Any) -> None:
        record = self._record
        if record is None:
            return
        number = sanitise_number(amount)
        if number is None or not isfinite(number):
            self._drop("unusable_amount")
            return
        if number < 0 and self._positive:
            self._drop("negative_amount")
            return
        guard = current_guard()
        try:
            safe = None if attributes is None else sanitise_attributes(attributes)
            if guard.armed and (guard.knows(number) or (safe is not None and guard.matches(safe))):
                self._drop("restricted")
                return
            record(number, safe)
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001  # promise 1
            self._drop("record_failed")

    def _observe(self) -> list[Observation]:
        """Run the callbacks; what one raises ends only its own observations."""
        made: list[Observation] = []
        guard = current_guard()
        for callback in self._callbacks:
            try:
                for seen in islice(callback(CallbackOptions()), _MAX_OBSERVATIONS):
                    number = sanitise_number(read(seen, "value"))
                    if number is None or not isfinite(number):
                        self._drop("unusable_amount")
                        continue
                    safe = sanitise_attributes(read(seen, "attributes"))
                    if guard.armed and (guard.knows(number) or guard.matches(safe)):
                        self._drop("restricted")
                        continue
                    made.append(Observation(number, safe))
            except KeyboardInterrupt:
                raise
            except BaseException:  # noqa: BLE001  # the application's callback
                self._drop("callback_failed")
        return made

    def _drop(self, reason: str) -> None:
        count = self._count_dropped
        if count is not None:
            count("metrics", reason)


class Counter(Instrument, metrics.Counter):
    """Counts what only grows."""

    _positive = True

    def add(self, amount: Any, attributes: Any = None, context: Any = None) -> None:  # noqa: ARG002
        """Add an amount; what is no finite number, or negative, is counted and left out."""
        self._take(amount, attributes)


class UpDownCounter(Instrument, metrics.UpDownCounter):
    """Counts what grows and shrinks."""

    def add(self, amount: Any, attributes: Any = None, context: Any = None) -> None:  # noqa: ARG002
        """Add an amount; what is no finite number is counted and left out."""
        self._take(amount, attributes)


class Histogram(Instrument, metrics.Histogram):
    """Records how amounts are spread."""

    _positive = True

    def record(self, amount: Any, attributes: Any = None, context: Any = None) -> None:  # noqa: ARG002
        """Record an amount; what is no finite number, or negative, is counted and left out."""
        self._take(amount, attributes)


class Gauge(Instrument, metrics._Gauge):
    """Holds the last amount."""

    def set(self, amount: Any, attributes: Any = None, context: Any = None) -> None:  # noqa: ARG002
        """Set the amount; what is no finite number is counted and left out."""
        self._take(amount, attributes)


class ObservableCounter(Instrument, metrics.ObservableCounter):
    """Asks for what only grows."""


class ObservableUpDownCounter(Instrument, metrics.ObservableUpDownCounter):
    """Asks for what grows and shrinks."""


class ObservableGauge(Instrument, metrics.ObservableGauge):
    """Asks for the amount of the moment."""


INSTRUMENTS: Final[dict[InstrumentKind, type[Instrument]]] = {
    "counter": Counter,
    "up_down_counter": UpDownCounter,
    "histogram": Histogram,
    "gauge": Gauge,
    "observable_counter": ObservableCounter,
    "observable_up_down_counter": ObservableUpDownCounter,
    "observable_gauge": ObservableGauge,
}


def type_name(value: object) -> str:
    """Name the type of a value that must not be printed."""
    return short_name(type(value))


def _bounds(kind: InstrumentKind, unit: str, bounds: Any) -> tuple[float, ...] | None:
    if kind != "histogram":
        return None
    try:
        numbers = [sanitise_number(bound) for bound in islice(bounds or (), _MAX_BOUNDS)]
        if bounds is not None and all(number is not None and isfinite(number) for number in numbers):
            growing = tuple(float(number) for number in numbers if number is not None)
            if all(low < high for low, high in pairwise(growing)):
                return growing
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001, S110  # boundaries with a mind of their own are none
        pass
    return SECONDS if unit == "s" else None


def _callbacks(callbacks: Any) -> Iterable[Callable[[CallbackOptions], Iterable[Any]]]:
    try:
        for callback in callbacks or ():
            if class_of(callback) is GeneratorType:
                next(callback)
                yield _from_generator(callback)
            else:
                yield callback
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001  # a generator that raises before it is asked
        return


def _from_generator(generator: Any) -> Callable[[CallbackOptions], Iterable[Any]]:
    def ask(options: CallbackOptions) -> Iterable[Any]:
        try:
            return generator.send(options) or ()
        except StopIteration:
            return ()

    return ask
