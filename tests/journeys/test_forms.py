"""Every kind of function, and blocks: measured whole, current only while their own code runs, never mixed up."""

from __future__ import annotations

import asyncio
import functools
import gc
import inspect
import logging
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Generator
from contextlib import aclosing
from typing import Any

import pytest
from opentelemetry import trace

from sms_observability.journeys import JourneyRun, journey, step
from sms_observability.providers import current_span

FLOW = "parts_ordering_flow"
OTHER_FLOW = "vessel_onboarding_flow"
QUOTES = "PartsService.getSupplierQuotes"


def current_name() -> str | None:
    span = current_span()
    return None if span is None else span.name_


def test_functions_keep_kind_name_and_signature(watched: Any) -> None:
    """A framework that looks at a decorated function sees what was written."""

    @journey(FLOW)
    def plain(part: str, *, count: int = 1) -> str:
        """Order."""
        return f"{part}{count}"

    @journey(FLOW)
    async def coroutine() -> None: ...

    @journey(FLOW)
    def generator() -> Generator[int]:
        yield 1

    @journey(FLOW)
    async def async_generator() -> AsyncGenerator[int]:
        yield 1

    assert (plain.__name__, plain.__doc__) == ("plain", "Order.")
    assert str(inspect.signature(plain)) == "(part: 'str', *, count: 'int' = 1) -> 'str'"
    assert inspect.iscoroutinefunction(coroutine)
    assert inspect.isgeneratorfunction(generator)
    assert inspect.isasyncgenfunction(async_generator)
    assert plain("p", count=2) == "p2"
    assert watched.outcomes == ["success"]


def test_methods_partials_and_callable_objects(watched: Any) -> None:
    """What can be called can be decorated, coroutine or not."""

    class Service:
        @journey(FLOW)
        def quote(self, part: str) -> str:
            assert current_name() == FLOW
            return part

        @staticmethod
        @journey(FLOW)
        def ping() -> str:
            return "pong"

        @classmethod
        @journey(FLOW)
        def make(cls) -> Any:
            return cls()

        async def __call__(self, part: str) -> str:
            await asyncio.sleep(0)
            assert current_name() == FLOW
            return part

    assert (Service.make().quote("p"), Service.ping()) == ("p", "pong")
    later = journey(FLOW)(functools.partial(Service().__call__, "q"))
    callable_object = journey(FLOW)(Service())

    async def main() -> list[str]:
        return [await later(), await callable_object("r")]

    assert asyncio.run(main()) == ["q", "r"]
    assert watched.outcomes == ["success"] * 5


@pytest.mark.parametrize("marker", [journey(FLOW), step(QUOTES)])
def test_what_is_no_function_is_refused_with_its_remedy(marker: Any) -> None:
    """A class, a static method object or a value is a mistake at import, not at the first request."""
    with pytest.raises(TypeError, match="decorates functions and methods"):
        marker(JourneyRun)
    with pytest.raises(TypeError, match="decorates functions and methods, not int objects"):
        marker(3)
    with pytest.raises(TypeError, match="below @staticmethod"):
        marker(staticmethod(current_name))
    with pytest.raises(TypeError, match="below @classmethod"):
        marker(classmethod(current_name))


def test_a_coroutine_is_measured_to_its_end(watched: Any) -> None:
    """The time that it waits counts; the span is current on both sides of an await."""

    @journey(FLOW)
    async def work() -> str:
        await asyncio.sleep(0.02)
        assert current_name() == FLOW
        return "done"

    assert asyncio.run(work()) == "done"
    assert watched.only.attributes_["sms.sla.duration_ms"] >= 20


def test_a_generator_is_current_only_while_its_own_code_runs(watched: Any) -> None:
    """The consumer's spans are not its children, and everything that is sent and thrown arrives."""
    seen: list[Any] = []

    @journey(FLOW)
    def work() -> Generator[int, str, str]:
        seen.append(current_name())
        try:
            seen.append((yield 1))
        except KeyError as error:
            seen.append(type(error))
        seen.append(current_name())
        seen.append((yield 2))
        return "result"

    items = work()
    assert current_name() is None
    assert items.send(None) == 1  # type: ignore[arg-type]
    assert current_name() is None
    assert items.throw(KeyError("k")) == 2
    assert watched.spans == []
    with pytest.raises(StopIteration, match="result"):
        items.send("sent")
    assert seen == [FLOW, KeyError, FLOW, "sent"]
    assert current_name() is None
    assert watched.outcomes == ["success"]


