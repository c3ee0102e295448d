"""`sms-observability lint-rules`: rules, dashboards and expressions held against the catalogue."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.text import Text

from sms_observability.catalog.durations import seconds
from sms_observability.catalog.errors import CatalogError
from sms_observability.cli.catalog_option import catalog_option
from sms_observability.cli.output import console, write_json

if TYPE_CHECKING:
    from sms_observability.catalog import Catalog
    from sms_observability.lint.rules import RuleFinding

_FINDINGS = 1
_STYLES = {"error": "bold red", "advice": "yellow"}


def _duration(context: click.Context, parameter: click.Parameter, value: str) -> float:  # noqa: ARG001
    try:
        return seconds(value)
    except CatalogError:
        raise click.BadParameter("write a duration of Prometheus, such as 15d or 1m30s") from None


def _patterns(context: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:  # noqa: ARG001
    for pattern in value:
        try:
            re.compile(pattern)
        except re.error as error:
            raise click.BadParameter(f"{pattern!r} is no regular expression: {error}") from None
    return value


@click.command("lint-rules")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@catalog_option
@click.option("--errors-only", is_flag=True, help="Leave out advice: what works, and probably is not meant so.")
@click.option(
    "--retention",
    default="15d",
    show_default=True,
    callback=_duration,
    help="How long Prometheus keeps; a configuration of it among the files that says longer counts.",
)
@click.option("--interval", default="15s", show_default=True, callback=_duration, help="Between two scrapes.")
@click.option("--native-histograms", is_flag=True, help="Histograms are stored as native ones.")
@click.option(
    "--known", multiple=True, metavar="REGEX", callback=_patterns, help="Names that exist beside the catalogue's."
)
@click.option(
    "--runbooks",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of the runbooks' pages, to find links that lead nowhere.",
)
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def lint_rules(  # noqa: PLR0913 - one parameter an option
    paths: tuple[Path, ...],
    declared: Catalog,
    *,
    errors_only: bool,
    retention: float,
    interval: float,
    native_histograms: bool,
    known: tuple[str, ...],
    runbooks: Path | None,
    as_json: bool,
) -> int:
    """Check rule files, dashboards and lists of {name, expr} against the catalogue.

    What has `restricted` in its path belongs to the restricted Prometheus.
    """
    from sms_observability.lint.rules import RuleOptions, check_rules

    options = RuleOptions(
        retention=retention,
        interval=interval,
        native_histograms=native_histograms,
        known=known,
        runbooks=frozenset(page.stem for page in runbooks.glob("*.md")) if runbooks is not None else None,
    )
    try:
        findings = check_rules(paths, declared, options)
    except ModuleNotFoundError as error:
        raise click.ClickException(f"{error.name} is missing: pip install 'sms-observability[lint]'") from None
    if errors_only:
        findings = [finding for finding in findings if finding.level == "error"]
    if as_json:
        write_json({"findings": [finding.to_json() for finding in findings]})
    else:
        _show(findings)
    return _FINDINGS if findings else 0


def _show(findings: list[RuleFinding]) -> None:
    screen = console()
    if not findings:
        screen.print(Text("Nothing is wrong.", style="green"))
    for finding in findings:
        line = Text(str(finding))
        line.highlight_words([f"{finding.level} [{finding.check}]"], _STYLES[finding.level])
        screen.print(line, soft_wrap=True)
