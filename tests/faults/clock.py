"""How long a call takes of its own accord: a busy machine makes everybody wait, which is no promise's fault."""

from __future__ import annotations

import time
from pathlib import Path
from types import TracebackType
from typing import Self


class Took:
    """Measures a block.

    Example:
        >>> with Took() as took:
        ...     time.sleep(0.1)
        >>> 0 < took.seconds < 0.3
        True

    Attributes:
        seconds: How long it took, less `waited`.
        waited: For how many seconds a thread of this process was ready to run while other programs had every core;
            next to nothing on an idle machine.
    """

    def __init__(self) -> None:
        self.seconds = self.waited = 0.0
        self._before: dict[str, int] = {}
        self._began = 0.0

    def __enter__(self) -> Self:
        self._before = _waited()
        self._began = time.monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        took = time.monotonic() - self._began
        self.waited = sum(now - self._before.get(thread, 0) for thread, now in _waited().items()) / 1e9
        self.seconds = max(0.0, took - self.waited)


def _waited() -> dict[str, int]:
    """Give the nanoseconds that each thread of this process has waited for a core so far (Linux)."""
    found = {}
    for thread in Path("/proc/self/task").iterdir():
        try:
            found[thread.name] = int((thread / "schedstat").read_text(encoding="ascii").split()[1])
        except OSError:  # it has ended, or the kernel does not say
            continue
    return found
