"""Who and what the running code works for."""

from __future__ import annotations

import asyncio
import contextvars
import doctest
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given

import sms_observability.context
from hostile import Plan, hostile, summon
from sms_observability.context import (
    MAX_BOUND,
    Request,
    bind_context,
    bound_context,
    correlation_id_or_none,
    current_correlation_id,
    current_request,
    enter_request,
    exit_request,
    is_quiet,
    quiet,
    suppressed,
    unbind_context,
)


@pytest.fixture(autouse=True)
def own_context() -> Iterator[None]:
    """Let no test see what another has bound."""
    before = dict(bound_context())
    unbind_context(*before)
    yield
    unbind_context(*bound_context())


@pytest.fixture
def request_of_test() -> Iterator[Request]:
    request = Request(method="POST", correlation_id="order-17")
    token = enter_request(request)
    yield request
    exit_request(token)


def in_other_context(function: Any, *args: Any) -> Any:
    return contextvars.copy_context().run(function, *args)


def test_the_examples_are_right() -> None:
    """What the documentation shows is what happens."""
    assert doctest.testmod(sms_observability.context).failed == 0


def test_bound_ids_are_seen_until_they_are_unbound() -> None:
    """Binding adds and replaces; unbinding, also by `None`, takes away."""
    bind_context(company_id="acme", vessel_id=7)
    bind_context(vessel_id=8, user_id=None)
    assert dict(bound_context()) == {"company_id": "acme", "vessel_id": 8}
    unbind_context("company_id", "never")
    bind_context(vessel_id=None)
    assert dict(bound_context()) == {}


def test_a_snapshot_does_not_follow_later_binds() -> None:
    """A log line that keeps the snapshot keeps what was true."""
    bind_context(vessel_id=7)
    snapshot = bound_context()
    bind_context(vessel_id=8)
    assert snapshot["vessel_id"] == 7


def test_tasks_inherit_and_keep_what_they_bind_to_themselves() -> None:
    """Two tasks that work for two vessels do not mix them up."""

    async def work(vessel: int) -> Any:
        bind_context(vessel_id=vessel)
        await asyncio.sleep(0)
        return dict(bound_context())

    async def main() -> list[Any]:
        bind_context(company_id="acme")
        return [*await asyncio.gather(work(1), work(2)), dict(bound_context())]

    first, second, after = asyncio.run(main())
    assert (first["vessel_id"], second["vessel_id"]) == (1, 2)
    assert after == {"company_id": "acme"}


def test_ids_follow_to_thread() -> None:
    """`asyncio.to_thread`, which runs FastAPI's `def` endpoints, keeps the ids."""

    async def main() -> Any:
        bind_context(vessel_id=7)
        return await asyncio.to_thread(lambda: bound_context()["vessel_id"])

    assert asyncio.run(main()) == 7


def test_a_thread_starts_without_ids_until_it_is_instrumented() -> None:
    """Python gives new threads an empty context; the instrumentation room changes that, not this module."""
    bind_context(vessel_id=7)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: dict(bound_context())).result() == {}
        assert pool.submit(contextvars.copy_context().run, lambda: dict(bound_context())).result() == {"vessel_id": 7}


def test_what_a_worker_thread_binds_reaches_the_request(request_of_test: Request) -> None:
    """A sync FastAPI dependency runs in a copied context; the endpoint and the server span still see its ids."""
    in_other_context(lambda: bind_context(company_id="acme"))
    assert bound_context()["company_id"] == "acme"
    assert request_of_test.bound == {"company_id": "acme"}


def test_siblings_that_disagree_leave_the_rest_of_the_request_without_the_id(request_of_test: Request) -> None:
    """What two tasks bind differently belongs to neither of the others; the span keeps the last."""
    in_other_context(lambda: bind_context(vessel_id=1, company_id="acme"))
    in_other_context(lambda: bind_context(vessel_id=2, company_id="acme"))
    assert dict(bound_context()) == {"company_id": "acme"}
    assert request_of_test.bound["vessel_id"] == 2


