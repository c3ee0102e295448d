"""Nothing is lost when a real server stops gracefully: uvicorn and gunicorn, with workers, reload and preload."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import urllib3

from servers.process import free_port
from sms_observability.receiver import Receiver

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
REQUESTS = int(os.environ.get("SMS_STOP_REQUESTS", "500"))
EACH = 20  # spans, log lines and counts that a request leaves beside its own

SERVERS = {
    "uvicorn": ["uvicorn", "setup.served_app:app", "--port", "{port}"],
    "uvicorn with two workers": ["uvicorn", "setup.served_app:app", "--port", "{port}", "--workers", "2"],
    "uvicorn with reload": ["uvicorn", "setup.served_app:app", "--port", "{port}", "--reload", "--reload-dir", "src"],
    "gunicorn": [
        *("gunicorn", "setup.served_app:app", "--bind", "127.0.0.1:{port}", "--workers", "2"),
        *("--worker-class", "asgi"),
    ],
    "gunicorn with uvicorn's worker": [
        *("gunicorn", "setup.served_app:app", "--bind", "127.0.0.1:{port}", "--workers", "2"),
        *("--worker-class", "uvicorn.workers.UvicornWorker"),
    ],
    "gunicorn with preload": [
        *("gunicorn", "setup.served_app:app", "--bind", "127.0.0.1:{port}", "--workers", "2"),
        *("--worker-class", "asgi", "--preload"),
    ],
}


def environment(receiver: Receiver, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "SMS_", "PYTEST"))}
    return {
        **kept,
        "PYTHONPATH": str(ROOT / "tests"),
        "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.endpoint,
        "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=test",
        **more,
    }


def wait_until_ready(http: urllib3.PoolManager, url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended before it answered"
        try:
            if http.request("GET", url, timeout=2, retries=False).status == 200:
                return
        except urllib3.exceptions.HTTPError:
            time.sleep(0.1)
    pytest.fail("the server did not answer within 60 s")


@pytest.mark.parametrize("server", SERVERS)
def test_a_graceful_stop_loses_nothing(server: str, tmp_path: Path) -> None:
    """Each span, log line and count of the requests arrives, although the process dies of SIGTERM right after them."""
    port = free_port()
    command = [part.format(port=port) for part in SERVERS[server]]
    with Receiver(keep=200_000) as receiver, (tmp_path / "out").open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=ROOT, env=environment(receiver), stdout=out, stderr=out
        )
        try:
            http = urllib3.PoolManager(maxsize=8)
            base = f"http://127.0.0.1:{port}"
            wait_until_ready(http, f"{base}/livez", process)
            with ThreadPoolExecutor(8) as pool:
                statuses = list(
                    pool.map(lambda n: http.request("GET", f"{base}/parts/{n}", timeout=60).status, range(REQUESTS))
                )
            assert statuses == [200] * REQUESTS
            process.send_signal(signal.SIGTERM)
            process.wait(60)
            # uvicorn alone dies of the signal again, after its graceful stop; the others end with 0.
            assert process.returncode == (-signal.SIGTERM if server == "uvicorn" else 0)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        spans = [span["name"] for span in receiver.spans]
        logs = [log["body"] for log in receiver.logs]
        counts: dict[tuple[Any, int], float] = {}
        for point in receiver.metrics:
            if point["name"] == "sms.feature.usage":
                value = point["value"] or 0
                key = (point["resource"]["service.instance.id"], point["start_ns"])
                counts[key] = max(counts.get(key, 0), value)
    shown = (tmp_path / "out").read_text(errors="replace")[-3000:]
    assert spans.count("GET /parts/{number}") == REQUESTS, shown
    assert spans.count("SELECT parts") == EACH * REQUESTS, shown
    assert logs.count("Part done") == EACH * REQUESTS, shown
    assert logs.count("Request finished") == REQUESTS, shown
    assert sum(counts.values()) == EACH * REQUESTS, shown


@pytest.mark.soak
@pytest.mark.parametrize("server", SERVERS)
def test_graceful_stops_lose_nothing_again_and_again(server: str, tmp_path: Path) -> None:
    """Ten stops of each server, with all that a single one is checked for."""
    for number in range(10):
        folder = tmp_path / str(number)
        folder.mkdir()
        test_a_graceful_stop_loses_nothing(server, folder)


SCRIPT = """
    import os, sys, signal, multiprocessing
    from opentelemetry import trace
    from sms_observability import init_observability, metrics, get_logger
    observability = init_observability("script", instrument=[])
    tracer = trace.get_tracer("script")

    def work(count):
        for _ in range(count):
            with tracer.start_as_current_span("SELECT parts"):
                get_logger().info("Part done")
        metrics.feature_usage.add(count, feature="quotes", role="captain")

    work(500)
