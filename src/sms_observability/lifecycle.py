"""What the whole process goes through: it drains, it ends, it forks. Other rooms hang their callbacks here.

Callbacks run in the order in which they were added, each guarded: what one raises reaches neither the others nor the
application.
"""

from __future__ import annotations

import atexit
import logging  # noqa: F401  # pyright: ignore[reportUnusedImport]  # see where our hook for forks is registered
import os
import sys
from contextlib import contextmanager, suppress
from threading import RLock
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    Callback = Callable[[], object]

# Finalizers of multiprocessing with a priority run before its managers and pools are taken down.
_EXIT_PRIORITY: Final = 10


class _Process:
    """The state of this process; a child starts with its own."""

    __slots__ = ("__weakref__", "draining", "imports", "on_exit", "on_fork")

    def __init__(self) -> None:
        self.draining = False
        self.imports = RLock()
        self.on_exit: tuple[Callback, ...] = ()
        self.on_fork: tuple[Callback, ...] = ()


_process: Final = _Process()


def draining() -> bool:
    """Say whether the process has been asked to end and takes no new work."""
    return _process.draining


def start_draining() -> None:
    """Note that the process was asked to end: `/readyz` says 503 from now on."""
    _process.draining = True


def stop_draining() -> None:
    """Take it back, for a fresh start in the same process."""
    _process.draining = False


def on_exit(callback: Callback) -> Callable[[], None]:
    """Have a function called when the process ends by itself: at exit, or when a `multiprocessing` child is done.

    Args:
        callback: Called once; what it raises is swallowed.

    Returns:
        A function that takes it back; calling it twice is harmless.
    """
    _process.on_exit = (*_process.on_exit, callback)

    def undo() -> None:
        _process.on_exit = tuple(kept for kept in _process.on_exit if kept is not callback)

    return undo


def on_fork(callback: Callback) -> Callable[[], None]:
    """Have a function called in every child that is forked, before anything else runs there.

    Args:
        callback: What it raises is swallowed.

    Returns:
        A function that takes it back; calling it twice is harmless.
    """
    _process.on_fork = (*_process.on_fork, callback)

    def undo() -> None:
        _process.on_fork = tuple(kept for kept in _process.on_fork if kept is not callback)

    return undo


@contextmanager
def importing() -> Generator[None]:
    """Hold forks back while the body imports what the start has put off.

    Python does not renew the locks of imports in a child: one that was forked while a thread of ours imported would
    wait for the same module for ever.

    Example:
        >>> with importing():
        ...     import sqlite3
    """
    with _process.imports:
        yield


def _call(callbacks: tuple[Callback, ...]) -> None:
    for callback in callbacks:
        try:
            callback()
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001, S110  # promise 1
            pass


def _at_exit() -> None:
    callbacks, _process.on_exit = _process.on_exit, ()
    interrupted = isinstance(getattr(sys, "last_value", None), KeyboardInterrupt) and not hasattr(sys, "ps1")
    _call(callbacks)
    if interrupted:
        # Whatever compiles text meanwhile, as an import can, makes CPython forget that Ctrl-C has ended the process;
        # what waits for the process is to see that as it would without us.
        with suppress(KeyboardInterrupt):
            exec("raise KeyboardInterrupt")  # noqa: S102 - our own text; only what is compiled from text counts


def _end_with_multiprocessing(_: object = None) -> None:
    # A child of multiprocessing ends with os._exit, past `atexit`; its finalizers do run. The module is not imported
    # for that: a process that does not use it need not pay for it.
    util: Any = sys.modules.get("multiprocessing.util")
    if util is not None:
        util.Finalize(None, _at_exit, exitpriority=_EXIT_PRIORITY)


def _before_fork() -> None:
    _process.imports.acquire()


def _in_parent() -> None:
    _process.imports.release()


def _in_child() -> None:
    _process.imports = RLock()
    _process.draining = False
    util: Any = sys.modules.get("multiprocessing.util")
    if util is not None:
        # It forgets all finalizers that it inherited or got until then, and calls these afterwards.
        util.register_after_fork(_process, _end_with_multiprocessing)
    _call(_process.on_fork)


atexit.register(_at_exit)
if getattr(sys.modules.get("multiprocessing.process"), "parent_process", lambda: None)() is not None:
    _end_with_multiprocessing()  # a child that was spawned, not forked
if hasattr(os, "register_at_fork"):
    # Called before that of `logging`, which was registered earlier: a module that is imported may ask for a logger, and
    # must get it while the fork waits.
    os.register_at_fork(before=_before_fork, after_in_parent=_in_parent, after_in_child=_in_child)
