"""The record of restricted values that were taken out: how often, why and where, never what."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

RevealKind = Literal["reveal", "declassify"]

_MAX_REASON = 200


class Reveal(NamedTuple):
    """One restricted value that was taken out.

    Attributes:
        kind: `reveal` gave a plain value to code that may see it, `declassify` a public one.
        reason: What the caller wrote.
        location: File and line of the call.
    """

    kind: RevealKind
    reason: str
    location: str


_lock = threading.Lock()
_counts: dict[RevealKind, int] = {"reveal": 0, "declassify": 0}
_callbacks: tuple[Callable[[Reveal], None], ...] = ()


def on_reveal(callback: Callable[[Reveal], None]) -> Callable[[], None]:
    """Have each reveal and declassification told to a callback, on the thread of the caller.

    Args:
        callback: Gets kind, reason and location; what it raises is swallowed.

    Returns:
        A function that ends it; calling it twice is harmless.
    """
    global _callbacks
    with _lock:
        _callbacks = (*_callbacks, callback)

    def end() -> None:
        global _callbacks
        with _lock:
            _callbacks = tuple(kept for kept in _callbacks if kept is not callback)

    return end


def reveal_counts() -> dict[RevealKind, int]:
    """Give how often values were revealed and declassified in this process."""
    with _lock:
        return dict(_counts)


def record(kind: RevealKind, reason: object, frame: FrameType) -> None:
    """Count one, and tell those who asked for it."""
    with _lock:
        _counts[kind] += 1
    if _callbacks:
        text = reason.strip()[:_MAX_REASON] if isinstance(reason, str) else ""
        told = Reveal(kind, text or "unstated", f"{frame.f_code.co_filename}:{frame.f_lineno}")
        for callback in _callbacks:
            # The record of a reveal must not break the business that reveals.
            with suppress(Exception):
                callback(told)


def _renew_lock() -> None:
    # Another thread may have held it at the fork; nobody would ever release it in the child.
    global _lock
    _lock = threading.Lock()


os.register_at_fork(after_in_child=_renew_lock)
