"""Records of the plain Logs API, whatever they hold."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from opentelemetry import context as otel_context
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord as Message

from hostile import HOSTILE
from sms_observability.context import Request, enter_request, exit_request, quiet
from sms_observability.export.encode.logs import Logs
from sms_observability.export.encode.values import Values
from sms_observability.privacy.policy import OpenPolicy
from sms_observability.providers import LoggerProvider

_policy = OpenPolicy()
_encode = Logs(Values(_policy), _policy).encode


@pytest.fixture
def provider(kept: Any) -> LoggerProvider:
    return LoggerProvider(kept.append, count_dropped=kept.count)


def test_a_record_may_be_given_whole_or_by_its_fields(provider: LoggerProvider, kept: Any, tracer: Any) -> None:
    """Both ways leave the same record, with the ids of the current span."""
    fields: dict[str, Any] = {
        "timestamp": 17,
        "observed_timestamp": 18,
        "severity_number": SeverityNumber.WARN,
        "severity_text": "WARN",
        "body": {"order": (1, 2)},
        "attributes": {"part": 7},
        "event_name": "order.delayed",
    }
    logger = provider.get_logger("parts", "1.2")
    with tracer.start_as_current_span("work") as span:
        logger.emit(LogRecord(**fields))
        logger.emit(**fields)
    for record in (kept[0], kept[1]):
        assert (record.time_ns, record.observed_ns) == (17, 18)
        assert (record.severity_number, record.severity_text, record.event_name) == (13, "WARN", "order.delayed")
        assert (record.body, record.attributes) == ({"order": [1, 2]}, {"part": 7})
        assert (record.trace_id, record.span_id, record.trace_flags) == (span.trace_id, span.span_id, 3)
        assert (record.scope.name, record.scope.version) == ("parts", "1.2")


def test_a_record_names_the_span_of_its_context(provider: LoggerProvider, kept: Any, tracer: Any) -> None:
    """The context that is given counts, not the current one; outside of spans there are no ids."""
    from opentelemetry import trace

    span = tracer.start_span("work")
    provider.get_logger("parts").emit(context=trace.set_span_in_context(span), body="a")
    provider.get_logger("parts").emit(body="b")
    assert [record.span_id for record in kept] == [span.span_id, 0]


def test_a_record_without_times_has_the_present(provider: LoggerProvider, kept: Any) -> None:
    """Both times."""
    before = time.time_ns()
    provider.get_logger("parts").emit(body="now")
    assert before <= kept.only.time_ns == kept.only.observed_ns <= time.time_ns()


def test_an_exception_is_described_without_its_message(provider: LoggerProvider, kept: Any) -> None:
    """As on spans; what the caller says of it stands."""
    provider.get_logger("parts").emit(
        body="failed", exception=ValueError("secret"), attributes={"exception.type": "Mine"}
    )
    attributes = kept.only.attributes
    assert attributes["exception.type"] == "Mine"
    assert "exception.message" not in attributes
    assert "secret" not in str(attributes)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_value_loses_only_itself(provider: LoggerProvider, kept: Any, name: str) -> None:
    """In every field; the record encodes without being mended."""
    make: Any = HOSTILE[name]
    logger = provider.get_logger(make(), make(), make(), make())
    fields = ("timestamp", "observed_timestamp", "context", "severity_text", "severity_number", "body", "event_name")
    for field in (*fields, "attributes", "exception"):
        logger.emit(**{"attributes": {"good": 1}, field: make()})
    logger.emit(**{field: make() for field in fields})
    logger.emit(make())
    logger.enabled(severity_number=make())
    assert kept.dropped == []
    assert len(kept) == len(fields) + 4
    for record in kept:
        Message.FromString(_encode(record))
    assert sum(record.attributes.get("good") == 1 for record in kept) == len(fields) + 1


def test_own_work_and_suppressed_work_leave_no_records(provider: LoggerProvider, kept: Any) -> None:
    """So that the library does not report on its own reporting; an excluded route still logs."""
    logger = provider.get_logger("parts")
    with quiet():
        logger.emit(body="own")
        assert not logger.enabled()
    token = otel_context.attach(otel_context.set_value(otel_context._SUPPRESS_INSTRUMENTATION_KEY, True))
    logger.emit(body="suppressed")
    otel_context.detach(token)
    provider.get_logger("fastapi").emit(body="refused")
    assert not kept
    request = enter_request(Request(suppressed=True))
    logger.emit(body="excluded route")
    exit_request(request)
    assert kept.only.body == "excluded route"


def test_a_door_that_raises_is_counted(kept: Any) -> None:
    """And not noticed by the application."""

    def broken(record: Any) -> None:
        raise SystemExit

    LoggerProvider(broken, count_dropped=kept.count).get_logger("parts").emit(body="lost")
    assert kept.dropped == [("logs", "emit_failed")]


def test_a_provider_without_a_door_does_nothing() -> None:
    """Before installation and after."""
    provider = LoggerProvider()
    provider.get_logger("parts").emit(body="lost")
    assert not provider.get_logger("parts").enabled()
    assert provider.force_flush()
    provider.shutdown()
    assert provider.resource.attributes == {}


def test_flushing_asks_the_door(kept: Any) -> None:
    """In seconds."""
    asked: list[float] = []
    flush: Callable[[float], bool] = lambda seconds: bool(asked.append(seconds))  # type: ignore[func-returns-value]  # noqa: E731
    assert not LoggerProvider(kept.append, flush=flush).force_flush(250)
    assert asked == [0.25]
