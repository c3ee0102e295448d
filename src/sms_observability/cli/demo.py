"""`sms-observability demo`: see what the library does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.text import Text

from sms_observability.cli.output import console

if TYPE_CHECKING:
    from sms_observability.receiver import Line, Receiver, Span

_FINDINGS = 1
_CHECKOUT = Path(__file__).parents[3]


@click.command()
@click.option("--collector", is_flag=True, help="Through the real Collector; in a checkout, after `make servers`.")
def demo(collector: bool) -> int:  # noqa: FBT001
    """Run the example portal and show what it emits; outside a checkout, a small service in this process."""
    if (_CHECKOUT / "examples" / "portal" / "demo.py").is_file():
        command = [sys.executable, "-m", "examples.portal.demo", *(["--collector"] if collector else [])]
        return subprocess.run(command, cwd=_CHECKOUT, check=False).returncode  # noqa: S603 - our own program
    if collector:
        raise click.UsageError("--collector needs the checkout: clone the repository and run make demo COLLECTOR=1")
    return _run_small()


def _run_small() -> int:
    """Serve a few orders in this process; the real example needs its own processes, and a checkout."""
    from sms_observability import receiver as shown
    from sms_observability.cli.small_portal import serve

    with shown.Receiver() as receiver:
        account = serve(receiver)
    screen = console()
    for title, lines in (
        ("Journeys: how long they took, and what broke their SLA", shown.journey_table(shown.journeys(receiver.spans))),
        ("A trace for each", _trees(receiver)),
        ("Log lines", [shown.log_line(log) for log in receiver.logs]),
        ("Business metrics, under the names that Prometheus will know", _metrics(receiver)),
        ("What became of all telemetry, and what was withheld", shown.accounting_table({"demo": account})),
    ):
        screen.print(Text(title, style="bold"))
        shown.write(lines)
        screen.print()
    lost = [signal for signal, figures in account.items() if figures["queued"] or not figures["delivered"]]
    if lost:
        screen.print(Text(f"Not well: {', '.join(lost)} did not arrive.", style="bold red"))
        return _FINDINGS
    screen.print(Text("The whole portal, with its own processes, is in the repository: make demo", style="dim"))
    return 0


def _trees(receiver: Receiver) -> list[Line]:
    from sms_observability.receiver import trace_tree

    by_trace: dict[str, list[Span]] = {}
    for span in receiver.spans:
        by_trace.setdefault(span["trace_id"], []).append(span)
    return [line for spans in by_trace.values() for line in trace_tree(spans)]


def _metrics(receiver: Receiver) -> list[Line]:
    from sms_observability.receiver import latest, metric_line

    points = [point for point in latest(receiver.metrics) if point["name"].startswith("sms.parts")]
    return [metric_line(point) for point in points if point["value"] or point["count"]]
