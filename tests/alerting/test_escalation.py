"""Who is called next: PagerDuty's policies as Terraform reads them, and the same for people."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from jsonschema import validate

from servers.programs import ROOT
from sms_observability.catalog import SMS_CATALOG, CatalogError, Escalation, Level
from sms_observability.render.alerting_page import ALERTING_PATH
from sms_observability.render.escalation import ESCALATION_PATH

DOCUMENT: dict[str, Any] = json.loads((ROOT / ESCALATION_PATH).read_text(encoding="utf-8"))
RESOURCES = DOCUMENT["resource"]


def named(**properties: Any) -> dict[str, Any]:
    """Give the schema of named blocks that take these arguments; all of them are given."""
    block = {
        "type": "object",
        "required": sorted(properties),
        "additionalProperties": False,
        "properties": properties,
    }
    return {"type": "object", "patternProperties": {"^[a-z][a-z0-9_]*$": block}, "additionalProperties": False}


TEXT = {"type": "string", "minLength": 1}
REFERENCE = {"type": "string", "pattern": r"^\$\{[a-z_]+\.[a-z_]+\..+\}$"}
# The arguments of version 3 of the provider, with its own bounds.
PROVIDER = {
    "type": "object",
    "properties": {
        "pagerduty_escalation_policy": named(
            name=TEXT,
            description=TEXT,
            num_loops={"type": "integer", "minimum": 0, "maximum": 9},
            rule={
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "required": ["escalation_delay_in_minutes", "target"],
                    "additionalProperties": False,
                    "properties": {
                        "escalation_delay_in_minutes": {"type": "integer", "minimum": 1},
                        "target": {
                            "type": "array",
                            "minItems": 1,
                            "items": {
                                "type": "object",
                                "required": ["type", "id"],
                                "additionalProperties": False,
                                "properties": {
                                    "type": {"enum": ["user_reference", "schedule_reference"]},
                                    "id": REFERENCE,
                                },
                            },
                        },
                    },
                },
            },
        ),
        "pagerduty_service": named(
            name=TEXT,
            description=TEXT,
            escalation_policy=REFERENCE,
            alert_creation={"const": "create_alerts_and_incidents"},
            auto_resolve_timeout={"type": "string", "pattern": "^(null|[0-9]+)$"},
            acknowledgement_timeout={"type": "string", "pattern": "^(null|[0-9]+)$"},
            incident_urgency_rule={"const": [{"type": "constant", "urgency": "high"}]},
        ),
        "pagerduty_service_integration": named(
            name=TEXT, service=REFERENCE, type={"const": "events_api_v2_inbound_integration"}
        ),
    },
    "additionalProperties": False,
}


def test_terraform_s_provider_takes_it() -> None:
    """Each resource has the arguments that the provider knows, and no other."""
    validate(RESOURCES, PROVIDER)


def test_every_reference_leads_to_something_in_the_file() -> None:
    """Data, resources and variables by the names that they have."""
    references = re.findall(r"\$\{([^}]+)\}", json.dumps(DOCUMENT).replace('\\"', '"'))
    assert references
    for reference in references:
        kind, name, *rest = reference.split(".")
        if kind == "var":
            variable, key = re.fullmatch(r'(\w+)\["(\w+)"\]', name).groups()  # type: ignore[union-attr]
            default = DOCUMENT["variable"][variable].get("default")
            assert default is None or key in default, reference
        elif kind == "data":
            assert rest[0] in DOCUMENT["data"][name], reference
        else:
            assert name in RESOURCES[kind], reference


def calls(policy: str) -> list[tuple[int, list[str]]]:
    """Give when PagerDuty calls whom: each wait is that of the level before."""
    after, found = 0, []
    for rule in RESOURCES["pagerduty_escalation_policy"][policy]["rule"]:
        found.append((after, [target["id"].split(".")[2] for target in rule["target"]]))
        after += rule["escalation_delay_in_minutes"]
    return found


def test_pages_climb_as_the_plan_says() -> None:
    """0, 5 and 15 minutes for revenue, 0, 10 and 30 for the rest; then again from the first level."""
    assert calls("revenue_critical") == [
        (0, ["oncall_revenue_primary"]),
        (5, ["oncall_revenue_secondary", "revenue_manager"]),
        (15, ["cto", "ceo"]),
    ]
    assert calls("standard_critical") == [
        (0, ["oncall_primary"]),
        (10, ["oncall_secondary", "team_lead"]),
        (30, ["engineering_manager"]),
    ]
    assert all(each["num_loops"] > 0 for each in RESOURCES["pagerduty_escalation_policy"].values())


def test_every_page_that_alertmanager_sends_climbs() -> None:
    """Each key of Alertmanager is the output of a service with a policy, and is nobody's to read."""
    keys = {name for name in SMS_CATALOG.routing.secret_files() if name.startswith("pagerduty")}
    assert set(DOCUMENT["output"]) == keys
    assert all(output["sensitive"] for output in DOCUMENT["output"].values())
    services = {each["service"] for each in RESOURCES["pagerduty_service_integration"].values()}
    assert services == {f"${{pagerduty_service.{name}.id}}" for name in RESOURCES["pagerduty_service"]}


def test_people_read_the_same_times() -> None:
    """The table in the documentation."""
    page = (ROOT / ALERTING_PATH).read_text(encoding="utf-8")
    for escalation in SMS_CATALOG.routing.escalations:
        assert f"| {escalation.name} | 0 minutes |" in page
        for level in escalation.levels:
            assert f"| {level.after} minutes | {', '.join(level.targets)} |" in page


@pytest.mark.parametrize(
    ("levels", "message"),
    [
        ((), "calls nobody at once"),
        ((Level(5, ("a1",)),), "calls nobody at once"),
        ((Level(0),), "calls nobody, or no known name"),
        ((Level(0, ("Not A Name",)),), "calls nobody, or no known name"),
        ((Level(0, ("a1",)), Level(3, ("b1",))), "less than 5 minutes"),
        ((Level(0, ("a1",)), Level(10, ("b1",)), Level(5, ("c1",))), "less than 5 minutes"),
    ],
)
def test_what_cannot_climb_is_refused(levels: tuple[Level, ...], message: str) -> None:
    """With what is wrong."""
    with pytest.raises(CatalogError, match=message):
        Escalation("steps", "SMS primary", levels)
