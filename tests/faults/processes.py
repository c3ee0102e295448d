"""Faults of the process: memory, threads, forks, signals, clocks."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from unittest import mock

from cli.sockets import hangs, server
from export.doors import RESOURCE, delivered, door, dropped, log, metric, span
from faults.clock import Took
from faults.receivers import ITEMS, emit
from faults.table import fault
from servers.process import free_port
from servers.waiting import wait_until
from sms_observability.export import Door, open_door
from sms_observability.privacy import OpenPolicy
from sms_observability.receiver import Answer, Batch, Receiver
from sms_observability.settings import resolve

MEMORY = "Memory"
THREADS = "Threads and exceptions"
PROCESS = "Forks and the end of the process"
CLOCKS = "Clocks"

SMALL = 65_536
FLOOD = 2_000


def flood(made: Door, items: int = FLOOD) -> None:
    """Emit more than a small budget holds."""
    for number in range(items):
        made.emit_span(span(number))


@fault(
    MEMORY,
    "the budget is full, `when_full=drop_oldest`",
    "the oldest items are dropped as `queue_full`; the newest are kept",
)
def drop_oldest() -> None:
    """What is kept are the last ones, and the budget holds."""
    port = free_port()
    with door(f"http://127.0.0.1:{port}", buffer_bytes=SMALL) as made:
        flood(made)
        account = made.accounting()["traces"]
        assert account["dropped"]["queue_full"] + account["queued"] == FLOOD
        assert made._buffer._bytes <= SMALL
        with Receiver(port=port) as receiver:
            made.flush(30.0)
            assert receiver.spans[-1]["name"] == f"span {FLOOD - 1}"
            assert len(receiver.spans) == account["queued"]


@fault(MEMORY, "the budget is full, `when_full=drop_newest`", "new items are dropped as `queue_full`")
def drop_newest() -> None:
    """What is kept are the first ones."""
    port = free_port()
    with door(f"http://127.0.0.1:{port}", buffer_bytes=SMALL, when_full="drop_newest") as made:
        flood(made)
        with Receiver(port=port) as receiver:
            assert made.flush(30.0) is False
            assert receiver.spans[0]["name"] == "span 0"
            assert dropped(made) == {"queue_full": FLOOD - len(receiver.spans)}


@fault(
    MEMORY,
    "the budget is full, `when_full=block`, the receiver works",
    "the caller waits for room, and nothing is lost",
)
def block() -> None:
    """Back-pressure instead of loss."""
    with Receiver(keep=10 * FLOOD) as receiver, door(receiver.endpoint, buffer_bytes=SMALL, when_full="block") as made:
        flood(made, 5 * FLOOD)
        assert made.flush(30.0)
        assert receiver.totals()["traces"]["items"] == delivered(made)["traces"] == 5 * FLOOD


@fault(
    MEMORY,
    "the budget is full, `when_full=block`, the receiver is dead",
    "the caller waits 5 s once, then new items are dropped as `queue_full` without a wait until something is sent",
)
def block_in_vain() -> None:
    """The wait has a limit, and is not paid for each item."""
    settings, _ = resolve(
        "parts-api",
        {
            "endpoint": f"http://127.0.0.1:{free_port()}",
            "traces": "otlp",
            "metrics": "none",
            "logs": "none",
            "buffer_bytes": SMALL,
            "when_full": "block",
        },
        {},
    )
    made, _ = open_door(settings, {}, OpenPolicy(), RESOURCE)
    made._buffer._block_seconds = 0.5
    began = time.monotonic()
    with Took() as took:
        flood(made)
    assert time.monotonic() - began >= 0.5
    assert took.seconds < 2.0
    assert dropped(made)["queue_full"] > 0
    made.shutdown(0)


@fault(MEMORY, "one signal floods", "it pays with its own oldest items; the other signals lose nothing")
def one_floods() -> None:
    """Logs wash no spans out."""
    with door(f"http://127.0.0.1:{free_port()}", buffer_bytes=SMALL) as made:
        emit(made)
        for number in range(FLOOD):
            made.emit_log(log(number))
        assert dropped(made, "logs")["queue_full"] > 0
        assert dropped(made) == {}


@fault(
    MEMORY,
    "`MemoryError` while an item is encoded",
    "that item is dropped as `quarantined`; the caller notices nothing",
)
def memory_error() -> None:
    """Nothing reaches the caller."""
    with Receiver() as receiver, door(receiver.endpoint) as made:
        with mock.patch("sms_observability.export.encode.spans.Spans.encode", side_effect=MemoryError):
            emit(made, 3)
        emit(made)
        made.flush(30.0)
        assert sum(dropped(made).values()) == 3
        assert delivered(made)["traces"] == ITEMS


_KINDS = (Exception, RuntimeError, MemoryError, RecursionError, SystemExit, KeyboardInterrupt, GeneratorExit)


@fault(
    THREADS,
    "the exporter raises, `SystemExit` included",
    "the worker goes on, one line says so, and the batch is sent again",
)
def exporter_raises() -> None:
    """No kind of exception ends the thread or loses the batch."""
    with Receiver() as receiver, door(receiver.endpoint, {"OTEL_BSP_SCHEDULE_DELAY": "20"}) as made:
        worker = next(each for each in made._workers if each.lane.signal == "traces")
        send = worker._transport.send
        kinds = list(_KINDS)

        def failing(body: bytes, timeout: float) -> object:
            if kinds:
                raise kinds.pop()
            return send(body, timeout)

        with mock.patch.object(worker, "_transport", mock.Mock(wraps=worker._transport, send=failing)):
            emit(made)
            wait_until(lambda: delivered(made)["traces"] == ITEMS)
        assert worker.restarts == len(_KINDS)
        assert receiver.totals()["traces"]["items"] == ITEMS
        assert made.flush(30.0)


@fault(
    THREADS,
    "an exception is thrown into the worker's thread from outside",
    "the worker goes on, and the batch is sent again",
)
def thrown_into() -> None:
    """As a debugger or a time-out library does."""
    with Receiver() as receiver, door(receiver.endpoint, {"OTEL_BSP_SCHEDULE_DELAY": "20"}) as made:
        worker = next(each for each in made._workers if each.lane.signal == "traces")
        assert worker.thread is not None
        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(worker.thread.ident or 0), ctypes.py_object(SystemExit)
        )
        wait_until(lambda: worker.restarts)
        emit(made)
        wait_until(lambda: delivered(made)["traces"] == ITEMS)
        assert made.flush(30.0)


@fault(THREADS, "a worker's thread dies", "a watchdog starts a new one within a second, and counts it")
def thread_dies() -> None:
    """Whatever ended it."""
    with Receiver() as receiver, door(receiver.endpoint, {"OTEL_BSP_SCHEDULE_DELAY": "20"}) as made:
        worker = next(each for each in made._workers if each.lane.signal == "traces")
        # Even the line that says so fails: then nothing is left to catch it.
        with (
            mock.patch.object(worker, "_step", side_effect=SystemExit),
            mock.patch.object(made._notices, "say", side_effect=SystemExit),
            mock.patch.object(threading, "excepthook"),
        ):
            old = worker.thread
            assert old is not None
            worker.wake()
            old.join(40)
            assert not old.is_alive()
        emit(made)
        wait_until(lambda: delivered(made)["traces"] == ITEMS)
        assert worker.thread is not old
        assert made.flush(30.0)


@fault(THREADS, "a metric callback raises `SystemExit`", "the other metrics are sent; one line says so")
def callback_raises() -> None:
    """It loses its own."""

    def bad() -> list[object]:
        raise SystemExit

    with Receiver() as receiver, door(receiver.endpoint) as made:
        made.add_metric_source(bad)  # type: ignore[arg-type]
        made.add_metric_source(lambda: [metric()])
        made.flush(30.0)
        assert delivered(made)["metrics"] == 2


@fault(
    THREADS,
    "the policy raises on an item",
    "that item is dropped as `quarantined`: what cannot be judged does not leave",
)
def policy_raises() -> None:
    """Its neighbours leave."""

    class Policy(OpenPolicy):
        def span_name(self, name: str) -> str:
            if name == "span 3":
                raise SystemExit
            return name

    with Receiver() as receiver:
        settings, _ = resolve("parts-api", {"endpoint": receiver.endpoint}, {})
        made, _ = open_door(settings, {}, Policy(), RESOURCE)
        emit(made)
        assert made.flush(30.0) is False
        assert dropped(made) == {"quarantined": 1}
        assert len(receiver.spans) == ITEMS - 1
        made.shutdown(0)


@fault(THREADS, "`flush` from many threads at once", "each is told the truth within its time")
def many_flushes() -> None:
    """A hung receiver does not make them queue up."""
    with server(hangs) as port, door(f"http://127.0.0.1:{port}") as made:
        emit(made)
        took: list[float] = []

        def flush() -> None:
            with Took() as each:
                assert made.flush(0.5) is False
            took.append(each.seconds)

        threads = [threading.Thread(target=flush) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(took) == 8
        assert max(took) <= 0.75


_PRELUDE = """
import os, signal, sys, threading, time
from opentelemetry import trace
from sms_observability import init_observability
metrics = os.environ.get("METRICS", "none")
observability = init_observability("parts-api", traces="otlp", metrics=metrics, logs="none")
tracer = trace.get_tracer("parts")
def work(count=500):
    for number in range(count):
        tracer.start_span(f"span {number}").end()
