"""SIGTERM under a real server: `/readyz` says so, the drain is waited for, the exit status is the server's own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
import urllib3

from servers.process import free_port
from setup.test_processes import ROOT, environment, wait_until_ready
from sms_observability.receiver import Receiver

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.fixture
def http() -> Iterator[urllib3.PoolManager]:
    with urllib3.PoolManager() as manager:
        yield manager


def serve(receiver: Receiver, port: int, out: Any, **more: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "setup.served_app:app", "--port", str(port)],
        cwd=ROOT,
        env=environment(receiver, **more),
        stdout=out,
        stderr=out,
    )


def test_a_service_drains_before_its_server_stops(http: urllib3.PoolManager, tmp_path: Path) -> None:
    """From SIGTERM on it is not ready, but it serves on for the seconds of the drain; then the server ends as usual."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    with Receiver() as receiver, (tmp_path / "out").open("wb") as out:
        process = serve(receiver, port, out, SMS_OBSERVABILITY_DRAIN_SECONDS="5")
        try:
            wait_until_ready(http, f"{base}/livez", process)
            assert http.request("GET", f"{base}/readyz").status == 200
            process.send_signal(signal.SIGTERM)
            began = time.monotonic()
            deadline = began + 4.0
            while (ready := http.request("GET", f"{base}/readyz", retries=False)).status == 200:
                assert time.monotonic() < deadline, "still ready four seconds after SIGTERM"
            assert ready.status == 503
            assert json.loads(ready.data)["output"] == "draining"
            assert http.request("GET", f"{base}/parts/1", retries=False).status == 200
            process.wait(60)
            assert time.monotonic() - began >= 4.9
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        assert process.returncode == -signal.SIGTERM
        assert [span["name"] for span in receiver.spans].count("GET /parts/{number}") == 1


def test_every_line_of_a_served_process_is_json(http: urllib3.PoolManager, tmp_path: Path) -> None:
    """The server's own lines too; a request leaves one line, and no access line."""
    port = free_port()
    with Receiver() as receiver, (tmp_path / "out").open("wb") as out:
        process = serve(receiver, port, out)
        try:
            wait_until_ready(http, f"http://127.0.0.1:{port}/livez", process)
            http.request("GET", f"http://127.0.0.1:{port}/parts/1?secret=hunter2")
            process.send_signal(signal.SIGTERM)
            process.wait(60)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    lines = [json.loads(line) for line in (tmp_path / "out").read_text().splitlines()]
    assert {line["service"] for line in lines} == {"served"}
    finished = [line for line in lines if line["message"] == "Request finished"]
    assert [line["context"]["status_code"] for line in finished] == [200]
    assert finished[0]["context"]["endpoint"] == "/parts/{number}"
    assert "Application startup complete." in [line["message"] for line in lines]
    assert "hunter2" not in (tmp_path / "out").read_text()
