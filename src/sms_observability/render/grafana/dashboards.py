"""Dashboards as Grafana's classic JSON, which versions 10 to 13 load."""

from __future__ import annotations

import json
from string import ascii_uppercase
from typing import TYPE_CHECKING, Any

from sms_observability.render.grafana import names
from sms_observability.render.grafana.layout import Box, boxes
from sms_observability.render.grafana.links import has_exemplars, panel_links
from sms_observability.render.grafana.options import field_config, options, transformations
from sms_observability.render.grafana.variables import alert_marks, templating
from sms_observability.render.site import Site

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sms_observability.catalog import Catalog, Dashboard, Panel, Query

FOLDER = "monitoring/grafana/dashboards"
RESTRICTED_FOLDER = "monitoring/grafana/restricted/dashboards"
SCHEMA = 41
HELP_ROW = "Help, and the key figures as a table"

_HELP = """\
### {title}

{description}

Every panel has a description (the **i** beside its title) and links to its runbook, to logs and, where that gives
nothing away, to traces. Narrow everything down by the variables above; drag over a graph to look closer. *Inspect > \
Data* of a panel's menu exports its figures as CSV.
"""


def render_dashboards(catalog: Catalog, site: Site | None = None) -> Mapping[str, str]:
    """Render a file for each dashboard.

    Args:
        catalog: With its dashboards and alerts.
        site: Where runbooks are found.
    """
    runbooks = (site or Site()).runbook_url
    return {
        f"{RESTRICTED_FOLDER if dashboard.restricted else FOLDER}/{dashboard.uid}.json": (
            json.dumps(dashboard_json(catalog, dashboard, runbooks), indent=1, ensure_ascii=False) + "\n"
        )
        for dashboard in catalog.dashboards.values()
    }


def dashboard_json(catalog: Catalog, dashboard: Dashboard, runbooks: str) -> dict[str, Any]:
    """Give a dashboard as Grafana wants it.

    Args:
        catalog: For the alerts that name a panel.
        dashboard: The dashboard.
        runbooks: The address below which runbooks are found.
    """
    return {
        "annotations": {"list": alert_marks(dashboard)},
        "description": dashboard.description,
        "editable": False,
        "fiscalYearStartMonth": 0,
        "graphTooltip": 1,
        "id": None,
        "links": [_others(dashboard)],
        "panels": list(_panels(catalog, dashboard, runbooks)),
        "refresh": dashboard.refresh,
        "schemaVersion": SCHEMA,
        "tags": ["restricted" if dashboard.restricted else "sms", *dict.fromkeys(dashboard.tags)],
        "templating": {"list": templating(dashboard)},
        "time": {"from": dashboard.range, "to": "now"},
        "timepicker": {"refresh_intervals": ["30s", "1m", "5m", "15m", "1h"]},
        "timezone": "browser",
        "title": dashboard.title,
        "uid": dashboard.uid,
        "version": 1,
        "weekStart": "monday",
    }


def _others(dashboard: Dashboard) -> dict[str, Any]:
    tag = "restricted" if dashboard.restricted else "sms"
    return {
        "asDropdown": True,
        "icon": "external link",
        "includeVars": True,
        "keepTime": True,
        "tags": [tag],
        "targetBlank": False,
        "title": "Other dashboards",
        "tooltip": "The same time and variables, seen otherwise",
        "type": "dashboards",
        "url": "",
    }


def _panels(catalog: Catalog, dashboard: Dashboard, runbooks: str) -> Iterator[dict[str, Any]]:
    number = sum(1 for _ in dashboard.panels())
    top = 0
    for row in dashboard.rows:
        number += 1
        yield _row(row.title, number, top)
        top += 1
        placed = boxes(row.panels)
        for panel, box in zip(row.panels, placed, strict=True):
            yield _panel(catalog, dashboard, panel, runbooks, box.lower(top))
        top += max(box.y + box.h for box in placed)
    yield _help(dashboard, number, top)


