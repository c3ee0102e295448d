"""Real processes: each line that they write to standard output is one object of the schema, whoever says it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
import urllib3

from servers.process import free_port

pytestmark = pytest.mark.slow

TESTS = Path(__file__).parents[1]
SECRET = "118.25"
START = "from sms_observability.logs import *; configure_logs(LogOptions(service='script', format='json'))\n"


def run(
    script: str, *, prologue: str = START, **more: Any
) -> tuple[list[dict[str, Any]], subprocess.CompletedProcess[str]]:
    given: dict[str, Any] = {"capture_output": True, "text": True, "timeout": 60, "check": False}
    done = subprocess.run([sys.executable, "-c", prologue + textwrap.dedent(script)], **{**given, **more})
    return [json.loads(line) for line in (done.stdout or "").splitlines()], done


def test_an_uncaught_exception() -> None:
    """A crash is one CRITICAL line with type and frames; its message is nowhere, the exit code stays 1."""
    lines, done = run("def work():\n    raise ValueError('secret-price 118.25')\nwork()")
    (line,) = lines
    assert (line["level"], line["message"]) == ("CRITICAL", "Uncaught exception")
    assert line["context"]["exception"]["type"] == "ValueError"
    assert [frame["function"] for frame in line["context"]["exception"]["frames"]] == ["<module>", "work"]
    assert done.returncode == 1
    assert SECRET not in done.stdout + done.stderr


def test_an_uncaught_exception_in_a_thread_and_in_a_finaliser() -> None:
    """What nobody can catch is one line each, and the process goes on."""
    lines, done = run("""
        import threading
        def fail():
            raise ValueError("secret-price 118.25")
        class Final:
            def __del__(self):
                raise KeyError("secret-price 118.25")
        thread = threading.Thread(target=fail); thread.start(); thread.join()
        Final()
        get_logger().info("Done")
        """)
    assert [(line["level"], line["message"]) for line in lines] == [
        ("ERROR", "Uncaught exception in a thread"),
        ("ERROR", "Exception that nothing could catch"),
        ("INFO", "Done"),
    ]
    assert [line["context"]["exception"]["type"] for line in lines[:2]] == ["ValueError", "KeyError"]
    assert done.returncode == 0
    assert SECRET not in done.stdout + done.stderr


def test_a_crash_in_lines_for_people_shows_no_message_where_nobody_sits() -> None:
    """The console's format into a file or pipe: the line has the type, and Python's own hook stays silent."""
    done = subprocess.run(
        [sys.executable, "-c", START.replace("json", "console") + "raise ValueError('secret-price 118.25')"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Uncaught exception" in done.stdout
    assert "ValueError" in done.stdout
    assert SECRET not in done.stdout + done.stderr
    assert done.returncode == 1


def test_a_hook_that_was_there_is_called_too() -> None:
    """An excepthook of somebody else's still hears of the crash."""
    lines, done = run(
        "raise ValueError",
        prologue="import sys\nsys.excepthook = lambda *_: sys.stderr.write('theirs')\n" + START,
    )
    assert [line["message"] for line in lines] == ["Uncaught exception"]
    assert done.stderr == "theirs"


def test_leaving_and_interrupting_are_no_crashes() -> None:
    """`SystemExit` keeps its code and leaves no line; so does Ctrl-C."""
    lines, done = run("raise SystemExit(7)")
    assert (lines, done.returncode) == ([], 7)
    lines, done = run("raise KeyboardInterrupt")
    assert lines == []
    assert done.returncode in (-signal.SIGINT, 130)


def test_standard_output_without_a_reader() -> None:
    """Lines into a closed pipe do not end the process."""
    reading, writing = os.pipe()
    os.close(reading)
    _, done = run(
        """
        import sys
        log = get_logger()
        for _ in range(100): log.info("Said")
        sys.stderr.write("still here")
        """,
        stdout=writing,
        stderr=subprocess.PIPE,
        capture_output=False,
    )
    os.close(writing)
    assert done.stderr.startswith("still here")


def test_standard_output_on_a_full_disk() -> None:
    """Nor does a disk that is full."""
    with Path("/dev/full").open("w") as full:
        _, done = run(
            "import sys\nget_logger().info('Said')\nsys.stderr.write('still here')",
            stdout=full,
            stderr=subprocess.PIPE,
            capture_output=False,
        )
    assert done.stderr.startswith("still here")


def test_a_child_after_fork() -> None:
    """A child that is forked while threads write keeps writing whole lines."""
    lines, _ = run("""
        import os, threading
        log = get_logger()
        stop = threading.Event()
        def chatter():
            while not stop.is_set(): log.info("Parent", padding="x" * 500)
        threads = [threading.Thread(target=chatter) for _ in range(3)]
        for thread in threads: thread.start()
        children = []
        for _ in range(10):
            child = os.fork()
            if child == 0:
                log.info("Child")
                os._exit(0)
            children.append(child)
        codes = [os.waitpid(child, 0)[1] for child in children]
        stop.set()
        for thread in threads: thread.join()
        log.info("Done", codes=codes)
        """)
    assert [line["message"] for line in lines].count("Child") == 10
    assert lines[-1]["context"] == {"codes": [0] * 10}


SERVED = {
    "by its command, which configures logging before us": ["-m", "uvicorn", "logs.app:app", "--port", "{port}"],
    "by uvicorn.run, which configures it after us": ["-m", "logs.app", "{port}"],
    "by uvicorn.run, imported before us": ["-m", "logs.app", "{port}", "later"],
}


@pytest.mark.parametrize("how", SERVED)
def test_uvicorn(how: str, tmp_path: Path) -> None:
    """Started in any way, uvicorn writes no line of its own form, and no access line at all."""
    port = free_port()
    output = tmp_path / "out"
    with output.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, *(part.format(port=port) for part in SERVED[how])],
            env={**os.environ, "PYTHONPATH": str(TESTS)},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        try:
            http = urllib3.PoolManager(retries=urllib3.Retry(total=300, backoff_factor=0.1, backoff_max=0.2))
            assert http.request("GET", f"http://127.0.0.1:{port}/quote?cost={SECRET}").status == 204
            assert http.request("GET", f"http://127.0.0.1:{port}/fails", retries=False).status == 500
            process.send_signal(signal.SIGINT)
            process.wait(20)
        finally:
            process.kill()
            process.wait()
    text = output.read_text()
    assert SECRET not in text
    lines = [json.loads(entry) for entry in text.splitlines()]
    said = {line["message"] for line in lines}
    assert {"By structlog", "By logging", "Python warning", "Application startup complete."} <= said
    assert any(line["context"].get("exception", {}).get("type") == "ValueError" for line in lines)
    assert not any(line["context"].get("logger") == "uvicorn.access" for line in lines)
