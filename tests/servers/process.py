"""One real program as a child process: started, waited for, known to be ours, ended."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from examples.portal.processes import free_ports

__all__ = ["READY_SECONDS", "STOP_SECONDS", "Server", "free_port", "free_ports", "http_get", "listens", "loopback"]

READY_SECONDS = 60.0
STOP_SECONDS = 30.0

loopback = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""Opens URLs of this machine, whatever proxy the environment names."""


def http_get(url: str, timeout: float = 5.0) -> tuple[int, str]:
    """Give status and text of a GET on loopback, whatever the status is."""
    try:
        with loopback.open(url, timeout=timeout) as answer:
            return answer.status, answer.read().decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode("utf-8", "replace")


def free_port() -> int:
    """Give one free port; see `free_ports`."""
    return free_ports(1)[0]


def listens(pid: int, port: int) -> bool:
    """Say whether this very process listens on a TCP port (Linux)."""
    inodes = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text(encoding="ascii").splitlines()[1:]:
            columns = line.split()
            if columns[3] == "0A" and int(columns[1].rpartition(":")[2], 16) == port:
                inodes.add(f"socket:[{columns[9]}]")
    for handle in Path(f"/proc/{pid}/fd").iterdir():
        try:
            if str(handle.readlink()) in inodes:
                return True
        except FileNotFoundError:
            continue
    return False


class Server:
    """A running program.

    Args:
        command: The program and its arguments.
        ready: URL that answers below 400 when the program is ready; its port must be held by the child itself.
        environment: Added to the environment of this process, from which proxies and telemetry settings are taken out.
        within: Seconds to wait for readiness.
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        ready: str,
        environment: Mapping[str, str] | None = None,
        within: float = READY_SECONDS,
    ) -> None:
        self.ready = ready
        self._output = tempfile.TemporaryFile("w+b")  # noqa: SIM115 - lives as long as the process
        kept = {
            k: v
            for k, v in os.environ.items()
            if not k.startswith(("OTEL_", "SMS_COLLECTOR_")) and "proxy" not in k.lower()
        }
        self._process = subprocess.Popen(
            [str(part) for part in command],
            env={**kept, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            self._wait_until_ready(within)
        except BaseException:
            self.kill()
            self._output.close()
            raise

    @property
    def pid(self) -> int:
        """Process id of the program."""
        return self._process.pid

    def output(self) -> str:
        """Give what the program has written so far."""
        self._output.flush()
        return os.pread(self._output.fileno(), 1 << 22, 0).decode("utf-8", "replace")

    def _wait_until_ready(self, within: float) -> None:
        port = int(self.ready.split("/")[2].rpartition(":")[2])
        deadline = time.monotonic() + within
        reason = "it did not answer"
        while time.monotonic() < deadline:
            if (status := self._process.poll()) is not None:
                raise AssertionError(
                    f"{self._process.args[0]!s} ended with {status} at start:\n{self.output()[-4000:]}"
                )
            try:
                answered, _ = http_get(self.ready, timeout=2)
            except OSError as error:
                reason = str(error)
            else:
                if not listens(self.pid, port):
                    raise AssertionError(f"port {port} is answered by another process than the one that was started")
                if answered < 400:
                    return
                reason = f"it answered {answered}"
            time.sleep(0.03)
        raise AssertionError(f"not ready within {within} s: {reason}\n{self.output()[-4000:]}")

    def stop(self) -> int:
        """Ask the program to end (SIGTERM), and give its exit status; kill it when it takes too long."""
        self._process.terminate()
        try:
            return self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"did not end within {STOP_SECONDS} s:\n{self.output()[-4000:]}") from None

    def kill(self) -> None:
        """End the program and whatever it started, at once."""
        if self._process.poll() is None:
            os.killpg(self.pid, signal.SIGKILL)
            self._process.wait(STOP_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._process.poll() is None:
                self.stop()
        finally:
            self.kill()
            self._output.close()
