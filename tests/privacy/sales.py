"""Processes of the example portal that sell parts, and all that they emit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.privacy.adversary import Numbers, observe

from servers.listening import Listening
from sms_observability.receiver import Receiver

ROOT = Path(__file__).parents[2]
PROCESSES = 2


class _Neighbour(BaseHTTPRequestHandler):
    """The portal's other services: they take what they are given."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


class Sale:
    """What one process sold, and what it emitted by which door."""

    def __init__(self, stack: ExitStack, folder: Path, seed: int, neighbours: str, count: int, how: str) -> None:
        self.public, self.finance = (stack.enter_context(Receiver(keep=10**6)) for _ in range(2))
        self._truth, self._output = folder / f"truth{seed}.json", folder / f"lines{seed}"
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("OTEL_", "SMS_", "PYTEST_"))}
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.privacy.orders", str(count), str(seed), str(self._truth), how],
                cwd=ROOT,
                env={
                    **kept,
                    "PYTHONPATH": str(ROOT),
                    "PORTAL_DATABASE": f"sqlite:///{folder}/portal{seed}.db",
                    "PORTAL_SYNC_URL": neighbours,
                    "PORTAL_PAYMENTS_URL": neighbours,
                    "OTEL_EXPORTER_OTLP_ENDPOINT": self.public.endpoint,
                    "OTEL_METRIC_EXPORT_INTERVAL": "3600000",
                    "SMS_OBSERVABILITY_RESTRICTED_ENDPOINT": self.finance.endpoint,
                    "SMS_OBSERVABILITY_LOG_FORMAT": "json",
                },
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        stack.callback(self._process.wait)
        stack.callback(self._process.kill)

    def ended(self) -> None:
        """Wait until everything is sold."""
        assert self._process.wait(240) == 0, self._output.read_text("utf-8", "replace")[-2000:]
        self.truth: list[dict[str, float]] = json.loads(self._truth.read_text("utf-8"))
        self.lines = [line for line in self._output.read_text("utf-8").splitlines() if line.startswith("{")]

    def seen(self, *receivers: Receiver) -> list[Numbers]:
        return observe(receivers, self.lines, [int(each["until_ns"]) for each in self.truth])


@contextmanager
def sold(count: int, folder: Path, how: str) -> Iterator[list[Sale]]:
    """Have parts sold.

    Args:
        count: How many, by all processes.
        folder: Where they keep their files.
        how: `alone`, each in an interval of its own at a cost that no coincidence hits; or `everyday`.
    """
    with ExitStack() as stack:
        url = stack.enter_context(Listening(ThreadingHTTPServer(("127.0.0.1", 0), _Neighbour))).url
        made = [Sale(stack, folder, seed, url, count // PROCESSES, how) for seed in range(PROCESSES)]
        for sale in made:
            sale.ended()
        yield made
