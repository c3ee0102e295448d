"""How `logging` makes its records: a single argument that raises where it is looked at must not reach the caller."""

from __future__ import annotations

import logging
from typing import Any


class RecordFactory:
    """Takes the place of the factory of `logging`, and gives it back.

    `LogRecord` asks a single argument whether it is a mapping, and whether that is empty, before there is any handler
    to catch what it answers.
    """

    def __init__(self) -> None:
        self._before: Any = logging.getLogRecordFactory()
        # Kept, because each look at a method gives another object.
        self._ours = self._make

    def install(self) -> None:
        """Take the place."""
        logging.setLogRecordFactory(self._ours)

    def remove(self) -> None:
        """Give it back, where nobody has come on top meanwhile."""
        if logging.getLogRecordFactory() is self._ours:
            logging.setLogRecordFactory(self._before)

    def _make(self, *given: Any, **further: Any) -> logging.LogRecord:
        try:
            record: logging.LogRecord = self._before(*given, **further)
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001  # promise 1
            name, level, path, line, message, arguments, error, *rest = given
            record = logging.LogRecord(name, level, path, line, message, (), error, *rest[:1])
            record.args = arguments
        return record
