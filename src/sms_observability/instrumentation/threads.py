"""Threads and thread pools: what is bound to a request follows it into them, as it follows tasks by itself."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING, Any

from sms_observability.instrumentation.patch import Patches

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from sms_observability.instrumentation.options import InstrumentationOptions

OWN_THREADS = "sms-observability"


def instrument(options: InstrumentationOptions) -> Patches:  # noqa: ARG001
    """Make new threads and submitted work run in the context of whoever started them.

    Args:
        options: The ports of the instrumentation; none is needed.
    """

    def start(original: Callable[..., Any]) -> Callable[..., Any]:
        def start_in_context(self: threading.Thread) -> None:
            # Ours live as long as the process; they must not keep a request alive.
            if not self.name.startswith(OWN_THREADS):
                self.run = partial(copy_context().run, self.run)  # type: ignore[method-assign]
            original(self)

        return start_in_context

    def submit(original: Callable[..., Any]) -> Callable[..., Any]:
        def submit_in_context(
            self: ThreadPoolExecutor, fn: Callable[..., Any], /, *args: Any, **kwargs: Any
        ) -> Future[Any]:
            return original(self, copy_context().run, fn, *args, **kwargs)

        return submit_in_context

    patches = Patches()
    patches.replace(threading.Thread, "start", start)
    patches.replace(ThreadPoolExecutor, "submit", submit)
    return patches
