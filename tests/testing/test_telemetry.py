"""The fixture `telemetry`, used as a service's own tests use it."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from inline_snapshot import snapshot
from opentelemetry import trace

from sms_observability import journeys, lifecycle, metrics
from sms_observability.catalog import SMS_CATALOG, Field
from sms_observability.logs import get_logger
from sms_observability.privacy import Restricted, declassify
from sms_observability.setup import start
from sms_observability.testing import Telemetry
from sms_observability.testing.clock import START_NS


@pytest.fixture
def telemetry() -> Iterator[Telemetry]:
    with Telemetry() as captured:
        yield captured


def order(telemetry: Telemetry, seconds: float = 0.5) -> None:
    """Do what a service does."""
    with journeys.journey("parts_ordering_flow"):
        with journeys.step("PartsService.getSupplierQuotes"):
            telemetry.advance(seconds)
        get_logger().info("Parts quote requested", duration_ms=245)
        metrics.parts_quotes_requested.add(2, urgency="high")


class TestCapture:
    """What is captured."""

    def test_spans_are_plain_and_the_same_every_time(self, telemetry: Telemetry) -> None:
        """Whole spans can stand in a snapshot: ids count, and time passes when the test says so."""
        order(telemetry)
        assert telemetry.spans == snapshot(
            [
                {
                    "name": "parts_ordering_flow",
                    "trace_id": "00000000000000000000000000000001",
                    "span_id": "0000000000000001",
                    "parent": "",
                    "kind": "internal",
                    "start_ns": 1767225600000000000,
                    "end_ns": 1767225600500000000,
                    "status": "unset",
                    "status_text": "",
                    "attributes": {
                        "sms.journey.name": "parts_ordering_flow",
                        "sms.journey.revenue": True,
                        "sms.sla.threshold_ms": 3000.0,
                        "sms.journey.outcome": "success",
                        "sms.sla.duration_ms": 500.0,
                        "sms.sla.breached": False,
                        "sms.journey.steps_missing": [
                            "Auth.validateToken",
                            "QuoteService.prepareQuote",
                            "Database.saveQuote",
                            "Cache.invalidate",
                            "Webhook.notifyUser",
                        ],
                    },
                    "events": [],
                    "links": [],
                    "trace_state": "",
                },
                {
                    "name": "PartsService.getSupplierQuotes",
                    "trace_id": "00000000000000000000000000000001",
                    "span_id": "0000000000000002",
                    "parent": "0000000000000001",
                    "kind": "internal",
                    "start_ns": 1767225600000000000,
                    "end_ns": 1767225600500000000,
                    "status": "unset",
                    "status_text": "",
                    "attributes": {
                        "sms.step.name": "PartsService.getSupplierQuotes",
                        "sms.sla.budget_remaining_ms": 3000.0,
                        "sms.sla.budget_share": 0.16666666666666666,
                    },
                    "events": [],
                    "links": [],
                    "trace_state": "",
                },
            ]
        )

    def test_log_records_carry_the_ids_of_their_span(self, telemetry: Telemetry) -> None:
        """Those of structlog and of the standard library alike, by the test's clock."""
        with trace.get_tracer("parts").start_as_current_span("work"):
            get_logger("parts").info("Parts quote requested", urgency="high")
            logging.getLogger("suppliers").warning("slow: %d", 3)
        assert telemetry.logs == snapshot(
            [
                {
                    "time_ns": 1767225600000000000,
                    "severity": "INFO",
                    "severity_number": 9,
                    "body": "Parts quote requested",
                    "attributes": {"logger": "parts", "urgency": "high"},
                    "trace_id": "00000000000000000000000000000001",
                    "span_id": "0000000000000001",
                    "event_name": "",
                },
                {
                    "time_ns": 1767225600000000000,
                    "severity": "WARNING",
                    "severity_number": 13,
                    "body": "slow: 3",
                    "attributes": {"logger": "suppliers"},
                    "trace_id": "00000000000000000000000000000001",
                    "span_id": "0000000000000001",
                    "event_name": "",
                },
            ]
        )

    def test_metrics_are_those_that_were_recorded(self, telemetry: Telemetry) -> None:
        """Neither series that stand at zero nor what the library measures of itself."""
        order(telemetry)
        assert telemetry.metrics == snapshot(
            [
                {
                    "name": "sms.journey.duration",
                    "kind": "histogram",
                    "unit": "s",
                    "labels": {"journey": "parts_ordering_flow", "outcome": "success"},
                    "count": 1,
                    "sum": 0.5,
                },
                {
                    "name": "sms.parts.quotes.requested",
                    "kind": "counter",
                    "unit": "{quote}",
                    "labels": {"urgency": "high"},
                    "value": 2,
                },
            ]
        )

    def test_lines_are_what_was_written(self, telemetry: Telemetry) -> None:
        """Also while the test's own output is captured."""
        get_logger().info("Parts quote requested")
        (line,) = telemetry.lines
        assert '"timestamp":"2026-01-01T00:00:00.000Z"' in line
        assert line.endswith("\n")

    def test_time_that_passes_breaks_an_sla(self, telemetry: Telemetry) -> None:
        """Without a second's waiting."""
        order(telemetry, seconds=3.5)
        attributes = telemetry.spans[0]["attributes"]
        assert (attributes["sms.sla.breached"], attributes["sms.sla.duration_ms"]) == (True, 3500.0)

    def test_spans_stand_in_the_order_in_which_they_began(self, telemetry: Telemetry) -> None:
        """A parent before its children, traces one after the other."""
        tracer = trace.get_tracer("parts")
        for name in ("one", "two"):
            with tracer.start_as_current_span(name), tracer.start_as_current_span(f"{name}.child"):
                pass
        assert [(span["trace_id"][-1], span["span_id"][-1], span["parent"][-1:]) for span in telemetry.spans] == [
            ("1", "1", ""),
            ("1", "2", "1"),
            ("2", "3", ""),
            ("2", "4", "3"),
        ]

    def test_it_is_redacted_as_what_leaves(self, telemetry: Telemetry) -> None:
        """An undeclared attribute is not there, and the line that declares it can be read."""
        with trace.get_tracer("parts").start_as_current_span("work") as span:
            span.set_attribute("supplier_mood", "good")
            span.set_attribute("markup_percent", 18)
        assert telemetry.spans[0]["attributes"] == {}
        assert telemetry.undeclared["supplier_mood"] == 'SMS_CATALOG.extend(fields=[Field("supplier_mood")])'

    def test_clear_forgets(self, telemetry: Telemetry) -> None:
        """For a test with a first half that does not matter."""
        order(telemetry)
        telemetry.clear()
        assert (telemetry.spans, telemetry.logs, telemetry.lines) == ([], [], [])
        order(telemetry)
        assert len(telemetry.spans) == 2

    def test_time_does_not_go_back(self, telemetry: Telemetry) -> None:
        """A mistake of the test is told at once."""
        with pytest.raises(ValueError, match="time does not go back"):
            telemetry.advance(-1)
        with pytest.raises(ValueError, match="time does not go back"):
            telemetry.advance(float("nan"))


