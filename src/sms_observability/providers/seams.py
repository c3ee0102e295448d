"""The few places where the OpenTelemetry API and SDK are entered below their public surface.

What is underscored there is used here and nowhere else, each time with a public way to fall back to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace import sampling
from opentelemetry.sdk.trace.sampling import Decision
from opentelemetry.trace import INVALID_SPAN, SpanContext, TraceFlags, TraceState

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Token

EMPTY_STATE: Final = TraceState()
FLAGS: Final = tuple(TraceFlags(bits) for bits in range(256))

_DELEGATES: Final = (
    "_root",
    "_remote_parent_sampled",
    "_remote_parent_not_sampled",
    "_local_parent_sampled",
    "_local_parent_not_sampled",
)

# The key under which a context holds its span, read from a context that holds nothing else.
_SPAN_KEY: Final[str] = next(iter(trace.set_span_in_context(INVALID_SPAN, Context())))
_SUPPRESS_KEY: Final[str] = getattr(otel_context, "_SUPPRESS_INSTRUMENTATION_KEY", "suppress_instrumentation")

# The runtime beneath `attach` and `detach`: `detach` logs what fails with a traceback, and closing an asynchronous
# generator from another task is enough to make it fail.
_runtime: Any = getattr(otel_context, "_RUNTIME_CONTEXT", otel_context)
current_context: Final[Callable[[], Context]] = _runtime.get_current
attach: Final[Callable[[Context], Token[Context]]] = _runtime.attach
_detach: Final[Callable[[Token[Context]], None]] = _runtime.detach


def detach(token: Token[Context]) -> None:
    """Restore the context before `attach`; in another task, where it is not set, nothing happens."""
    try:
        _detach(token)
    except Exception:  # noqa: BLE001  # a runtime of somebody else's may raise anything
        return


# `Context` refuses to be changed, and copying it into a new one twice is what makes the public way slow.
_set: Final[Callable[[Context, str, object], None]] = dict.__dict__["__setitem__"]


def span_in(context: Context) -> object:
    """Give the span of a context, or `None`."""
    return context.get(_SPAN_KEY)


def with_span(context: Context, span: object) -> Context:
    """Give a copy of a context that holds a span."""
    changed = Context(context)
    _set(changed, _SPAN_KEY, span)
    return changed


def with_span_and(context: Context, span: object, key: str, value: object) -> Context:
    """Give a copy of a context that holds a span and one thing more."""
    changed = Context(context)
    _set(changed, _SPAN_KEY, span)
    _set(changed, key, value)
    return changed


def is_suppressed(context: Context) -> bool:
    """Say whether OpenTelemetry's instrumentation is suppressed in a context."""
    return bool(context.get(_SUPPRESS_KEY))


def sampler_from_environment() -> sampling.Sampler:
    """Give the sampler of `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG`; without them, all is recorded."""
    from_environment: Callable[[], sampling.Sampler] | None = getattr(sampling, "_get_from_env_or_default", None)
    return sampling.DEFAULT_ON if from_environment is None else from_environment()


def known_decisions(sampler: object) -> tuple[Decision | None, ...]:
    """Give what a sampler always decides, so that it need not be asked.

    Returns:
        The decisions for a root; for the child of a span of another process that was sampled, or was not; for the child
        of a span of this process that was sampled, or was not. `None` where only the sampler knows.
    """
    if type(sampler) in (sampling.ParentBased, sampling.ParentBasedTraceIdRatio):
        return tuple(_decision_of(getattr(sampler, name, None)) for name in _DELEGATES)
    return (_decision_of(sampler),) * len(_DELEGATES)


def _decision_of(sampler: object) -> Decision | None:
    if sampler is sampling.ALWAYS_ON:
        return Decision.RECORD_AND_SAMPLE
    return Decision.DROP if sampler is sampling.ALWAYS_OFF else None


def _public_span_context(trace_id: int, span_id: int, flags: int, state: TraceState) -> SpanContext:
    return SpanContext(trace_id, span_id, is_remote=False, trace_flags=FLAGS[flags & 0xFF], trace_state=state)


_new_tuple: Any = vars(tuple)["__new__"]


def _quick_span_context(trace_id: int, span_id: int, flags: int, state: TraceState) -> SpanContext:
    # Ids that were made here are valid; the constructor compares each with its limits.
    return _new_tuple(SpanContext, (trace_id, span_id, False, FLAGS[flags & 0xFF], state, True))  # type: ignore[no-any-return]


def _agree() -> bool:
    """Say whether a span context is still the tuple that the quick way takes it for."""
    try:
        public, quick = (make(1, 2, 3, EMPTY_STATE) for make in (_public_span_context, _quick_span_context))
        fields = ("trace_id", "span_id", "is_remote", "trace_flags", "trace_state", "is_valid")
        return all(getattr(public, field) == getattr(quick, field) for field in fields)
    except Exception:  # noqa: BLE001  # whatever a later version makes of it
        return False


local_span_context: Final = _quick_span_context if _agree() else _public_span_context
"""Makes the context of a span of this process from valid ids, the low 8 bits of its flags and its trace state."""
