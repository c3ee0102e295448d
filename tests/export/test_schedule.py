"""`OTEL_BSP_*`, `OTEL_BLRP_*` and `OTEL_METRIC_EXPORT_*` are honoured."""

from __future__ import annotations

import pytest

from sms_observability.export.records import Signal
from sms_observability.export.schedule import schedules


def test_defaults() -> None:
    """Without variables the specification's defaults hold; the queue is bounded by bytes alone."""
    found, problems = schedules({})
    assert problems == []
    assert [
        (found[s].delay, found[s].batch, found[s].most, found[s].timeout) for s in ("traces", "logs", "metrics")
    ] == [
        (5.0, 512, None, 30.0),
        (1.0, 512, None, 30.0),
        (60.0, 512, None, 30.0),
    ]


@pytest.mark.parametrize(
    ("variable", "signal", "field", "value"),
    [
        ("OTEL_BSP_SCHEDULE_DELAY", "traces", "delay", 0.25),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "traces", "batch", 250),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "traces", "most", 250),
        ("OTEL_BSP_EXPORT_TIMEOUT", "traces", "timeout", 0.25),
        ("OTEL_BLRP_SCHEDULE_DELAY", "logs", "delay", 0.25),
        ("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", "logs", "batch", 250),
        ("OTEL_BLRP_MAX_QUEUE_SIZE", "logs", "most", 250),
        ("OTEL_BLRP_EXPORT_TIMEOUT", "logs", "timeout", 0.25),
        ("OTEL_METRIC_EXPORT_INTERVAL", "metrics", "delay", 0.25),
        ("OTEL_METRIC_EXPORT_TIMEOUT", "metrics", "timeout", 0.25),
    ],
)
def test_each_variable(variable: str, signal: Signal, field: str, value: float) -> None:
    """Each variable sets its field of its signal, in milliseconds where it is a time."""
    found, problems = schedules({variable: "250"})
    assert problems == []
    assert getattr(found[signal], field) == value


@pytest.mark.parametrize("text", ["0", "-1", "soon", "1.5", "9" * 400, "\u0661"])
def test_mistakes(text: str) -> None:
    """What is no whole number is named, and the default holds."""
    found, problems = schedules({"OTEL_BSP_SCHEDULE_DELAY": text})
    assert [problem.variable for problem in problems] == ["OTEL_BSP_SCHEDULE_DELAY"]
    assert found["traces"].delay == 5.0


def test_a_batch_is_no_larger_than_the_queue() -> None:
    """Or the queue would overflow before a batch is full."""
    assert schedules({"OTEL_BSP_MAX_QUEUE_SIZE": "100"})[0]["traces"].batch == 100
