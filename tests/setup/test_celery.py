"""A Celery worker: its parent and the children of its pool each send what they have before they end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from sms_observability.receiver import Receiver

JOBS = 60
APP = """
    import sys
    from celery import Celery
    from opentelemetry import trace
    from sms_observability import get_logger, init_observability, metrics

    folder = {folder!r}
    app = Celery("orders", broker="filesystem://")
    app.conf.update(
        broker_transport_options=dict(
            data_folder_in=folder, data_folder_out=folder, control_folder=folder + "/control", polling_interval=0.01
        ),
        task_ignore_result=True, worker_prefetch_multiplier=1,
        worker_max_tasks_per_child={most!r}, broker_connection_retry_on_startup=True,
    )

    @app.task(name="work")
    def work(number):
        with trace.get_tracer("orders").start_as_current_span("SELECT parts"):
            get_logger().info("Part done")
        metrics.feature_usage.add(1, feature="quotes", role="captain")

    if __name__ == "__main__":
        for number in range({jobs}):
            work.delay(number)
    else:
        init_observability("orders-worker", instrument=[])
"""


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize("most", [None, 10], ids=["children that live on", "children that are replaced"])
def test_a_worker_loses_nothing(most: int | None, tmp_path: Path) -> None:
    """All spans, log lines and counts of 60 jobs arrive, with a warm stop by SIGTERM right after the last."""
    messages = tmp_path / "messages"
    messages.mkdir()
    (tmp_path / "orders.py").write_text(textwrap.dedent(APP.format(folder=str(messages), most=most, jobs=JOBS)))
    command = [sys.executable, "-m", "celery", "-A", "orders", "worker", "--concurrency=2", "--loglevel=WARNING"]
    with Receiver(keep=10_000) as receiver, (tmp_path / "out").open("wb") as out:
        # Nothing is sent by time: what arrives was sent by the end of a process.
        variables = {
            **os.environ,
            "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.endpoint,
            "OTEL_BSP_SCHEDULE_DELAY": "600000",
            "OTEL_BLRP_SCHEDULE_DELAY": "600000",
            "OTEL_METRIC_EXPORT_INTERVAL": "600000",
        }
        subprocess.run([sys.executable, "orders.py"], cwd=tmp_path, env=variables, check=True, timeout=60)
        worker = subprocess.Popen(
            [*command, "--without-gossip", "--without-mingle", "--without-heartbeat"],
            cwd=tmp_path,
            env=variables,
            stdout=out,
            stderr=out,
        )
        try:
            deadline = time.monotonic() + 100
            while done(tmp_path) < JOBS:
                assert worker.poll() is None, said(tmp_path)
                assert time.monotonic() < deadline, said(tmp_path)
                time.sleep(0.05)
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(60) == 0, said(tmp_path)
        finally:
            if worker.poll() is None:
                worker.kill()
                worker.wait()
        counted: dict[object, float] = {}
        for point in receiver.metrics:
            if point["name"] == "sms.feature.usage":
                instance = point["resource"]["service.instance.id"]
                counted[instance] = max(counted.get(instance, 0), point["value"] or 0)
    assert [span["name"] for span in receiver.spans].count("SELECT parts") == JOBS, said(tmp_path)
    assert [log["body"] for log in receiver.logs].count("Part done") == JOBS
    assert sum(counted.values()) == JOBS
    assert len(counted) >= (2 if most is None else JOBS // 10)


def said(folder: Path) -> str:
    """Give the end of what the worker wrote."""
    return (folder / "out").read_text(errors="replace")[-3000:]


def done(folder: Path) -> int:
    """Count the jobs that are done."""
    return (folder / "out").read_text(errors="replace").count("Part done")
