"""The doctor's report, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console

    from sms_observability.cli.doctor.examination import Result
    from sms_observability.cli.doctor.in_force import InForce
    from sms_observability.settings import Problem
    from sms_observability.variables import Variable

_SOURCE_STYLES = {"keyword": "cyan", "environment": "green", "default": "dim"}
_WHY_NOT = {
    "none": "are switched off",
    "console": "go to the console, not to a receiver",
    "off": "are off because of a mistake in the environment",
}


def show_settings(screen: Console, rows: Iterable[InForce], *, everything: bool) -> None:
    """Print the settings in force: those that somebody set, or all."""
    table = Table(box=None, pad_edge=False, header_style="dim", title="Settings", title_justify="left")
    table.title_style = "bold"
    for column in ("setting", "value", "from"):
        table.add_column(column, overflow="fold")
    defaults = 0
    for row in rows:
        if row.source == "default" and not everything:
            defaults += 1
            continue
        table.add_row(
            Text(row.keyword, style="cyan"),
            Text(row.value),
            Text(row.variable or row.source, style=_SOURCE_STYLES[row.source]),
        )
    screen.print(table)
    if defaults:
        screen.print(Text(f"and {defaults} at their defaults: --all shows them", style="dim"))


def show_problems(screen: Console, problems: Iterable[Problem]) -> None:
    """Print the mistakes in the environment."""
    for problem in problems:
        screen.print(Text.assemble(("✗ ", "bold red"), (problem.variable, "bold"), f" {problem.what}"))
        screen.print(Text.assemble(("  → ", "yellow"), problem.remedy))


def show_refused(screen: Console, variables: Iterable[Variable]) -> None:
    """Print the standard variables that are set and do nothing."""
    for variable in variables:
        screen.print(Text.assemble(("! ", "yellow"), (variable.name, "bold"), " is set, but does nothing here"))
        screen.print(Text.assemble(("  → ", "yellow"), variable.meaning.replace("`", "")))


def show_results(screen: Console, results: Sequence[Result]) -> None:
    """Print what became of each signal; what several share is said once."""
    said: set[tuple[str, str]] = set()
    for result in results:
        target = result.target
        prefix = "restricted " if target.channel == "restricted" else ""
        name = f"{prefix}{target.signal}"
        if result.delivered is None:
            screen.print(Text.assemble(("· ", "dim"), (name, "bold"), f" {_WHY_NOT[target.endpoint.to]}"))
        elif result.delivered:
            screen.print(
                Text.assemble(
                    ("✓ ", "bold green"),
                    (name, "bold"),
                    f" arrive at {target.shown}",
                    (f" ({target.endpoint.protocol}, {result.milliseconds:.0f} ms)", "dim"),
                )
            )
        else:
            screen.print(Text.assemble(("✗ ", "bold red"), (name, "bold"), f" do not arrive at {target.shown}"))
        for finding in result.findings:
            if (finding.code, finding.what) in said:
                screen.print(Text("  for the same reason", style="dim"))
                continue
            said.add((finding.code, finding.what))
            screen.print(Text.assemble(("  ", ""), finding.what, (f" [{finding.code}]", "dim")))
            screen.print(Text.assemble(("  → ", "yellow"), finding.remedy))
