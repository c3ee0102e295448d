"""Who reads everything that the portal emits publicly does not learn the markup of any order."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.privacy.adversary import Numbers, best_guess, observe, recovered

from sms_observability.receiver import Receiver

ROOT = Path(__file__).parents[2]
PROCESSES = 2

pytestmark = pytest.mark.timeout(600)


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

    def __init__(self, stack: ExitStack, folder: Path, seed: int, neighbours: str, count: int) -> None:
        self.public, self.finance = (stack.enter_context(Receiver(keep=10**6)) for _ in range(2))
        self._truth, self._output = folder / f"truth{seed}.json", folder / f"lines{seed}"
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("OTEL_", "SMS_", "PYTEST_"))}
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.privacy.orders", str(count), str(seed), str(self._truth)],
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


class Sales:
    """All orders of a run."""

    def __init__(self, sold: list[Sale]) -> None:
        self._sold = sold
        self.truths = [each for sale in sold for each in sale.truth]
        self.public = self.seen("public")

    def seen(self, *doors: str) -> list[Numbers]:
        """Give what is known of each order to somebody who reads these doors."""
        return [each for sale in self._sold for each in sale.seen(*(getattr(sale, door) for door in doors))]


@pytest.fixture(
    scope="module",
    params=[pytest.param(200, marks=pytest.mark.slow), pytest.param(1_000, marks=pytest.mark.soak)],
    ids=["200 orders", "1,000 orders"],
)
def sales(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sales]:
    with ExitStack() as stack:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _Neighbour)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        stack.callback(server.server_close)
        stack.callback(server.shutdown)
        folder, url = tmp_path_factory.mktemp("sales"), f"http://127.0.0.1:{server.server_address[1]}"
        sold = [Sale(stack, folder, seed, url, request.param // PROCESSES) for seed in range(PROCESSES)]
        for sale in sold:
            sale.ended()
        yield Sales(sold)


def test_no_order_is_recovered_from_what_is_public(sales: Sales) -> None:
    """Each order alone in its interval: no cost, markup or rate follows, exactly, from any two numbers."""
    assert min(map(len, sales.public)) > 100, "he has something to work with"
    for seen, truth in zip(sales.public, sales.truths, strict=True):
        # The control of the search: the price of each order is public.
        assert any(abs(number - truth["price"]) < 0.01 for number in seen.values())
        assert recovered(seen, truth) == []


def test_on_average_he_guesses_no_better_than_before(sales: Sales) -> None:
    """The number that tells most of the markup, learnt on half of the orders, tells nothing of the other half."""
    share, place = best_guess(sales.public, sales.truths)
    # Of hundreds of numbers one always seems to tell something; by five standard deviations, chance explains no more.
    assert share > 1 - 60 / len(sales.truths), place


def test_with_what_finance_has_every_order_is_recovered(sales: Sales) -> None:
    """The control run: with both doors the same adversary learns all of it."""
    assert all(map(recovered, sales.seen("public", "finance"), sales.truths))
