"""What tells Grafana where its data and its dashboards are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sms_observability.render.document import yaml_document
from sms_observability.render.grafana import names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sms_observability.catalog import Catalog

FOLDER = "monitoring/grafana/provisioning"
RESTRICTED_FOLDER = "monitoring/grafana/restricted/provisioning"
EXPORT_INTERVAL = "60s"
"""How often services export their metrics: a shorter step would show gaps where there are none."""

_SOURCES = """\
Where public dashboards ask. Mount this folder as /etc/grafana/provisioning; addresses and secrets come from Grafana's
environment and from files."""
_DASHBOARDS = """\
Where dashboards are found: mount monitoring/grafana/dashboards there. Nobody changes them in Grafana: change the
catalogue, and render."""
_RESTRICTED_SOURCES = """\
Where restricted dashboards ask: finance's own Prometheus. It belongs to organisation 2, because within one
organisation every editor can ask every data source in Explore, whatever folder a dashboard is in. Better still, give
finance a Grafana of its own and write orgId 1."""
_RESTRICTED_DASHBOARDS = """\
Where restricted dashboards are found: mount monitoring/grafana/restricted/dashboards there. Only finance and the
revenue team are members of organisation 2."""


def render_provisioning(catalog: Catalog) -> Mapping[str, str]:
    """Render Grafana's provisioning files; the restricted ones apart, if there is anything restricted."""
    files = {
        f"{FOLDER}/datasources/sms.yaml": yaml_document(_sources(), about=_SOURCES),
        f"{FOLDER}/dashboards/sms.yaml": yaml_document(
            _provider("SMS", "/var/lib/grafana/dashboards/sms", 1), about=_DASHBOARDS
        ),
    }
    if any(dashboard.restricted for dashboard in catalog.dashboards.values()):
        files[f"{RESTRICTED_FOLDER}/datasources/restricted.yaml"] = yaml_document(
            _restricted_sources(), about=_RESTRICTED_SOURCES
        )
        files[f"{RESTRICTED_FOLDER}/dashboards/restricted.yaml"] = yaml_document(
            _provider("Restricted", "/var/lib/grafana/dashboards/restricted", 2), about=_RESTRICTED_DASHBOARDS
        )
    return files


def _provider(folder: str, path: str, organisation: int) -> dict[str, Any]:
    provider = {
        "name": f"sms-{folder.lower()}",
        "orgId": organisation,
        "folder": folder,
        "type": "file",
        "disableDeletion": True,
        "allowUiUpdates": False,
        "updateIntervalSeconds": 30,
        "options": {"path": path, "foldersFromFilesStructure": False},
    }
    return {"apiVersion": 1, "providers": [provider]}


def _prometheus(uid: str, name: str, url: str, organisation: int) -> dict[str, Any]:
    return {
        "name": name,
        "uid": uid,
        "orgId": organisation,
        "type": "prometheus",
        "access": "proxy",
        "url": url,
        "editable": False,
        "jsonData": {"httpMethod": "POST", "timeInterval": EXPORT_INTERVAL, "prometheusType": "Prometheus"},
    }


def _sources() -> dict[str, Any]:
    prometheus = _prometheus(names.PROMETHEUS, names.PROMETHEUS_NAME, "$SMS_PROMETHEUS_URL", 1)
    prometheus["isDefault"] = True
    prometheus["jsonData"]["exemplarTraceIdDestinations"] = [{"name": "trace_id", "datasourceUid": names.TRACES}]
    traces = {
        "name": "SMS Traces",
        "uid": names.TRACES,
        "orgId": 1,
        "type": "jaeger",
        "access": "proxy",
        "url": "$SMS_JAEGER_URL",
        "editable": False,
        "jsonData": {
            "tracesToLogsV2": {
                "datasourceUid": names.LOGS,
                "customQuery": True,
                "query": 'trace.id:"${__trace.traceId}"',
                "spanStartTimeShift": "-1m",
                "spanEndTimeShift": "1m",
            }
        },
    }
    return {"apiVersion": 1, "datasources": [prometheus, _logs(1), traces]}


def _restricted_sources() -> dict[str, Any]:
    prometheus = _prometheus(names.RESTRICTED, names.RESTRICTED_NAME, "$SMS_PROMETHEUS_RESTRICTED_URL", 2)
    prometheus["isDefault"] = True
    prometheus["jsonData"]["httpHeaderName1"] = "Authorization"
    # Read from a file, so that no environment and no dump holds it.
    prometheus["secureJsonData"] = {"httpHeaderValue1": "Bearer $__file{/etc/grafana/secrets/restricted-token}"}
    return {"apiVersion": 1, "datasources": [prometheus, _logs(2)]}


def _logs(organisation: int) -> dict[str, Any]:
    return {
        "name": "SMS Logs",
        "uid": names.LOGS,
        "orgId": organisation,
        "type": "elasticsearch",
        "access": "proxy",
        "url": "$SMS_ELASTICSEARCH_URL",
        "editable": False,
        "jsonData": {
            "index": "logs-sms.*",
            "timeField": "@timestamp",
            # As they are stored: aliases are for questions only.
            "logMessageField": "body.text",
            "logLevelField": "severity_text",
            "dataLinks": [{"field": "trace_id", "datasourceUid": names.TRACES, "url": "${__value.raw}"}],
        },
    }
