"""What a dashboard can be narrowed down by, and the marks of alerts in its graphs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sms_observability.render.grafana import names

if TYPE_CHECKING:
    from sms_observability.catalog import Dashboard, Variable


def templating(dashboard: Dashboard) -> list[dict[str, Any]]:
    """Give the data source and the dashboard's own variables."""
    uid, name = _source(dashboard)
    source: dict[str, Any] = {
        "current": {"selected": True, "text": name, "value": uid},
        "hide": 0,
        "includeAll": False,
        "label": "Data source",
        "multi": False,
        "name": "datasource",
        "options": [],
        "query": "prometheus",
        "refresh": 1,
        # The other Prometheus would have nothing to say, or too much.
        "regex": f"/^{name.replace('(', '.').replace(')', '.')}$/",
        "skipUrlSync": False,
        "type": "datasource",
    }
    return [source, *map(_variable, dashboard.variables)]


def alert_marks(dashboard: Dashboard) -> list[dict[str, Any]]:
    """Give Grafana's own marks and, in public dashboards, those of firing alerts."""
    own = {
        "builtIn": 1,
        "datasource": {"type": "grafana", "uid": "-- Grafana --"},
        "enable": True,
        "hide": True,
        "iconColor": "rgba(0, 211, 255, 1)",
        "name": "Annotations & Alerts",
        "type": "dashboard",
    }
    if not any(variable.name == "environment" for variable in dashboard.variables):
        return [own]
    alerts = {
        "datasource": names.FROM_VARIABLE,
        "enable": True,
        "iconColor": names.COLOURS["bad"],
        "name": "Alerts",
        "target": {
            "expr": 'ALERTS{alertstate="firing", severity=~"critical|warning", environment=~"$environment|"}',
            "interval": "60s",
            "refId": "Alerts",
        },
        "tagKeys": "severity,service",
        "titleFormat": "{{alertname}}",
    }
    return [own, alerts]


def _source(dashboard: Dashboard) -> tuple[str, str]:
    if dashboard.restricted:
        return names.RESTRICTED, names.RESTRICTED_NAME
    return names.PROMETHEUS, names.PROMETHEUS_NAME


def _variable(variable: Variable) -> dict[str, Any]:
    return {
        "allValue": variable.every,
        "current": {"selected": True, "text": ["All"], "value": ["$__all"]},
        "datasource": names.FROM_VARIABLE,
        "hide": 0,
        "includeAll": True,
        "label": variable.label,
        "multi": True,
        "name": variable.name,
        "options": [],
        "query": {"qryType": 1, "query": variable.query, "refId": "Variable"},
        # When the time is changed, too: what was there last week may be gone.
        "refresh": 2,
        "regex": "",
        "skipUrlSync": False,
        "sort": 1,
        "type": "query",
    }
