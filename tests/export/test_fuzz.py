"""Hostile items by the ten thousand, by every name there is: nobody raises, nothing hangs, no neighbour is lost."""

from __future__ import annotations

import os
import random
from typing import Any

import pytest
from opentelemetry.sdk.resources import Resource
from opentelemetry.trace import Link, SpanContext, Status, StatusCode

from export.doors import SCOPE, UNHURRIED, assert_adds_up, door, dropped, log, span
from hostile import HOSTILE
from sms_observability.export.records import LogData, SpanEvent, SpanLink, SpanRecord
from sms_observability.providers import LoggerProvider, MeterProvider, TracerProvider
from sms_observability.receiver import Receiver

ITEMS = int(os.environ.get("SMS_FUZZ_ITEMS", "50000"))
# Megabytes of text and trees of a hundred thousand leaves are cut all the same, but making them is what takes the time.
HEAVY = frozenset({"long text", "wide tree", "5000 deep list", "chained proxies", "int 10**5000"})
LIGHT = [make for name, make in HOSTILE.items() if name not in HEAVY]
CHECKED_EVERY = 2000


class Hostility:
    """Draws hostile values; the seed is in the name of the test."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._all = list(HOSTILE.values())

    def __call__(self) -> Any:
        return self._random.choice(self._all if self._random.random() < 0.002 else LIGHT)()

    def key(self) -> Any:
        """Give something that can be a key of a dictionary."""
        while True:
            value = self()
            try:
                hash(value)
            except BaseException:
                continue
            return value


def _arrives(receiver: Receiver, made: Any, signal: str, emitted: int) -> None:
    assert made.flush(60.0), (made.accounting(), made.failures())
    account = made.accounting()[signal]
    assert account["dropped"] == {}
    assert account["delivered"] == account["emitted"] == emitted
    assert receiver.totals()[signal]["items"] == emitted  # type: ignore[index]


@pytest.mark.slow
def test_fuzz_spans_of_the_plain_api() -> None:
    """Every field of the OpenTelemetry API takes anything; each span arrives."""
    draw = Hostility(1)
    with Receiver(decode=False) as receiver, door(receiver.endpoint) as made:
        tracer: Any = TracerProvider(made.emit_span, count_dropped=made.count_dropped).get_tracer("parts")
        for number in range(ITEMS // 2):
            one = tracer.start_span(draw(), kind=draw(), attributes={draw.key(): draw()}, start_time=draw())
            match number % 5:
                case 0:
                    one.set_attribute(draw(), draw())
                    one.set_attributes(draw())
                case 1:
                    one.add_event(draw(), {draw.key(): draw()}, draw())
                case 2:
                    one.add_link(draw(), {draw.key(): draw()})
                    one.add_link(SpanContext(1, 2, True), draw())
                case 3:
                    one.set_status(draw(), draw())
                    one.set_status(Status(StatusCode.ERROR), draw())
                    one.update_name(draw())
                case _:
                    one.record_exception(draw(), draw(), draw())
            one.end(draw())
            tracer.start_span("good", links=[Link(SpanContext(1, 2, True))]).end()
            if number % CHECKED_EVERY == 0:
                _arrives(receiver, made, "traces", 2 * (number + 1))
        _arrives(receiver, made, "traces", 2 * (ITEMS // 2))


@pytest.mark.slow
def test_fuzz_spans_of_a_broken_maker() -> None:
    """A record whose fields nobody has sanitised is mended; each span arrives."""
    draw = Hostility(2)
    with Receiver(decode=False) as receiver, door(receiver.endpoint) as made:
        for number in range(ITEMS // 2):
            made.emit_span(
                SpanRecord(
                    trace_id=draw(),
                    span_id=draw(),
                    parent_span_id=draw(),
                    trace_flags=draw(),
                    trace_state=draw(),
                    name=draw(),
                    kind=draw(),
                    start_ns=draw(),
                    end_ns=draw(),
                    scope=draw() if number % 9 == 0 else SCOPE,
                    attributes=draw(),
                    events=[SpanEvent(draw(), draw(), draw(), draw())],
                    links=[SpanLink(draw(), draw(), draw(), draw(), draw(), draw())],
                    status_code=draw(),
                    status_text=draw(),
                    dropped_attributes=draw(),
                )
            )
            made.emit_span(span(number))
            if number % CHECKED_EVERY == 0:
                _arrives(receiver, made, "traces", 2 * (number + 1))
        _arrives(receiver, made, "traces", 2 * (ITEMS // 2))


@pytest.mark.slow
def test_fuzz_logs() -> None:
    """Through the plain API and as broken records; each log record arrives."""
    draw = Hostility(3)
    with Receiver(decode=False) as receiver, door(receiver.endpoint) as made:
        logger: Any = LoggerProvider(made.emit_log, count_dropped=made.count_dropped).get_logger("parts")
        for number in range(ITEMS // 3):
            logger.emit(
                body=draw(),
                severity_text=draw(),
                severity_number=draw(),
                attributes={draw.key(): draw()},
                timestamp=draw(),
                observed_timestamp=draw(),
                event_name=draw(),
            )
            made.emit_log(
                LogData(draw(), draw(), draw(), draw(), draw(), SCOPE, draw(), draw(), draw(), draw(), draw(), draw())
            )
            made.emit_log(log(number))
            if number % CHECKED_EVERY == 0:
                _arrives(receiver, made, "logs", 3 * (number + 1))
        _arrives(receiver, made, "logs", 3 * (ITEMS // 3))


@pytest.mark.slow
def test_fuzz_metrics() -> None:
    """Amounts, labels, names, units and descriptions; the good instrument beside them counts exactly."""
    draw = Hostility(4)
    with (
        Receiver(keep=100_000) as receiver,
        door(receiver.endpoint, {**UNHURRIED, "OTEL_METRIC_EXPORT_INTERVAL": "3600000"}) as made,
    ):
        meters: Any = MeterProvider(resource=Resource.get_empty(), count_dropped=made.count_dropped)
        made.add_metric_source(meters.collect)
        meter = meters.get_meter("parts")
        good = meter.create_counter("parts.good")
        for _ in range(20):
            meter.create_counter(draw(), draw(), draw()).add(1)
        kinds = [
            (meter.create_counter("parts.hostile"), "add"),
            (meter.create_up_down_counter("parts.hostile.updown"), "add"),
            (meter.create_histogram("parts.hostile.spread"), "record"),
            (meter.create_gauge("parts.hostile.level"), "set"),
        ]
        for number in range(ITEMS):
            instrument, method = kinds[number % 4]
            getattr(instrument, method)(draw(), {"label": draw()} if number % 2 else draw())
            good.add(1)
        made.flush(60.0)
        assert {"quarantined", "rejected", "emit_failed"}.isdisjoint(dropped(made, "metrics"))
        assert made.accounting()["metrics"]["queued"] == 0
        points = [point for point in receiver.metrics if point["name"] == "parts.good"]
        assert [point["value"] for point in points] == [ITEMS]
    assert_adds_up(made)
