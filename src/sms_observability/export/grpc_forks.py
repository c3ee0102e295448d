"""Keeps gRPC calls and forks apart: grpcio's own fork handlers do nothing while another thread is in a call."""

from __future__ import annotations

import importlib
import os
from contextlib import contextmanager
from threading import Condition
from time import monotonic
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Generator

# A call that takes longer must not hold up a fork of the application.
_LONGEST_PAUSE: Final = 0.5


class Calls:
    """The calls that are under way in this process."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._active = 0

    @contextmanager
    def one(self) -> Generator[None]:
        """Make a call inside of this; it waits while the process forks."""
        with self._changed:
            self._active += 1
        try:
            yield
        finally:
            with self._changed:
                self._active -= 1
                self._changed.notify_all()

    def pause(self) -> None:
        """Wait shortly for the calls under way, and let no other begin: the lock is held over the fork."""
        deadline = monotonic() + _LONGEST_PAUSE
        self._changed.acquire()
        while self._active and (left := deadline - monotonic()) > 0:
            self._changed.wait(left)

    def resume(self) -> None:
        """Let calls begin again."""
        self._changed.release()

    def start_anew(self) -> None:
        """Forget the parent's calls, in a child."""
        self._active = 0
        self._changed.release()


CALLS: Final = Calls()

if hasattr(os, "register_at_fork"):
    # Its handlers come first, so that ours run around them. Making a channel loads the other two, which must not
    # happen on a worker: a child forked meanwhile would wait for the lock of the import for ever.
    for _name in ("grpc", "grpc.experimental", "grpc._channel"):
        importlib.import_module(_name)
    os.register_at_fork(before=CALLS.pause, after_in_parent=CALLS.resume, after_in_child=CALLS.start_anew)
