"""Asking all checks side by side, so that none of them can hold up the answer or the process."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import threading
from contextvars import copy_context
from time import perf_counter
from typing import TYPE_CHECKING, Any

from sms_observability.health.check import Result

if TYPE_CHECKING:
    from collections.abc import Callable

    from sms_observability.health.check import HealthCheck, Status


class Checker:
    """Runs the checks side by side; callers at the same time share one run.

    A check that hangs fails after its time limit. It is not asked again while it still hangs: nobody can stop a thread,
    and a second one would hang beside it.

    Args:
        checks: What to ask.
    """

    def __init__(self, checks: tuple[HealthCheck, ...]) -> None:
        self._checks = checks
        self._running: asyncio.Task[list[Result]] | None = None
        self._open: dict[str, _Question] = {}

    async def run(self) -> list[Result]:
        """Ask all, each within its own time limit."""
        running = self._running
        if running is None or running.done() or running.get_loop() is not asyncio.get_running_loop():
            running = self._running = asyncio.ensure_future(self._run())
        # A caller that goes away must not take the answer from the others.
        return await asyncio.shield(running)

    async def _run(self) -> list[Result]:
        return list(await asyncio.gather(*(self._ask(check) for check in self._checks)))

    async def _ask(self, check: HealthCheck) -> Result:
        start = perf_counter()
        question = self._open.get(check.name)
        if question is None or not question.is_open():
            question = self._open[check.name] = _Question(check)
        # `wait`, not `wait_for`: that one goes on waiting for a check that will not be cancelled.
        await asyncio.wait((question.task,), timeout=check.timeout)
        output = question.answer()
        if output is None:
            question.give_up()
            output = f"no answer within {check.timeout:g} s"
        status: Status = "pass" if not output else "fail" if check.critical else "warn"
        return Result(check, status, (perf_counter() - start) * 1000, output)


class _Question:
    """One check that is being asked."""

    def __init__(self, check: HealthCheck) -> None:
        self._name = check.name
        self._in_thread = False
        self.task = asyncio.ensure_future(self._ask(check.call))

    def is_open(self) -> bool:
        """Say whether it is still waited for in this event loop."""
        return not self.task.done() and self.task.get_loop() is asyncio.get_running_loop()

    def answer(self) -> str | None:
        """Give the type of what the check raised, nothing for a healthy one; `None` without an answer."""
        if not self.task.done():
            return None
        return "CancelledError" if self.task.cancelled() else self.task.result()

    def give_up(self) -> None:
        """Cancel it, unless it is in a thread: that cannot be stopped, and stays open as long as it lasts."""
        if not self._in_thread:
            self.task.cancel()

    async def _ask(self, call: Callable[[], Any]) -> str:
        try:
            if _is_async(call):
                await call()
            else:
                self._in_thread = True
                try:
                    result = await _in_thread(call, self._name)
                finally:
                    self._in_thread = False
                if inspect.isawaitable(result):
                    await result
        except asyncio.CancelledError:
            raise
        except _RaisedError as error:
            return str(error)
        except BaseException as error:  # noqa: BLE001 - a check may raise anything, SystemExit too: that is its answer
            return type(error).__name__
        return ""


class _RaisedError(Exception):
    """A check raised in its thread; the text is the type of what it raised."""


def _is_async(call: object) -> bool:
    return inspect.iscoroutinefunction(call) or inspect.iscoroutinefunction(getattr(type(call), "__call__", None))  # noqa: B004


async def _in_thread(call: Callable[[], object], name: str) -> object:
    """Call in a daemon thread of its own: a pool may be full of the application's work, and is waited for at exit."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[object] = loop.create_future()

    def settle(result: object, failed: str) -> None:
        if done.done():
            return
        if failed:
            done.set_exception(_RaisedError(failed))
        else:
            done.set_result(result)

    def run() -> None:
        result: object = None
        failed = ""
        try:
            result = call()
        except BaseException as error:  # noqa: BLE001 - it is for the one who waits, not for the thread's hook
            failed = type(error).__name__
        with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile: nobody waits any more
            loop.call_soon_threadsafe(settle, result, failed)

    context = copy_context()
    threading.Thread(target=context.run, args=(run,), name=f"sms-observability-health-{name}", daemon=True).start()
    return await done