def _row(title: str, number: int, top: int) -> dict[str, Any]:
    return {
        "collapsed": False,
        "gridPos": {"h": 1, "w": 24, "x": 0, "y": top},
        "id": number,
        "panels": [],
        "title": title,
        "type": "row",
    }


def _panel(catalog: Catalog, dashboard: Dashboard, panel: Panel, runbooks: str, box: Box) -> dict[str, Any]:
    exemplars = has_exemplars(catalog, dashboard, panel)
    made: dict[str, Any] = {
        "datasource": names.FROM_LOGS if panel.logs else names.FROM_VARIABLE,
        "description": panel.description,
        "fieldConfig": field_config(panel),
        "gridPos": box.to_json(),
        "id": dashboard.panel_id(panel.title),
        "links": panel_links(catalog, dashboard, panel, runbooks),
        "options": options(panel),
        "targets": list(_targets(panel, exemplars=exemplars)),
        "title": panel.title,
        "transformations": transformations(panel),
        "type": panel.kind,
    }
    if panel.over:
        made["timeFrom"] = panel.over
    return made


def _targets(panel: Panel, *, exemplars: bool) -> Iterator[dict[str, Any]]:
    if panel.logs:
        yield {
            "bucketAggs": [],
            "datasource": names.FROM_LOGS,
            # Grafana leaves it alone; the preview asks VictoriaLogs.
            "logsql": panel.logs.logsql,
            "metrics": [{"id": "1", "type": "logs", "settings": {"limit": "200"}}],
            "query": panel.logs.lucene,
            "refId": "A",
            "timeField": "@timestamp",
        }
    for letter, query in zip(ascii_uppercase, panel.queries, strict=False):
        yield _target(query, letter, panel, exemplars=exemplars)


def _target(query: Query, letter: str, panel: Panel, *, exemplars: bool) -> dict[str, Any]:
    return {
        "datasource": names.FROM_VARIABLE,
        "editorMode": "code",
        "exemplar": exemplars,
        "expr": query.expr,
        "format": "heatmap" if query.buckets else "table" if panel.kind == "table" else "time_series",
        "instant": panel.instant,
        "legendFormat": query.legend,
        "range": not panel.instant,
        "refId": letter,
    }


def _help(dashboard: Dashboard, number: int, top: int) -> dict[str, Any]:
    """Give the row at the end, closed at first: words for those who are new, a table for those who read by ear."""
    content = _HELP.format(title=dashboard.title, description=dashboard.description)
    figures = [
        (panel, query) for panel in dashboard.panels() if panel.kind in ("stat", "gauge") for query in panel.queries
    ]
    targets = [
        {**_target(query, f"F{place}", panel, exemplars=False), "legendFormat": _called(panel, query)}
        for place, (panel, query) in enumerate(figures)
        if not panel.over
    ]
    text: dict[str, Any] = {
        "description": "What this dashboard is for, and how to use it.",
        "gridPos": {"h": 8, "w": 8, "x": 0, "y": top + 1},
        "id": number + 2,
        "options": {"content": content, "mode": "markdown"},
        "title": "About this dashboard",
        "transparent": True,
        "type": "text",
    }
    table: dict[str, Any] = {
        "datasource": names.FROM_VARIABLE,
        "description": "The figures of the panels above as words and numbers, for screen readers and for export.",
        "fieldConfig": {"defaults": {"noValue": "no data in this time", "unit": "short"}, "overrides": []},
        "gridPos": {"h": 8, "w": 16, "x": 8, "y": top + 1},
        "id": number + 3,
        "options": {"cellHeight": "sm", "showHeader": True},
        "targets": targets,
        "title": "Key figures",
        "transformations": [{"id": "reduce", "options": {"mode": "seriesToRows", "reducers": ["lastNotNull"]}}],
        "type": "table",
    }
    return {**_row(HELP_ROW, number + 1, top), "collapsed": True, "panels": [text, table] if targets else [text]}


def _called(panel: Panel, query: Query) -> str:
    return panel.title if query.legend == panel.title else f"{panel.title}: {query.legend}"
