"""A span that is the current one while a block or a function runs."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from opentelemetry.trace import SpanKind

from sms_observability.providers.seams import attach, current_context, detach, with_span
from sms_observability.providers.span import Span

if TYPE_CHECKING:
    from contextvars import Token
    from types import TracebackType

    from opentelemetry import trace
    from opentelemetry.context import Context

Function = TypeVar("Function")


class SpanSource(Protocol):
    """A tracer, as far as its current spans need it."""

    def start_span(self, *arguments: Any, **named: Any) -> trace.Span:
        """Start a span that is not the current one."""
        ...

    def is_refused(self) -> bool:
        """Say whether spans of this scope are not wanted."""
        ...


class CurrentSpan:
    """What `Tracer.start_as_current_span` returns: a context manager and a decorator.

    The span starts when the block or the call does. Decorated coroutine functions are measured to their end; a
    generator function, as with the SDK, only until it returns its generator: use `step` or `journey` for these.
    """

    __slots__ = (
        "_attributes",
        "_context",
        "_ends",
        "_fails",
        "_kind",
        "_links",
        "_name",
        "_records",
        "_span",
        "_start_time",
        "_token",
        "_tracer",
    )

    def __init__(  # noqa: PLR0913
        self,
        tracer: SpanSource,
        name: str,
        context: Context | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Any = None,
        links: Any = None,
        start_time: int | None = None,
        record_exception: bool = True,  # noqa: FBT001, FBT002  # the API's signature
        set_status_on_exception: bool = True,  # noqa: FBT001, FBT002
        end_on_exit: bool = True,  # noqa: FBT001, FBT002
    ) -> None:
        self._tracer = tracer
        self._name = name
        self._context = context
        self._kind = kind
        self._attributes = attributes
        self._links = links
        self._start_time = start_time
        self._records = record_exception
        self._fails = set_status_on_exception
        self._ends = end_on_exit
        self._token: Token[Context] | None = None

    def __enter__(self) -> trace.Span:
        """Start the span and make it the current one."""
        tracer = self._tracer
        self._span = span = tracer.start_span(
            self._name,
            self._context,
            self._kind,
            self._attributes,
            self._links,
            self._start_time,
            self._records,
            self._fails,
        )
        # A refused scope must not hide the span that the application means by the current one.
        if type(span) is Span or not tracer.is_refused():
            self._token = attach(with_span(current_context(), span))
        return span

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Restore the span before; note an exception and let it pass; end the span."""
        token = self._token
        if token is not None:
            self._token = None
            detach(token)
        span = self._span
        if type(span) is Span:
            if error is not None:
                span._fail(error, self._records, self._fails)
            if self._ends is not False:
                span.end()

    def __call__(self, function: Function) -> Function:
        """Decorate a function: each call gets a span of its own."""
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def in_span_async(*args: Any, **kwargs: Any) -> Any:
                with self._again():
                    return await function(*args, **kwargs)

            return cast("Function", in_span_async)

        called: Any = function

        @functools.wraps(called)
        def in_span(*args: Any, **kwargs: Any) -> Any:
            with self._again():
                return called(*args, **kwargs)

        return cast("Function", in_span)

    def _again(self) -> CurrentSpan:
        return CurrentSpan(
            self._tracer,
            self._name,
            self._context,
            self._kind,
            self._attributes,
            self._links,
            self._start_time,
            self._records,
            self._fails,
            self._ends,
        )
