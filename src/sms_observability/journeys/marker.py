"""`journey` and `step`: one name that is a decorator and a context manager, for every kind of function."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, cast, overload

from sms_observability.catalog import SMS_CATALOG, Journey, Step
from sms_observability.journeys.guard import begin, finish
from sms_observability.journeys.journey_run import JourneyPlan, JourneyRun
from sms_observability.journeys.names import check_later, look_up
from sms_observability.journeys.run import Run
from sms_observability.journeys.step_run import StepRun
from sms_observability.journeys.wrapping import wrapped
from sms_observability.providers.seams import current_context

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from sms_observability.catalog import JourneyName, StepName

RunT = TypeVar("RunT", bound=Run)
Function = TypeVar("Function", bound="Callable[..., Any]")

_PLANS: Final = {name: JourneyPlan(definition) for name, definition in SMS_CATALOG.journeys.items()}


class _Marker(Generic[RunT]):
    """What `journey` and `step` share; `_new` makes the run of one call or one block.

    One object serves any number of calls and blocks, nested, in several tasks and in several threads.
    """

    __slots__ = ("__weakref__", "_declared", "_entered")

    _key: str

    def __init__(self, declared: Journey | Step | None = None) -> None:
        self._declared = declared
        # The blocks that have been entered and not left.
        self._entered: list[RunT] = []

    def _new(self) -> RunT:
        raise NotImplementedError

    def __enter__(self) -> RunT:
        run = begin(self._new())
        self._entered.append(run)
        return run

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        run = self._leaving()
        if run is not None:
            finish(run, error)

    async def __aenter__(self) -> RunT:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, traceback)

    def __call__(self, function: Function) -> Function:
        """Decorate a function, a coroutine function, a generator or an async generator function.

        Args:
            function: What is measured, from the start of its code to the end of it; a generator to its exhaustion,
                and its span is the current one only while its own code runs.

        Returns:
            A function of the same kind and signature.

        Raises:
            TypeError: It is no function; decorate the method, not the class, and below `@staticmethod`.
        """
        kind: type[object] = type(function)
        if kind in (staticmethod, classmethod):
            msg = f"write @{type(self).__name__}(…) below @{kind.__name__}, next to the function"
            raise TypeError(msg)
        if not callable(function) or inspect.isclass(function):
            msg = f"@{type(self).__name__}(…) decorates functions and methods, not {kind.__name__} objects"
            raise TypeError(msg)
        if self._declared is not None:
            check_later(self, self._declared)
        wrapper = wrapped(function, self._new)
        return cast("Function", functools.update_wrapper(wrapper, function))

    def _leaving(self) -> RunT | None:
        """Give the run of the block that is being left."""
        entered = self._entered
        run: Any = current_context().get(self._key)
        while run is not None:
            if run._marker is self and run in entered:
                entered.remove(run)
                mine: RunT = run
                return mine
            run = run._outer
        # It was entered in another context, or before anything was watched.
        for place in range(len(entered) - 1, -1, -1):
            if entered[place]._span is None:
                return entered.pop(place)
        return entered.pop() if entered else None


class journey(_Marker[JourneyRun]):  # noqa: N801 - used like a keyword, as contextlib's classes are
    """Watch a business transaction: a span, its SLA, its outcome, its metrics.

    As a decorator it takes functions, coroutine functions, generators and async generators; as a context manager
    (`with` or `async with`) it gives a handle with `set`, `fail` and `cancel`. Before `init_observability` it does
    nothing. A 4xx `HTTPException` and a validation error make the outcome `client_error`, a cancellation `cancelled`,
    any other exception `failure`; it always passes on.

    Args:
        definition: The name of a journey of the SMS catalogue, or a declared `Journey`.

    Raises:
        CatalogError: There is no such journey; the message names the nearest one.

    Example:
        >>> with journey("parts_ordering_flow") as run:
        ...     run.set("sms.order.type", "standard")
    """

    __slots__ = ("_plan",)

    _key = JourneyRun._key

    @overload
    def __init__(self, definition: JourneyName) -> None: ...
    @overload
    def __init__(self, definition: Journey) -> None: ...
    def __init__(self, definition: str | Journey) -> None:
        super().__init__()
        plan = _PLANS.get(definition) if type(definition) is str else None
        if plan is None:
            found = look_up(definition, Journey, "journey")
            plan = JourneyPlan(found)
            if found is definition:
                self._declared = found
        self._plan = plan

    def _new(self) -> JourneyRun:
        return JourneyRun(self._plan, self)


class step(_Marker[StepRun]):  # noqa: N801 - used like a keyword, as contextlib's classes are
    """Watch one step of a journey: a child span with the budget that was left and the share it took.

    Outside a journey it is a plain span. Forms, handle and errors are those of `journey`.

    Args:
        definition: The name of a step of the SMS catalogue, or a declared `Step`.

    Raises:
        CatalogError: There is no such step; the message names the nearest one.

    Example:
        >>> with step("PartsService.getSupplierQuotes") as run:
        ...     run.set("sms.supplier.count", 3)
    """

    __slots__ = ("_definition",)

    _key = StepRun._key

    @overload
    def __init__(self, definition: StepName) -> None: ...
    @overload
    def __init__(self, definition: Step) -> None: ...
    def __init__(self, definition: str | Step) -> None:
        super().__init__()
        found = SMS_CATALOG.steps.get(definition) if type(definition) is str else None
        if found is None:
            found = look_up(definition, Step, "step")
            if found is definition:
                self._declared = found
        self._definition = found

    def _new(self) -> StepRun:
        return StepRun(self._definition, self)