def test_an_abandoned_generator_is_cancelled_and_cleans_up_inside_its_span(watched: Any) -> None:
    """Its `finally` still belongs to it."""
    cleaned: list[Any] = []

    @journey(FLOW)
    def work() -> Generator[int]:
        try:
            yield 1
        finally:
            cleaned.append(current_name())

    next(work())
    gc.collect()
    assert cleaned == [FLOW]
    assert watched.outcomes == ["cancelled"]
    assert current_name() is None


def test_an_async_generator_with_everything_it_can_be_asked(watched: Any) -> None:
    """`asend`, `athrow` and the end work as undecorated, and the consumer is never inside the span."""
    seen: list[Any] = []

    @journey(FLOW)
    async def work() -> AsyncGenerator[int, str]:
        seen.append(current_name())
        try:
            seen.append((yield 1))
        except KeyError as error:
            seen.append(type(error))
        await asyncio.sleep(0)
        seen.append(current_name())
        seen.append((yield 2))

    async def main() -> None:
        items = work()
        assert await items.asend(None) == 1  # type: ignore[arg-type]
        assert current_name() is None
        assert await items.athrow(KeyError("k")) == 2
        assert current_name() is None
        with pytest.raises(StopAsyncIteration):
            await items.asend("sent")
        assert current_name() is None

    asyncio.run(main())
    assert seen == [FLOW, KeyError, FLOW, "sent"]
    assert watched.outcomes == ["success"]


