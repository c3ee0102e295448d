"""How pages climb, as PagerDuty's escalation policies in Terraform's JSON."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from sms_observability.catalog.receiver import PagerDuty
from sms_observability.render.document import header

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sms_observability.catalog import Catalog, Escalation, Level

ESCALATION_PATH = "monitoring/pagerduty/escalation.tf.json"

_ABOUT = (
    "Alertmanager knows no acknowledgement, so PagerDuty escalates. The wait of a level is PagerDuty's way to say when "
    "the next one begins. Schedules and people are looked up, not made: give their names and addresses as variables. "
    "The outputs are the keys that Alertmanager's files of secrets hold."
)


def render_escalation(catalog: Catalog) -> Mapping[str, str]:
    """Render PagerDuty's services, their integrations and their escalation policies."""
    if not catalog.routed:
        return {}
    routing = catalog.routing
    keys = {way.service: way.key for _, way in routing.ways() if isinstance(way, PagerDuty)}
    levels = [level for escalation in routing.escalations for level in escalation.levels]
    schedules = sorted({name for level in levels for name in level.schedules})
    people = sorted({name for level in levels for name in level.people})
    climbs = {escalation.service: escalation for escalation in routing.escalations}
    services = {_identifier(name): (name, climbs[name]) for name in sorted(keys) if name in climbs}
    document: dict[str, Any] = {
        "//": [header().strip().removeprefix("# "), _ABOUT],
        "terraform": {"required_providers": {"pagerduty": {"source": "PagerDuty/pagerduty", "version": "~> 3.0"}}},
        "variable": {
            "schedules": {
                "type": "map(string)",
                "description": "Names of the on-call schedules in PagerDuty, by what they are called here.",
                "default": {name: name for name in schedules},
            },
            "people": {
                "type": "map(string)",
                "description": f"E-mail addresses in PagerDuty, by role: {', '.join(people)}.",
            },
        },
        "data": {
            "pagerduty_schedule": {name: {"name": _reference(f'var.schedules["{name}"]')} for name in schedules},
            "pagerduty_user": {name: {"email": _reference(f'var.people["{name}"]')} for name in people},
        },
        "resource": {
            "pagerduty_escalation_policy": {each.name: _policy(each) for each in routing.escalations},
            "pagerduty_service": {key: _service(name, climb) for key, (name, climb) in services.items()},
            "pagerduty_service_integration": {
                key: {
                    "name": "Alertmanager",
                    "service": _reference(f"pagerduty_service.{key}.id"),
                    "type": "events_api_v2_inbound_integration",
                }
                for key in services
            },
        },
        "output": {
            keys[name]: {
                "description": f"Goes into the file {keys[name]} of Alertmanager's secrets.",
                "value": _reference(f"pagerduty_service_integration.{key}.integration_key"),
                "sensitive": True,
            }
            for key, (name, _) in services.items()
        },
    }
    return {ESCALATION_PATH: json.dumps(document, indent=2) + "\n"}


def _policy(escalation: Escalation) -> dict[str, Any]:
    return {
        "name": escalation.name,
        "description": escalation.description,
        "num_loops": escalation.rounds,
        "rule": [
            {"escalation_delay_in_minutes": wait, "target": _targets(level)}
            for level, wait in zip(escalation.levels, escalation.waits, strict=True)
        ],
    }


def _targets(level: Level) -> list[dict[str, str]]:
    return [
        *(
            {"type": "schedule_reference", "id": _reference(f"data.pagerduty_schedule.{name}.id")}
            for name in level.schedules
        ),
        *({"type": "user_reference", "id": _reference(f"data.pagerduty_user.{name}.id")} for name in level.people),
    ]


def _service(name: str, escalation: Escalation) -> dict[str, Any]:
    return {
        "name": name,
        "description": escalation.description,
        "escalation_policy": _reference(f"pagerduty_escalation_policy.{escalation.name}.id"),
        "alert_creation": "create_alerts_and_incidents",
        # Alertmanager says when it is over; nothing ends by being old.
        "auto_resolve_timeout": "null",
        # Who acknowledged and then fell asleep is called again.
        "acknowledgement_timeout": "1800",
        "incident_urgency_rule": [{"type": "constant", "urgency": "high"}],
    }


def _reference(expression: str) -> str:
    return f"${{{expression}}}"


def _identifier(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower())
