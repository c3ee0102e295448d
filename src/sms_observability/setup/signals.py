"""SIGTERM and SIGINT: start draining, let the server stop as it would have, and flush if nobody else will.

A server such as uvicorn installs its own handlers, before or after ours. Ours goes on top when the application starts,
does its part and calls the one below. Only the main thread may install handlers; elsewhere the lifespan and `atexit`
do the work.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from typing import TYPE_CHECKING, Any

from sms_observability import lifecycle

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

_WATCHED = (signal.SIGTERM, signal.SIGINT)


class SignalHandlers:
    """Handlers on top of whatever handles the signals now.

    Each `install` makes handlers of its own that know what was below them: a server saves the handler that it finds,
    goes on top, and puts it back at its end, in order to die of the signal as it would have without it.

    Args:
        drain_seconds: How long the handler below is kept waiting, while `/readyz` says 503.
        flush: Called before the process dies of a signal that nobody else handles.
    """

    def __init__(self, drain_seconds: float, flush: Callable[[], object]) -> None:
        self._drain_seconds = drain_seconds
        self._flush = flush
        self._below: dict[Any, Any] = {}
        self._timer: threading.Timer | None = None

    def install(self) -> None:
        """Go on top; does nothing outside the main thread, and nothing where ours is on top already."""
        if threading.current_thread() is not threading.main_thread():
            return
        for number in _WATCHED:
            below = signal.getsignal(number)
            if below is None or below in self._below:  # None: a handler that was not installed from Python
                continue
            if number == signal.SIGINT and below is signal.default_int_handler:
                continue  # KeyboardInterrupt unwinds the program, and atexit flushes
            if below is signal.SIG_IGN:
                continue
            handler = self._handler(below)
            with contextlib.suppress(ValueError, OSError):
                signal.signal(number, handler)
                self._below[handler] = below

    def remove(self) -> None:
        """Give the signals back to the handlers below, where ours is still on top."""
        if threading.current_thread() is threading.main_thread():
            for number in _WATCHED:
                with contextlib.suppress(ValueError, OSError):
                    while (top := signal.getsignal(number)) in self._below:
                        signal.signal(number, self._below[top])
        self._below.clear()

    def _handler(self, below: Any) -> Callable[[int, FrameType | None], None]:
        def handle(number: int, frame: FrameType | None) -> None:
            lifecycle.start_draining()
            if callable(below):
                self._pass_on(below, number, frame)
                return
            # Nobody else handles it: flush, then die of it, so that the exit status is what it would have been.
            self._flush()
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)

        return handle

    def _pass_on(self, below: Callable[[int, FrameType | None], object], number: int, frame: FrameType | None) -> None:
        if self._drain_seconds <= 0 or number != signal.SIGTERM:
            below(number, frame)
        elif self._timer is None:
            # The loop must go on serving meanwhile, so the wait is another thread's.
            self._timer = threading.Timer(self._drain_seconds, below, (number, frame))
            self._timer.daemon = True
            self._timer.name = "sms-observability-drain"
            self._timer.start()
