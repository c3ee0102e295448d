"""`init_observability`: once, again, with other settings, with mistakes, afresh."""

from __future__ import annotations

import sys
import threading
from time import monotonic
from typing import Any

import pytest
import structlog
from fastapi import FastAPI
from fastapi.testclient import TestClient
from opentelemetry import trace

from sms_observability import (
    SMS_CATALOG,
    CatalogError,
    Field,
    Journey,
    Metric,
    Restricted,
    SettingsError,
    get_logger,
    health_router,
    init_observability,
    journey,
    metrics,
    reset,
    step,
)
from sms_observability.receiver import Receiver


@pytest.fixture(autouse=True)
def _afresh() -> Any:
    reset()
    yield
    reset()


@pytest.fixture
def receiver() -> Any:
    with Receiver() as running:
        yield running


def start(receiver: Receiver, **keywords: Any) -> Any:
    return init_observability("parts-api", endpoint=receiver.endpoint, environment="test", **keywords)


class TestTwice:
    def test_the_same_settings_give_the_same_object(self, receiver: Receiver) -> None:
        """A second call is harmless."""
        assert start(receiver) is start(receiver)

    def test_a_catalogue_that_declares_the_same_is_the_same(self, receiver: Receiver) -> None:
        """An application may be made twice; another journey, or another object to record on, is another catalogue."""
        refunds = Metric.counter("sms.parts.refunds", unit="{refund}")

        def extended(metric: Metric = refunds, **more: Any) -> Any:
            flow = Journey("parts_refund_flow", sla_ms=2000, **more)
            return SMS_CATALOG.extend(journeys=[flow], metrics=[metric], fields=[Field("refund_id")])

        first = start(receiver, catalog=extended())
        assert start(receiver, catalog=extended()) is first
        again = Metric.counter("sms.parts.refunds", unit="{refund}")
        for other in (extended(again), extended(revenue=True), SMS_CATALOG):
            with pytest.raises(SettingsError, match="differs in catalog"):
                start(receiver, catalog=other)

    def test_other_settings_are_an_error_that_names_both(self, receiver: Receiver) -> None:
        """The message names both services and the settings that differ, never their values."""
        start(receiver)
        with pytest.raises(SettingsError, match=r"'parts-api'.*'sync-api'.*service_name, headers"):
            init_observability(
                "sync-api", endpoint=receiver.endpoint, environment="test", headers={"authorization": "secret-token"}
            )

    def test_a_further_app_is_instrumented(self, receiver: Receiver) -> None:
        """Two applications of one process both give server spans."""
        first, second = FastAPI(), FastAPI()
        observability = start(receiver, app=first)
        start(receiver, app=second)
        for app in (first, second):
            with TestClient(app) as client:
                client.get("/nowhere")
        observability.flush()
        assert [span["kind"] for span in receiver.spans] == ["server", "server"]

    def test_after_shutdown_a_call_starts_afresh(self, receiver: Receiver) -> None:
        """Tracers that were handed out before work again."""
        tracer = trace.get_tracer("parts")
        first = start(receiver)
        assert first.shutdown()
        tracer.start_span("SELECT lost").end()
        second = start(receiver)
        assert second is not first
        tracer.start_span("SELECT kept").end()
        assert second.shutdown()
        assert [span["name"] for span in receiver.spans] == ["SELECT kept"]

    def test_a_flush_after_shutdown_waits_for_nobody(self, receiver: Receiver) -> None:
        """Nothing waits any more: it says at once that nothing was lost since."""
        observability = start(receiver)
        with journey("parts_ordering_flow"):
            pass
        assert observability.shutdown(timeout=30.0)
        began = monotonic()
        assert observability.flush(timeout=60.0)
        assert monotonic() - began < 30


