"""A running stack, as `make stack` starts it, and what a test asks of it."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import urllib.parse
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from servers.process import http_get
from servers.programs import ROOT, binary
from servers.waiting import wait_until
from sms_observability.cli.dashboards.prometheus import AnswerError

START_SECONDS = 150.0
TROUBLE = (OSError, HTTPException, sqlite3.Error, AnswerError, AssertionError, LookupError, ValueError)
"""What asking a running stack can meet while a part of it is away or has not got so far."""
PROGRAMS = ("otelcol", "prometheus", "alertmanager")


class RunningStack:
    """`python -m examples.stack`, on free ports.

    Args:
        arguments: Further ones of its command line.
    """

    def __init__(self, *arguments: str) -> None:
        for program in PROGRAMS:
            binary(program)
        self._home = tempfile.TemporaryDirectory(prefix="sms-st-")  # the supervisor's socket needs a short path
        self.folder = Path(self._home.name)
        self._output = self.folder / "output"
        self._arguments = ("--any-ports", "--folder", str(self.folder / "stack"), *arguments)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("OTEL_", "SMS_COLL", "SMS_STACK", "PYTEST"))}
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "examples.stack", *self._arguments],
                cwd=ROOT,
                env={**kept, "COLUMNS": "200", "SMS_STACK_LEAN": "1"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            wait_for(lambda: "Stop with Ctrl+C" in self.said() or self.ended, "the stack's table", START_SECONDS)
            assert not self.ended, self.said()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None and self._process.poll() is None:
            self.stop()
        self._home.cleanup()

    @property
    def ended(self) -> bool:
        """Whether it has ended by itself."""
        return self._process is None or self._process.poll() is not None

    def said(self) -> str:
        """Give what it has written."""
        return self._output.read_text("utf-8", "replace")

    def log(self, program: str) -> str:
        """Give what one of its programs has written."""
        return (self.folder / "stack" / "log" / f"{program}.log").read_text("utf-8", "replace")

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Ask it to stop, and give its exit status."""
        assert self._process is not None
        self._process.send_signal(number)
        try:
            return self._process.wait(200)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            raise AssertionError(f"the stack did not stop:\n{self.said()}") from None

    def page(self, program: str) -> str:
        """Give the URL of a program's line in the table."""
        found = re.search(rf"^{re.escape(program)} +(http\S+)", self.said(), re.MULTILINE)
        assert found, f"{program} has no line in:\n{self.said()}"
        return found[1]

    def base(self, program: str) -> str:
        """Give the root of that URL."""
        return "/".join(self.page(program).split("/")[:3])

    def processes(self) -> dict[str, int]:
        """Give the process ids of its programs by name."""
        found = {}
        mark = f"SMS_STACK_FOLDER={self.folder / 'stack'}\0".encode()
        for place in Path("/proc").iterdir():
            if not place.name.isdigit():
                continue
            try:
                environ = (place / "environ").read_bytes() + b"\0"
                if mark in environ:
                    found[re.search(rb"SUPERVISOR_PROCESS_NAME=([^\0]+)", environ)[1].decode()] = int(place.name)  # type: ignore[index]
            except OSError:
                continue
        return found

    def query(self, promql: str, prometheus: str = "prometheus") -> list[dict[str, Any]]:
        """Ask one of its Prometheuses."""
        status, text = http_get(f"{self.base(prometheus)}/api/v1/query?query={urllib.parse.quote(promql)}", timeout=20)
        assert status == 200, text
        return list(json.loads(text)["data"]["result"])

    def value(self, promql: str, prometheus: str = "prometheus") -> float:
        """Give the sum of the values of a query; 0 for none."""
        return sum(float(each["value"][1]) for each in self.query(promql, prometheus))


def wait_for(condition: Callable[[], Any], what: str, within: float = 120.0, every: float = 0.25) -> Any:
    """Wait for a condition, with a bound; trouble in asking counts as not yet. Give what it gave."""
    return wait_until(condition, what, within, every=every, trouble=TROUBLE)
