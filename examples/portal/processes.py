"""The portal's processes: started together, waited for, stopped together. Nothing stays behind."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import httpx

ROOT = Path(__file__).parents[2]
SERVICES = {"parts": "parts-api", "sync": "sync-api", "vessels": "vessels-api", "payments": "payment-processor"}
"""The services by the name of their module; each is known by the other name."""
STOP_WITHIN = 10.0


class StartError(Exception):
    """A process did not come up; the message has the end of what it said."""


class Process:
    """A program in a process group of its own; its output goes to a file.

    Args:
        name: What it is called in messages, and its output file.
        command: The program and its arguments.
        environment: All of its environment variables.
        folder: Where its output file is written.
        ready: The URL that answers 200 when it is up; nothing to wait for if left out.
    """

    def __init__(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], folder: Path, ready: str | None = None
    ) -> None:
        self.name = name
        self._command = command
        self._environment = environment
        self._path = folder / f"{name}.out"
        self._ready = ready
        self._process: subprocess.Popen[bytes] | None = None
        self._file: IO[bytes] | None = None

    def start(self) -> None:
        """Start it, without waiting."""
        self._file = self._path.open("wb")
        self._process = subprocess.Popen(  # noqa: S603 - our own programs
            self._command,
            env=dict(self._environment),
            stdin=subprocess.DEVNULL,
            stdout=self._file,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            start_new_session=True,
        )

    def wait_until_ready(self, within: float = 60.0) -> None:
        """Wait until it answers.

        Raises:
            StartError: It ended, or it did not answer in time.
        """
        deadline = time.monotonic() + within
        while self._ready is not None and not _answers(self._ready):
            if self.ended or time.monotonic() > deadline:
                msg = f"{self.name} did not start:\n{self.output()[-2000:]}"
                raise StartError(msg)
            time.sleep(0.05)

    @property
    def ended(self) -> bool:
        """Whether it has ended, or was never started."""
        return self._process is None or self._process.poll() is not None

    def output(self) -> str:
        """Give all that it has written."""
        return self._path.read_text("utf-8", "replace") if self._path.exists() else ""

    def ask_to_stop(self) -> None:
        """Send SIGTERM, as every orchestrator does."""
        self._signal(signal.SIGTERM)

    def wait_until_stopped(self, within: float = STOP_WITHIN) -> bool:
        """Wait for its end; kill its whole group if it does not come.

        Returns:
            Whether it ended by itself.
        """
        if self._process is None:
            return True
        graceful = True
        try:
            self._process.wait(within)
        except subprocess.TimeoutExpired:
            graceful = False
        self._signal(signal.SIGKILL, group=True)
        self._process.wait()
        if self._file is not None:
            self._file.close()
        return graceful

    def _signal(self, number: signal.Signals, *, group: bool = False) -> None:
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            if group:
                os.killpg(self._process.pid, number)
            elif self._process.poll() is None:
                self._process.send_signal(number)


class Processes:
    """Processes that live and end together.

    Args:
        processes: What to start.
    """

    def __init__(self, processes: Sequence[Process]) -> None:
        self.all = processes
        self.graceful: dict[str, bool] = {}

    def __enter__(self) -> Self:
        try:
            for process in self.all:
                process.start()
            for process in self.all:
                process.wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Ask all to stop, then see to it that they do."""
        for process in self.all:
            process.ask_to_stop()
        deadline = time.monotonic() + STOP_WITHIN
        for process in self.all:
            graceful = process.wait_until_stopped(max(0.1, deadline - time.monotonic()))
            self.graceful.setdefault(process.name, graceful)


_given: set[int] = set()


def free_ports(count: int) -> list[int]:
    """Give ports of loopback that are free at this moment, all different, and none that was given before.

    They lie below those that the kernel gives to outgoing connections: one of these would take a port between this
    call and the start of the server that it is meant for.
    """
    ports: list[int] = []
    while len(ports) < count:
        port = random.SystemRandom().randrange(20_000, 32_000)
        if port in _given:
            continue
        _given.add(port)
        with contextlib.suppress(OSError):
            socket.create_server(("127.0.0.1", port)).close()
            ports.append(port)
    return ports


def wait_until(condition: Callable[[], bool], within: float) -> bool:
    """Wait for a condition, not for ever; say whether it came."""
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            return condition()
        time.sleep(0.1)
    return True


def portal(database: str, exports_to: str, folder: Path) -> tuple[Processes, dict[str, str]]:
    """Give the services and the worker, not started yet.

    Args:
        database: The URL of the database.
        exports_to: Where their telemetry goes by OTLP.
        folder: Where their output is kept.

    Returns:
        The processes, and the addresses of the services by name.
    """
    services = SERVICES
    ports = dict(zip(services, free_ports(len(services)), strict=True))
    urls = {service: f"http://127.0.0.1:{port}" for service, port in ports.items()}
    environment = {
        **_inherited(),
        "PYTHONPATH": str(ROOT),
        "PORTAL_DATABASE": database,
        **{f"PORTAL_{service.upper()}_URL": address for service, address in urls.items()},
        "OTEL_EXPORTER_OTLP_ENDPOINT": exports_to,
        "OTEL_METRIC_EXPORT_INTERVAL": "5000",
        "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=demo,service.version=1.2.3,cloud.region=eu-west-1",
        "SMS_OBSERVABILITY_UNKNOWN_FIELDS": "drop",
        "SMS_OBSERVABILITY_LOG_FORMAT": "json",
        "SMS_OBSERVABILITY_EXCLUDED_ROUTES": "/livez,/readyz,/health,/internal",
    }
    processes = [
        Process(
            name,
            [*_python("uvicorn"), f"examples.portal.{service}:app", "--port", str(ports[service])],
            environment,
            folder,
            ready=f"{urls[service]}/readyz",
        )
        for service, name in services.items()
    ]
    processes.append(Process("orders-worker", _python("examples.portal.worker"), environment, folder))
    return Processes(processes), urls


def _python(module: str) -> list[str]:
    return [sys.executable, "-m", module]


def _inherited() -> dict[str, str]:
    """Give our environment without what would change what the services send."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OTEL_", "SMS_OBSERVABILITY_", "PORTAL_", "PYTEST_")) and name != "PYTHONPATH"
    }


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2, trust_env=False).is_success
    except httpx.HTTPError:
        return False