class TestMistakes:
    def test_a_missing_name_says_what_to_write(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The error shows the call."""
        monkeypatch.delenv("OTEL_SERVICE_NAME", raising=False)
        with pytest.raises(SettingsError, match=r'init_observability\("parts-api"\)'):
            init_observability()

    def test_an_unknown_keyword_names_the_nearest(self) -> None:
        """A typo raises at once."""
        with pytest.raises(SettingsError, match="endpoint"):
            init_observability("parts-api", endpont="http://localhost")  # type: ignore[call-arg]

    def test_what_is_no_app_is_refused(self, receiver: Receiver) -> None:
        """Nothing has started when it raises."""
        with pytest.raises(TypeError, match="not a int"):
            start(receiver, app=7)
        assert start(receiver) is not None

    def test_a_plain_asgi_application_is_wrapped(self, receiver: Receiver) -> None:
        """It cannot be changed in place: the error says what to write, and that watches it."""

        async def plain(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body", "body": b""})

        with pytest.raises(TypeError, match=r"observability\.wrap\(app\)"):
            start(receiver, app=plain)
        observability = start(receiver)
        assert TestClient(observability.wrap(plain)).get("/").status_code == 204
        observability.flush()
        assert [span["kind"] for span in receiver.spans] == ["server"]

    def test_what_is_no_catalogue_is_refused(self) -> None:
        """The error names what to give."""
        with pytest.raises(TypeError, match="SMS_CATALOG"):
            init_observability("parts-api", catalog={})  # type: ignore[arg-type]

    def test_a_mistake_in_the_environment_is_one_error_line(
        self, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The service starts; the line names the variable and not its value."""
        monkeypatch.setenv("SMS_OBSERVABILITY_LOG_LEVEL", "hunter2")
        start(receiver, log_format="json")
        lines = [line for line in capsys.readouterr().out.splitlines() if "SMS_OBSERVABILITY_LOG_LEVEL" in line]
        assert len(lines) == 1
        assert '"ERROR"' in lines[0]
        assert "hunter2" not in lines[0]


class TestSwitchedOff:
    def test_disabled_writes_log_lines_and_sends_nothing(
        self, receiver: Receiver, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """`disabled` leaves everything callable."""
        app = FastAPI()
        observability = start(receiver, disabled=True, app=app, log_format="json")
        with journey("parts_ordering_flow"), step("Cache.invalidate"):
            get_logger().info("Still written")
        metrics.feature_usage.add(1)
        assert observability.flush()
        assert observability.shutdown()
        assert "Still written" in capsys.readouterr().out
        assert receiver.totals()["traces"]["requests"] == 0

    def test_under_pytest_nothing_leaves_unless_asked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without an endpoint nothing is sent, and nothing is said to be lost."""
        monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)
        observability = init_observability("parts-api")
        with journey("parts_ordering_flow"):
            pass
        assert observability.shutdown(1)

    def test_before_init_everything_is_callable(self) -> None:
        """Names of this package do nothing before `init_observability`."""
        with journey("parts_ordering_flow") as run, step("Cache.invalidate"):
            run.set("sms.order.type", "standard")
        metrics.parts_quotes_requested.add(1, urgency="high")
        metrics.restricted.parts_markup_realized.record(Restricted(4))
        get_logger().info("Nobody listens", cost=Restricted(4))


class TestOneRequest:
    def test_a_request_leaves_trace_metrics_and_logs(self, receiver: Receiver) -> None:
        """The journey is below the server span, its step below it, all with one correlation id."""
        app = FastAPI()
        observability = start(receiver, app=app)

        @app.post("/api/parts/quote")
        @journey("parts_ordering_flow")
        async def quote() -> dict[str, int]:
            with step("PartsService.getSupplierQuotes"):
                get_logger().info("Asking suppliers")
            metrics.parts_quotes_requested.add(1, urgency="high", company_id="cmp_1", vessel_id="vsl_1")
            return {}

        with TestClient(app) as client:
            answer = client.post("/api/parts/quote", headers={"X-Correlation-ID": "order-17"})
        assert answer.headers["x-correlation-id"] == "order-17"
        assert observability.flush()
        spans = {span["name"]: span for span in receiver.spans}
        server = spans["POST /api/parts/quote"]
        assert server["attributes"]["sms.correlation_id"] == "order-17"
        assert spans["parts_ordering_flow"]["parent"] == server["span_id"]
        assert spans["PartsService.getSupplierQuotes"]["parent"] == spans["parts_ordering_flow"]["span_id"]
        said = next(log for log in receiver.logs if log["body"] == "Asking suppliers")
        assert said["span_id"] == spans["PartsService.getSupplierQuotes"]["span_id"]
        points = {point["name"]: point for point in receiver.metrics}
        assert points["sms.parts.quotes.requested"]["labels"]["company_id"] == "cmp_1"
        assert points["sms.journey.duration"]["labels"] == {"journey": "parts_ordering_flow", "outcome": "success"}
        assert points["http.server.request.duration"]["labels"]["http.route"] == "/api/parts/quote"
        assert points["process.cpu.time"]["value"] > 0
        assert {"sms.telemetry.emitted", "sms.telemetry.delivered"} <= points.keys()

    def test_a_restricted_measurement_is_dropped_and_counted(self, receiver: Receiver) -> None:
        """Without a restricted endpoint it goes nowhere, and flush stays true: a policy withheld it."""
        observability = start(receiver)
        metrics.restricted.parts_markup_realized.record(Restricted(4711), parts_category="pumps")
        assert observability.flush()
        assert not [point for point in receiver.metrics if "markup" in point["name"]]
        assert observability.accounting()["metrics"]["dropped"] == {"restricted": 1}

    def test_a_restricted_measurement_leaves_by_the_restricted_door(self, receiver: Receiver) -> None:
        """With a restricted endpoint it arrives there and nowhere else."""
        with Receiver() as finance:
            observability = start(receiver, restricted_endpoint=finance.endpoint)
            metrics.restricted.parts_markup_realized.record(Restricted(4711), parts_category="pumps")
            assert observability.flush()
            assert [point["sum"] for point in finance.metrics if point["name"] == "parts.markup.realized"] == [4711]
            assert not [point for point in receiver.metrics if "markup" in point["name"]]

    def test_undeclared_fields_are_told_with_the_line_that_declares_each(self, receiver: Receiver) -> None:
        """Counted by name; what could be a value is counted only."""
        observability = start(receiver, unknown_fields="drop")
        get_logger().info("Asked", supplier_region="asia", order_4711="x")
        get_logger().info("Asked", supplier_region="asia")
        assert observability.undeclared() == {
            "(other)": {"count": 1, "declaration": ""},
            "supplier_region": {
                "count": 2,
                "declaration": 'SMS_CATALOG.extend(fields=[Field("supplier_region")])',
            },
        }

    def test_an_own_journey_must_be_in_the_catalogue(self, receiver: Receiver) -> None:
        """The error at start says what to pass."""
        refund = Journey("parts_refund_flow", sla_ms=2000)
        refunds = Metric.counter("sms.parts.refunds", unit="{refund}")

        @journey(refund)
        def refunded() -> None:
            refunds.add(1)

        before = sys.excepthook, structlog.is_configured(), threading.active_count()
        with pytest.raises(CatalogError, match=r"parts_refund_flow.*catalog=SMS_CATALOG\.extend"):
            start(receiver)
        assert (sys.excepthook, structlog.is_configured(), threading.active_count()) == before
        observability = start(receiver, catalog=SMS_CATALOG.extend(journeys=[refund], metrics=[refunds]))
        refunded()
        assert observability.flush()
        assert "parts_refund_flow" in [span["name"] for span in receiver.spans]
        assert [point["value"] for point in receiver.metrics if point["name"] == "sms.parts.refunds"] == [1]

    def test_health_is_not_traced(self, receiver: Receiver) -> None:
        """Probes leave no spans; they say who the service is."""
        app = FastAPI()
        observability = start(receiver, app=app)
        app.include_router(health_router())
        with TestClient(app) as client:
            assert client.get("/livez").status_code == client.get("/readyz").status_code == 200
            assert client.get("/health").json()["serviceId"] == "parts-api"
        observability.flush()
        assert receiver.spans == []


def test_many_threads_may_start_at_once(receiver: Receiver) -> None:
    """They all get the same object."""
    got: list[Any] = []
    threads = [threading.Thread(target=lambda: got.append(start(receiver))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(each) for each in got}) == 1
    assert len(got) == 8


def test_shutdown_after_a_dead_receiver_is_in_time_and_tells_the_truth() -> None:
    """Five hundred spans to nobody: the call returns within its limit and says that they were not delivered."""
    observability = init_observability("parts-api", endpoint="http://127.0.0.1:9", environment="test")
    for _ in range(500):
        trace.get_tracer("parts").start_span("SELECT parts").end()
    assert observability.shutdown(0.5) is False
    account = observability.accounting()["traces"]
    assert account["emitted"] == 500
    assert account["emitted"] == account["delivered"] + account["queued"] + sum(account["dropped"].values())
