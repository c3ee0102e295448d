"""A value that becomes restricted after an item was encoded is found in it as long as the item waits."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from opentelemetry.sdk._logs import ReadableLogRecord
from opentelemetry.sdk.trace import ReadableSpan

from export import doors, telemetry
from sms_observability.export.buffer import OVERHEAD, Buffer, Lane
from sms_observability.export.encode import Encoder, Quarantined
from sms_observability.export.foreign import log_from_sdk, span_from_readable
from sms_observability.export.records import LogData, SpanEvent, SpanLink, SpanRecord
from sms_observability.privacy import OpenPolicy, Restricted, ValueGuard, guard_scope
from sms_observability.receiver import Receiver

FIGURE = 48611.37
SHAPES: list[Any] = [FIGURE, f"came to {FIGURE:,.2f}", ["a", FIGURE], {"b": {"c": str(FIGURE)}}, 4861137, b"48611.37"]

figures = st.sampled_from([FIGURE, 1234.5678, 99123])
messages = st.sampled_from(["it was 48611.37", "48,611.37", "4861137 cents", "99123", "nothing"])


def known(*values: object) -> ValueGuard:
    with guard_scope() as guard:
        for value in values:
            Restricted(value)
    return guard


def read(kind: Any, body: bytes) -> bytes:
    """Decode an item, and bring its attributes into one order: what is masked goes to the end."""
    message = kind.FromString(body)
    for holder in (message, *getattr(message, "events", ()), *getattr(message, "links", ())):
        ordered = sorted(holder.attributes, key=lambda pair: pair.key)
        holder.ClearField("attributes")
        holder.attributes.extend(ordered)
    return telemetry.plain(message)


def everything(shape: Any) -> tuple[SpanRecord, LogData]:
    """Make a span and a log record that hold a value wherever one fits."""
    attributes = {"state": shape, f"key {FIGURE}": 1, "quiet": 7}
    now = time.time_ns()
    span = SpanRecord(
        trace_id=1,
        span_id=2,
        name=f"quote {FIGURE}",
        start_ns=now,
        end_ns=now,
        scope=doors.SCOPE,
        attributes=attributes,
        events=[SpanEvent(f"quoted {FIGURE}", now, attributes)],
        links=[SpanLink(3, 4, "", 0, attributes)],
        status_code=2,
        status_text=f"was {FIGURE}",
    )
    log = LogData(now, 9, "INFO", shape, attributes, doors.SCOPE, event_name=f"quoted {FIGURE}")
    return span, log


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: type(shape).__name__)
def test_what_is_looked_through_later_is_as_if_it_had_been_masked_at_once(shape: Any) -> None:
    """Every place of a span and of a log record, in every form."""
    encoder, guard = Encoder(OpenPolicy()), known(FIGURE)
    span, log = everything(shape)
    span.guard_, log.guard = ValueGuard(), ValueGuard()
    plain_span, plain_log = encoder.encode_span(span), encoder.encode_log(log)
    span.guard_ = log.guard = guard
    later, later_log = encoder.mask_again("traces", plain_span, guard), encoder.mask_again("logs", plain_log, guard)
    assert read(Span, later) == read(Span, encoder.encode_span(span)) != read(Span, plain_span)
    assert read(LogRecord, later_log) == read(LogRecord, encoder.encode_log(log)) != read(LogRecord, plain_log)
    assert b"48611" not in later + later_log


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(telemetry.spans, figures)
def test_any_span_is_masked_later_as_at_once(span: ReadableSpan, figure: Any) -> None:
    """Whatever it holds, and what holds nothing stays the same object."""
    encoder, guard = Encoder(OpenPolicy()), known(figure)
    record = span_from_readable(span)
    record.attributes_ = {**record.attributes_, "amount": figure}
    record.guard_ = ValueGuard()
    plain = encoder.encode_span(record)
    record.guard_ = guard
    later, at_once = encoder.mask_again("traces", plain, guard), encoder.encode_span(record)
    assert read(Span, later) == read(Span, at_once)
    assert encoder.mask_again("traces", plain, ValueGuard()) is plain


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(telemetry.logs, messages)
def test_any_log_record_is_masked_later_as_at_once(log: ReadableLogRecord, message: str) -> None:
    """Its body, too."""
    encoder, guard = Encoder(OpenPolicy()), known(FIGURE, 99123)
    record = log_from_sdk(log)
    record.attributes = {**record.attributes, "note": message}
    record.guard = ValueGuard()
    plain = encoder.encode_log(record)
    record.guard = guard
    later, at_once = encoder.mask_again("logs", plain, guard), encoder.encode_log(record)
    assert read(LogRecord, later) == read(LogRecord, at_once)


@given(st.binary(max_size=40))
def test_what_is_no_message_raises_one_error_only(body: bytes) -> None:
    """The door drops what it cannot look through."""
    encoder = Encoder(OpenPolicy())
    for signal in ("traces", "logs"):
        try:
            encoder.mask_again(signal, body, known(FIGURE))  # type: ignore[arg-type]
        except Quarantined as error:
            assert str(error)


def test_a_request_masks_what_waits_when_it_ends() -> None:
    """A value wrapped after span and log line: neither arrives with it; account and neighbours are exact."""
    with Receiver() as receiver, doors.door(receiver.endpoint) as door:
        door.emit_span(doors.span(1, state=str(FIGURE)))
        with guard_scope():
            door.emit_span(doors.span(2, state=str(FIGURE), quiet="x"))
            door.emit_log(everything("it was 48611.37")[1])
            door.emit_span(doors.span(3, state="9.99"))
            Restricted(FIGURE)
            door.emit_span(doors.span(4, state=str(FIGURE)))
        assert door.flush(30)
        states = {span["name"]: span["attributes"]["state"] for span in receiver.spans}
        assert states == {
            "span 1": str(FIGURE),  # of another request
            "span 2": "[RESTRICTED]",
            "span 3": "9.99",
            "span 4": "[RESTRICTED]",
        }
        assert "48611.37" not in str(receiver.logs)
        assert [door.accounting()[signal]["delivered"] for signal in ("traces", "logs")] == [4, 1]  # type: ignore[index]


def test_a_generator_that_is_suspended_is_looked_through_at_its_end_again() -> None:
    """The scope of a journey is left and entered at each item; what it knew of before meets what came after."""
    from sms_observability.privacy.guard import close_scope, open_scope

    with Receiver() as receiver, doors.door(receiver.endpoint) as door:
        guard = known()
        for late in (None, 1234.5678, FIGURE):
            token = open_scope(guard)
            if late is None:
                door.emit_span(doors.span(1, state=f"{FIGURE} and 1234.5678"))
            else:
                Restricted(late)
            close_scope(token)
        assert door.flush(30)
        (span,) = receiver.spans
        assert span["attributes"]["state"] == "[RESTRICTED] and [RESTRICTED]"


def test_the_number_of_an_item_leads_to_it_until_it_is_taken() -> None:
    """Whatever was dropped or taken before it; what is gone is not replaced, and the bytes add up."""
    buffer = Buffer(10 * (OVERHEAD + 1), "drop_oldest", 0.0)
    lane = Lane("traces", lambda: None, 1_000, 10**6, None)
    buffer.add_lane(lane)
    numbers = [buffer.put(lane, doors.SCOPE, b"%d" % (number % 10)) for number in range(25)]
    assert numbers == list(range(1, 26))
    bodies = [buffer.waiting_body(lane, number) for number in numbers]
    assert bodies == [None] * 15 + [b"%d" % (number % 10) for number in range(15, 25)]
    assert len(buffer.take(lane, 3, 10**6)) == 3
    for number in numbers:
        buffer.replace(lane, number, b"masked" if number % 2 else None, "quarantined")
    taken = buffer.take(lane, 100, 10**6)
    assert [body for _, body, _ in taken] == [b"masked" if number % 2 else b"" for number in range(19, 26)]
    account = buffer.accounting(lane)
    assert account["dropped"] == {"queue_full": 15, "quarantined": 3}
    assert account["queued"] == 3 + 4
    assert (lane.bytes, lane.in_flight_bytes) == (0, 10 * OVERHEAD + 3 + 4 * len(b"masked"))


def test_what_cannot_be_looked_through_is_dropped_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail closed: one item, and no neighbour."""

    def broken(*_: object) -> bytes:
        raise Quarantined("ValueError")

    with Receiver() as receiver, doors.door(receiver.endpoint) as door:
        with guard_scope():
            door.emit_span(doors.span(1, state="a"))
            monkeypatch.setattr(Encoder, "mask_again", broken)
            Restricted(FIGURE)
            door.emit_span(doors.span(2, state="b"))
        assert not door.flush(30), "an item was lost"
        assert [span["name"] for span in receiver.spans] == ["span 2"]
        account = door.accounting()["traces"]
        assert (account["emitted"], account["delivered"], account["queued"]) == (2, 1, 0)
        assert account["dropped"] == {"quarantined": 1}


def test_a_child_does_not_look_at_what_waits_in_its_parent() -> None:
    """Forked in the middle of a request, while the parent's buffer is locked: the request ends in the child as well."""
    with Receiver() as receiver, doors.door(receiver.endpoint) as door:
        with guard_scope():
            door.emit_span(doors.span(1, state=str(FIGURE)))
            Restricted(FIGURE)
            held, release, told = threading.Event(), threading.Event(), list[bool]()

            def hold(lock: Any = door._buffer._lock) -> None:
                with lock:
                    held.set()
                    told.append(release.wait(30))

            holder = threading.Thread(target=hold)
            holder.start()
            assert held.wait(60)
            door.after_fork({})
        release.set()
        holder.join()
        assert told == [True], "the end of the request waited for the lock"
        door.emit_span(doors.span(2, state="of the child"))
        assert door.flush(30)
        assert [span["name"] for span in receiver.spans if span["name"] == "span 2"] == ["span 2"]
