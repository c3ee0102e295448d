"""`sms-observability dashboards preview`: the rendered dashboards as one page, from a Prometheus."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.text import Text

from sms_observability.cli.dashboards.answers import Answers
from sms_observability.cli.dashboards.page_file import page
from sms_observability.cli.dashboards.prometheus import AnswerError, Logs, Prometheus
from sms_observability.cli.dashboards.span import span
from sms_observability.cli.output import console, write_json

if TYPE_CHECKING:
    from collections.abc import Iterable

_FOUND = 1
_PUBLIC, _RESTRICTED = "dashboards", "restricted/dashboards"


@click.group()
def dashboards() -> None:
    """Look at the dashboards without a Grafana."""


@dashboards.command()
@click.option("--prometheus", required=True, metavar="URL", help="The Prometheus that is asked.")
@click.option(
    "--restricted-prometheus", metavar="URL", help="Finance's Prometheus; without it nothing restricted is shown."
)
@click.option("--logs", metavar="URL", help="A VictoriaLogs, for panels of log lines.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=Path("monitoring/grafana"),
    show_default=True,
    help="Where the rendered dashboards are.",
)
@click.option("--only", multiple=True, metavar="UID", help="Only this dashboard; may be given more than once.")
@click.option("--since", default="", metavar="TIME", help="Such as now-1h or now/d; each dashboard's own if left out.")
@click.option("--at", metavar="TIME", help="How it was then, such as 2026-11-12T15:00:00Z; now if left out.")
@click.option("--interval", default=60.0, show_default=True, help="Seconds from one sample to the next.")
@click.option("--set", "chosen", multiple=True, metavar="NAME=VALUE", help="A variable's value; all if left out.")
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), default=Path("dashboards.html"), show_default=True
)
@click.option("--json", "as_json", is_flag=True, help="Write JSON: each panel, and whether it has data.")
def preview(  # noqa: PLR0913 - one for each option
    prometheus: str,
    restricted_prometheus: str | None,
    logs: str | None,
    folder: Path,
    only: tuple[str, ...],
    since: str,
    at: str | None,
    interval: float,
    chosen: tuple[str, ...],
    output: Path,
    as_json: bool,  # noqa: FBT001
) -> int:
    """Ask all that the dashboards ask, and write one page that needs no network.

    Ends with 1 if a panel could not be asked; a panel without data is no fault, the page says why it has none.
    """
    now = _moment(at) if at else time.time()
    variables = _variables(chosen)
    if since:
        try:
            span(since, now=now, interval=interval)
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--since") from None
    sources = [(_PUBLIC, prometheus), *([(_RESTRICTED, restricted_prometheus)] if restricted_prometheus else [])]
    store = Logs(logs) if logs else None
    shown: list[dict[str, Any]] = []
    for part, url in sources:
        source = Prometheus(url)
        try:
            source.instant("vector(1)", now)
        except AnswerError as error:
            raise click.ClickException(str(error)) from None
        answers = Answers(source, store, now=now, interval=interval, since=since, chosen=variables)
        shown += [answers.dashboard(content) for content in _files(folder / part, only)]
    if not shown:
        raise click.UsageError(
            f"no dashboard of that name below {folder}: run `sms-observability render`, or see --only"
        )
    output.write_text(page(shown, about=_about(restricted=bool(restricted_prometheus), now=now)), encoding="utf-8")
    panels = [
        (dashboard["uid"], panel) for dashboard in shown for panel in dashboard["panels"] if panel["type"] != "row"
    ]
    if as_json:
        write_json({"page": str(output), "panels": [_to_json(uid, panel) for uid, panel in panels]})
    else:
        _tell(panels, output)
    return _FOUND if any("error" in panel for _, panel in panels) else 0


def _moment(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r}: write 2026-11-12T15:00:00Z", param_hint="--at") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _variables(chosen: Iterable[str]) -> dict[str, str]:
    pairs = [each.partition("=") for each in chosen]
    if wrong := [name for name, sign, _ in pairs if not sign or not name]:
        raise click.BadParameter(f"{wrong[0]!r}: write NAME=VALUE, such as environment=production", param_hint="--set")
    return {name: value for name, _, value in pairs}


def _files(folder: Path, only: tuple[str, ...]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for file in sorted(folder.glob("*.json")):
        try:
            content = json.loads(file.read_text(encoding="utf-8"))
        except ValueError as error:
            raise click.ClickException(f"{file} is no JSON ({error}): run `sms-observability render`") from None
        if not only or content["uid"] in only:
            found.append(content)
    return found


def _about(*, restricted: bool, now: float) -> str:
    moment = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(now))
    kept = "" if restricted else " Restricted dashboards are left out: no restricted Prometheus was given."
    return f"Made by sms-observability dashboards preview for {moment}, from the files that Grafana reads.{kept}"


def _state(panel: dict[str, Any]) -> str:
    return "error" if "error" in panel else "empty" if "why" in panel else "data"


def _to_json(uid: str, panel: dict[str, Any]) -> dict[str, Any]:
    told = {"why": panel.get("error") or panel.get("why")} if _state(panel) != "data" else {}
    return {"dashboard": uid, "panel": panel["title"], "id": panel["id"], "state": _state(panel), **told}


def _tell(panels: list[tuple[str, dict[str, Any]]], output: Path) -> None:
    screen = console()
    for uid, panel in panels:
        state = _state(panel)
        if state != "data":
            style = "bold red" if state == "error" else "yellow"
            screen.print(
                Text.assemble(
                    (f"{state:<6}", style), f"{uid}: {panel['title']}: ", (panel.get("error") or panel["why"], "dim")
                )
            )
    full = sum(1 for _, panel in panels if _state(panel) == "data")
    screen.print(Text.assemble(f"{full} of {len(panels)} panels have data. ", ("Written: ", "green"), str(output)))
