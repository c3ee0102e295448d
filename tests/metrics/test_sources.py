"""What the library itself measures: journeys, the process, the event loop, its own delivery."""

from __future__ import annotations

import asyncio
import gc
import os
import time
import weakref
from typing import Any

import pytest

from sms_observability.catalog import SMS_CATALOG, Journey
from sms_observability.metrics import JourneyMetrics, LoopLag, RuntimeMetrics, TelemetryMetrics

FLOW = SMS_CATALOG.journeys["parts_ordering_flow"]
DURATION = SMS_CATALOG.metrics["sms.journey.duration"]
BREACHES = SMS_CATALOG.metrics["sms.journey.sla.breaches"]


def by_name(source: Any) -> dict[str, Any]:
    return {data.name: data for data in source.collect()}


def assert_as_declared(metrics: dict[str, Any]) -> None:
    """Name, unit, kind and labels are those of the catalogue."""
    for name, data in metrics.items():
        declared = SMS_CATALOG.metrics[name]
        assert (data.unit, data.description) == (declared.unit, declared.description)
        assert data.kind == {"counter": "sum", "updowncounter": "sum"}.get(declared.kind, declared.kind)
        assert data.monotonic is (declared.kind == "counter")
        assert {label for point in data.points for label in point.attributes} <= {f.name for f in declared.labels}


def test_journeys_are_counted(recorded: Any) -> None:
    """Duration by journey and outcome; breaches start at zero with the first run."""
    cells = recorded(DURATION, BREACHES)
    record = JourneyMetrics(cells.registry).record
    labels = (("journey", "parts_ordering_flow"), ("outcome", "success"))
    record(FLOW, "success", 0.5, False, (1, 2))
    assert cells.values(BREACHES.otel_name) == {labels: 0}
    record(FLOW, "success", 3.5, True, None)
    record(FLOW, "failure", 1.0, False, None)
    assert cells.values(BREACHES.otel_name)[labels] == 1
    points = cells.points(DURATION.otel_name)
    assert (points[labels].count, points[labels].sum) == (2, 4.0)
    assert set(points) == {labels, (labels[0], ("outcome", "failure"))}
    within = sum(points[labels].counts[: points[labels].bounds.index(3.0) + 1])
    assert within == 1


def test_journeys_beyond_the_limit_fold(recorded: Any) -> None:
    """A service that declares hundreds keeps its totals."""
    cells = recorded(DURATION, BREACHES)
    record = JourneyMetrics(cells.registry).record
    for number in range(120):
        for _ in range(2):
            record(Journey(f"flow_{number}", sla_ms=1000), "success", 0.1, True, None)
    points = cells.points(DURATION.otel_name)
    assert points[(("journey", "other"), ("outcome", "success"))].count == 40
    assert sum(point.count for point in points.values()) == 240
    assert sum(cells.values(BREACHES.otel_name).values()) == 240
    assert cells.dropped[DURATION.otel_name, "label_values"] == 40


def test_journeys_without_their_metrics_are_not_counted(recorded: Any) -> None:
    """A catalogue of one's own need not have them."""
    cells = recorded(BREACHES)
    JourneyMetrics(cells.registry).record(FLOW, "success", 9.0, True, None)
    assert sum(cells.values(BREACHES.otel_name).values()) == 1
    JourneyMetrics(recorded().registry).record(FLOW, "success", 9.0, True, None)


def test_the_process_measures_itself() -> None:
    """CPU, memory, threads, garbage collection and files, under the names and units of the catalogue."""
    source = RuntimeMetrics("1.0")
    first = by_name(source)
    started = time.process_time()
    while time.process_time() < started + 0.05:
        sum(range(1000))
    gc.collect()
    second = by_name(source)
    assert_as_declared(second)
    expected = {name for name in SMS_CATALOG.metrics if name.startswith(("process.", "cpython."))}
    assert set(second) == expected

    def total(metrics: dict[str, Any], name: str) -> float:
        return sum(point.value for point in metrics[name].points)

    assert total(second, "process.cpu.time") > total(first, "process.cpu.time")
    assert 0 < total(second, "process.cpu.utilization") <= 1.5
    assert total(second, "cpython.gc.collections") > total(first, "cpython.gc.collections")
    assert 5e6 < total(second, "process.memory.usage") < total(second, "process.memory.virtual")
    assert total(second, "process.thread.count") >= 1
    assert 0 < total(second, "process.unix.file_descriptor.count") <= len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    assert {tuple(point.attributes.items()) for point in second["process.cpu.time"].points} == {
        (("cpu.mode", "user"),),
        (("cpu.mode", "system"),),
    }


