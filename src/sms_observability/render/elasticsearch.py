"""How Elasticsearch keeps log lines: mappings, data streams, and what becomes of them with time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sms_observability.catalog.log_class import LogClass
from sms_observability.render.log_policy import ATTRIBUTES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sms_observability.catalog import Catalog

FOLDER = "monitoring/elasticsearch"
MAPPINGS, SETTINGS = "sms-log-mappings", "sms-log-settings"
REPOSITORY = "sms-logs"
"""The snapshot repository that frozen indices and the audit snapshots lie in; whoever runs the cluster makes it."""

_DASHES = str.maketrans("._", "--")

PRIORITY = 500
"""Above Elasticsearch's own templates for `logs-*-*` (100) and `logs-*.otel-*` (120)."""

_META = {"managed_by": "sms-observability render", "note": "do not edit: change the catalogue and render again"}

_RESOURCE = (
    *("service.name", "service.namespace", "service.version", "service.instance.id", "deployment.environment.name"),
    *("cloud.region", "k8s.pod.name", "host.name", "sms.vessel.id"),
)
_ALIASES = {
    # As Elastic Common Schema calls them, so that Kibana's own views find them.
    "message": "body.text",
    "log.level": "severity_text",
    "log.logger": "attributes.logger",
    "service.name": "resource.attributes.service.name",
    "service.version": "resource.attributes.service.version",
    "service.environment": "resource.attributes.deployment.environment.name",
    "trace.id": "trace_id",
    "span.id": "span_id",
    "user.id": "attributes.user_id",
    "http.request.method": "attributes.method",
    "http.response.status_code": "attributes.status_code",
    "http.route": "attributes.endpoint",
    "error.type": "attributes.exception.type",
    "cloud.region": "resource.attributes.cloud.region",
    "kubernetes.pod.name": "resource.attributes.k8s.pod.name",
    # As the plan's schema calls them.
    "level": "severity_text",
    "correlation_id": "attributes.correlation_id",
    "company_id": "attributes.company_id",
    "vessel_id": "attributes.vessel_id",
    "user_id": "attributes.user_id",
    "context.endpoint": "attributes.endpoint",
    "context.method": "attributes.method",
    "context.duration_ms": "attributes.duration_ms",
    "context.status_code": "attributes.status_code",
    "metadata.version": "resource.attributes.service.version",
    "metadata.environment": "resource.attributes.deployment.environment.name",
    "metadata.region": "resource.attributes.cloud.region",
    "metadata.pod": "resource.attributes.k8s.pod.name",
}

_SPAN_EVENTS = LogClass("span_events", 30, warm_days=7, description="Events of kept spans, which have no severity")


def render_elasticsearch(catalog: Catalog) -> Mapping[str, str]:
    """Render mappings, index templates and lifecycles, one of each class of log lines."""
    classes = tuple(catalog.log_classes.values())
    if not classes:
        return {}
    files: dict[str, object] = {
        f"component_templates/{MAPPINGS}.json": {"template": {"mappings": _mappings()}, "_meta": _META},
        f"component_templates/{SETTINGS}.json": {"template": {"settings": _settings()}, "_meta": _META},
    }
    for each in (*classes, _SPAN_EVENTS):
        # Events of spans come from another exporter, which has one stream for all.
        pattern = "logs-sms.otel-*" if each is _SPAN_EVENTS else f"{each.stream}.otel-*"
        files[f"index_templates/{name_of(each)}.json"] = _index_template(each, pattern)
        files[f"ilm/{name_of(each)}.json"] = _lifecycle(each, frozen=False)
        if each.frozen_days:
            files[f"enterprise/ilm/{name_of(each)}.json"] = _lifecycle(each, frozen=True)
        if each.after_snapshot:
            files[f"slm/{name_of(each)}.json"] = _snapshots(each, pattern)
    return {f"{FOLDER}/{path}": json.dumps(content, indent=2) + "\n" for path, content in files.items()}


def name_of(log_class: LogClass) -> str:
    """Give the name of a class's template, lifecycle and snapshots."""
    return f"sms-{log_class.name.translate(_DASHES)}"


