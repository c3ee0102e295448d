"""Keys that a developer should hear of: counted by name, and told of once, never with a value."""

from __future__ import annotations

import logging
import os
import re
import threading
import weakref
from typing import Final

_logger: Final = logging.getLogger("sms_observability.privacy")

MAX_NAMES: Final = 256
"""How many keys are counted by name."""

OTHER: Final = "(other)"
"""Under which all others are counted: those beyond the limit, and those that could be values."""

# A run of digits could be an amount.
_is_plain = re.compile(r"(?!.*[0-9]{2})[A-Za-z][A-Za-z0-9_.]{0,60}").fullmatch


def declaration(key: str) -> str:
    """Give the line that declares a key.

    Example:
        >>> declaration("supplier_region")
        'SMS_CATALOG.extend(fields=[Field("supplier_region")])'
    """
    return f'SMS_CATALOG.extend(fields=[Field("{key}")])'


class KeyTable:
    """A bounded table of keys.

    Args:
        line: What is logged of the first of each key: `%(key)s` is it, `%(declaration)s` the line that declares it.
    """

    def __init__(self, line: str) -> None:
        self._line = line
        self._counts: dict[str, int] = {}
        self._lock = threading.Lock()
        _tables.add(self)

    def add(self, key: str) -> None:
        """Count one, and tell of the first of each name in one line."""
        name = key if _is_plain(key) else OTHER
        with self._lock:
            if name not in self._counts and len(self._counts) >= MAX_NAMES:
                name = OTHER
            first = name not in self._counts
            self._counts[name] = self._counts.get(name, 0) + 1
        if first and name is not OTHER:
            # Counted already, so that the line itself, which is telemetry too, cannot come here for the same key.
            _logger.warning(self._line, {"key": name, "declaration": declaration(name)})

    def counts(self) -> dict[str, int]:
        """Give how often each key was met."""
        with self._lock:
            return dict(self._counts)

    def renew(self) -> None:
        """Begin anew in a forked child; another thread may have held the lock at the fork."""
        self._lock = threading.Lock()
        self._counts = {}


_tables: Final = weakref.WeakSet[KeyTable]()


def _after_fork() -> None:
    for table in tuple(_tables):
        table.renew()


os.register_at_fork(after_in_child=_after_fork)
