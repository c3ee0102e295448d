"""A pipeline that writes into memory, and what it wrote."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from sms_observability.export.records import LogData
from sms_observability.logs import LogOptions, configure_logs, restore_logs


class Written:
    """What came out of a pipeline, by both ways."""

    def __init__(self) -> None:
        self.stream = io.StringIO()
        self.records: list[LogData] = []
        self.dropped: list[tuple[str, str]] = []

    def configure(self, **options: Any) -> None:
        """Configure the logs of this process; a second time with other options."""
        given: dict[str, Any] = {
            "service": "parts-api",
            "version": "1.2.3",
            "environment": "test",
            "region": "eu-west-1",
            "pod": "parts-api-0",
            "format": "json",
            "emit": self.records.append,
            "count_dropped": lambda signal, reason: self.dropped.append((signal, reason)),
            "stream": self.stream,
        }
        configure_logs(LogOptions(**{**given, **options}))

    def alone(self) -> None:
        """Take pytest's own handlers away for this test: they raise where `logging` would."""
        root = logging.getLogger()
        root.handlers[:] = [handler for handler in root.handlers if not type(handler).__module__.startswith("_pytest")]

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.removesuffix("\n").split("\n") if line]

    @property
    def line(self) -> dict[str, Any]:
        (line,) = self.lines
        return line

    @property
    def record(self) -> LogData:
        (record,) = self.records
        return record


@pytest.fixture
def written() -> Iterator[Written]:
    """Give a configured pipeline, and undo it."""
    made = Written()
    made.configure()
    yield made
    restore_logs()
