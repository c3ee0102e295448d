"""The process supervisor of the stack: starts every program, and starts again what dies."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
from supervisor.xmlrpc import SupervisorTransport  # type: ignore[import-untyped]

from examples.portal.processes import ROOT
from examples.stack.program import Program, StackError

STOP_WITHIN = 20.0
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "SMS_TOOLS_CACHE", "XDG_CACHE_HOME")
_DOWN, _GIVEN_UP = -1, -2
_DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG


class Supervisor:
    """A supervisord with the programs of the stack; whatever dies is started again.

    Args:
        programs: What to run; all are started at once, because each waits for what it needs.
        folder: For its configuration, its socket and one log file a program.
    """

    def __init__(self, programs: Sequence[Program], folder: Path) -> None:
        self.programs = programs
        self._folder = folder
        self._socket = folder / "supervisor.sock"
        self._process: subprocess.Popen[bytes] | None = None
        self._seen: dict[str, int] = {}

    def __enter__(self) -> Self:
        config = self._folder / "supervisord.conf"
        config.write_text(_configuration(self.programs, self._folder, self._socket), encoding="utf-8")
        config.chmod(0o600)
        (self._folder / "log").mkdir(exist_ok=True)
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "supervisor.supervisord", "--nodaemon", "--configuration", str(config)],
            env={name: os.environ[name] for name in _KEPT if name in os.environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            start_new_session=True,  # Ctrl+C is ours to pass on, once
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - there are no threads yet, and it makes one system call
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def wait_until_ready(self, within: float) -> None:
        """Wait until every program answers.

        Raises:
            StackError: One did not; the message has the end of its log.
        """
        deadline = time.monotonic() + within
        for program in self.programs:
            while not self._is_ready(program):
                if self._ended():
                    log = self._folder / "supervisord.log"
                    msg = f"the supervisor ended:\n{_tail(log)}"
                    raise StackError(msg)
                if self._gave_up(program.name) or time.monotonic() > deadline:
                    msg = f"{program.name} did not start:\n{_tail(self.log(program.name))}"
                    raise StackError(msg)
                time.sleep(0.1)

    def log(self, name: str) -> Path:
        """Give the file with all that a program has written."""
        return self._folder / "log" / f"{name}.log"

    def changes(self) -> Iterator[str]:
        """Say what has died and what has been started again since the last call."""
        for name, told in self.status().items():
            before, now = self._seen.get(name), int(told["pid"])
            if now:
                if before is not None and before != now:
                    yield f"{name} was started again (process {now}); see log/{name}.log"
                self._seen[name] = now
            elif told["statename"] == "FATAL" and before != _GIVEN_UP:
                self._seen[name] = _GIVEN_UP
                yield f"{name} is given up: it could not be started; see log/{name}.log"
            elif before is not None and before > 0:
                self._seen[name] = _DOWN
                yield f"{name} is down: {told['spawnerr'] or told['description']}"

    def status(self) -> dict[str, Mapping[str, Any]]:
        """Give what the supervisor knows of each program.

        Raises:
            StackError: The supervisor itself has ended.
        """
        try:
            return {each["name"]: each for each in self._ask("getAllProcessInfo")}
        except OSError as error:
            if self._ended():
                msg = f"the supervisor ended:\n{_tail(self._folder / 'supervisord.log')}"
                raise StackError(msg) from error
            return {}

    def stop_program(self, name: str) -> None:
        """Stop one program, and leave it stopped."""
        self._ask("stopProcess", name)

    def start_program(self, name: str) -> None:
        """Start one program that was stopped."""
        self._ask("startProcess", name)

    def stop(self) -> bool:
        """Stop all: those that send before those that take, so that the last batch arrives.

        Returns:
            Whether all ended when they were asked to.
        """
        if self._process is None:
            return True
        with contextlib.suppress(OSError, StackError):
            self._seen.update({name: int(told["pid"]) for name, told in self.status().items() if told["pid"]})
        self._process.terminate()
        graceful = True
        try:
            self._process.wait(STOP_WITHIN * 8)
        except subprocess.TimeoutExpired:
            graceful = False
            self._process.kill()
            self._process.wait()
        for pid in self._seen.values():
            if pid > 0 and _is_ours(pid, self._folder):
                graceful = False
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(pid, signal.SIGKILL)
        return graceful

    def _ask(self, method: str, *arguments: str) -> Any:
        transport = SupervisorTransport(None, None, f"unix://{self._socket}")
        with xmlrpc.client.ServerProxy("http://127.0.0.1", transport) as server:
            try:
                return getattr(server.supervisor, method)(*arguments)
            finally:
                transport.close()

    def _ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def _gave_up(self, name: str) -> bool:
        with contextlib.suppress(OSError, StackError):
            return self.status().get(name, {}).get("statename") == "FATAL"
        return False

    def _is_ready(self, program: Program) -> bool:
        if not program.ready:
            return True
        try:
            return httpx.get(program.ready, timeout=2, trust_env=False).is_success
        except httpx.HTTPError:
            return False


def _configuration(programs: Sequence[Program], folder: Path, socket: Path) -> str:
    root = "user=root\n" if os.geteuid() == 0 else ""
    own = f"logfile={folder}/supervisord.log\npidfile={folder}/supervisord.pid\nchildlogdir={folder}/log\n"
    parts = [
        f"[supervisord]\nnodaemon=true\n{own}identifier=sms-stack\n{root}",
        f"[unix_http_server]\nfile={socket}\nchmod=0700\n",
        "[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n",
        f"[supervisorctl]\nserverurl=unix://{socket}\n",
    ]
    # The lowest priority starts first and stops last.
    for priority, program in enumerate(programs, 1):
        command = " ".join(_quoted(part) for part in program.command)
        environment = {**program.environment, "SMS_STACK_FOLDER": str(folder)}
        pairs = ",".join(f"{name}={_quoted(text)}" for name, text in environment.items())
        parts.append(
            f"[program:{program.name}]\ncommand={command}\nenvironment={pairs}\ndirectory={ROOT}\n"
            f"priority={priority}\nautorestart=true\nstartsecs=1\nstartretries=10\nstopsignal=TERM\n"
            f"stopwaitsecs={STOP_WITHIN:.0f}\nkillasgroup=true\nredirect_stderr=true\n"
            f"stdout_logfile={folder}/log/{program.name}.log\nstdout_logfile_maxbytes=20MB\nstdout_logfile_backups=1\n"
        )
    return "\n".join(parts)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(_DIES_WITH_PARENT, signal.SIGTERM)


def _is_ours(pid: int, folder: Path) -> bool:
    try:
        return f"SMS_STACK_FOLDER={folder}\0".encode() in Path(f"/proc/{pid}/environ").read_bytes() + b"\0"
    except OSError:
        return False


def _tail(log: Path, most: int = 3000) -> str:
    return log.read_text("utf-8", "replace")[-most:] if log.exists() else "(it wrote nothing)"
