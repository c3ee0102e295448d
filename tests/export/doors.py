"""Doors as a service opens them, and things to send through them."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from typing import Any

from sms_observability.export import Door, open_door
from sms_observability.export.records import SIGNALS, LogData, MetricData, NumberPoint, Scope, SpanRecord
from sms_observability.privacy import OpenPolicy
from sms_observability.settings import Problem, resolve

SCOPE = Scope("parts")
RESOURCE = {"service.name": "parts-api", "service.instance.id": "1"}
# Nothing leaves by itself within a test: only a flush sends.
UNHURRIED = {"OTEL_BSP_SCHEDULE_DELAY": "600000", "OTEL_BLRP_SCHEDULE_DELAY": "600000"}


def span(number: int, **attributes: Any) -> SpanRecord:
    """Make a span that can be told from the others by its name."""
    now = time.time_ns()
    return SpanRecord(
        trace_id=number + 1,
        span_id=number + 1,
        name=f"span {number}",
        start_ns=now,
        end_ns=now,
        scope=SCOPE,
        attributes=attributes,
    )


def log(number: int) -> LogData:
    """Make a log record that can be told from the others by its message."""
    return LogData(time.time_ns(), 9, "INFO", f"log {number}", {}, SCOPE)


def metric(points: int = 2, name: str = "parts.quotes") -> MetricData:
    """Make a counter with some points."""
    made = [NumberPoint({"point": number}, 1, time.time_ns(), number) for number in range(points)]
    return MetricData(name, "Quotes", "{quote}", "sum", made, SCOPE, monotonic=True)


def opened(
    endpoint: str | None, environ: Mapping[str, str] | None = None, **keywords: Any
) -> tuple[Door, list[Problem]]:
    """Open a door; all signals by OTLP unless told otherwise."""
    variables = {**UNHURRIED, **(environ or {})}
    given = {**dict.fromkeys(SIGNALS, "otlp"), **({} if endpoint is None else {"endpoint": endpoint}), **keywords}
    settings, problems = resolve("parts-api", given, variables)
    door, found = open_door(settings, variables, OpenPolicy(), RESOURCE)
    return door, [*problems, *found]


@contextlib.contextmanager
def door(endpoint: str | None, environ: Mapping[str, str] | None = None, **keywords: Any) -> Iterator[Door]:
    """Open a door without problems, and close it; the account adds up at the end."""
    made, problems = opened(endpoint, environ, **keywords)
    assert problems == []
    try:
        yield made
    finally:
        made.shutdown(0)
    assert_adds_up(made)


def assert_adds_up(made: Door) -> None:
    """Check that everything that was emitted is accounted for."""
    for signal, account in made.accounting().items():
        gone = account["delivered"] + account["spooled"] + account["queued"] + sum(account["dropped"].values())
        assert account["emitted"] == gone, (signal, account)


def delivered(made: Door) -> dict[str, int]:
    """Give how many items of each signal were delivered."""
    return {signal: account["delivered"] for signal, account in made.accounting().items()}


def dropped(made: Door, signal: str = "traces") -> dict[str, int]:
    """Give what was dropped of a signal, by reason."""
    return made.accounting()[signal]["dropped"]  # type: ignore[index]
