"""One run of a journey or a step: its span, its clock, its budget. Nothing in here raises into the business code."""

from __future__ import annotations

import logging
from contextvars import ContextVar
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.trace import StatusCode

from sms_observability.journeys.outcome import outcome_of_exception, outcome_of_result

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Token

    from opentelemetry.context import Context
    from opentelemetry.trace import Span

    from sms_observability.catalog import Journey, Step
    from sms_observability.journeys.outcome import Outcome

_logger = logging.getLogger("sms_observability.journeys")
_tracer = trace.get_tracer("sms_observability.journeys")

_NS_PER_MS = 1_000_000

current_run: ContextVar[JourneyRun | None] = ContextVar("sms_journey", default=None)
_current_step: ContextVar[StepRun | None] = ContextVar("sms_step", default=None)
_accepted_budget: ContextVar[float | None] = ContextVar("sms_budget", default=None)

RecordJourney = "Callable[[Journey, Outcome, float, bool, tuple[int, int] | None], None]"


class _Ports:
    """What `setup` hands down: where journeys are counted, and whether they are watched at all."""

    __slots__ = ("enabled", "record")

    def __init__(self) -> None:
        self.enabled = False
        self.record: Callable[[Journey, Outcome, float, bool, tuple[int, int] | None], None] = _record_nothing


def _record_nothing(
    journey: Journey,
    outcome: Outcome,
    seconds: float,
    breached: bool,
    trace: tuple[int, int] | None,  # noqa: FBT001
) -> None:
    """Stand in until `init_observability` has been called."""


ports = _Ports()


def accept_budget(milliseconds: float | None) -> Token[float | None]:
    """Take over the budget that a trusted caller handed on; the journey of this request gets no more than that."""
    return _accepted_budget.set(milliseconds)


def forget_budget(token: Token[float | None]) -> None:
    """Undo `accept_budget` at the end of the request."""
    _accepted_budget.reset(token)


def remaining_budget_ms() -> float | None:
    """Give what is left of the current journey's SLA, for calls to other services; `None` outside a journey."""
    run = current_run.get()
    if run is not None:
        return run.remaining_ms()
    return _accepted_budget.get()


class _Run:
    """What journeys and steps share: a span that is current while the code runs, and a handle."""

    __slots__ = ("_failed", "_reason", "_span", "_start", "_token", "_vartoken")

    def __init__(self) -> None:
        self._span: Span | None = None
        self._start = 0
        self._token: Token[Context] | None = None
        self._vartoken: Any = None
        self._failed: Outcome | None = None
        self._reason: object = None

    def set(self, attribute: str, value: object) -> None:
        """Set an attribute of the span.

        Args:
            attribute: Its name, as declared in the catalogue.
            value: Any value; one that cannot be sent is made safe.
        """
        if self._span is not None:
            self._span.set_attribute(attribute, value)  # type: ignore[arg-type]

    def fail(self, reason: str = "") -> None:
        """Say that this failed although no exception is raised.

        Args:
            reason: A constant, such as `"out_of_stock"`; never a figure.
        """
        self._failed = "failure"
        self._reason = reason

    def cancel(self, reason: str = "") -> None:
        """Say that this was given up on purpose, which is not a failure.

        Args:
            reason: A constant, such as `"superseded"`.
        """
        self._failed = "cancelled"
        self._reason = reason

    def _enter(self, name: str, attributes: dict[str, Any]) -> None:
        span = _tracer.start_span(name, attributes=attributes, record_exception=False, set_status_on_exception=False)
        self._token = otel_context.attach(trace.set_span_in_context(span))
        self._span = span
        self._start = perf_counter_ns()

    def _elapsed_ns(self) -> int:
        return perf_counter_ns() - self._start

    def _close(self, outcome: Outcome, error: BaseException | None) -> None:
        span = self._span
        if span is None:
            return
        if outcome == "failure":
            if error is not None:
                span.record_exception(error)
            span.set_status(StatusCode.ERROR)
        if self._token is not None:
            otel_context.detach(self._token)
            self._token = None
        span.end()

    def suspend(self) -> None:
        """Stop being current: between two items of a generator the consumer's code runs, not ours."""
        raise NotImplementedError

    def resume(self) -> None:
        """Be current again."""
        raise NotImplementedError


