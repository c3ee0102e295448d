"""`sms-observability receive`: an OTLP receiver that shows what arrives, until Ctrl-C."""

from __future__ import annotations

import contextlib
import ipaddress
import signal
import sys
import threading
import time
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

import click

from sms_observability.cli.output import write_json
from sms_observability.receiver import Live, Receiver, write

if TYPE_CHECKING:
    from collections.abc import Generator

    from sms_observability.receiver import Batch, Line

_LOOK_EVERY = 0.2
_WORDS = {"traces": "spans", "logs": "log records", "metrics": "data points"}


class _Lines:
    """For people: a trace as a tree once it is quiet, a line for all else."""

    def __init__(self) -> None:
        self._live = Live()
        self.take = self._live.take

    def show(self) -> None:
        time.sleep(_LOOK_EVERY)
        write(self._live.lines())

    def show_rest(self) -> None:
        write(self._live.lines(everything=True))


class _Items:
    """For programs: one JSON object a line. Written by one thread, which also learns when nobody reads any more."""

    def __init__(self) -> None:
        self._batches: SimpleQueue[Batch] = SimpleQueue()
        self.take = self._batches.put

    def show(self) -> None:
        with contextlib.suppress(Empty):
            self._write(self._batches.get(timeout=_LOOK_EVERY))

    def show_rest(self) -> None:
        with contextlib.suppress(Empty):
            while True:
                self._write(self._batches.get_nowait())

    def _write(self, batch: Batch) -> None:
        for item in batch.items:
            document: dict[str, Any] = {"signal": batch.signal, **item}
            write_json(document, lines=True)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=4318, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 takes a free one."
)
@click.option("--json", "as_json", is_flag=True, help="Write a JSON object a line for each item, at once.")
def receive(host: str, port: int, as_json: bool) -> int:  # noqa: FBT001
    """Show telemetry as it arrives by OTLP over HTTP: traces as trees, logs and metrics as lines. Ctrl-C ends it."""
    sink = _Items() if as_json else _Lines()
    receiver = Receiver(host, port, on_receive=sink.take, keep=1)
    try:
        receiver.start()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise click.ClickException(
            f"cannot listen on {host} port {port}: {reason}. Perhaps a Collector runs there already: say --port 0"
        ) from None
    try:
        with _until_stopped() as stopped:
            _greet(receiver)
            while not stopped.is_set():
                sink.show()
    finally:
        receiver.close()
    sink.show_rest()
    counts = ", ".join(f"{figures['items']} {_WORDS[name]}" for name, figures in receiver.totals().items())
    write([[(f"Received {counts}.", "dim")]], sys.stderr)
    return 0


@contextlib.contextmanager
def _until_stopped() -> Generator[threading.Event]:
    """Give an event that Ctrl-C or SIGTERM sets, so that both end the command well."""
    stopped = threading.Event()

    def stop(number: int, frame: object) -> None:  # noqa: ARG001
        stopped.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _greet(receiver: Receiver) -> None:
    lines: list[Line] = [
        [("Listening on ", ""), (receiver.endpoint, "bold cyan"), (". Ctrl-C ends it.", "dim")],
        [("In the service's shell: ", "dim"), (f"export OTEL_EXPORTER_OTLP_ENDPOINT={receiver.endpoint}", "")],
    ]
    if not _is_loopback(receiver.endpoint):
        lines.append([("Anybody who reaches this port may send to it.", "yellow")])
    write(lines, sys.stderr)


def _is_loopback(endpoint: str) -> bool:
    host = endpoint.removeprefix("http://").rpartition(":")[0].strip("[]")
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
