"""Prometheus' rule files: recording rules, objectives and alerts, the restricted ones apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sms_observability.render.document import yaml_document
from sms_observability.render.site import Site
from sms_observability.render.slo import slo_groups

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sms_observability.catalog import Alert, Catalog, RecordingRule

PUBLIC = "monitoring/prometheus/rules"
RESTRICTED = "monitoring/prometheus/restricted/rules"

_RECORDINGS = "What is computed once for alerts and dashboards."
_SLOS = "Objectives over 30 days, under the names of Sloth. Their alerts are in alerts.yaml, once for all of them."
_ALERTS = "What people are called for. Each alert's page in the runbooks says what to do."
_ENVIRONMENT = "{{ or $labels.environment $externalLabels.environment }}"
"""What is absent has no series that could say where: it is where this Prometheus is."""
_SECRET = "\nRestricted: for the Prometheus of the revenue team only; even its list of alerts is."  # noqa: S105 - a note


def render_prometheus_rules(catalog: Catalog, site: Site | None = None) -> Mapping[str, str]:
    """Render the rule files.

    Args:
        catalog: What is declared.
        site: Where they are for; left out, placeholders.

    Raises:
        CatalogError: An alert names a panel that does not exist.
    """
    site = site or Site()
    files: dict[str, str] = {}
    for folder, restricted in ((PUBLIC, False), (RESTRICTED, True)):
        note = _SECRET if restricted else ""
        recordings = [rule for rule in catalog.recordings.values() if rule.restricted is restricted]
        alerts = [alert for alert in catalog.alerts.values() if alert.restricted is restricted]
        if recordings:
            files[f"{folder}/recordings.yaml"] = _document(recording_groups(recordings, site), _RECORDINGS + note)
        if catalog.slos and not restricted:
            groups = [group for slo in catalog.slos.values() for group in slo_groups(slo)]
            files[f"{folder}/slos.yaml"] = _document([_paced(group, site) for group in groups], _SLOS)
        if alerts:
            files[f"{folder}/alerts.yaml"] = _document(alert_groups(catalog, alerts, site), _ALERTS + note)
    return files


def label_sets(catalog: Catalog, alert: Alert) -> list[dict[str, str]]:
    """Give the labels that an alert may fire with, as far as its rule sets them.

    Args:
        catalog: What is declared.
        alert: One of its alerts; those of objectives fire with the team and service of each.
    """
    labels = {"alertname": alert.name, **alert.all_labels}
    if not any("$labels.sloth_service" in value for value in labels.values()):
        return [labels]
    return [
        {
            name: value.replace("{{ $labels.team }}", slo.team).replace("{{ $labels.sloth_service }}", slo.service)
            for name, value in labels.items()
        }
        for slo in catalog.slos.values()
    ]


def recording_groups(rules: Iterable[RecordingRule], site: Site) -> list[dict[str, Any]]:
    """Give recording rules by their group, in the order of their declaration."""
    groups: dict[str, dict[str, Any]] = {}
    for rule in rules:
        group = groups.setdefault(rule.group, {"name": rule.group})
        if rule.interval:
            group["interval"] = rule.interval
        rendered: dict[str, Any] = {"record": rule.record, "expr": rule.expr}
        if rule.labels:
            rendered["labels"] = dict(rule.labels)
        group.setdefault("rules", []).append(rendered)
    return [_paced(group, site) for group in groups.values()]


def alert_groups(catalog: Catalog, alerts: Iterable[Alert], site: Site) -> list[dict[str, Any]]:
    """Give alerts by their owner, and by how often they are looked at."""
    groups: dict[str, dict[str, Any]] = {}
    for alert in alerts:
        name = "-".join(filter(None, ("sms-alerts", alert.owner, alert.interval)))
        group = groups.setdefault(name, {"name": name, **({"interval": alert.interval} if alert.interval else {})})
        group.setdefault("rules", []).append(_alert(catalog, alert, site))
    return [_paced(group, site) for group in groups.values()]


def dashboard_url(catalog: Catalog, alert: Alert, site: Site) -> str:
    """Give the address of the panel that shows an alert, narrowed down to its environment where that helps.

    Raises:
        CatalogError: There is no such dashboard or panel.
    """
    from sms_observability.catalog import CatalogError, nearest

    uid, title = alert.dashboard
    dashboard = catalog.dashboards.get(uid)
    if dashboard is None:
        msg = f"alert {alert.name!r}: there is no dashboard {uid!r}{nearest(uid, catalog.dashboards)}"
        raise CatalogError(msg)
    narrowed = ""
    if any(variable.name == "environment" for variable in dashboard.variables) and "(environment" in alert.expr:
        narrowed = "&var-environment={{ $labels.environment }}"
    return f"{site.grafana_url.rstrip('/')}/d/{quote(uid)}?viewPanel={dashboard.panel_id(title)}{narrowed}"


def _alert(catalog: Catalog, alert: Alert, site: Site) -> dict[str, Any]:
    rule: dict[str, Any] = {"alert": alert.name, "expr": alert.expr}
    if alert.for_ != "0s":
        rule["for"] = alert.for_
    if alert.keep_firing_for:
        rule["keep_firing_for"] = alert.keep_firing_for
    rule["labels"] = {"environment": _ENVIRONMENT, **alert.all_labels}
    rule["annotations"] = {
        "summary": alert.summary,
        "description": alert.description,
        "runbook_url": f"{site.runbook_url.rstrip('/')}/{alert.runbook}",
        "dashboard_url": dashboard_url(catalog, alert, site),
        "severity_rationale": alert.rationale,
        "dependencies": ", ".join(alert.dependencies) or "none",
        "owner": alert.owner,
    }
    return rule


def _paced(group: Mapping[str, Any], site: Site) -> dict[str, Any]:
    paced = dict(group)
    if "interval" in paced:
        paced["interval"] = site.duration(paced["interval"], window=True)
    paced["rules"] = [_paced_rule(rule, site) for rule in group["rules"]]
    return paced


def _paced_rule(rule: Mapping[str, Any], site: Site) -> dict[str, Any]:
    waits = {name: site.duration(rule[name]) for name in ("for", "keep_firing_for") if name in rule}
    return {**rule, "expr": site.expression(rule["expr"]), **waits}


def _document(groups: list[dict[str, Any]], about: str) -> str:
    return yaml_document({"groups": groups}, about=about)
