"""The demo: the whole portal for half a minute, and what it told about itself. `make demo` runs it.

Exit status 0 if everything that it claims is so, 1 if not.
"""

import argparse
import asyncio
import json
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.rule import Rule

from examples.portal.claims import Evidence, broken_claims, unexpected
from examples.portal.collector import NotBuiltError, collector
from examples.portal.driver import Driver, Sent, UnexpectedAnswerError
from examples.portal.processes import Processes, StartError, portal, wait_until
from sms_observability.receiver import (
    Receiver,
    accounting_table,
    journey_table,
    journeys,
    latest,
    log_line,
    metric_line,
    trace_tree,
    write,
)

REQUESTS = 33
DECISION_WAIT = 8.0
SHOWN_LOGS = 8

console = Console(highlight=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it.

    Args:
        arguments: Of the command line.

    Returns:
        The exit status.
    """
    parser = argparse.ArgumentParser(prog="demo", description=__doc__)
    parser.add_argument(
        "--collector", action="store_true", help="through the real Collector (`make servers` builds it)"
    )
    through_collector = parser.parse_args(arguments).collector
    began = time.monotonic()
    try:
        evidence = _run(through_collector=through_collector)
    except (NotBuiltError, StartError, UnexpectedAnswerError) as error:
        console.print(f"[bold red]The demo stopped:[/] {error}")
        return 1
    _show(evidence)
    broken = broken_claims(evidence)
    for claim in (*unexpected(evidence.sent), *broken):
        console.print(f"[bold red]Not so:[/] {claim}")
    if broken:
        return 1
    console.print(f"[bold green]All of this was checked on what arrived[/], in {time.monotonic() - began:.0f} s.")
    return 0


def _run(*, through_collector: bool) -> Evidence:
    with ExitStack() as stack:
        receiver = stack.enter_context(Receiver(keep=100_000))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sms-portal-")))
        database = folder / "portal.db"
        _create_tables(database)
        exports_to = receiver.endpoint
        if through_collector:
            process, exports_to, _ = collector(receiver.endpoint, folder)
            console.print("Starting the Collector")
            stack.enter_context(Processes([process]))
        services, urls = portal(f"sqlite:///{database}", exports_to, folder)
        console.print(f"Starting {', '.join(process.name for process in services.all)}")
        with services:
            os.environ.update({f"PORTAL_{name.upper()}_URL": url for name, url in urls.items()})
            with _progress() as advance:
                sent = asyncio.run(Driver(advance).drive())
            wait_until(lambda: not _open_jobs(database), 15.0)
            answers = {name: httpx.post(f"{url}/internal/telemetry", timeout=10).json() for name, url in urls.items()}
        accounts: dict[str, Any] = {process.name: _last_accounts(process.output()) for process in services.all[-1:]}
        accounts = {**{name: answer["accounting"] for name, answer in answers.items()}, **accounts}
        flushed = {name: answer["flushed"] for name, answer in answers.items()}
        if through_collector:
            console.print("Waiting for the Collector to decide on the traces")
            receiver.wait_for(lambda arrived: bool(journeys(arrived.spans)), DECISION_WAIT)
            _settle(receiver)
        undeclared = {
            key: each["declaration"] for answer in answers.values() for key, each in answer["undeclared"].items()
        }
        return Evidence(receiver, sent, accounts, flushed, services.graceful, through_collector, undeclared)


@contextmanager
def _progress() -> Iterator[Any]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=not console.is_terminal) as progress:
        task = progress.add_task("The portal is used", total=REQUESTS)

        def advance(sent: Sent) -> None:
            progress.update(task, advance=1, description=f"{sent.what:<26}")

        yield advance
        progress.update(task, description=f"{'Done':<26}", completed=REQUESTS)


def _show(evidence: Evidence) -> None:
    receiver = evidence.receiver
    spans = receiver.spans
    _title("Journeys: how long they took, and what broke their SLA")
    write(journey_table(journeys(spans)))
    _title("The slow one: a trace across the services")
    slow = next((span for span in spans if span["attributes"].get("sms.sla.breached") is True), None)
    if slow is not None:
        write(trace_tree([span for span in spans if span["trace_id"] == slow["trace_id"]]))
    _title("One correlation id: a first try that failed, and its retry")
    lines = [log for log in receiver.logs if "retry-of-filter" in json.dumps(log["attributes"])]
    write([log_line(log) for log in lines[:SHOWN_LOGS]])
    _title("Business metrics, under the names that Prometheus will know")
    # Declared series stand at zero from the start, so that the first failure is an increase; they are not shown.
    points = [point for point in latest(receiver.metrics) if point["name"].startswith("sms.parts") and point["labels"]]
    write([metric_line(point) for point in points])
    _title("What became of all telemetry, and what was withheld")
    write(accounting_table(evidence.accounts))
    console.print("Fields and names that were withheld, by the reason:")
    redacted = [point for point in latest(receiver.metrics) if point["name"] == "sms.telemetry.redacted"]
    write([[(f"{point['resource']['service.name']!s:<14} ", "cyan"), *metric_line(point)] for point in redacted])
    for key, line in evidence.undeclared.items():
        console.print(f"[yellow]{key}[/] is in no catalogue; this declares it: {line}", markup=True)
    console.print()


def _title(text: str) -> None:
    console.print()
    console.print(Rule(text, align="left"))


def _create_tables(database: Path) -> None:
    import subprocess

    subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "examples.portal.database"],
        env={**os.environ, "PORTAL_DATABASE": f"sqlite:///{database}"},
        cwd=Path(__file__).parents[2],
        check=True,
    )


def _open_jobs(database: Path) -> int:
    with sqlite3.connect(database, timeout=5) as connection:
        return int(connection.execute("SELECT count(*) FROM jobs WHERE status = 'waiting'").fetchone()[0])


def _last_accounts(output: str) -> Any:
    """Read what the worker wrote when it stopped."""
    for line in reversed(output.splitlines()):
        if line.startswith('{"accounting"'):
            return json.loads(line)["accounting"]
    return {}


def _settle(receiver: Receiver) -> None:
    """Wait until nothing more comes."""
    before = -1
    deadline = time.monotonic() + 2 * DECISION_WAIT
    while (now := receiver.totals()["traces"]["items"]) != before and time.monotonic() < deadline:
        before = now
        time.sleep(DECISION_WAIT / 2)


if __name__ == "__main__":
    sys.exit(main())