class TestService:
    """Services that are observable already, become so during the test, or never do."""

    def test_one_test_leaves_nothing_to_the_next(self) -> None:
        """Neither spans nor counts, ids or time."""
        seen: list[Any] = []
        for _ in range(2):
            with Telemetry() as telemetry:
                order(telemetry)
                seen.append((telemetry.spans, telemetry.logs, telemetry.metrics))
        assert seen[0] == seen[1]

    def test_init_during_the_test(self, telemetry: Telemetry) -> None:
        """With its own catalogue and settings; afterwards it is gone."""
        catalog = SMS_CATALOG.extend(fields=[Field("supplier_mood")])
        observability = start.init_observability("parts-api", catalog=catalog, environment="test")
        assert observability is start.init_observability("parts-api", catalog=catalog, environment="test")
        with trace.get_tracer("parts").start_as_current_span("work") as span:
            span.set_attribute("supplier_mood", "good")
        get_logger().info("Parts quote requested")
        assert telemetry.spans[0]["attributes"] == {"supplier_mood": "good"}
        assert '"service":"parts-api"' in telemetry.lines[-1]
        assert observability.flush() is True

    def test_what_was_captured_outlives_a_shutdown(self, telemetry: Telemetry) -> None:
        """The last metrics, too."""
        observability = start.init_observability("parts-api")
        order(telemetry)
        assert observability.shutdown() is True
        account = observability.accounting()["traces"]
        assert (account["emitted"], account["delivered"], account["dropped"]) == (2, 2, {})
        assert len(telemetry.spans) == 2
        assert "sms.parts.quotes.requested" in {point["name"] for point in telemetry.metrics}

    def test_a_service_that_was_observable_before(self) -> None:
        """Made so when its module was imported: its app is watched in every test, and its handle goes on working."""
        app = FastAPI()

        @app.get("/api/parts/{number}")
        async def part(number: str) -> dict[str, str]:
            return {"number": number}

        observability = start.init_observability("parts-api", app=app)
        house = observability._house
        for _ in range(2):
            with Telemetry() as telemetry:
                with TestClient(app) as client:
                    client.get("/api/parts/77?secret=1")
                (span,) = telemetry.spans
                assert (span["name"], span["kind"], span["end_ns"]) == ("GET /api/parts/{number}", "server", START_NS)
                assert observability.flush() is True
                assert observability.accounting()["traces"]["delivered"] == 1
        assert observability._house is not house
        assert start.init_observability("parts-api", app=app) is observability
        assert not lifecycle.draining()

    def test_the_clocks_run_again_afterwards(self) -> None:
        """Nothing that was replaced stays."""
        from sms_observability.providers import ids, span

        with Telemetry():
            assert span.time_ns() == START_NS
        assert span.time_ns is time.time_ns
        assert ids.random_trace_id() > 2**64

    def test_a_test_that_fails_leaves_nothing_either(self) -> None:
        """The fixture ends in any case."""
        with pytest.raises(ZeroDivisionError), Telemetry():
            start.init_observability("parts-api")
            _ = 1 / 0
        assert start._state.house is None


