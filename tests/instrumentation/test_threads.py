"""Threads and pools: telemetry follows, and nothing else does."""

from __future__ import annotations

import asyncio
import decimal
import gc
import threading
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from typing import Any

import pytest
from opentelemetry import trace
from tests.instrumentation.conftest import Watched

from sms_observability.context import (
    Request,
    bind_context,
    bound_context,
    current_correlation_id,
    current_request,
    enter_request,
    exit_request,
)
from sms_observability.instrumentation import instrument_libraries

OF_THE_APPLICATION: ContextVar[str] = ContextVar("tenant", default="nobody")


@pytest.fixture(autouse=True)
def instrumented(libraries: Callable[..., None]) -> None:
    libraries("threads")


@pytest.fixture
def in_request() -> Iterator[None]:
    token = enter_request(Request(correlation_id="order-17"))
    bind_context(company_id="acme")
    with trace.get_tracer("parts").start_as_current_span("quote"):
        yield
    exit_request(token)


def look() -> tuple[Any, ...]:
    span = trace.get_current_span()
    return current_correlation_id(), dict(bound_context()), getattr(span, "name", None)


HERE = ("order-17", {"company_id": "acme"}, "quote")
NOWHERE = (None, {}, None)


def in_thread(call: Callable[[], Any]) -> Any:
    seen: list[Any] = []
    thread = threading.Thread(target=lambda: seen.append(call()))
    thread.start()
    thread.join(10)
    return seen[0]


def in_timer(call: Callable[[], Any]) -> Any:
    seen: list[Any] = []
    timer = threading.Timer(0, lambda: seen.append(call()))
    timer.start()
    timer.join(10)
    return seen[0]


def in_pool(call: Callable[[], Any]) -> Any:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call).result(10)


def in_map(call: Callable[[], Any]) -> Any:
    with ThreadPoolExecutor(1) as pool:
        return next(pool.map(lambda _: call(), [0]))


def in_executor(call: Callable[[], Any]) -> Any:
    async def run() -> Any:
        return await asyncio.get_running_loop().run_in_executor(None, call)

    return asyncio.run(run())


def in_to_thread(call: Callable[[], Any]) -> Any:
    async def run() -> Any:
        return await asyncio.to_thread(call)

    return asyncio.run(run())


ways = pytest.mark.parametrize("way", [in_thread, in_timer, in_pool, in_map, in_executor, in_to_thread])


@ways
@pytest.mark.usefixtures("in_request")
def test_the_request_its_ids_and_the_span_follow(way: Callable[[Callable[[], Any]], Any]) -> None:
    """Work that is handed to another thread belongs to the request that handed it over."""
    assert way(look) == HERE


@ways
def test_outside_a_request_nothing_follows(way: Callable[[Callable[[], Any]], Any]) -> None:
    """What is in no request stays in none."""
    assert way(look) == NOWHERE


@ways
@pytest.mark.usefixtures("in_request")
def test_what_it_raises_and_returns_is_untouched(way: Callable[[Callable[[], Any]], Any]) -> None:
    """The wrapper is not to be noticed."""
    found = object()
    assert way(lambda: found) is found


@pytest.mark.usefixtures("in_request")
def test_a_pool_keeps_no_request_beyond_its_work() -> None:
    """A worker that was started for one request is in none when it works for nobody."""
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(look).result(10) == HERE
        outside = threading.Event()
        seen: list[Any] = []

        def submit_outside() -> None:
            seen.append(pool.submit(look).result(10))
            outside.set()

        from contextvars import Context

        Context().run(submit_outside)
        assert outside.is_set()
    assert seen == [NOWHERE]


@pytest.mark.usefixtures("in_request")
def test_the_applications_own_variables_stay_as_they_are() -> None:
    """A thread that had its own context before has it still: an initializer's variable, the default of decimals."""
    OF_THE_APPLICATION.set("acme")
    decimal.getcontext().prec = 5

    def initialise() -> None:
        OF_THE_APPLICATION.set("worker")

    with ThreadPoolExecutor(1, initializer=initialise) as pool:
        assert pool.submit(OF_THE_APPLICATION.get).result(10) == "worker"
    assert in_thread(OF_THE_APPLICATION.get) == "nobody"
    assert in_thread(lambda: decimal.getcontext().prec) == 28
    decimal.getcontext().prec = 28


@pytest.mark.usefixtures("in_request")
def test_an_exception_in_a_pool_is_the_futures() -> None:
    """The same object, where it was before."""
    raised = KeyError("x")

    def fail() -> None:
        raise raised

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(fail).exception(10) is raised


def test_a_thread_that_is_over_keeps_nothing_of_the_request() -> None:
    """Whoever keeps the thread object does not keep the request."""
    request = Request(correlation_id="order-17")
    kept = weakref.ref(_Mark())
    mark: Any = _Mark()
    kept = weakref.ref(mark)
    request.scope = {"mark": mark}
    token = enter_request(request)
    thread = threading.Thread(target=current_request)
    thread.start()
    thread.join(10)
    exit_request(token)
    del request, token, mark
    gc.collect()
    assert kept() is None
    assert not thread.is_alive()


class _Mark:
    """Something that can be watched going away."""


@pytest.mark.usefixtures("in_request")
def test_own_threads_belong_to_no_request() -> None:
    """This library's threads live as long as the process."""
    seen: list[Any] = []
    thread = threading.Thread(target=lambda: seen.append(look()), name="sms-observability-x")
    thread.start()
    thread.join(10)
    assert seen == [NOWHERE]


def test_instrumenting_twice_is_once_and_undoing_restores(watched: Watched) -> None:
    """The standard library's own functions are there again."""
    submit = ThreadPoolExecutor.submit
    again = instrument_libraries(["threads"], watched.options())
    assert ThreadPoolExecutor.submit is submit
    for patches in again:
        patches.undo()
    assert ThreadPoolExecutor.submit is submit
    assert submit.__wrapped__.__module__ == "concurrent.futures.thread"  # type: ignore[attr-defined]


def test_what_is_said_of_a_thread_s_error_belongs_to_the_request(
    in_request: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python's hook runs in the thread after its work: there the request, and what is restricted in it, is known."""
    seen: list[Any] = []
    monkeypatch.setattr(threading, "excepthook", lambda arguments: seen.append((look(), arguments.exc_type)))

    def fail() -> None:
        raise ValueError

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join(30)
    assert seen == [(HERE, ValueError)]