"""
ENDINGS = {
    "the end": ("", 0),
    "sys.exit": ("sys.exit(3)", 3),
    "an exception": ("raise RuntimeError", 1),
    "SIGTERM": ("os.kill(os.getpid(), signal.SIGTERM); import time; time.sleep(20)", -signal.SIGTERM),
    "SIGINT": ("os.kill(os.getpid(), signal.SIGINT); import time; time.sleep(20)", -signal.SIGINT),
}


def run_script(tail: str, receiver: Receiver, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    path = tmp_path / "script.py"
    path.write_text(textwrap.dedent(SCRIPT) + textwrap.dedent(tail) + "\n")
    return subprocess.run(
        [sys.executable, str(path)], env=environment(receiver), capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_script_loses_nothing_however_it_ends(ending: str, tmp_path: Path) -> None:
    """All is delivered at exit and before a signal kills; the exit status is what it would be without us."""
    tail, status = ENDINGS[ending]
    with Receiver() as receiver:
        done = run_script(tail, receiver, tmp_path)
        assert done.returncode == status, done.stderr[-2000:]
        assert receiver.totals()["traces"]["items"] == 500
        assert [log["body"] for log in receiver.logs].count("Part done") == 500
        usage = [point["value"] for point in receiver.metrics if point["name"] == "sms.feature.usage"]
        assert usage[-1] == 500


def test_children_count_for_themselves(tmp_path: Path) -> None:
    """Parent and forked children export their own items and counts under their own ids; the sums are the truth."""
    tail = """
        context = multiprocessing.get_context("fork")
        children = [context.Process(target=work, args=(20,)) for _ in range(4)]
        [child.start() for child in children]
        [child.join() for child in children]
        print([child.exitcode for child in children])
    """
    with Receiver() as receiver:
        done = run_script(tail, receiver, tmp_path)
        assert done.returncode == 0, done.stderr[-2000:]
        assert "[0, 0, 0, 0]" in done.stdout
        assert receiver.totals()["traces"]["items"] == 580
        last: dict[Any, float] = {}
        for point in receiver.metrics:
            if point["name"] == "sms.feature.usage":
                last[point["resource"]["service.instance.id"]] = point["value"] or 0
        assert sorted(last.values()) == [20, 20, 20, 20, 500]


def test_the_accounting_is_exact_at_rest(tmp_path: Path) -> None:
    """After a flush, emitted is delivered plus dropped for each signal, and nothing is queued."""
    tail = """
        import json
        print("FLUSHED", observability.flush(5))
        print("ACCOUNTS", json.dumps(observability.accounting()))
    """
    with Receiver() as receiver:
        done = run_script(tail, receiver, tmp_path)
        assert "FLUSHED True" in done.stdout
        accounts = json.loads(done.stdout.split("ACCOUNTS ")[1].splitlines()[0])
        for account in accounts.values():
            assert account["queued"] == account["spooled"] == 0
            assert account["emitted"] == account["delivered"] + sum(account["dropped"].values())
        assert accounts["traces"]["delivered"] == 500
