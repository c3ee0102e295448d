"""Waiting for something that others bring about."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any


def wait_until(
    condition: Callable[[], Any],
    what: str = "what was waited for",
    within: float = 40.0,
    *,
    every: float = 0.05,
    trouble: tuple[type[Exception], ...] = (),
) -> Any:
    """Wait for a condition, with a bound, and give what it gave.

    Args:
        condition: Asked again until what it gives is true.
        what: Said when the bound is over.
        within: The bound, in seconds.
        every: Seconds between two questions.
        trouble: Errors in asking that count as not yet.
    """
    deadline = time.monotonic() + within
    while True:
        met: Exception | None = None
        try:
            if found := condition():
                return found
        except trouble as error:
            met = error
        assert time.monotonic() < deadline, f"not within {within:.0f} s: {what}" + (f" ({met!r})" if met else "")
        time.sleep(every)
