"""Health checks: what is accepted, and what a check that misbehaves can do, which is nothing."""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import Iterator
from time import monotonic
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms_observability.health.check import HealthCheck, as_checks
from sms_observability.health.checker import Checker


class Hanging:
    """A check that hangs in its thread until it is let go, and counts how often it was asked."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.asked = 0

    def __call__(self) -> None:
        self.asked += 1
        self.let_go.wait(30)


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    check = Hanging()
    yield check
    check.let_go.set()


def run(*checks: HealthCheck) -> dict[str, tuple[str, str]]:
    results = asyncio.run(Checker(checks).run())
    return {result.check.name: (result.status, result.output) for result in results}


async def well() -> None:
    """Be well."""


class Asks:
    """An object that is called and awaited."""

    async def __call__(self) -> None:
        raise ConnectionError


def leave() -> None:
    raise SystemExit(3)


async def leave_async() -> None:
    raise SystemExit(3)


async def give_up() -> None:
    raise asyncio.CancelledError


def refuse() -> None:
    raise ConnectionError("postgresql://user:secret@database")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: False, ""),
        (well, ""),
        (lambda: well(), ""),
        (functools.partial(well), ""),
        (refuse, "ConnectionError"),
        (Asks(), "ConnectionError"),
        (lambda: Asks()(), "ConnectionError"),
        (leave, "SystemExit"),
        (leave_async, "SystemExit"),
        (give_up, "CancelledError"),
    ],
)
def test_returning_is_healthy_and_raising_is_not(call: Any, said: str) -> None:
    """Whatever a check raises is its answer, of which only the type is told."""
    assert run(HealthCheck("it", call)) == {"it": ("fail" if said else "pass", said)}
    assert run(HealthCheck("it", call, critical=False)) == {"it": ("warn" if said else "pass", said)}


def test_checks_run_side_by_side() -> None:
    """Each waits for the other, so both are under way at the same time."""
    barrier = threading.Barrier(2, timeout=20)
    one, two = HealthCheck("a", lambda: barrier.wait() and None), HealthCheck("b", lambda: barrier.wait() and None)
    assert {status for status, _ in run(one, two).values()} == {"pass"}


def test_callers_at_the_same_time_share_one_run() -> None:
    """Ten probes at once ask the database once; a caller that goes away does not take the answer from the others."""
    asked: list[int] = []

    async def probe() -> None:
        go = asyncio.Event()

        async def check() -> None:
            asked.append(1)
            await go.wait()

        checker = Checker((HealthCheck("it", check),))
        callers = [asyncio.ensure_future(checker.run()) for _ in range(10)]
        await asyncio.sleep(0)
        callers[0].cancel()
        go.set()
        results = await asyncio.gather(*callers, return_exceptions=True)
        assert isinstance(results[0], asyncio.CancelledError)
        assert {result[0].status for result in results[1:] if isinstance(result, list)} == {"pass"}
        await checker.run()

    asyncio.run(probe())
    assert len(asked) == 2


def test_a_hung_check_fails_in_time_and_is_not_asked_again_while_it_hangs(hanging: Hanging) -> None:
    """Twenty probes make one thread, not twenty; once it is let go it is asked anew."""

    async def probe() -> list[str]:
        checker = Checker((HealthCheck("it", hanging, timeout=0.01), HealthCheck("other", well)))
        before = threading.active_count()
        said = [(await checker.run())[0].output for _ in range(20)]
        assert hanging.asked == 1
        assert threading.active_count() == before + 1
        hanging.let_go.set()
        while (await checker.run())[0].status != "pass":
            await asyncio.sleep(0.001)
        return said

    start = monotonic()
    assert asyncio.run(probe()) == ["no answer within 0.01 s"] * 20
    assert monotonic() - start < 20


def test_a_hung_check_does_not_hold_up_the_end_of_the_loop(hanging: Hanging) -> None:
    """The loop closes while the thread still hangs: it is nobody's executor."""
    assert run(HealthCheck("it", hanging, timeout=0.01)) == {"it": ("fail", "no answer within 0.01 s")}
    assert not hanging.let_go.is_set()


