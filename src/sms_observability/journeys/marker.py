"""`journey` and `step`: one name that is a decorator and a context manager, for every kind of function."""

from __future__ import annotations

import functools
import inspect
import logging
import weakref
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar, cast, overload

from sms_observability.catalog import SMS_CATALOG, CatalogError, Journey, Step, nearest
from sms_observability.journeys.run import JourneyRun, StepRun, ports

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator, MutableSet
    from types import TracebackType

    from sms_observability.catalog import Catalog, JourneyName, StepName

_logger = logging.getLogger("sms_observability.journeys")

P = ParamSpec("P")
R = TypeVar("R")
RunT = TypeVar("RunT", JourneyRun, StepRun)

_used: MutableSet[Journey | Step] = weakref.WeakSet()
_catalog: Catalog | None = None


def use_catalog(catalog: Catalog | None) -> None:
    """Check every `Journey` and `Step` object that decorates something against the catalogue of the service.

    Args:
        catalog: What `init_observability` was given; `None` after shutdown.

    Raises:
        CatalogError: One of them is not in it; the message says how to add it.
    """
    global _catalog
    if catalog is not None:
        for definition in list(_used):
            _check_known(definition, catalog)
    _catalog = catalog


def _check_known(definition: Journey | Step, catalog: Catalog) -> None:
    journey = isinstance(definition, Journey)
    known: Any = (catalog.journeys if journey else catalog.steps).get(definition.name)
    if known != definition:
        kind = "journey" if journey else "step"
        where = f"journeys=[{definition.name}]" if journey else "steps of a declared Journey"
        msg = (
            f"{kind} {definition.name!r} is used but not in the catalogue: pass "
            f"catalog=SMS_CATALOG.extend({where}) to init_observability"
        )
        raise CatalogError(msg)