class TestNoRestricted:
    """`assert_no_restricted`."""

    def test_it_finds_a_number_in_any_form(self, telemetry: Telemetry) -> None:
        """In a text, as a number, rounded; the message says where and not what."""
        start.init_observability("parts-api", catalog=SMS_CATALOG.extend(fields=[Field("remark")]))
        with trace.get_tracer("parts").start_as_current_span("work") as span:
            span.set_attribute("remark", "cost was 1,234.57 USD")
        for value in (Decimal("1234.57"), Restricted(1234.57), 123457):
            with pytest.raises(AssertionError, match=r"restricted values have left") as caught:
                telemetry.assert_no_restricted(value)
            assert "attributes.remark" in str(caught.value)
            assert "234" not in str(caught.value)
        telemetry.assert_no_restricted(Decimal("9876.54"))

    def test_it_finds_a_text(self, telemetry: Telemetry) -> None:
        """Of four letters or more, in a log line, too."""
        get_logger().info("Asked Acme Marine for a price")
        with pytest.raises(AssertionError, match=r"lines\[0\]"):
            telemetry.assert_no_restricted("Acme Marine")
        telemetry.assert_no_restricted("Other Marine")

    def test_it_finds_an_amount_of_a_metric(self, telemetry: Telemetry) -> None:
        """Its sum is the value."""
        metrics.parts_order_value_dollars.record(1234.57)
        with pytest.raises(AssertionError, match=r'metrics\[\d+\] "sms.parts.order.value.dollars" sum'):
            telemetry.assert_no_restricted(1234.57)

    def test_without_values_it_looks_for_all_that_was_restricted(self, telemetry: Telemetry) -> None:
        """What was calculated from it as well; what was declassified may be seen."""
        cost = Restricted(Decimal("1234.57"))
        price = cost * Decimal("1.18")
        telemetry.assert_no_restricted()
        # As code of another library does, past all layers.
        telemetry.lines.append("price 1456.79\n")
        with pytest.raises(AssertionError, match=r"lines\[0\]"):
            telemetry.assert_no_restricted()
        declassify(price, reason="customer price")
        telemetry.assert_no_restricted()
        telemetry.lines.append("cost 1234.57\n")
        with pytest.raises(AssertionError, match=r"lines\[1\]"):
            telemetry.assert_no_restricted()

    def test_a_canary_is_found_wherever_it_comes_out(self, telemetry: Telemetry) -> None:
        """Each is another one, and so is what is calculated from it."""
        first, second = telemetry.canary(), telemetry.canary()
        assert first != second
        with trace.get_tracer("parts").start_as_current_span("work") as span:
            span.set_attribute("company_id", str(first))
            get_logger().info("Parts quote requested", urgency=second)
        telemetry.assert_no_restricted()
        # Past all layers, as a print would.
        telemetry.lines.append(f"{(second * 2).reveal(reason='test'):.1f}\n")
        with pytest.raises(AssertionError, match=r"lines\[1\]$"):
            telemetry.assert_no_restricted()

    def test_the_restricted_channel_may_carry_it(self, telemetry: Telemetry) -> None:
        """Finance sees the markup, nobody else."""
        metrics.restricted.parts_markup_realized.record(Restricted(Decimal("222.22")))
        assert [(point["name"], point["sum"]) for point in telemetry.restricted.metrics] == [
            ("parts.markup.realized", 222.22)
        ]
        assert telemetry.metrics == []
        telemetry.assert_no_restricted()

    def test_what_the_library_made_itself_is_never_taken_for_a_value(self, telemetry: Telemetry) -> None:
        """Ids, times and durations."""
        order(telemetry, seconds=1.23457)
        telemetry.assert_no_restricted(START_NS, 1234.57)
