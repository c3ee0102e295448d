"""A log line: the portal's schema, and the same record by OTLP."""

from __future__ import annotations

import datetime as dt
import logging
from decimal import Decimal
from typing import Any

import pytest
import structlog
from dirty_equals import IsInt, IsStr
from inline_snapshot import snapshot
from opentelemetry import trace
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF

from sms_observability.context import Request, bind_context, enter_request, exit_request, quiet
from sms_observability.logs import get_logger, request_finished, restore_logs
from sms_observability.privacy import Restricted
from sms_observability.providers import TracerProvider

log = get_logger()
TIMESTAMP = IsStr(regex=r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def fields_of(record: Any) -> dict[str, Any]:
    return {
        name: getattr(record, name)
        for name in ("severity_number", "severity_text", "body", "attributes", "trace_id", "span_id", "trace_flags")
    }


class TestSchema:
    def test_a_whole_line(self, written: Any) -> None:
        """A line in a request has exactly the fields of the schema, in its order."""
        token = enter_request(Request(method="POST", route="/api/parts/quote", correlation_id="order-17"))
        bind_context(user_id="usr_123", company_id="cmp_456", vessel_id="vsl_789", shelf="A-12")
        log.info("Parts quote requested", duration_ms=245, status_code=200)
        exit_request(token)
        assert written.line == snapshot(
            {
                "timestamp": TIMESTAMP,
                "level": "INFO",
                "service": "parts-api",
                "trace_id": None,
                "span_id": None,
                "correlation_id": "order-17",
                "user_id": "usr_123",
                "company_id": "cmp_456",
                "vessel_id": "vsl_789",
                "message": "Parts quote requested",
                "context": {
                    "endpoint": "/api/parts/quote",
                    "method": "POST",
                    "shelf": "A-12",
                    "duration_ms": 245,
                    "status_code": 200,
                },
                "metadata": {
                    "version": "1.2.3",
                    "environment": "test",
                    "region": "eu-west-1",
                    "pod": "parts-api-0",
                },
            }
        )

    def test_the_same_record_leaves_by_otlp(self, written: Any) -> None:
        """The copy has the message as its body and everything else as attributes."""
        bind_context(company_id="cmp_456", correlation_id="order-17")
        log.warning("Slow supplier", duration_ms=245, offers=[1, 2])
        assert fields_of(written.record) == snapshot(
            {
                "severity_number": 13,
                "severity_text": "WARNING",
                "body": "Slow supplier",
                "attributes": {
                    "duration_ms": 245,
                    "offers": [1, 2],
                    "correlation_id": "order-17",
                    "company_id": "cmp_456",
                },
                "trace_id": 0,
                "span_id": 0,
                "trace_flags": 0,
            }
        )

    def test_what_is_unknown_is_null(self, written: Any) -> None:
        """Outside of a span and a request, the ids are there and are null."""
        log.info("Started")
        ids = ("trace_id", "span_id", "correlation_id", "user_id", "company_id", "vessel_id")
        assert [written.line[name] for name in ids] == [None] * 6
        assert written.line["context"] == {}

    def test_the_time_is_now_in_utc(self, written: Any) -> None:
        """The timestamp is that of the call, in milliseconds."""
        before = dt.datetime.now(dt.UTC).replace(microsecond=0)
        log.info("Now")
        assert before <= dt.datetime.fromisoformat(written.line["timestamp"]) <= dt.datetime.now(dt.UTC)
        assert written.line["timestamp"] == TIMESTAMP

    @pytest.mark.parametrize("name", ["debug", "info", "warning", "error", "critical"])
    def test_the_five_levels(self, written: Any, name: str) -> None:
        """A method's name is the level's, upper case."""
        written.configure(level="DEBUG")
        getattr(log, name)("Said")
        assert written.line["level"] == written.record.severity_text == name.upper()

    def test_an_id_of_the_call_beats_the_bound_one(self, written: Any) -> None:
        """`company_id=` at the call is the line's, and is not said twice."""
        bind_context(company_id="bound")
        log.info("Said", company_id="given")
        assert (written.line["company_id"], written.line["context"]) == ("given", {})
        assert written.record.attributes == {"company_id": "given"}

    def test_the_line_of_a_request(self, written: Any) -> None:
        """`Request finished` says how long it took and how it was answered."""
        token = enter_request(Request(method="GET", route="/api/parts/{part}"))
        request_finished(duration_ms=12.34567, status_code=404)
        exit_request(token)
        assert (written.line["level"], written.line["message"]) == ("INFO", "Request finished")
        assert written.line["context"] == snapshot(
            {"endpoint": "/api/parts/{part}", "method": "GET", "duration_ms": 12.346, "status_code": 404}
        )

    def test_a_message_of_many_lines_stays_one_line(self, written: Any) -> None:
        """Nobody can forge a second line."""
        log.info('a\n{"level":"INFO"}\r\nb', note="c\nd")
        assert written.text.count("\n") == 1
        assert written.line["message"] == 'a\n{"level":"INFO"}\r\nb'


class TestTrace:
    @pytest.mark.parametrize("sampler", [None, ALWAYS_OFF])
    def test_a_line_is_joined_with_the_trace(self, written: Any, sampler: Any) -> None:
        """Line and copy have the ids of the running span, whether it is sampled or not."""
        provider = TracerProvider(lambda span: None, sampler=sampler)
        with provider.get_tracer("parts").start_as_current_span("work") as span:
            log.info("Said")
        context = span.get_span_context()
        assert written.line["trace_id"] == f"{context.trace_id:032x}"
        assert written.line["span_id"] == f"{context.span_id:016x}"
        record = written.record
        assert (record.trace_id, record.span_id) == (context.trace_id, context.span_id)
        assert record.trace_flags == context.trace_flags

    def test_a_remote_parent_counts_too(self, written: Any) -> None:
        """A span of somebody else's that records nothing gives its ids all the same."""
        context = trace.SpanContext(0xABC, 0xDEF, is_remote=True)
        with trace.use_span(trace.NonRecordingSpan(context)):
            log.info("Said")
        assert written.line["trace_id"] == "00000000000000000000000000000abc"
        assert written.line["span_id"] == "0000000000000def"


def fail(message: str) -> None:
    raise ValueError(message)


class TestExceptions:
    def test_type_and_frames_of_an_exception(self, written: Any) -> None:
        """Neither message, nor locals, nor source lines are written."""
        try:
            fail("secret-price 118.00")
        except ValueError:
            log.exception("Quote failed")
        assert written.line["context"] == snapshot(
            {
                "exception": {
                    "type": "ValueError",
                    "frames": [
                        {
                            "file": __file__,
                            "line": IsInt(),
                            "function": "TestExceptions.test_type_and_frames_of_an_exception",
                        },
                        {"file": __file__, "line": IsInt(), "function": "fail"},
                    ],
                }
            }
        )
        attributes = written.record.attributes
        assert attributes["exception.type"] == "ValueError"
        assert "in fail" in attributes["exception.stacktrace"]
        assert "secret-price" not in written.text + repr(attributes)

    def test_an_allowed_message(self, written: Any) -> None:
        """Of classes that may speak, the message is written by both ways."""
        written.configure(allow_message=lambda kind: kind is ValueError)
        log.error("Quote failed", exc_info=ValueError("no stock"))
        assert written.line["context"]["exception"]["message"] == "no stock"
        assert written.record.attributes["exception.message"] == "no stock"

    def test_causes(self, written: Any) -> None:
        """What led to an exception is part of it."""
        try:
            try:
                fail("first")
            except ValueError as error:
                raise KeyError("second") from error
        except KeyError:
            log.exception("Failed")
        exception = written.line["context"]["exception"]
        assert (exception["type"], exception["cause"]["type"]) == ("KeyError", "ValueError")

    def test_a_circle_of_causes_ends(self, written: Any) -> None:
        """Exceptions that caused each other are described once."""
        first, second = ValueError(), KeyError()
        first.__cause__, second.__cause__ = second, first
        log.error("Failed", exc_info=first)
        exception = written.line["context"]["exception"]
        assert (exception["type"], exception["cause"]["type"]) == ("ValueError", "KeyError")
        assert "cause" not in exception["cause"]

    def test_no_exception_is_handled(self, written: Any) -> None:
        """`exception()` outside of an except block is a plain error."""
        getattr(log, "exception")("Failed")  # noqa: B009
        assert (written.line["level"], written.line["context"]) == ("ERROR", {})


class TestLogger:
    def test_bound_values(self, written: Any) -> None:
        """`bind` gives another logger; the first one stays as it was."""
        bound = log.bind(part_no="PUMP-100")
        bound.info("First", count=1)
        bound.unbind("part_no").info("Second")
        log.info("Third")
        assert [line["context"] for line in written.lines] == [{"part_no": "PUMP-100", "count": 1}, {}, {}]

    def test_before_and_after(self, written: Any) -> None:
        """A logger made at import works from `configure_logs` to `restore_logs`, and writes nothing outside."""
        early = get_logger("early").bind(part_no="PUMP-100")
        restore_logs()
        early.info("Lost")
        early.exception("Lost")
        early.log(logging.ERROR, "Lost")
        assert written.text == ""
        written.configure()
        early.info("Kept")
        assert written.line["message"] == "Kept"
        assert written.line["context"] == {"logger": "early", "part_no": "PUMP-100"}

    def test_a_logger_of_structlog_itself(self, written: Any) -> None:
        """Libraries that use structlog write the same lines."""
        structlog.get_logger("their.module").bind(a=1).info("Said", b=2)
        assert written.line["message"] == "Said"
        assert written.line["context"] == {"logger": "their.module", "a": 1, "b": 2}

    def test_levels_of_single_loggers(self, written: Any) -> None:
        """A level set for one logger counts for those below it, and for nobody else."""
        written.configure(level="WARNING", levels={"parts": "DEBUG", "parts.loud": "ERROR"})
        get_logger("parts.quotes").debug("kept")
        get_logger("parts.loud").warning("lost")
        get_logger("partsother").info("lost")
        logging.getLogger("parts.quotes").debug("kept by logging")
        logging.getLogger("parts.loud").warning("lost")
        logging.getLogger("partsother").info("lost")
        assert [line["message"] for line in written.lines] == ["kept", "kept by logging"]

    def test_arguments_in_the_message(self, written: Any) -> None:
        """Positional arguments are put in as logging does it."""
        log.info("%d of %s", 3, "parts")
        assert written.line["message"] == "3 of parts"


class TestSuppressed:
    def test_a_line_of_an_excluded_route_is_at_debug(self, written: Any) -> None:
        """At INFO it is not written; at DEBUG it is, as DEBUG."""
        token = enter_request(Request(method="GET", route="/livez", suppressed=True))
        try:
            log.info("Probe answered")
            request_finished(duration_ms=1, status_code=200)
            assert written.text == ""
            written.configure(level="DEBUG")
            log.info("Probe answered")
            assert written.line["level"] == "DEBUG"
        finally:
            exit_request(token)

    def test_our_own_work_is_not_exported(self, written: Any) -> None:
        """A line about the export does not feed the export; on standard output it appears."""
        with quiet():
            logging.getLogger("sms_observability.export").warning("Collector unreachable")
            logging.getLogger("urllib3.connectionpool").warning("Retrying")
        assert written.line["message"] == "Collector unreachable"
        assert written.records == []


class TestFields:
    def test_denied_fields_leave_by_neither_way(self, written: Any) -> None:
        """A key that is denied is dropped wherever it comes from and however deep it lies."""
        asked: list[str] = []

        def allow(key: str) -> bool:
            asked.append(key)
            return key != "markup"

        written.configure(allow_key=allow)
        bind_context(markup=17, shelf="A-12", more={"markup": 17})
        log.bind(markup=17).info("Said", offers=[{"markup": 17, "count": 2}], deep={"in": {"markup": 17}})
        logging.getLogger("parts").info("Said", extra={"markup": 17})
        assert "markup" not in written.text
        assert not any("markup" in repr(record.attributes) for record in written.records)
        assert written.lines[0]["context"]["offers"] == [{"count": 2}]
        assert "markup" in asked

    def test_restricted_values_are_not_shown(self, written: Any) -> None:
        """In a field, in a message, by any conversion: the placeholder."""
        cost = Restricted(Decimal("118.25"))
        log.info("cost %.2f", cost, cost=cost, costs=[cost], by={"supplier": cost})
        log.info("cost %(cost)d", {"cost": cost})
        log.info(cost)
        written.alone()
        logging.getLogger("parts").info("cost %d and %5.1f", cost, cost)
        assert "118.25" not in written.text
        assert [line["message"] for line in written.lines] == snapshot(
            [
                "cost [RESTRICTED]",
                "cost [RESTRICTED]",
                "[RESTRICTED]",
                "cost [RESTRICTED] and [RESTRICTED]",
            ]
        )
        assert written.lines[0]["context"] == snapshot(
            {"cost": "[RESTRICTED]", "costs": ["[RESTRICTED]"], "by": {"supplier": "[RESTRICTED]"}}
        )
