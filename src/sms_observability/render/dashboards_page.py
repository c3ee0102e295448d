"""The page on dashboards: what each is for, how it looks, and what each panel tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sms_observability.render.pages import GENERATED, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sms_observability.catalog import Catalog, Dashboard, Panel

PATH = "docs/dashboards.md"

_HEAD = """\
# Dashboards

Declared in the catalogue, rendered to `monitoring/grafana/` as the JSON that Grafana 10 to 13 loads, and provisioned
read-only: change the catalogue, not the dashboard. Every panel has a help text, a unit, colours that follow a declared
target, and links to its runbook, to the logs and, unless that gives something away, to the traces of the same services
and time. On durations, dots lead to single traces; on money there are none.

{restricted} are restricted: they lie under `monitoring/grafana/restricted/`, ask the restricted Prometheus, and belong
to an organisation of their own, because within one organisation every editor can ask every data source.

## See them without a Grafana

```sh
sms-observability dashboards preview --prometheus http://127.0.0.1:9090 --interval 15
```

It reads the same files, asks that Prometheus all that they ask, and writes `dashboards.html`: one page that needs no
network and can be sent to somebody. A panel without data says why: nothing reports the metric, or nothing meets the
panel's condition. `--since now-1h` shows another time, `--at 2026-11-12T15:00:00Z` how it was then, `--set
environment=production` one value of a variable; `--logs URL` of a VictoriaLogs fills the panels of log lines.
Restricted dashboards are only in it with `--restricted-prometheus URL`. It ends with 1 if a question was refused.

There are {panels} panels. With `make stack` the portal fills those whose metrics its services report. Hosts, probes,
CI, subscriptions and scans are somebody else's to report: the pictures show a fortnight of all of it, made by formulas
(`tests/dashboards/portal_data.py`), on a real Prometheus. `make pictures` draws them anew.

"""


def render_dashboards_page(catalog: Catalog) -> Mapping[str, str]:
    """Render the page on dashboards."""
    return {PATH: "".join(_page(catalog))}


def _page(catalog: Catalog) -> Iterator[str]:
    dashboards = list(catalog.dashboards.values())
    restricted = " and ".join(dashboard.title for dashboard in dashboards if dashboard.restricted) or "None"
    yield GENERATED
    yield "\n"
    yield _HEAD.format(restricted=restricted, panels=sum(1 for each in dashboards for _ in each.panels()))
    yield table(
        ("dashboard", "for"),
        (
            (f"[{each.title}](#{_anchor(each)})" + " (restricted)" * each.restricted, each.description)
            for each in dashboards
        ),
    )
    for dashboard in dashboards:
        yield from _section(catalog, dashboard)


def _anchor(dashboard: Dashboard) -> str:
    kept = "".join(letter for letter in dashboard.title.lower() if letter.isalnum() or letter in " -")
    return kept.replace(" ", "-")


def _section(catalog: Catalog, dashboard: Dashboard) -> Iterator[str]:
    yield f"\n## {dashboard.title}\n\n{dashboard.description}\n\n"
    yield f"`{dashboard.uid}`"
    if dashboard.variables:
        yield f", narrowed down by {', '.join(variable.label.lower() for variable in dashboard.variables)}"
    yield f".\n\n![{dashboard.title}](pictures/{dashboard.uid}.png)\n\n"
    yield table(
        ("panel", "what it tells", "target", "alerts"),
        (_line(catalog, dashboard, panel) for panel in dashboard.panels()),
    )


def _line(catalog: Catalog, dashboard: Dashboard, panel: Panel) -> tuple[str, ...]:
    targets = ", ".join(target.name for target in panel.targets)
    alerts = ", ".join(
        f"[{alert.name}](runbooks/{alert.runbook}.md)"
        for alert in catalog.alerts.values()
        if alert.dashboard == (dashboard.uid, panel.title)
    )
    return panel.title, panel.description, targets, alerts
