"""One run of a journey or a step: its span, its clock, its handle. Nothing in here raises into the business code."""

from __future__ import annotations

from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, Final, cast

from opentelemetry import trace
from opentelemetry.trace import StatusCode

from sms_observability.providers import Span, Tracer, exception_attributes
from sms_observability.providers.exceptions import first_seen, no_message
from sms_observability.providers.seams import attach, current_context, detach, with_span_and
from sms_observability.sanitise import sanitise_key, sanitise_text, sanitise_value

if TYPE_CHECKING:
    from contextvars import Token

    from opentelemetry.context import Context

    from sms_observability.journeys.outcome import Outcome

NS_PER_MS: Final = 1_000_000

_SCOPE: Final = "sms_observability.journeys"
_MAX_REASON: Final = 256

# Ours, once it is the global one: it stays the same for the life of the process.
_own_tracer: Tracer | None = None


def tracer() -> trace.Tracer:
    """Give the tracer of journeys and steps: ours, or that of whoever was there first."""
    global _own_tracer
    if _own_tracer is not None:
        return _own_tracer
    found = trace.get_tracer(_SCOPE)
    if type(found) is Tracer:
        _own_tracer = found
    return found


class Run:
    """What journeys and steps share: a span that is current while the code runs, and a handle."""

    __slots__ = ("_ended", "_marker", "_outer", "_reason", "_said", "_span", "_start_ns", "_token")

    # Where the context keeps the run, beside the span.
    _key: str

    def __init__(self, marker: object = None) -> None:
        self._marker = marker
        self._span: trace.Span | None = None
        self._start_ns = 0
        self._token: Token[Context] | None = None
        self._outer: Run | None = None
        self._ended = False
        self._said: Outcome | None = None
        self._reason = ""

    def set(self, attribute: str, value: object) -> None:
        """Set an attribute of the span. Never raises.

        Args:
            attribute: Its name, as declared in the catalogue.
            value: Any value; one that cannot be sent is made safe.
        """
        span = self._span
        if type(span) is Span:
            span.set_attribute(attribute, value)
        elif span is not None:
            try:
                span.set_attribute(sanitise_key(attribute), cast("Any", sanitise_value(value)))
            except Exception:  # noqa: BLE001 - somebody else's span
                return

    def fail(self, reason: str = "") -> None:
        """Say that this failed although no exception is raised. Never raises.

        Args:
            reason: A constant, such as `"out_of_stock"`; never a figure.
        """
        self._said = "failure"
        self._reason = _reason_text(reason)

    def cancel(self, reason: str = "") -> None:
        """Say that this was given up on purpose, which is not a failure. Never raises.

        Args:
            reason: A constant, such as `"superseded"`.
        """
        self._said = "cancelled"
        self._reason = _reason_text(reason)

    def _begin(self) -> None:
        raise NotImplementedError

    def _finish(self, error: BaseException | None = None, result: object = None) -> None:
        raise NotImplementedError

    def _open(self, name: str, context: Context, attributes: dict[str, Any]) -> None:
        self._span = span = tracer().start_span(
            name, context, attributes=attributes, record_exception=False, set_status_on_exception=False
        )
        self._token = attach(with_span_and(context, span, self._key, self))
        self._start_ns = perf_counter_ns()

    def _close(self, outcome: Outcome, error: BaseException | None) -> None:
        span = self._span
        if span is None:
            return
        if outcome == "failure":
            _mark_failed(span, error)
        span.end()

    def _suspend(self) -> None:
        """Stop being current: between two items of a generator the consumer's code runs, not ours."""
        token, self._token = self._token, None
        if token is not None:
            detach(token)

    def _resume(self) -> None:
        """Be current again, in whichever context the generator is asked for its next item."""
        if self._span is not None:
            self._token = attach(with_span_and(current_context(), self._span, self._key, self))


def _reason_text(reason: object) -> str:
    return "" if reason is None else sanitise_text(reason, _MAX_REASON)


def write(span: trace.Span, attributes: dict[str, Any]) -> None:
    """Write our own attributes, whose values are safe.

    They count against no limit: without them neither the Collector's sampling nor a dashboard knows the journey.
    """
    if type(span) is not Span:
        span.set_attributes(attributes)
    elif span.is_recording():
        span.attributes_.update(attributes)


def _mark_failed(span: trace.Span, error: BaseException | None) -> None:
    if error is None:
        span.set_status(StatusCode.ERROR)
        return
    if type(span) is Span and Exception in type(error).__mro__:
        span._fail(error, records=True, fails=True)
        return
    # Somebody else's span would write down the message; and what cancels is no error to ours.
    if first_seen(error, span.get_span_context().trace_id):
        span.add_event("exception", exception_attributes(error, no_message))
    span.set_status(StatusCode.ERROR, sanitise_text(type(error).__name__))