def test_a_check_that_will_not_be_cancelled_is_left_alone() -> None:
    """The answer comes in time; the check is asked again when it has ended."""
    asked: list[int] = []

    async def probe() -> list[str]:
        let_go = asyncio.Event()

        async def stubborn() -> None:
            asked.append(1)
            while not let_go.is_set():
                try:
                    await let_go.wait()
                except asyncio.CancelledError:
                    continue

        checker = Checker((HealthCheck("it", stubborn, timeout=0.01),))
        said = [(await checker.run())[0].output for _ in range(3)]
        let_go.set()
        await asyncio.sleep(0)
        assert (await checker.run())[0].status == "pass"
        return said

    assert asyncio.run(probe()) == ["no answer within 0.01 s"] * 3
    assert len(asked) == 2


def test_a_full_thread_pool_does_not_make_a_service_unready(hanging: Hanging) -> None:
    """The application may have filled the loop's executor; a check has a thread of its own."""

    async def probe() -> str:
        loop = asyncio.get_running_loop()
        from concurrent.futures import ThreadPoolExecutor

        loop.set_default_executor(ThreadPoolExecutor(1))
        waiting = loop.run_in_executor(None, hanging)
        result = await Checker((HealthCheck("it", lambda: None),)).run()
        hanging.let_go.set()
        await waiting
        return result[0].status

    assert asyncio.run(probe()) == "pass"


def test_a_mapping_or_a_list_of_checks_is_taken() -> None:
    """The mapping's functions are critical, within two seconds."""
    (check,) = as_checks({"database": refuse})
    assert (check.name, check.call, check.critical, check.timeout) == ("database", refuse, True, 2.0)
    assert as_checks([check]) == as_checks(iter([check])) == (check,)
    assert as_checks(None) == as_checks({}) == as_checks([]) == ()


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda: HealthCheck("it", 3), TypeError, "needs a function to call, not a int"),
        (lambda: HealthCheck(3, refuse), TypeError, "takes a text"),
        (lambda: HealthCheck("", refuse), ValueError, "needs a name"),
        (lambda: HealthCheck("it", refuse, timeout="2"), TypeError, "a number of seconds, not a str"),
        (lambda: HealthCheck("it", refuse, timeout=None), TypeError, "a number of seconds, not a NoneType"),
        (lambda: HealthCheck("it", refuse, timeout=0), ValueError, "timeout above 0"),
        (lambda: HealthCheck("it", refuse, timeout=float("nan")), ValueError, "timeout above 0"),
        (lambda: HealthCheck("it", refuse, timeout=float("inf")), ValueError, "timeout above 0"),
        (lambda: as_checks(3), TypeError, "takes HealthChecks or a mapping of names to functions, not a int"),
        (lambda: as_checks([refuse]), TypeError, "takes HealthChecks or a mapping of names to functions"),
        (lambda: as_checks({"it": 3}), TypeError, "needs a function to call"),
        (lambda: as_checks([HealthCheck("it", refuse)] * 2), ValueError, "two health checks are named 'it'"),
    ],
)
def test_wrong_use_is_an_error_that_says_what_to_write(make: Any, error: type[Exception], text: str) -> None:
    """At once, where the code is wrong."""
    with pytest.raises(error, match=text):
        make()


@given(st.one_of(st.integers(), st.text(), st.binary(), st.lists(st.integers(), min_size=1), st.floats()))
def test_what_are_no_checks_is_refused(value: Any) -> None:
    """Nothing but the two errors, whatever is given."""
    if value in ("", b""):
        assert as_checks(value) == ()
    else:
        with pytest.raises(TypeError):
            as_checks(value)
