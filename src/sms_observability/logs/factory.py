"""How `logging` makes its records: what its arguments raise must not reach the caller."""

from __future__ import annotations

import logging
from typing import Any

from sms_observability.logs.message import formatted
from sms_observability.privacy import is_restricted


class RecordFactory:
    """Takes the place of the factory of `logging`, and gives it back.

    `LogRecord` asks a single argument whether it is a mapping, and whether that is empty, before there is any handler
    to catch what it answers. And handlers of others, pytest's among them, cannot put a restricted value into `%.2f`.
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
        if record.args:
            _show_restricted(record)
        return record


def _show_restricted(record: logging.LogRecord) -> None:
    """Write the message out where it asks for the number of a restricted value; `%s` shows the placeholder anyway."""
    arguments: Any = record.args
    # Nobody's code is run for it: only exact classes are looked into.
    values: tuple[Any, ...] = ()
    if type(arguments) is dict:
        values = tuple(arguments.values())  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    elif type(arguments) is tuple:
        values = arguments  # pyright: ignore[reportUnknownVariableType]
    for value in values:
        if is_restricted(value):
            break
    else:
        return
    try:
        record.getMessage()
    except Exception:  # noqa: BLE001 - whatever the other arguments raise
        record.msg, record.args = formatted(record.msg, arguments), ()