def test_an_async_generator_that_changes_tasks_says_nothing(watched: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Begun in one task, read in a second, closed in a third or left to the loop: one span, no complaint."""
    caplog.set_level(logging.DEBUG)

    @journey(FLOW)
    async def work() -> AsyncIterator[int]:
        try:
            for number in range(5):
                yield number
        finally:
            assert current_name() == FLOW

    async def main() -> None:
        for end in ("aclose", "abandon"):
            items: Any = work()
            assert await asyncio.create_task(anext(items)) == 0
            assert await asyncio.create_task(anext(items)) == 1
            if end == "aclose":
                await asyncio.create_task(items.aclose())
            del items
            gc.collect()
            assert current_name() is None
        await asyncio.sleep(0)

    asyncio.run(main())
    assert watched.outcomes == ["cancelled", "cancelled"]
    assert [record for record in caplog.records if record.name != "asyncio"] == []


def test_an_exception_in_an_async_generator_is_a_failure(watched: Any) -> None:
    """It reaches the consumer as it is."""

    @journey(FLOW)
    async def work() -> AsyncGenerator[int]:
        yield 1
        raise LookupError("no part")

    async def main() -> None:
        async with aclosing(work()) as items:
            async for _ in items:
                pass

    with pytest.raises(LookupError, match="no part"):
        asyncio.run(main())
    assert watched.outcomes == ["failure"]


def test_blocks_sync_and_async(watched: Any) -> None:
    """`with` and `async with` give the same handle and never swallow an exception."""

    async def main() -> None:
        async with journey(FLOW) as run:
            assert isinstance(run, JourneyRun)
            async with step(QUOTES):
                await asyncio.sleep(0)

    asyncio.run(main())
    with pytest.raises(ZeroDivisionError), journey(FLOW):
        _ = 1 / 0
    assert watched.outcomes == ["success", "failure"]


def test_one_object_nested_in_itself(watched: Any) -> None:
    """Each block ends its own run, in whichever form the object is used."""
    again = journey(FLOW)

    @again
    def countdown(number: int) -> int:
        with again as run:
            run.set("number", number)
            return number if number == 0 else countdown(number - 1)

    assert countdown(2) == 0
    assert [span.attributes_.get("number") for span in watched.spans] == [0, None, 1, None, 2, None]
    by_id = {span.span_id: span for span in watched.spans}
    depth = [0] * len(watched.spans)
    for place, span in enumerate(watched.spans):
        while span.parent_span_id:
            span = by_id[span.parent_span_id]  # noqa: PLW2901
            depth[place] += 1
    assert depth == [5, 4, 3, 2, 1, 0]


def test_one_object_in_many_tasks(watched: Any) -> None:
    """Runs that overlap in any order keep to themselves."""
    shared, shared_step = journey(FLOW), step(QUOTES)
    tasks = 30

    async def work(number: int) -> None:
        async with shared as run:
            run.set("number", number)
            await asyncio.sleep(0.001 * ((number * 7) % 5))
            with shared_step as inner:
                await asyncio.sleep(0.001 * ((number * 3) % 4))
                inner.set("number", number)
            if number % 3 == 0:
                run.fail("third")
            assert current_span() is not None

    async def main() -> None:
        await asyncio.gather(*map(work, range(tasks)))

    asyncio.run(main())
    flows = {span.span_id: span for span in watched.spans if span.name_ == FLOW}
    assert sorted(span.attributes_["number"] for span in flows.values()) == list(range(tasks))
    for span in watched.spans:
        if span.name_ == FLOW:
            failed = span.attributes_["number"] % 3 == 0
            assert span.attributes_["sms.journey.outcome"] == ("failure" if failed else "success")
        else:
            assert flows[span.parent_span_id].attributes_["number"] == span.attributes_["number"]
            assert flows[span.parent_span_id].end_ns >= span.end_ns
    assert shared._entered == shared_step._entered == []


def test_one_object_in_many_threads(watched: Any) -> None:
    """Threads that enter and leave at the same moments keep to themselves."""
    shared = journey(FLOW)
    barrier = threading.Barrier(8)

    def work(number: int) -> None:
        barrier.wait()
        for turn in range(100):
            with shared as run:
                run.set("number", (number, turn))
                if number % 2:
                    run.cancel()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(watched.spans) == len({tuple(span.attributes_["number"]) for span in watched.spans}) == 800
    for span in watched.spans:
        expected = "cancelled" if span.attributes_["number"][0] % 2 else "success"
        assert span.attributes_["sms.journey.outcome"] == expected
    assert shared._entered == []


def test_a_block_that_is_left_in_another_task_is_ended(watched: Any, caplog: pytest.LogCaptureFixture) -> None:
    """A test fixture or an exit stack may do that."""
    shared = journey(FLOW)

    async def main() -> None:
        await asyncio.create_task(shared.__aenter__())
        await asyncio.create_task(shared.__aexit__(None, None, None))

    asyncio.run(main())
    assert watched.outcomes == ["success"]
    assert [record for record in caplog.records if record.name != "asyncio"] == []


def test_a_second_exit_is_harmless(watched: Any) -> None:
    """Wrong use of a block by hand ends nothing twice and raises nothing."""
    block = journey(FLOW)
    block.__enter__()
    block.__exit__(None, None, None)
    block.__exit__(None, None, None)
    assert watched.outcomes == ["success"]


def test_concurrent_steps_share_their_journey(watched: Any) -> None:
    """Tasks and threads that copy the context report to the journey they were started in."""

    async def one(name: Any) -> None:
        with step(name):
            await asyncio.sleep(0.001)

    @step("Database.saveQuote")
    def save() -> None: ...

    async def main() -> None:
        with journey(FLOW):
            await asyncio.gather(one(QUOTES), asyncio.to_thread(save))
            await one("NotificationService.informUsers")

    asyncio.run(main())
    flow = watched.named(FLOW)
    steps = [span for span in watched.spans if span is not flow]
    assert {span.parent_span_id for span in steps} == {flow.span_id}
    assert {span.name_ for span in steps}.isdisjoint(flow.attributes_["sms.journey.steps_missing"])
    assert len(steps) == 3


def test_a_task_that_outlives_its_journey_is_no_part_of_it(watched: Any) -> None:
    """Its steps have no budget any more: the promise has been kept or broken without them."""

    async def main() -> None:
        ended = asyncio.Event()

        async def later() -> None:
            await ended.wait()
            with step(QUOTES):
                pass

        with journey(FLOW):
            task = asyncio.create_task(later())
        ended.set()
        await task

    asyncio.run(main())
    assert watched.named(QUOTES).attributes_ == {"sms.step.name": QUOTES}
    assert watched.named(QUOTES).trace_id == watched.named(FLOW).trace_id


def test_a_journey_inside_another_has_its_own_steps(watched: Any) -> None:
    """A step belongs to the innermost journey only, and the outer one's step does not lose its time to it."""
    with journey(FLOW), step(QUOTES):
        with journey(OTHER_FLOW), step("Database.saveQuote"):
            pass
        assert trace.get_current_span().get_span_context().span_id == current_span().span_id  # type: ignore[union-attr]
    inner, outer = watched.named(OTHER_FLOW), watched.named(FLOW)
    assert inner.parent_span_id == watched.named(QUOTES).span_id
    assert "Database.saveQuote" in outer.attributes_["sms.journey.steps_missing"]
    assert inner.attributes_["sms.sla.threshold_ms"] < 3000