def test_the_event_loop_s_lag_is_what_a_blocking_call_costs() -> None:
    """A loop that is held for 50 ms is seen to be late by about that."""
    lags: list[float] = []

    async def main() -> None:
        assert LoopLag(lags.append, interval=0.01).watch()
        await asyncio.sleep(0.015)
        time.sleep(0.06)  # noqa: ASYNC251 - what is measured
        await asyncio.sleep(0.015)

    asyncio.run(main())
    assert max(lags) >= 0.04
    assert min(lags) >= 0


def test_watching_holds_no_loop_and_no_task() -> None:
    """`asyncio.run` ends at once, nobody who waits for all tasks waits for it, and the loop can be freed."""
    lag = LoopLag(lambda seconds: None)  # noqa: ARG005

    async def main() -> Any:
        lag.watch()
        lag.watch()
        loop = asyncio.get_running_loop()
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert len(loop._scheduled) == 1  # type: ignore[attr-defined]
        return weakref.ref(loop)

    started = time.monotonic()
    ended = asyncio.run(main())
    assert time.monotonic() - started < 0.4
    gc.collect()
    assert ended() is None
    assert lag.watch() is False


def test_watching_can_be_stopped_and_begun_again() -> None:
    """As the library is shut down and started anew in one process."""
    lags: list[float] = []
    lag = LoopLag(lags.append, interval=0.005)

    async def main() -> None:
        lag.watch()
        await asyncio.sleep(0.02)
        lag.stop()
        stopped = len(lags)
        await asyncio.sleep(0.02)
        assert len(lags) == stopped
        lag.watch()
        await asyncio.sleep(0.02)
        assert len(lags) > stopped

    asyncio.run(main())


def test_the_accounting_becomes_metrics() -> None:
    """Each figure under its declared name, by signal and reason; what is not known is left out."""
    account = {
        "traces": {"emitted": 10, "delivered": 6, "queued": 1, "spooled": 0, "dropped": {"full": 2, "policy": 1}},
        "logs": {"emitted": 0, "delivered": 0, "queued": 0, "spooled": 0, "dropped": {}},
        "metrics": {"emitted": 3, "delivered": 3, "queued": 0, "spooled": 0, "dropped": {}, "failures": {"503": 2}},
    }
    found = by_name(TelemetryMetrics(lambda: account, "1.0"))
    assert_as_declared(found)
    values = {
        name: {tuple(point.attributes.values()): point.value for point in data.points} for name, data in found.items()
    }
    assert values == {
        "sms.telemetry.emitted": {("traces",): 10, ("logs",): 0, ("metrics",): 3},
        "sms.telemetry.delivered": {("traces",): 6, ("logs",): 0, ("metrics",): 3},
        "sms.telemetry.queued": {("traces",): 1, ("logs",): 0, ("metrics",): 0},
        "sms.telemetry.spooled": {("traces",): 0, ("logs",): 0, ("metrics",): 0},
        "sms.telemetry.dropped": {("traces", "full"): 2, ("traces", "policy"): 1},
        "sms.telemetry.export.failures": {("metrics", "503"): 2},
    }


@pytest.mark.parametrize("source", [RuntimeMetrics(), TelemetryMetrics(dict)], ids=["runtime", "telemetry"])
def test_a_child_s_sums_start_with_the_child(source: Any) -> None:
    """What the parent counted is the parent's."""
    before = source._start_ns
    source.reset()
    assert source._start_ns > before
