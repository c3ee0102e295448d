"""Another OpenTelemetry SDK was there first, and settings of the specification that others rely on."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

from setup.test_processes import environment
from sms_observability.receiver import Receiver

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


def run(script: str, receiver: Receiver, tmp_path: Path, **more: str) -> subprocess.CompletedProcess[str]:
    path = tmp_path / "script.py"
    path.write_text(textwrap.dedent(script))
    return subprocess.run(
        [sys.executable, str(path)],
        env=environment(receiver, **more),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )


def test_a_provider_of_somebody_else_is_joined(tmp_path: Path) -> None:
    """One line says so; its spans, metrics and logs leave by our door too, ours by theirs."""
    script = """
        from opentelemetry import metrics, trace
        from opentelemetry.sdk.metrics import MeterProvider
        from opentelemetry.sdk.trace import TracerProvider
        trace.set_tracer_provider(TracerProvider())
        metrics.set_meter_provider(MeterProvider())
        from sms_observability import init_observability, journey
        observability = init_observability("joined", instrument=[])
        with trace.get_tracer("theirs").start_as_current_span("SELECT parts"):
            pass
        metrics.get_meter("theirs").create_counter("jobs.done").add(3)
        with journey("parts_ordering_flow"):
            pass
        print("FLUSHED", observability.shutdown())
    """
    with Receiver() as receiver:
        done = run(script, receiver, tmp_path, SMS_OBSERVABILITY_UNKNOWN_FIELDS="keep")
        assert done.stdout.count("another OpenTelemetry SDK was set up before init_observability") == 1
        assert "FLUSHED True" in done.stdout
        assert sorted(span["name"] for span in receiver.spans) == ["SELECT parts", "parts_ordering_flow"]
        assert [point["value"] for point in receiver.metrics if point["name"] == "jobs.done"] == [3]


@pytest.mark.parametrize("sampler", ["always_on", "always_off"])
def test_an_internal_step_in_a_span_of_somebody_else_s_reaches_the_restricted_door(
    tmp_path: Path, sampler: str
) -> None:
    """Under its true name, with its figures, if it is sampled; theirs and the public door have the neutral one."""
    script = """
        import os
        from decimal import Decimal
        from opentelemetry import trace
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import SimpleSpanProcessor
        from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
        exporter, provider = InMemorySpanExporter(), TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(exporter))
        trace.set_tracer_provider(provider)
        from sms_observability import Restricted, init_observability, journey, step
        observability = init_observability("joined", instrument=[])
        with journey("parts_ordering_flow"), step("MarkupService.calculatePrice") as run:
            run.set("sms.parts.markup", Restricted(Decimal("4711.08")))
            run.set("order_id", "ord_1")
        print("FLUSHED", observability.shutdown())
        theirs = " ".join(span.to_json() for span in exporter.get_finished_spans())
        print("THEIRS", len(exporter.get_finished_spans()), "4711.08" in theirs or "Markup" in theirs)
    """
    with Receiver() as receiver, Receiver() as finance:
        done = run(
            script,
            receiver,
            tmp_path,
            OTEL_TRACES_SAMPLER=sampler,
            SMS_OBSERVABILITY_RESTRICTED_ENDPOINT=finance.endpoint,
        )
        assert "FLUSHED True" in done.stdout
        if sampler == "always_off":
            assert "THEIRS 0 False" in done.stdout
            assert finance.spans == []
            return
        assert "THEIRS 2 False" in done.stdout
        (shown,) = [span for span in receiver.spans if span["name"] == "QuoteService.prepareQuote"]
        assert "4711.08" not in str(receiver.spans)
        (hidden,) = finance.spans
        assert hidden["name"] == "MarkupService.calculatePrice"
        assert hidden["attributes"]["sms.parts.markup"] == "4711.08"
        assert hidden["attributes"]["sms.journey.name"] == "parts_ordering_flow"
        same = ("trace_id", "span_id", "parent", "start_ns", "end_ns")
        assert [hidden[key] for key in same] == [shown[key] for key in same]


def test_the_sampler_of_the_environment_decides(tmp_path: Path) -> None:
    """Nothing is recorded with `always_off`; log lines carry the trace id all the same."""
    script = """
        from sms_observability import get_logger, init_observability, journey
        observability = init_observability("sampled", instrument=[])
        with journey("parts_ordering_flow"):
            get_logger().info("Not sampled")
        observability.shutdown()
    """
    with Receiver() as receiver:
        run(script, receiver, tmp_path, OTEL_TRACES_SAMPLER="always_off")
        assert receiver.spans == []
        said = [log for log in receiver.logs if log["body"] == "Not sampled"]
        assert len(said[0]["trace_id"]) == 32


def test_the_propagators_of_the_environment_are_used(tmp_path: Path) -> None:
    """With `none`, a call to an internal host carries no `traceparent`."""
    script = """
        from opentelemetry import propagate
        from sms_observability import init_observability, journey
        observability = init_observability("propagating", instrument=[])
        carrier = {}
        with journey("parts_ordering_flow"):
            propagate.inject(carrier)
        print("CARRIER", sorted(carrier))
    """
    with Receiver() as receiver:
        assert "CARRIER []" in run(script, receiver, tmp_path, OTEL_PROPAGATORS="none").stdout
        assert "CARRIER ['traceparent']" in run(script, receiver, tmp_path).stdout


def test_the_console_exporter_shows_what_would_leave(tmp_path: Path) -> None:
    """Each item is a line on standard error, redacted as ever; nothing is sent."""
    script = """
        from sms_observability import Restricted, get_logger, init_observability, journey, metrics
        observability = init_observability("shown", instrument=[])
        with journey("parts_ordering_flow") as run:
            run.set("markup_percent", 1873.4602)
            get_logger().info("Shown", attempt=2)
        metrics.feature_usage.add(4, feature="quotes", role="captain")
        print("FLUSHED", observability.shutdown())
    """
    console = {f"OTEL_{signal}_EXPORTER": "console" for signal in ("TRACES", "METRICS", "LOGS")}
    with Receiver() as receiver:
        done = run(script, receiver, tmp_path, **console)
        assert "FLUSHED True" in done.stdout
        assert '"name": "parts_ordering_flow"' in done.stderr
        assert '"body": "Shown"' in done.stderr
        assert '"sms.feature.usage"' in done.stderr
        assert "1873.4602" not in done.stderr
        assert receiver.totals()["traces"]["requests"] == 0


def test_ten_thousand_spans_cost_the_caller_nothing_while_the_receiver_hangs(tmp_path: Path) -> None:
    """A receiver that accepts and never answers holds nobody up; the shutdown is in time and says that it failed."""
    script = """
        import socket, time
        from faults.clock import Took
        listener = socket.create_server(("127.0.0.1", 0))
        from opentelemetry import trace
        from sms_observability import get_logger, init_observability, journey
        observability = init_observability(
            "hanging", endpoint=f"http://127.0.0.1:{listener.getsockname()[1]}", instrument=[]
        )
        longest = 0.0
        with Took() as took:
            for _ in range(10_000):
                began = time.perf_counter()
                with journey("parts_ordering_flow"):
                    pass
                longest = max(longest, time.perf_counter() - began)
        print("HELD UP", longest - took.waited > 1.0)
        with Took() as stop:
            delivered = observability.shutdown(1.0)
        print("IN TIME", stop.seconds <= 1.25, "DELIVERED", delivered)
    """
    with Receiver() as receiver:
        done = run(script, receiver, tmp_path)
        assert "HELD UP False" in done.stdout
        assert "IN TIME True DELIVERED False" in done.stdout
