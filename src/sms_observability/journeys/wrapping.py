"""Functions of the four kinds, each measured from its start to its end."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from sms_observability.journeys.guard import begin, finish, quietly

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator

    from sms_observability.journeys.run import Run

    New = Callable[[], Run]


def wrapped(function: Callable[..., Any], new: New) -> Callable[..., Any]:
    """Give a function of the same kind, each call of which is a run.

    Args:
        function: A function, a coroutine function, a generator function or an asynchronous one.
        new: Makes a run.
    """
    kind = function if inspect.isroutine(function) else getattr(type(function), "__call__", function)  # noqa: B004
    for one in (function, kind):
        if inspect.isasyncgenfunction(one):
            return _async_generator(function, new)
        if inspect.iscoroutinefunction(one):
            return _coroutine(function, new)
        if inspect.isgeneratorfunction(one):
            return _generator(function, new)
    return _function(function, new)


def _function(function: Callable[..., Any], new: New) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        run = begin(new())
        try:
            result = function(*args, **kwargs)
        except BaseException as error:
            finish(run, error)
            raise
        finish(run, None, result)
        return result

    return call


def _coroutine(function: Callable[..., Any], new: New) -> Callable[..., Any]:
    async def call(*args: Any, **kwargs: Any) -> Any:
        run = begin(new())
        try:
            result = await function(*args, **kwargs)
        except BaseException as error:
            finish(run, error)
            raise
        finish(run, None, result)
        return result

    return call


# A generator's span is current only while its own code runs: between two items it is the consumer's turn, who may even
# be another task for each.


def _generator(function: Callable[..., Any], new: New) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        run = begin(new())
        sent: Any = None
        thrown: BaseException | None = None
        try:
            inner = function(*args, **kwargs)
            while True:
                try:
                    item = inner.send(sent) if thrown is None else inner.throw(thrown)
                except StopIteration as stop:
                    result = stop.value
                    break
                sent = thrown = None
                quietly(run._suspend)
                try:
                    sent = yield item
                except GeneratorExit:
                    quietly(run._resume)
                    inner.close()
                    raise
                except BaseException as error:  # noqa: BLE001 - it belongs to the inner generator
                    thrown = error
                quietly(run._resume)
        except BaseException as error:
            finish(run, error)
            raise
        finish(run, None, result)
        return result

    return call


def _async_generator(function: Callable[..., Any], new: New) -> Callable[..., Any]:
    async def call(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        run = begin(new())
        sent: Any = None
        thrown: BaseException | None = None
        try:
            inner = function(*args, **kwargs)
            while True:
                try:
                    item = await (inner.asend(sent) if thrown is None else inner.athrow(thrown))
                except StopAsyncIteration:
                    break
                sent = thrown = None
                quietly(run._suspend)
                try:
                    sent = yield item
                except GeneratorExit:
                    quietly(run._resume)
                    await inner.aclose()
                    raise
                except BaseException as error:  # noqa: BLE001 - it belongs to the inner generator
                    thrown = error
                quietly(run._resume)
        except BaseException as error:
            finish(run, error)
            raise
        finish(run, None)

    return call
