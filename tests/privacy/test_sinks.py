"""Screens, files and bodies are ways out like any other: a figure is on none of them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.privacy.sinks import QUERY, SECRET

from servers.process import free_ports
from sms_observability.receiver import Receiver

ROOT = Path(__file__).parents[2]
TOKEN = "hush7f-token"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


def run(*command: str, **environment: str) -> str:
    """Run a program of ours, and give all that it wrote."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("OTEL_", "SMS_", "PYTEST_"))}
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env={**kept, "PYTHONPATH": str(ROOT), "SMS_OBSERVABILITY_LOG_FORMAT": "json", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    return done.stdout + done.stderr


CONSOLE = {f"OTEL_{signal}_EXPORTER": "console" for signal in ("TRACES", "METRICS", "LOGS")}


def test_console_exporters_lines_health_bodies_and_the_crash_show_no_figure() -> None:
    """All that a process writes, to its uncaught exception; and no path or query of an outgoing call."""
    written = run("tests.privacy.sinks", **CONSOLE)
    for there in (
        "Uncaught exception",
        '"traces"',
        '"metrics"',
        "suppliers",
        "QuoteService.prepareQuote",
        "HTTP Request",
    ):
        assert there in written, "the program did not come so far"
    assert "exchange.example" in written
    for hidden in (SECRET, SECRET.replace(".", ""), "48,611", QUERY, "MarkupService", "supplier.cost"):
        assert hidden not in written, next(line for line in written.splitlines() if hidden in line)


def test_the_screen_of_receive_shows_no_figure(tmp_path: Path) -> None:
    """What arrives there is what everybody sees."""
    output = tmp_path / "screen"
    (port,) = free_ports(1)
    with output.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "sms_observability.cli", "receive", "--port", str(port)],
            cwd=ROOT,
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
        try:
            _listens(port)
            run("tests.privacy.sinks", OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{port}")
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)
    shown = output.read_text("utf-8")
    assert "parts_ordering_flow" in shown
    assert SECRET not in shown
    assert QUERY not in shown


def _listens(port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert time.monotonic() < deadline, "receive does not listen"
            time.sleep(0.05)
        else:
            return


def test_doctor_shows_no_secret() -> None:
    """Neither headers nor user and password of an address, whether it answers or not."""
    with Receiver() as receiver:
        for address in (receiver.endpoint, "http://127.0.0.1:9"):
            shown = run(
                "sms_observability.cli",
                "doctor",
                OTEL_EXPORTER_OTLP_ENDPOINT=address.replace("://", f"://user:{TOKEN}@"),
                OTEL_EXPORTER_OTLP_HEADERS=f"authorization=Bearer {TOKEN}",
            )
            assert "127.0.0.1" in shown
            assert TOKEN not in shown


def test_without_the_library_the_same_program_shows_all_of_it() -> None:
    """The control run: the search finds what plain logging and an uncaught exception show."""
    program = (
        f"import logging; logging.basicConfig(); logging.warning('Quoted %s', {SECRET}); raise ValueError('{QUERY}')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert SECRET in done.stderr
    assert QUERY in done.stderr