class _Marker(Generic[RunT]):
    """What `journey` and `step` share; `_begin` makes the run of one call."""

    __slots__ = ("_run",)

    def __init__(self) -> None:
        self._run: RunT | None = None

    def _new(self) -> RunT:
        raise NotImplementedError

    def _begin(self) -> RunT:
        run = self._new()
        if ports.enabled:
            try:
                run.start()
            except Exception as error:  # noqa: BLE001 - promise 1: telemetry never raises into the business
                _warn("start", error)
        return run

    def __enter__(self) -> RunT:
        self._run = run = self._begin()
        return run

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        run, self._run = self._run, None
        if run is not None:
            _end(run, error)

    async def __aenter__(self) -> RunT:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, traceback)

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        """Decorate a function, a coroutine function, a generator or an async generator function.

        Args:
            function: What is measured, from the call to its end; a generator to its exhaustion.

        Returns:
            A function of the same kind and signature.

        Raises:
            TypeError: It is no function; decorate the method, not the class.
        """
        if not callable(function) or inspect.isclass(function):
            msg = f"@{type(self).__name__}(…) decorates functions and methods, not {type(function).__name__} objects"
            raise TypeError(msg)
        wrapper: Any
        if inspect.isasyncgenfunction(function):
            wrapper = self._async_generator(function)
        elif inspect.iscoroutinefunction(function):
            wrapper = self._coroutine(function)
        elif inspect.isgeneratorfunction(function):
            wrapper = self._generator(function)
        else:
            wrapper = self._function(function)
        return cast("Callable[P, R]", functools.update_wrapper(wrapper, function))

    def _function(self, function: Callable[..., Any]) -> Callable[..., Any]:
        begin = self._begin

        def call(*args: Any, **kwargs: Any) -> Any:
            run = begin()
            try:
                result = function(*args, **kwargs)
            except BaseException as error:
                _end(run, error)
                raise
            _end(run, None, result)
            return result

        return call

    def _coroutine(self, function: Callable[..., Any]) -> Callable[..., Any]:
        begin = self._begin

        async def call(*args: Any, **kwargs: Any) -> Any:
            run = begin()
            try:
                result = await function(*args, **kwargs)
            except BaseException as error:
                _end(run, error)
                raise
            _end(run, None, result)
            return result

        return call

    def _generator(self, function: Callable[..., Any]) -> Callable[..., Any]:
        begin = self._begin

        def call(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
            run = begin()
            try:
                inner = function(*args, **kwargs)
                result = yield from _Resuming(inner, run)
            except BaseException as error:
                _end(run, error)
                raise
            _end(run, None, result)
            return result

        return call

    def _async_generator(self, function: Callable[..., Any]) -> Callable[..., Any]:
        begin = self._begin

        async def call(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
            run = begin()
            inner = function(*args, **kwargs)
            sent: Any = None
            thrown: BaseException | None = None
            try:
                while True:
                    try:
                        item = await (inner.asend(sent) if thrown is None else inner.athrow(thrown))
                    except StopAsyncIteration:
                        break
                    sent, thrown = None, None
                    _quietly(run.suspend)
                    try:
                        sent = yield item
                    except GeneratorExit:
                        await inner.aclose()
                        raise
                    except BaseException as error:  # noqa: BLE001 - it belongs to the inner generator
                        thrown = error
                    _quietly(run.resume)
            except BaseException as error:
                _end(run, error)
                raise
            _end(run, None)

        return call


class _Resuming:
    """A generator whose span is current only while its own code runs."""

    __slots__ = ("_inner", "_run")

    def __init__(self, inner: Generator[Any, Any, Any], run: JourneyRun | StepRun) -> None:
        self._inner = inner
        self._run = run

    def __iter__(self) -> Generator[Any, Any, Any]:
        inner, run = self._inner, self._run
        sent: Any = None
        thrown: BaseException | None = None
        while True:
            try:
                item = inner.send(sent) if thrown is None else inner.throw(thrown)
            except StopIteration as stop:
                return stop.value
            sent, thrown = None, None
            _quietly(run.suspend)
            try:
                sent = yield item
            except GeneratorExit:
                inner.close()
                raise
            except BaseException as error:  # noqa: BLE001 - it belongs to the inner generator
                thrown = error
            _quietly(run.resume)


class journey(_Marker[JourneyRun]):  # noqa: N801 - used like a keyword, as contextlib's classes are
    """Watch a business transaction: a span, its SLA, its outcome, its metrics.

    As a decorator it takes functions, coroutine functions, generators and async generators; as a context manager it
    gives a handle with `set`, `fail` and `cancel`. Before `init_observability` it does nothing.

    Args:
        definition: The name of a journey of the SMS catalogue, or a declared `Journey`.

    Raises:
        CatalogError: There is no such journey; the message names the nearest one.

    Example:
        >>> with journey("parts_ordering_flow") as run:
        ...     run.set("sms.order.type", "standard")
    """

    __slots__ = ("_definition",)

    @overload
    def __init__(self, definition: JourneyName) -> None: ...
    @overload
    def __init__(self, definition: Journey) -> None: ...
    def __init__(self, definition: str | Journey) -> None:
        super().__init__()
        self._definition = _look_up(definition, Journey, SMS_CATALOG.journeys, "journey")

    def _new(self) -> JourneyRun:
        return JourneyRun(self._definition)


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

    @overload
    def __init__(self, definition: StepName) -> None: ...
    @overload
    def __init__(self, definition: Step) -> None: ...
    def __init__(self, definition: str | Step) -> None:
        super().__init__()
        self._definition = _look_up(definition, Step, SMS_CATALOG.steps, "step")

    def _new(self) -> StepRun:
        return StepRun(self._definition)


DefinitionT = TypeVar("DefinitionT", Journey, Step)


def _look_up(definition: object, kind: type[DefinitionT], known: Any, word: str) -> DefinitionT:
    if isinstance(definition, kind):
        if _catalog is not None:
            _check_known(definition, _catalog)
        _used.add(definition)
        return definition
    if callable(definition):
        msg = f'write @{word}("name"), with the name of the {word}, not @{word} alone'
        raise TypeError(msg)
    if not isinstance(definition, str):
        msg = f"{word}(…) takes the name of a {word} or a {kind.__name__}, not a {type(definition).__name__}"
        raise TypeError(msg)
    found = known.get(definition)
    if found is None and _catalog is not None:
        found = cast("Any", _catalog.journeys if kind is Journey else _catalog.steps).get(definition)
    if found is None:
        msg = f"there is no {word} {definition!r} in the catalogue{nearest(definition, known)}"
        raise CatalogError(msg)
    return cast("DefinitionT", found)


def _end(run: JourneyRun | StepRun, error: BaseException | None, result: object = None) -> None:
    try:
        run.finish(error, result)
    except Exception as failed:  # noqa: BLE001 - promise 1: telemetry never raises into the business
        _warn("finish", failed)


def _quietly(call: Callable[[], None]) -> None:
    try:
        call()
    except Exception as error:  # noqa: BLE001 - promise 1
        _warn("switch", error)


def _warn(what: str, error: Exception) -> None:
    _logger.debug("could not %s a span: %s", what, type(error).__name__)