"""


def _ends(script: str, kill: int | None = None, patience: float = 60) -> tuple[int, int]:
    """Run a script that works and ends in some way; gives how many spans have arrived, and the exit status."""
    with Receiver() as receiver, tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "script.py")
        path.write_text(_PRELUDE + script, encoding="utf-8")
        environ = {**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.endpoint, "OTEL_BSP_SCHEDULE_DELAY": "600000"}
        environ |= {"OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "10000"}
        environ = {name: value for name, value in environ.items() if not name.startswith("PYTEST_")}
        with subprocess.Popen(
            [sys.executable, str(path)], env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            if kill is not None:
                assert process.stdout is not None
                assert "ready\n" in iter(process.stdout.readline, "")
                process.send_signal(kill)
            _, errors = process.communicate(timeout=patience)
        assert "Exception ignored" not in errors, errors
        return receiver.totals()["traces"]["items"], process.returncode


_WAIT = "work(); print('ready', flush=True); time.sleep(100)"


@fault(PROCESS, "the script ends", "everything is delivered at exit")
def ends() -> None:
    """`atexit` flushes."""
    assert _ends("work()") == (500, 0)


@fault(PROCESS, "the script ends by an exception that nobody catches", "everything is delivered; the exit status is 1")
def ends_by_exception() -> None:
    """The traceback is printed, and telemetry leaves."""
    assert _ends("work()\nraise ValueError") == (500, 1)


@fault(PROCESS, "SIGTERM", "everything is delivered; the process dies of the signal as it would have")
def terminated() -> None:
    """The exit status is the one without us."""
    assert _ends(_WAIT, signal.SIGTERM) == (500, -signal.SIGTERM)


@fault(PROCESS, "SIGINT (Ctrl-C)", "everything is delivered; the process ends by `KeyboardInterrupt`")
def interrupted() -> None:
    """The exit status is the one without us."""
    assert _ends(_WAIT, signal.SIGINT) == (500, -signal.SIGINT)


@fault(PROCESS, "SIGKILL, `os._exit`, a power cut", "what waits in memory is lost: it was never acknowledged")
def killed() -> None:
    """This is the truth, and why audit has a disk of its own."""
    assert _ends(_WAIT, signal.SIGKILL) == (0, -signal.SIGKILL)


@fault(PROCESS, "a child of `multiprocessing` ends", "what it emitted is delivered, though it ends past `atexit`")
def multiprocessing_child() -> None:
    """Parent and child deliver their own."""
    script = """
