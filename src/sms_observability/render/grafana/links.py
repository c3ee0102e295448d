"""Where a panel leads to: the page that says what to do, the logs and the traces of the same services and time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sms_observability.render.grafana.names import LOGS, TRACES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sms_observability.catalog import Catalog, Dashboard, Panel

RANGE = {"from": "${__from}", "to": "${__to}"}


def panel_links(catalog: Catalog, dashboard: Dashboard, panel: Panel, runbooks: str) -> list[dict[str, Any]]:
    """Give a panel's links.

    Args:
        catalog: For the alerts that name the panel.
        dashboard: Where it stands.
        panel: The panel.
        runbooks: The address below which runbooks are found.
    """
    runbooks = runbooks.rstrip("/")
    alerts = [alert for alert in catalog.alerts.values() if alert.dashboard == (dashboard.uid, panel.title)]
    links = [_link(f"Runbook: {alert.name}", f"{runbooks}/{alert.runbook}") for alert in alerts]
    if not links and dashboard.runbook:
        links.append(_link("Runbook", f"{runbooks}/{dashboard.runbook}"))
    if panel.details:
        links.append(_link("Details", f"/d/{panel.details}?${{__url_time_range}}&${{__all_variables}}", blank=False))
    names = {variable.name for variable in dashboard.variables}
    links.append(_link("Logs", _explore(LOGS, "elasticsearch", {"query": _lucene(names)})))
    if may_show_traces(catalog, dashboard, panel):
        service = {"service": "${service:raw}"} if "service" in names else {}
        links.append(_link("Traces", _explore(TRACES, "jaeger", {"queryType": "search", **service})))
    return links


def may_show_traces(catalog: Catalog, dashboard: Dashboard, panel: Panel) -> bool:
    """Say whether a panel may lead to single traces: not from restricted figures, and not from money."""
    if dashboard.restricted:
        return False
    money = [name for metric in catalog.metrics.values() if metric.money for name in metric.prometheus_names]
    return not any(name in query.expr for name in money for query in panel.queries)


def has_exemplars(catalog: Catalog, dashboard: Dashboard, panel: Panel) -> bool:
    """Say whether dots for single traces are shown: they hang on the buckets of histograms."""
    return (
        panel.kind == "timeseries"
        and any("_bucket" in query.expr for query in panel.queries)
        and may_show_traces(catalog, dashboard, panel)
    )


def _lucene(variables: set[str]) -> str:
    asked = {
        "environment": "service.environment:${environment:lucene}",
        "service": "service.name:${service:lucene}",
        "company_id": "company_id:${company_id:lucene}",
        "vessel_id": "vessel_id:${vessel_id:lucene}",
    }
    return " AND ".join(text for name, text in asked.items() if name in variables) or "log.level:ERROR"


def _explore(uid: str, kind: str, query: Mapping[str, Any]) -> str:
    pane = {
        "sms": {
            "datasource": uid,
            "queries": [{"refId": "A", "datasource": {"type": kind, "uid": uid}, **query}],
            "range": RANGE,
        }
    }
    # Grafana fills in variables before it decodes, so their marks stay as they are.
    return f"/explore?schemaVersion=1&orgId=1&panes={quote(json.dumps(pane, separators=(',', ':')), safe='${}:_')}"


def _link(title: str, url: str, *, blank: bool = True) -> dict[str, Any]:
    return {
        "asDropdown": False,
        "icon": "external link",
        "includeVars": False,
        "keepTime": False,
        "tags": [],
        "targetBlank": blank,
        "title": title,
        "tooltip": "",
        "type": "link",
        "url": url,
    }
