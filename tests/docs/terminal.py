"""The terminals of a reader who follows a page: services and receivers that go on, and requests that are answered."""

from __future__ import annotations

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import urllib3

from docs.page import Block, shows
from servers.process import free_port

_BIN = Path(sys.executable).parent
_SECONDS = 40.0
_http = urllib3.PoolManager(retries=False, timeout=20)


def environment(endpoint: str) -> dict[str, str]:
    """Give the environment of a reader: nothing is set but where telemetry goes, and no test is running."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("OTEL_", "SMS_", "PYTEST"))}
    return {**kept, "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "COLUMNS": "120"}


class Terminals:
    """Runs the `console` blocks of a page; the ports that it names are replaced by free ones.

    Args:
        folder: Where the files of the page are.
        endpoint: Where the services send to, until the page starts a receiver of its own.
    """

    def __init__(self, folder: Path, endpoint: str) -> None:
        self.receiver_output = ""
        self._folder = folder
        self._endpoint = endpoint
        self._running: list[tuple[str, subprocess.Popen[bytes], Path]] = []
        self._service = self._receiver = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for _, process, _ in self._running:
            if process.poll() is None:
                process.kill()
            process.wait()

    def run(self, block: Block) -> None:
        """Type the commands of a block, and compare what they print."""
        for typed in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
            command, _, expected = typed.partition("\n")
            words = shlex.split(command)
            if words[0] == "curl":
                printed = self._curl(words[1:])
                assert shows(expected, printed, spaces=False), f"line {block.line}: {command}\n{printed}"
            elif words[0] == "pytest":
                done = subprocess.run(
                    [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words[1:]],
                    cwd=self._folder,
                    env=environment(""),
                    capture_output=True,
                    text=True,
                    check=False,
                    timeout=60,
                )
                assert done.returncode == 0, f"line {block.line}: {command}\n{done.stdout}{done.stderr}"
                assert shows(expected, done.stdout)
            elif words[0] == "uvicorn":
                self._service = free_port()
                self._start(words, [*words[1:], "--port", str(self._service)])
                self._wait_for(self._service)
            else:
                assert words == ["sms-observability", "receive"], f"line {block.line}: {command} is no known command"
                self._receiver = free_port()
                self._endpoint = f"http://127.0.0.1:{self._receiver}"
                self._start(words, [*words[1:], "--port", str(self._receiver)])
                self._wait_for(self._receiver)
                expected = expected.replace("4318", str(self._receiver))
                # It listens before it says so.
                deadline = time.monotonic() + _SECONDS
                while not shows(expected, printed := self._running[-1][2].read_text(encoding="utf-8")):
                    assert time.monotonic() < deadline, f"line {block.line}: {command}\n{printed}"
                    time.sleep(0.05)

    def end(self) -> None:
        """Press Ctrl-C in each terminal, the newest first; every program ends well."""
        for command, process, output in reversed(self._running):
            process.send_signal(signal.SIGINT)
            process.wait(timeout=_SECONDS)
            printed = output.read_text(encoding="utf-8")
            assert process.returncode == 0, f"{command} ended with {process.returncode}:\n{printed}"
            if command == "sms-observability":
                self.receiver_output = printed

    def _start(self, words: list[str], arguments: list[str]) -> None:
        output = self._folder / f"terminal-{len(self._running)}.txt"
        with output.open("wb") as file:
            process = subprocess.Popen(
                [str(_BIN / words[0]), *arguments],
                cwd=self._folder,
                env=environment(self._endpoint),
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        self._running.append((words[0], process, output))

    def _wait_for(self, port: int) -> None:
        command, process, output = self._running[-1]
        deadline = time.monotonic() + _SECONDS
        while time.monotonic() < deadline:
            assert process.poll() is None, f"{command} ended:\n{output.read_text(encoding='utf-8')}"
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError(f"{command} does not listen:\n{output.read_text(encoding='utf-8')}")

    def _curl(self, words: list[str]) -> str:
        method = "GET"
        if words[:1] == ["-X"]:
            method, words = words[1], words[2:]
        (url,) = words
        url = url.replace(":8000/", f":{self._service}/")
        return _http.request(method, url).data.decode()