if __name__ == "__main__":
    import multiprocessing
    child = multiprocessing.get_context("fork").Process(target=work)
    child.start(); child.join(); work()
"""
    assert _ends(script) == (1000, 0)


@fault(PROCESS, "fork while threads emit and export", "no child hangs; what parent and children emit arrives once")
def fork_under_load() -> None:
    """Forty children of a busy parent."""
    fork_while_busy(40)


def fork_while_busy(children: int) -> None:
    """Fork one after the other while two threads emit, and metrics are collected fifty times a second."""
    script = """
from sms_observability import metrics
stop = threading.Event()
count = [0, 0]
children = int(os.environ["CHILDREN"])
def load(place):
    while not stop.is_set():
        work(20); count[place] += 20; metrics.feature_usage.add(1, feature="quotes", role="captain"); time.sleep(0.001)
threads = [threading.Thread(target=load, args=(place,)) for place in range(2)]
for thread in threads: thread.start()
for _ in range(children):
    pid = os.fork()
    if pid == 0:
        work(10)
        metrics.feature_usage.add(1, feature="quotes", role="captain")
        os._exit(0 if observability.flush(30) else 3)
    deadline = time.monotonic() + 40
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done: break
        if time.monotonic() > deadline: os.kill(pid, 9); print("hangs", file=sys.stderr, flush=True); os._exit(4)
        time.sleep(0.002)
    if status: print("status", status, file=sys.stderr, flush=True); os._exit(5)
