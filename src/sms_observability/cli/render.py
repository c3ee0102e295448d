"""`sms-observability render`: the files that follow from the catalogue and the settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.text import Text

from sms_observability.cli.catalog_option import catalog_option
from sms_observability.cli.output import console, write_json

if TYPE_CHECKING:
    from sms_observability.catalog import Catalog
    from sms_observability.render import Drift, Site

_DRIFT = 1
_IN_ORDER = "Every rendered file is as it should be."
_MARK = "collector-config"
_DIFF_STYLES = {"+": "green", "-": "red", "@": "cyan"}


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; end with 1 if a file is not as it should be.")
@click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder that the files are written below; the current one if it holds collector-config/.",
)
@click.option("--grafana-url", metavar="URL", help="Where dashboards are; alerts link to them.")
@click.option("--runbook-url", metavar="URL", help="Where runbooks are; alerts link to them.")
@click.option("--environment", metavar="NAME", help="Of alerts whose series do not say; production if left out.")
@click.option(
    "--time-scale",
    type=click.FloatRange(min=0, min_open=True),
    metavar="TIMES",
    help="How many times faster rules go, for tests that cannot wait for days.",
)
@click.option(
    "--shortest-window",
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    help="With --time-scale: no window of a rule is shorter than this.",
)
@catalog_option
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def render(check: bool, root: Path | None, declared: Catalog, as_json: bool, **place: Any) -> int:  # noqa: FBT001
    """Write everything that is rendered from the catalogue: Collector policy, types, reference pages."""
    from sms_observability import render as room

    if root is None:
        root = Path.cwd()
        if not (root / _MARK).is_dir():
            raise click.UsageError(f"there is no {_MARK}/ here: go to the checkout, or say --root FOLDER")
    site = _site(**place)
    if check:
        drifts = room.check(root, declared, site)
        if as_json:
            write_json({"root": str(root), "drift": [_to_json(drift) for drift in drifts]})
        else:
            _show(drifts)
        return _DRIFT if drifts else 0
    try:
        written = room.write(root, declared, site)
    except OSError as error:
        raise click.ClickException(f"cannot write {error.filename}: {error.strerror}") from None
    if as_json:
        write_json({"root": str(root), "written": written})
    else:
        screen = console()
        for path in written:
            screen.print(Text.assemble(("written ", "green"), path))
        if not written:
            screen.print(Text(_IN_ORDER, style="green"))
    return 0


def _site(**place: Any) -> Site:
    from sms_observability.render import Site

    names = {"shortest_window": "shortest"}
    return Site(**{names.get(name, name): value for name, value in place.items() if value is not None})


def _to_json(drift: Drift) -> dict[str, str]:
    return {"path": drift.path, "kind": drift.kind, "difference": drift.difference}


def _show(drifts: list[Drift]) -> None:
    screen = console()
    if not drifts:
        screen.print(Text(_IN_ORDER, style="green"))
        return
    for drift in drifts:
        screen.print(Text.assemble((f"{drift.kind} ", "bold red"), drift.path))
        for line in drift.difference.splitlines():
            screen.print(Text(f"  {line}", style=_DIFF_STYLES.get(line[:1], "dim")))
    screen.print(Text("Write them anew with: sms-observability render", style="yellow"))
