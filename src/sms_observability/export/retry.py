"""How long to wait after a failure: longer each time, never the same for two processes."""

from __future__ import annotations

import random
from typing import Final

FIRST_WAIT: Final = 0.5
LONGEST_WAIT: Final = 30.0
_GROWTH: Final = 2.0
# Once the receiver worked and failed only now, a flush keeps trying until its deadline: it may be restarting.
_RECENTLY: Final = 30.0
_TRIES_IN_A_FLUSH: Final = 3
_FLUSH_WAITS: Final = (0.05, 0.25, 0.5, 1.0)


class Backoff:
    """The waits between the attempts of one signal.

    Example:
        >>> backoff = Backoff()
        >>> backoff.failed(now=100.0, retry_after=None)
        >>> 0.25 <= backoff.due - 100.0 <= 0.5
        True
    """

    __slots__ = ("_asked", "_flush_tries", "_last_success", "_wait", "due", "failures", "random")

    def __init__(self) -> None:
        self.random = random.Random()  # noqa: S311  # of our own, so that a seed of the application is not used up
        self._wait = FIRST_WAIT
        self.due = 0.0
        self.failures = 0
        self._asked = 0.0
        self._flush_tries = 0
        self._last_success: float | None = None

    def failed(self, now: float, retry_after: float | None) -> None:
        """Note a failure: `due` is when to try again."""
        self.failures += 1
        self._flush_tries += 1
        # At least half of the wait, so that the growth holds; the rest by chance, so that processes spread.
        wait = self._wait * self.random.uniform(0.5, 1.0)
        self.due = now + (wait if retry_after is None else max(retry_after, wait / 2))
        self._asked = 0.0 if retry_after is None else now + retry_after
        self._wait = min(self._wait * _GROWTH, LONGEST_WAIT)

    def succeeded(self, now: float) -> None:
        """Note a success: the next failure waits shortly again."""
        self._wait = FIRST_WAIT
        self.due = self._asked = 0.0
        self.failures = 0
        self._last_success = now

    def start_flush(self) -> None:
        """Begin a flush: it cuts our own wait short and has tries of its own."""
        self._flush_tries = 0
        self.due = 0.0

    def asked_wait(self, now: float, deadline: float) -> float:
        """Say how long a flush waits before its first try: as long as the receiver asked, if there is time for that.

        Args:
            now: The monotonic clock.
            deadline: When the flush must be over.
        """
        return self._asked - now if now < self._asked < deadline else 0.0

    def flush_wait(self, now: float, deadline: float) -> float | None:
        """Say how long a flush waits before its next try, `None` when more tries are of no use.

        Args:
            now: The monotonic clock.
            deadline: When the flush must be over.
        """
        if now < self._asked < deadline:
            return self._asked - now
        alive = self._last_success is not None and now - self._last_success < _RECENTLY
        if not alive and self._flush_tries >= _TRIES_IN_A_FLUSH:
            return None
        wait = _FLUSH_WAITS[min(self._flush_tries, len(_FLUSH_WAITS)) - 1] if self._flush_tries else 0.0
        return wait if now + wait < deadline else None
