"""`make stack`: the whole stack on this machine, as plain processes, until Ctrl+C.

Exit status 0 after a clean stop, 1 if it could not start or something did not stop, 2 for a wrong command line.
"""

import argparse
import contextlib
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from examples.stack.fault import SWITCHES
from examples.stack.program import StackError
from examples.stack.stack import Stack
from examples.stack.tempo import QUICK, USUAL

console = Console(highlight=False, soft_wrap=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it.

    Args:
        arguments: Of the command line.

    Returns:
        The exit status.
    """
    parser = argparse.ArgumentParser(prog="stack", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="compress time: alerts fire and resolve within a minute")
    parser.add_argument("--any-ports", action="store_true", help="use free ports instead of the usual ones")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop by itself after this time")
    parser.add_argument("--folder", help="keep its files here (a short path); a new stack there goes on with the data")
    parser.add_argument("--fault", action="append", default=[], choices=SWITCHES, help="switch a fault on at the start")
    for number in (signal.SIGINT, signal.SIGTERM):  # a shell that runs this in the background ignores the first
        signal.signal(number, signal.default_int_handler)
    options = parser.parse_args(arguments)
    try:
        with contextlib.ExitStack() as kept:
            folder = options.folder or kept.enter_context(tempfile.TemporaryDirectory(prefix="sms-stack-"))
            Path(folder).mkdir(parents=True, exist_ok=True)
            stack = Stack(Path(folder), tempo=QUICK if options.quick else USUAL, any_ports=options.any_ports)
            return _run(stack, options.fault, time.monotonic() + options.seconds)
    except StackError as error:
        console.print(f"[bold red]The stack does not run:[/] {error}", markup=True)
        return 1
    except KeyboardInterrupt:
        console.print("Stopped before it was up.")
        return 1


def _run(stack: Stack, faults: Sequence[str], until: float) -> int:
    console.print(f"Starting {len(stack.programs)} programs; their logs are in {stack.folder}/log")
    for name, port in stack.places.moved.items():
        console.print(f"  the usual port of {name} is taken: it is on {port}")
    with stack:
        console.print(stack.table())
        for fault in faults:
            stack.switch(fault, on=True)
        console.print(f"Look first at the dashboards, {stack.places.url('dashboards', '/')} (full in a minute), and at")
        console.print(f"what people would be told, {stack.places.url('inbox', '/')}")
        console.print("Let something go wrong, in a second terminal in this folder; end it with off:")
        console.print(f"  {_python()} -m examples.stack.fault {stack.folder} {SWITCHES[0]} on")
        console.print(f"  others: {', '.join(SWITCHES[1:])}")
        console.print("Stop with Ctrl+C.")
        with contextlib.suppress(KeyboardInterrupt):
            _watch(stack, until)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)  # asked once is enough
        console.print("Stopping: first who sends, last who takes")
        graceful = stack.supervisor.stop()
    console.print("Stopped." if graceful else "[bold red]Something had to be killed.[/]")
    return 0 if graceful else 1


def _python() -> str:
    place, here = Path(sys.executable), Path.cwd()
    return str(place.relative_to(here) if place.is_relative_to(here) else place)


def _watch(stack: Stack, until: float) -> None:
    while time.monotonic() < until:
        for change in stack.supervisor.changes():
            console.print(f"{time.strftime('%H:%M:%S')}  {change}")
        time.sleep(0.5)


if __name__ == "__main__":
    sys.exit(main())
