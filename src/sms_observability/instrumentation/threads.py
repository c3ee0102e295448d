"""Threads and thread pools: what is bound to a request follows it into them, as it follows tasks by itself.

Only what belongs to telemetry follows: a thread's own context variables, those of the application and of `decimal`
among them, stay as they are without us.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from sms_observability.providers.seams import attach, current_context, detach

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import ContextVar, Token

    from opentelemetry.context import Context

    from sms_observability.instrumentation.options import InstrumentationOptions
    from sms_observability.instrumentation.patch import Patches

    Snapshot = tuple[Context, dict[ContextVar[Any], Any]]

OWN_THREADS: Final = "sms-observability"
"""How the names of this library's own threads begin."""

_OWN_VARIABLES: Final = "sms_"
# Their threads serve one request after the other, and take the context of each by themselves or by `submit`.
_POOLS: Final = ("concurrent.futures", "anyio", "multiprocessing")


def instrument(options: InstrumentationOptions, patches: Patches) -> None:  # noqa: ARG001
    """Make new threads and submitted work belong to the request of whoever started them.

    Args:
        options: The ports of the instrumentation; none is needed.
        patches: Takes what undoes it.
    """

    def start(original: Callable[..., Any]) -> Callable[..., Any]:
        def start_in_context(self: threading.Thread) -> None:
            if _is_for_one_task(self):
                snapshot = _take()
                if snapshot is not None:
                    run = self.run

                    def run_in_context() -> None:
                        self.__dict__.pop("run", None)  # nothing of the request is kept beyond it
                        # Not left again: the thread ends here, and what Python says of its error is the request's too.
                        _enter(snapshot)
                        run()

                    self.run = run_in_context  # type: ignore[method-assign]
            original(self)

        return start_in_context

    def submit(original: Callable[..., Any]) -> Callable[..., Any]:
        def submit_in_context(self: ThreadPoolExecutor, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
            snapshot = _take()
            if snapshot is None:
                return original(self, fn, *args, **kwargs)
            return original(self, _run, snapshot, partial(fn, *args, **kwargs))

        return submit_in_context

    patches.replace(threading.Thread, "start", start)
    patches.replace(ThreadPoolExecutor, "submit", submit)


def _is_for_one_task(thread: threading.Thread) -> bool:
    if thread.name.startswith(OWN_THREADS):
        return False
    target = getattr(thread, "_target", None)
    return not (type(thread).__module__.startswith(_POOLS) or getattr(target, "__module__", "").startswith(_POOLS))


def _take() -> Snapshot | None:
    """Give what follows the running work into a thread, or `None` if nothing does."""
    try:
        variables = {
            variable: value for variable, value in copy_context().items() if variable.name.startswith(_OWN_VARIABLES)
        }
        context = current_context()
    except Exception:  # noqa: BLE001 - promise 1
        return None
    return (context, variables) if variables or context else None


def _enter(snapshot: Snapshot) -> tuple[Token[Context], list[tuple[ContextVar[Any], Token[Any]]]]:
    context, variables = snapshot
    tokens = [(variable, variable.set(value)) for variable, value in variables.items()]
    return attach(context), tokens


def _run(snapshot: Snapshot, call: Callable[[], Any]) -> Any:
    """Call a function with what was taken; leave the thread as it was."""
    token, tokens = _enter(snapshot)
    try:
        return call()
    finally:
        detach(token)
        for variable, before in reversed(tokens):
            variable.reset(before)