def _mappings() -> dict[str, Any]:
    """Give the mappings: what is not named here is kept and shown, but is not searched and makes no field."""
    attributes: dict[str, Any] = {name: _field(kind) for name, kind in ATTRIBUTES.items()}
    # A field of a service's own is found in here, however many there are, and a text never meets a number.
    attributes["labels"] = {"type": "flattened"}
    return {
        "dynamic": False,
        "properties": {
            "@timestamp": {"type": "date_nanos"},
            "observed_timestamp": {"type": "date_nanos"},
            "data_stream": _object({name: {"type": "constant_keyword"} for name in ("type", "dataset", "namespace")}),
            "severity_text": {"type": "keyword"},
            "severity_number": {"type": "byte"},
            "trace_id": {"type": "keyword"},
            "span_id": {"type": "keyword"},
            "event_name": {"type": "keyword"},
            "body": _object({"text": {"type": "text"}}),
            "attributes": _object(attributes),
            "resource": _object({"attributes": _object({name: {"type": "keyword"} for name in _RESOURCE})}),
            **{alias: {"type": "alias", "path": path} for alias, path in _ALIASES.items()},
        },
    }


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "dynamic": False, "properties": properties}


def _field(kind: str) -> dict[str, Any]:
    if kind == "keyword":
        return {"type": "keyword", "ignore_above": 1024}
    # A text where a number should be costs the field, not the line.
    return {"type": kind, "ignore_malformed": True} if kind in ("short", "double") else {"type": kind}


def _settings() -> dict[str, Any]:
    return {
        "index": {
            "mode": "logsdb",
            "number_of_shards": 1,
            "number_of_replicas": 1,
            "mapping": {"total_fields": {"limit": 200}},
            "query": {"default_field": ["body.text", "attributes.exception.type"]},
        }
    }


def _index_template(log_class: LogClass, pattern: str) -> dict[str, Any]:
    return {
        "index_patterns": [pattern],
        "data_stream": {},
        "priority": PRIORITY,
        "composed_of": [MAPPINGS, SETTINGS],
        "template": {"settings": {"index": {"lifecycle": {"name": name_of(log_class)}}}},
        "_meta": {**_META, "description": log_class.description, "retention_days": log_class.retention_days},
    }


def _lifecycle(log_class: LogClass, *, frozen: bool) -> dict[str, Any]:
    """Give what becomes of an index. Ages count from its rollover, so its lines live up to `rollover` longer."""
    phases: dict[str, Any] = {
        "hot": {
            "actions": {
                "rollover": {"max_age": log_class.rollover, "max_primary_shard_size": "50gb"},
                "set_priority": {"priority": 100},
            }
        }
    }
    if log_class.warm_days:
        actions = {"set_priority": {"priority": 50}, "readonly": {}, "forcemerge": {"max_num_segments": 1}}
        phases["warm"] = {"min_age": f"{log_class.warm_days}d", "actions": actions}
    if log_class.cold_days:
        phases["cold"] = {"min_age": f"{log_class.cold_days}d", "actions": {"set_priority": {"priority": 0}}}
    if frozen:
        search = {"snapshot_repository": REPOSITORY}
        phases["frozen"] = {"min_age": f"{log_class.frozen_days}d", "actions": {"searchable_snapshot": search}}
    waiting = {"wait_for_snapshot": {"policy": name_of(log_class)}} if log_class.after_snapshot else {}
    phases["delete"] = {"min_age": f"{log_class.retention_days}d", "actions": {**waiting, "delete": {}}}
    return {"policy": {"_meta": {**_META, "description": log_class.description}, "phases": phases}}


def _snapshots(log_class: LogClass, pattern: str) -> dict[str, Any]:
    return {
        "schedule": "0 30 1 * * ?",
        "name": f"<{name_of(log_class)}-{{now/d}}>",
        "repository": REPOSITORY,
        "config": {"indices": [pattern], "include_global_state": False},
        "retention": {"expire_after": f"{log_class.retention_days}d", "min_count": 1},
    }