class JourneyRun(_Run):
    """One run of a journey; what `with journey(…) as run` gives."""

    __slots__ = ("_definition", "_seen", "_sla_ms", "_slowest")

    def __init__(self, definition: Journey) -> None:
        super().__init__()
        self._definition = definition
        self._sla_ms = float(definition.sla_ms)
        self._seen: set[str] = set()
        self._slowest: tuple[int, str] = (-1, "")

    @property
    def sla_ms(self) -> float:
        """The SLA of this run: the journey's own, or less when a caller handed on less."""
        return self._sla_ms

    def remaining_ms(self) -> float:
        """Give what is left of the SLA, never below zero."""
        return max(0.0, self._sla_ms - self._elapsed_ns() / _NS_PER_MS)

    def saw(self, step: Step, own_ns: int) -> None:
        """Note a step that ended, with the time spent in itself."""
        self._seen.add(step.name)
        if own_ns > self._slowest[0]:
            self._slowest = (own_ns, step.shown_name)

    def start(self) -> None:
        """Begin: the span is current, the clock runs."""
        definition = self._definition
        budget = remaining_budget_ms()
        if budget is not None and budget < self._sla_ms:
            self._sla_ms = budget
        self._enter(
            definition.name,
            {
                "sms.journey.name": definition.name,
                "sms.journey.revenue": definition.revenue,
                "sms.sla.threshold_ms": self._sla_ms,
            },
        )
        self._vartoken = current_run.set(self)

    def finish(self, error: BaseException | None = None, result: object = None) -> None:
        """End: outcome, SLA and missing steps are written, the journey is counted."""
        elapsed_ms = self._elapsed_ns() / _NS_PER_MS
        outcome = self._failed or (outcome_of_exception(error) if error is not None else outcome_of_result(result))
        breached = elapsed_ms > self._sla_ms
        span = self._span
        if self._vartoken is not None:
            _reset(current_run, self._vartoken)
            self._vartoken = None
        if span is None:
            return
        if span.is_recording():
            attributes: dict[str, Any] = {
                "sms.journey.outcome": outcome,
                "sms.sla.duration_ms": elapsed_ms,
                "sms.sla.breached": breached,
            }
            if self._reason:
                attributes["sms.journey.reason"] = self._reason
            if outcome == "success":
                missing = [
                    step.shown_name
                    for step in self._definition.steps
                    if step.name not in self._seen and not step.name.startswith("HTTP ")
                ]
                if missing:
                    attributes["sms.journey.steps_missing"] = missing
            span.set_attributes(attributes)
            if breached:
                span.add_event("sms.sla.breached", {"sms.sla.slowest_step": self._slowest[1] or "none"})
        context = span.get_span_context()
        self._close(outcome, error)
        ports.record(
            self._definition,
            outcome,
            elapsed_ms / 1000,
            breached,
            (context.trace_id, context.span_id) if context.trace_flags & 1 else None,
        )

    def suspend(self) -> None:
        """Stop being current between two items of a generator."""
        if self._token is not None:
            otel_context.detach(self._token)
            self._token = None
        if self._vartoken is not None:
            _reset(current_run, self._vartoken)
            self._vartoken = None

    def resume(self) -> None:
        """Be current again for the next item."""
        if self._span is not None:
            self._token = otel_context.attach(trace.set_span_in_context(self._span))
            self._vartoken = current_run.set(self)


class StepRun(_Run):
    """One run of a step; what `with step(…) as run` gives."""

    __slots__ = ("_definition", "_inner_ns", "_journey", "_parent")

    def __init__(self, definition: Step) -> None:
        super().__init__()
        self._definition = definition
        self._journey: JourneyRun | None = None
        self._parent: StepRun | None = None
        self._inner_ns = 0

    def start(self) -> None:
        """Begin: the span is current, the clock runs."""
        definition = self._definition
        name = definition.shown_name
        journey = self._journey = current_run.get()
        if journey is None:
            self._enter(name, {"sms.step.name": name})
        else:
            self._enter(name, {"sms.step.name": name, "sms.sla.budget_remaining_ms": journey.remaining_ms()})
            self._parent = _current_step.get()
        self._vartoken = _current_step.set(self)

    def finish(self, error: BaseException | None = None, result: object = None) -> None:
        """End: the share of the SLA is written, the journey learns of the step."""
        elapsed = self._elapsed_ns()
        if self._vartoken is not None:
            _reset(_current_step, self._vartoken)
            self._vartoken = None
        span = self._span
        if span is None:
            return
        outcome = self._failed or (outcome_of_exception(error) if error is not None else outcome_of_result(result))
        journey = self._journey
        if journey is not None:
            sla_ns = journey.sla_ms * _NS_PER_MS
            span.set_attribute("sms.sla.budget_share", elapsed / sla_ns if sla_ns > 0 else 1.0)
            journey.saw(self._definition, max(0, elapsed - self._inner_ns))
            if self._parent is not None:
                self._parent._inner_ns += elapsed
        if self._reason:
            span.set_attribute("sms.step.reason", self._reason)  # type: ignore[arg-type]
        self._close(outcome, error)

    def suspend(self) -> None:
        """Stop being current between two items of a generator."""
        if self._token is not None:
            otel_context.detach(self._token)
            self._token = None
        if self._vartoken is not None:
            _reset(_current_step, self._vartoken)
            self._vartoken = None

    def resume(self) -> None:
        """Be current again for the next item."""
        if self._span is not None:
            self._token = otel_context.attach(trace.set_span_in_context(self._span))
            self._vartoken = _current_step.set(self)


def _reset(variable: ContextVar[Any], token: Token[Any]) -> None:
    try:
        variable.reset(token)
    except ValueError:  # ended in another context than it began: an abandoned generator
        variable.set(None)