def test_rebinding_is_no_disagreement(request_of_test: Request) -> None:
    """Who bound an id may change it, and all follow."""
    bind_context(vessel_id=1)
    bind_context(vessel_id=2)
    assert in_other_context(lambda: dict(bound_context())) == {"vessel_id": 2}
    assert request_of_test.bound == {"vessel_id": 2}


def test_a_request_begins_with_the_ids_of_the_process_and_ends_without_its_own(request_of_test: Request) -> None:
    """Ids bound at start-up are on every request; ids of a request are on no other."""
    bind_context(vessel_id=7)
    inner = Request()
    token = enter_request(inner)
    bind_context(company_id="acme")
    assert inner.bound == {"vessel_id": 7, "company_id": "acme"}
    exit_request(token)
    assert current_request() is request_of_test
    assert dict(bound_context()) == {"vessel_id": 7}


def test_leaving_a_request_in_another_task_does_nothing(request_of_test: Request) -> None:
    """A generator that is closed elsewhere must not raise there."""
    token = enter_request(Request())
    in_other_context(exit_request, token)
    in_other_context(exit_request, token)
    exit_request(token)
    exit_request(token)


def test_the_correlation_id_is_the_requests_or_a_bound_one(request_of_test: Request) -> None:
    """Workers bind one; a request has its own."""
    bind_context(correlation_id="job-1")
    assert current_correlation_id() == "order-17"
    request_of_test.correlation_id = None
    assert current_correlation_id() == "job-1"


def test_outside_of_everything_there_is_no_correlation_id() -> None:
    """Nothing is invented."""
    assert current_correlation_id() is None


@pytest.mark.parametrize("given_id", ["a b", "a\r\nset-cookie: x", "ä", "", "x" * 65, "a\n"])
def test_a_malformed_correlation_id_is_not_bound(given_id: str) -> None:
    """It goes into headers, so nothing that could end one gets in."""
    bind_context(correlation_id=given_id)
    assert current_correlation_id() is None
    assert correlation_id_or_none(given_id.encode()) is None


@pytest.mark.parametrize("given_id", ["a", "A.b_c-9", "x" * 64])
def test_a_well_formed_correlation_id_is_taken(given_id: str) -> None:
    """As text and as the bytes of a header."""
    assert correlation_id_or_none(given_id) == given_id == correlation_id_or_none(given_id.encode())


def test_an_excluded_route_is_suppressed() -> None:
    """Below it, no span is made."""
    assert not suppressed()
    token = enter_request(Request(suppressed=True))
    assert suppressed()
    assert not is_quiet()
    exit_request(token)
    assert not suppressed()


def test_own_work_is_suppressed_and_quiet() -> None:
    """What the library does itself leaves no telemetry; nested, the outer one counts."""
    with quiet():
        with quiet():
            assert suppressed()
        assert is_quiet()
    assert not suppressed()


@given(hostile)
def test_any_value_can_be_bound(planned: Plan) -> None:
    """A hostile id loses only itself."""
    token = enter_request(Request())
    bind_context(order=summon(planned), vessel_id=7, correlation_id=summon(planned))
    assert bound_context()["vessel_id"] == 7
    unbind_context(summon(planned), "order")
    exit_request(token)


def test_binding_without_end_is_bounded(request_of_test: Request) -> None:
    """A worker that binds ever new names does not fill the memory."""
    for number in range(3 * MAX_BOUND):
        bind_context(**{f"name{number}": number})
        in_other_context(lambda number=number: bind_context(**{f"other{number}": number}))
    assert len(bound_context()) <= 2 * MAX_BOUND
    assert len(request_of_test.bound) <= MAX_BOUND


def test_binding_while_the_request_is_read_raises_nowhere(request_of_test: Request) -> None:
    """The server span is filled from `bound` while a background thread still binds."""
    done = threading.Event()

    def bind() -> None:
        for number in range(2000):
            bind_context(**{f"name{number % 50}": number})
        done.set()

    thread = threading.Thread(target=contextvars.copy_context().run, args=(bind,))
    thread.start()
    while not done.is_set():
        for _ in request_of_test.bound.items():
            pass
    thread.join()
    assert len(request_of_test.bound) == 50
