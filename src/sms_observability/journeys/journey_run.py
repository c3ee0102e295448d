"""One run of a journey, and the budget that it hands on."""

from __future__ import annotations

from contextvars import ContextVar
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, Final

from sms_observability.journeys.outcome import outcome_of_exception, outcome_of_result
from sms_observability.journeys.ports import ports
from sms_observability.journeys.run import NS_PER_MS, Run, write
from sms_observability.privacy.guard import close_scope, job_guard, open_scope
from sms_observability.providers import Span
from sms_observability.providers.seams import current_context, detach
from sms_observability.sanitise import sanitise_number

if TYPE_CHECKING:
    from contextvars import Token

    from opentelemetry.context import Context

    from sms_observability.catalog import Journey, Step
    from sms_observability.privacy.guard import ValueGuard

_JOURNEY: Final = "sms-observability-journey"
_MAX_BUDGET_MS: Final = 86_400_000.0

_accepted: ContextVar[tuple[float, int] | None] = ContextVar("sms_observability_budget", default=None)


def accept_budget(milliseconds: object) -> Token[tuple[float, int] | None]:
    """Take over the budget that a trusted caller handed on; the journey of this request gets no more than that.

    Args:
        milliseconds: What is left; below zero is nothing left, more than a day is a day, and what is no number is no
            budget.

    Returns:
        What `forget_budget` wants back.
    """
    number = sanitise_number(milliseconds)
    if number is None or number != number:  # noqa: PLR0124 - NaN
        return _accepted.set(None)
    return _accepted.set((min(max(float(number), 0.0), _MAX_BUDGET_MS), perf_counter_ns()))


def forget_budget(token: Token[tuple[float, int] | None]) -> None:
    """Undo `accept_budget` at the end of the request; in another context, where it is not set, nothing happens."""
    try:
        _accepted.reset(token)
    except (ValueError, RuntimeError):
        return


def remaining_budget_ms() -> float | None:
    """Give what is left of the current journey's SLA, for calls to other services.

    Returns:
        Milliseconds, never below zero. Outside a journey, what is left of the budget that the caller handed on; `None`
        if there is none.
    """
    run = current_journey(current_context())
    if run is not None:
        return run.remaining_ms()
    accepted = _accepted.get()
    return None if accepted is None else max(0.0, accepted[0] - (perf_counter_ns() - accepted[1]) / NS_PER_MS)


def current_journey(context: Context) -> JourneyRun | None:
    """Give the journey of a context, unless it has ended: a task may live longer than the journey that started it."""
    found: Any = context.get(_JOURNEY)
    while found is not None and found._ended:
        found = found._outer
    run: JourneyRun | None = found
    return run


class JourneyPlan:
    """A declared journey, as its runs need it."""

    __slots__ = ("definition", "expected", "name", "revenue", "sla_ms")

    def __init__(self, definition: Journey) -> None:
        self.definition = definition
        self.name = definition.name
        self.revenue = definition.revenue
        self.sla_ms = float(definition.sla_ms)
        # The request itself is no code's step: the server span stands for it.
        self.expected = {step.name: step.shown_name for step in definition.steps if not step.server_span}


class JourneyRun(Run):
    """One run of a journey; what `with journey(…) as run` gives."""

    __slots__ = ("_guard", "_guard_token", "_plan", "_seen", "_sla_ms", "_slowest", "_slowest_ns")

    _key = _JOURNEY

    def __init__(self, plan: JourneyPlan, marker: object = None) -> None:
        super().__init__(marker)
        self._plan = plan
        self._sla_ms = plan.sla_ms
        self._seen: set[str] = set()
        self._guard: ValueGuard | None = None
        self._guard_token: Token[ValueGuard] | None = None
        self._slowest = "none"
        self._slowest_ns = -1

    @property
    def sla_ms(self) -> float:
        """The SLA of this run: the journey's own, or less when a caller handed on less."""
        return self._sla_ms

    @property
    def name(self) -> str:
        """The name of the journey."""
        return self._plan.name

    def remaining_ms(self) -> float:
        """Give what is left of the SLA in milliseconds, never below zero."""
        return max(0.0, self._sla_ms - (perf_counter_ns() - self._start_ns) / NS_PER_MS)

    def _saw(self, step: Step, own_ns: int) -> None:
        self._seen.add(step.name)
        if own_ns > self._slowest_ns:
            self._slowest_ns = own_ns
            self._slowest = step.shown_name

    def _begin(self) -> None:
        plan = self._plan
        # Outside a request, the journey is the job whose restricted values are looked for.
        self._guard = job_guard()
        self._enter_guard()
        context = current_context()
        outer = self._outer = current_journey(context)
        if outer is not None:
            self._sla_ms = min(plan.sla_ms, outer.remaining_ms())
        elif (accepted := _accepted.get()) is not None:
            self._sla_ms = min(plan.sla_ms, accepted[0])
        self._open(
            plan.name,
            context,
            {
                "sms.journey.name": plan.name,
                "sms.journey.revenue": plan.revenue,
                "sms.sla.threshold_ms": self._sla_ms,
            },
        )

    def _finish(self, error: BaseException | None = None, result: object = None) -> None:
        span = self._span
        if span is None or self._ended:
            return
        elapsed_ns = perf_counter_ns() - self._start_ns
        self._ended = True
        token, self._token = self._token, None
        if token is not None:
            detach(token)
        self._leave_guard()
        outcome = self._said or (outcome_of_result(result) if error is None else outcome_of_exception(error))
        elapsed_ms = elapsed_ns / NS_PER_MS
        breached = elapsed_ms > self._sla_ms
        attributes: dict[str, Any] = {
            "sms.journey.outcome": outcome,
            "sms.sla.duration_ms": elapsed_ms,
            "sms.sla.breached": breached,
        }
        if self._reason:
            attributes["sms.journey.reason"] = self._reason
        if outcome == "success":
            expected, seen = self._plan.expected, self._seen
            if len(seen) < len(expected) or not seen.issuperset(expected):
                attributes["sms.journey.steps_missing"] = [
                    shown for name, shown in expected.items() if name not in seen
                ]
        write(span, attributes)
        if breached:
            span.add_event("sms.sla.breached", {"sms.sla.slowest_step": self._slowest})
        if type(span) is Span:
            trace = (span.trace_id, span.span_id) if span.trace_flags & 1 else None
        else:
            of_span = span.get_span_context()
            trace = (of_span.trace_id, of_span.span_id) if of_span.trace_flags & 1 else None
        self._close(outcome, error)
        ports.record(self._plan.definition, outcome, elapsed_ns / 1e9, breached, trace)

    def _suspend(self) -> None:
        self._leave_guard()
        super()._suspend()

    def _resume(self) -> None:
        super()._resume()
        self._enter_guard()

    def _enter_guard(self) -> None:
        if self._guard is not None:
            self._guard_token = open_scope(self._guard)

    def _leave_guard(self) -> None:
        token, self._guard_token = self._guard_token, None
        if token is not None:
            close_scope(token)