stop.set()
for thread in threads: thread.join()
print(sum(count), flush=True)
time.sleep(0.01)
ok = observability.shutdown(30)
account = observability.accounting()["traces"]
assert ok and account["delivered"] == sum(count), account
with open(os.environ["TRUTH"], "w") as file: file.write(str(sum(count) + 10 * children))
"""
    with tempfile.TemporaryDirectory() as folder:
        truth = Path(folder, "truth")
        variables = {"TRUTH": str(truth), "PYTHONWARNINGS": "ignore", "CHILDREN": str(children)}
        variables |= {"METRICS": "otlp", "OTEL_METRIC_EXPORT_INTERVAL": "20"}
        with mock.patch.dict(os.environ, variables):
            arrived, status = _ends(script, patience=60 + children * 2)
        assert status == 0
        assert arrived == int(truth.read_text(encoding="ascii"))


def _dated(offset: float) -> None:
    from email.utils import formatdate

    def answer(batch: Batch) -> Answer | None:
        return Answer(status=503, retry_after=formatdate(time.time() + offset, usegmt=True)) if not seen else None  # type: ignore[arg-type]

    seen: list[Batch] = []

    def once(batch: Batch) -> Answer | None:
        given = answer(batch)
        seen.append(batch)
        return given

    with Receiver(on_receive=once) as receiver, door(receiver.endpoint) as made:
        emit(made)
        assert made.flush(30.0)
        assert delivered(made)["traces"] == ITEMS


_YEAR = 365 * 86_400.0
fault(
    CLOCKS,
    "the receiver's clock is a year ahead (`Retry-After` as a date)",
    "a wait is five minutes at most, and `flush` cuts it",
)(lambda: _dated(_YEAR))
fault(CLOCKS, "the receiver's clock is a year behind", "the wait is the usual one")(lambda: _dated(-_YEAR))


@fault(CLOCKS, "our clock steps by a year within a span, either way", "the span's duration stays what it was")
def clock_steps() -> None:
    """Durations are monotonic."""
    from sms_observability.providers import TracerProvider

    with Receiver() as receiver, door(receiver.endpoint) as made:
        tracer = TracerProvider(made.emit_span).get_tracer("parts")
        now = time.time_ns
        for step in (365 * 86_400 * 10**9, -365 * 86_400 * 10**9):
            started = tracer.start_span("stepped")
            with mock.patch("time.time_ns", lambda step=step: now() + step):
                started.end()
        assert made.flush(30.0)
        assert [0 <= each["end_ns"] - each["start_ns"] < 60 * 10**9 for each in receiver.spans] == [True, True]
