"""The command: settings in force, mistakes in the environment, one item of each signal sent."""

from __future__ import annotations

import os
from typing import Any, TextIO

import click
from rich.text import Text

from sms_observability.cli.doctor.examination import Result, accounting, examine
from sms_observability.cli.doctor.in_force import in_force
from sms_observability.cli.doctor.items import SERVICE
from sms_observability.cli.doctor.report import show_problems, show_refused, show_results, show_settings
from sms_observability.cli.doctor.target import targets
from sms_observability.cli.doctor.undeclared import show_undeclared, undeclared_in
from sms_observability.cli.output import console, write_json
from sms_observability.privacy import declaration
from sms_observability.receiver import accounting_table, write
from sms_observability.settings import Problem, SettingsError, resolve
from sms_observability.variables import refused

_FINDINGS = 1


@click.command()
@click.option("--endpoint", metavar="URL", help="Examine this endpoint, as the keyword `endpoint` would set it.")
@click.option(
    "--timeout",
    default=5.0,
    show_default=True,
    type=click.FloatRange(0.05, 300),
    help="Seconds that each step may take.",
)
@click.option("--all", "everything", is_flag=True, help="Show also the settings that are at their defaults.")
@click.option(
    "--log",
    type=click.File(errors="replace"),
    help="Look through the log lines of a service (- is standard input) for keys that no catalogue declares.",
)
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def doctor(  # noqa: PLR0913
    endpoint: str | None,
    timeout: float,
    everything: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
    log: TextIO | None,
) -> int:
    """Say whether telemetry would arrive from here, and if not, what is wrong and what to do.

    Reads the environment as a service would, and sends one item of each signal to the configured endpoint.
    """
    keywords: dict[str, Any] = {} if endpoint is None else {"endpoint": endpoint}
    name = None if _is_named() else SERVICE
    try:
        settings, problems = resolve(name, keywords, os.environ)
    except SettingsError as error:
        raise click.UsageError(str(error).replace("init_observability(endpoint=…)", "--endpoint")) from None
    found, more = targets(settings, os.environ, endpoint_is_keyword=endpoint is not None)
    problems = list(dict.fromkeys((*problems, *more)))
    rows = in_force(settings, keywords, os.environ, problems, named=name is None)
    undeclared = [] if log is None else undeclared_in(log)
    notes = console(errors=True)
    if as_json:
        results = examine(found, timeout, lambda _: None)
        write_json(
            {
                "well": _is_well(problems, results),
                "settings": [row.to_json() for row in rows],
                "problems": [
                    {"variable": each.variable, "what": each.what, "remedy": each.remedy} for each in problems
                ],
                "refused": [each.name for each in refused(os.environ)],
                "undeclared": {key: declaration(key) for key in undeclared},
                "accounting": accounting(results),
                "signals": [result.to_json() for result in results],
            }
        )
        return 0 if _is_well(problems, results) else _FINDINGS
    screen = console()
    show_settings(screen, rows, everything=everything)
    screen.print()
    show_refused(screen, refused(os.environ))
    show_problems(screen, problems)
    show_undeclared(screen, undeclared)
    with notes.status("Examining") as status:
        results = examine(found, timeout, status.update)
    show_results(screen, results)
    screen.print()
    if account := accounting(results):
        write(accounting_table({SERVICE: account}))
        screen.print()
    screen.print(_verdict(problems, results))
    return 0 if _is_well(problems, results) else _FINDINGS


def _is_named() -> bool:
    try:
        resolve(None, {}, os.environ)
    except SettingsError:
        return False
    return True


def _is_well(problems: list[Problem], results: list[Result]) -> bool:
    return not problems and not any(result.findings for result in results)


def _verdict(problems: list[Problem], results: list[Result]) -> Text:
    sent = [result for result in results if result.target.endpoint.to in ("otlp", "off")]
    arrived = sum(result.delivered is True for result in sent)
    if not _is_well(problems, results):
        return Text(f"Not well: {arrived} of {len(sent)} signals arrive.", style="bold red")
    if not sent:
        return Text("Nothing is sent from here, as the settings want it.", style="yellow")
    return Text("All is well.", style="bold green")
