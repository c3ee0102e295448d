"""`sms-observability catalog`: what is measured, promised and protected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from rich.table import Table
from rich.text import Text

from sms_observability.cli.catalog_option import catalog_option
from sms_observability.cli.output import console, write_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sms_observability.catalog import Catalog, Field, Journey, Metric

_FOUND_NOTHING = 1
_PARTS = ("_bucket", "_sum", "_count")
_ACCESS_STYLES = {"public": "green", "internal": "yellow", "restricted": "bold red"}


@click.command()
@click.argument("text", default="")
@catalog_option
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def catalog(text: str, declared: Catalog, as_json: bool) -> int:  # noqa: FBT001
    """Show metrics, journeys and fields; with TEXT only those that have it in a name."""
    metrics = [metric for metric in declared.metrics.values() if _has(text, metric.otel_name, *metric.prometheus_names)]
    journeys = [
        journey
        for journey in declared.journeys.values()
        if _has(text, journey.name, *(step.name for step in journey.steps))
    ]
    fields = [field for field in declared.fields.values() if _has(text, field.name)]
    if as_json:
        write_json(
            {
                "metrics": [metric.to_json() for metric in metrics],
                "journeys": [journey.to_json() for journey in journeys],
                "fields": [field.to_json() for field in fields],
            }
        )
    elif metrics or journeys or fields:
        screen = console()
        for table in (_metrics(metrics), _journeys(journeys), _fields(fields)):
            if table.row_count:
                screen.print(table)
    else:
        console(errors=True).print(Text(f"Nothing in the catalogue has {text!r} in its name."))
    return 0 if metrics or journeys or fields else _FOUND_NOTHING


def _has(text: str, *names: str) -> bool:
    return any(text.lower() in name.lower() for name in names)


def _access(access: str) -> Text:
    return Text(access, style=_ACCESS_STYLES[access])


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", header_style="dim", box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _metrics(metrics: Iterable[Metric]) -> Table:
    table = _table("Metrics", "OpenTelemetry name", "in Prometheus", "kind", "unit", "labels", "access", "from")
    for metric in metrics:
        table.add_row(
            Text(metric.otel_name, style="cyan"),
            Text("\n".join(_series(metric))),
            Text(metric.kind),
            Text(metric.unit),
            Text(", ".join(label.name for label in metric.labels)),
            _access(metric.access),
            Text({"sms": metric.owner}.get(metric.source, metric.source), style="dim"),
        )
    return table


def _series(metric: Metric) -> list[str]:
    """Give the names in Prometheus, those that belong to a histogram's name left out."""
    names = (metric.prometheus_name, *metric.gateway_names)
    return [name for name in names if not name.endswith(_PARTS) or name.rpartition("_")[0] not in names]


def _journeys(journeys: Iterable[Journey]) -> Table:
    table = _table("\nJourneys", "name", "SLA", "revenue", "steps", "access")
    for journey in journeys:
        table.add_row(
            Text(journey.name, style="cyan"),
            Text(f"{journey.sla_seconds:g} s"),
            Text("yes" if journey.revenue else "no"),
            Text("\n".join(step.name for step in journey.steps)),
            Text("\n").join(_access(step.access) for step in journey.steps),
        )
    return table


def _fields(fields: Iterable[Field]) -> Table:
    table = _table("\nFields", "name", "access", "type", "values", "description")
    for field in fields:
        table.add_row(
            Text(field.name, style="cyan"),
            _access(field.access),
            Text(field.type),
            Text(", ".join(field.values or ())),
            Text(field.description, style="dim"),
        )
    return table
