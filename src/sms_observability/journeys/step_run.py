"""One run of a step: its share of the journey's SLA."""

from __future__ import annotations

from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, Final

from sms_observability.journeys.hidden import ended_span, hidden_span
from sms_observability.journeys.journey_run import JourneyRun, current_journey
from sms_observability.journeys.outcome import outcome_of_exception, outcome_of_result
from sms_observability.journeys.ports import ports
from sms_observability.journeys.run import NS_PER_MS, Run, write
from sms_observability.privacy import is_restricted
from sms_observability.providers.pipeline import SAMPLED
from sms_observability.providers.seams import current_context, detach
from sms_observability.sanitise import sanitise_key

if TYPE_CHECKING:
    from sms_observability.catalog import Step
    from sms_observability.privacy import Restricted

_STEP: Final = "sms-observability-step"


class StepRun(Run):
    """One run of a step; what `with step(…) as run` gives."""

    __slots__ = ("_definition", "_figures", "_inner_ns", "_journey", "_name")

    _key = _STEP

    def __init__(self, definition: Step, marker: object = None) -> None:
        super().__init__(marker)
        self._definition = definition
        self._name = definition.shown_name
        self._journey: JourneyRun | None = None
        self._inner_ns = 0
        self._figures: dict[str, Restricted[Any]] | None = None

    def set(self, attribute: str, value: object) -> None:
        """Set an attribute of the span. Never raises.

        A `Restricted` value shows as `[RESTRICTED]`; of an internal step, the restricted channel gets the figure.

        Args:
            attribute: Its name, as declared in the catalogue.
            value: Any value; one that cannot be sent is made safe.
        """
        super().set(attribute, value)
        if self._definition.access != "public" and is_restricted(value):
            figures = self._figures = self._figures or {}
            figures[sanitise_key(attribute)] = value

    def _begin(self) -> None:
        context = current_context()
        outer: Any = context.get(_STEP)
        self._outer = outer
        attributes: dict[str, Any] = {"sms.step.name": self._name}
        journey = self._journey = current_journey(context)
        if journey is not None:
            attributes["sms.sla.budget_remaining_ms"] = journey.remaining_ms()
        self._open(self._name, context, attributes)

    def _finish(self, error: BaseException | None = None, result: object = None) -> None:
        span = self._span
        if span is None or self._ended:
            return
        elapsed_ns = perf_counter_ns() - self._start_ns
        self._ended = True
        token, self._token = self._token, None
        if token is not None:
            detach(token)
        attributes: dict[str, Any] = {}
        journey = self._journey
        if journey is not None:
            sla_ns = journey.sla_ms * NS_PER_MS
            attributes["sms.sla.budget_share"] = elapsed_ns / sla_ns if sla_ns > 0 else 1.0
            # What the steps in this one took is theirs.
            journey._saw(self._definition, max(0, elapsed_ns - self._inner_ns))
            outer: Any = self._outer
            if outer is not None and outer._journey is journey:
                outer._inner_ns += elapsed_ns
        if self._reason:
            attributes["sms.step.reason"] = self._reason
        if attributes:
            write(span, attributes)
        outcome = self._said or (outcome_of_result(result) if error is None else outcome_of_exception(error))
        self._close(outcome, error)
        if self._definition.access != "public":
            ended = ended_span(span)
            if ended is not None and ended.trace_flags & SAMPLED:
                of = None if journey is None else journey.name
                ports.hidden(hidden_span(ended, self._definition.name, of, self._figures or {}))
