"""Who is called next: PagerDuty's policies as Terraform reads them, and the same for people."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest

from alerting.terraform import mistakes
from servers.programs import ROOT
from sms_observability.catalog import SMS_CATALOG, CatalogError, Escalation, Level
from sms_observability.render.alerting_page import ALERTING_PATH
from sms_observability.render.escalation import ESCALATION_PATH

DOCUMENT: dict[str, Any] = json.loads((ROOT / ESCALATION_PATH).read_text(encoding="utf-8"))
RESOURCES = DOCUMENT["resource"]


SCHEMA: dict[str, Any] = json.loads((Path(__file__).parent / "pagerduty_schema.json").read_text(encoding="utf-8"))


def test_terraform_s_provider_takes_it() -> None:
    """Arguments, blocks and types are those of the provider's own schema, of a version that the file asks for."""
    assert mistakes(DOCUMENT, SCHEMA) == []
    asked = DOCUMENT["terraform"]["required_providers"]["pagerduty"]
    assert asked["source"] == SCHEMA["provider"]["source"]
    assert asked["version"] == f"~> {SCHEMA['provider']['version'].split('.')[0]}.0"


POLICY = ("resource", "pagerduty_escalation_policy", "revenue_critical")
SERVICE = ("resource", "pagerduty_service", "sms_revenue")
GONE = object()


@pytest.mark.parametrize(
    ("path", "value", "mistake"),
    [
        ((*POLICY, "rounds"), 2, "rounds: not expected here"),
        ((*POLICY, "name"), GONE, "name: missing"),
        ((*POLICY, "rule"), GONE, "rule: missing"),
        ((*POLICY, "rule"), [], "rule: too few"),
        ((*POLICY, "rule", 0, "target"), "cto", r"target\[0\]: a block is needed"),
        ((*POLICY, "rule", 0, "escalation_delay_in_minutes"), [5], "minutes: not of type number"),
        ((*SERVICE, "html_url"), "https://example.com", "html_url: the provider sets it"),
        ((*SERVICE, "description"), ["Revenue"], "description: not of type string"),
        ((*SERVICE, "incident_urgency_rule"), [{"type": "constant"}] * 2, "incident_urgency_rule: too many"),
        ((*SERVICE, "incident_urgency_rule", 0, "severity"), "high", "severity: not expected here"),
        (("data", "pagerduty_user", "cto", "mail"), "cto@example.com", "mail: not expected here"),
        (("resource", "pagerduty_policy"), {"one": {}}, "no such kind"),
    ],
)
def test_what_terraform_refuses_is_found(path: tuple[str | int, ...], value: object, mistake: str) -> None:
    """Each of these has been refused by `terraform validate` with this provider: so the check above can fail."""
    changed = copy.deepcopy(DOCUMENT)
    place: Any = changed
    for step in path[:-1]:
        place = place[step]
    if value is GONE:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    found = mistakes(changed, SCHEMA)
    assert any(re.search(f"{mistake}$", each) for each in found), found


def test_values_are_within_the_bounds_of_pagerduty() -> None:
    """What no schema says: how often a policy goes round, whom a level calls, what a service does with an alert."""
    for policy in RESOURCES["pagerduty_escalation_policy"].values():
        assert 0 <= policy["num_loops"] <= 9
        for rule in policy["rule"]:
            assert rule["escalation_delay_in_minutes"] >= 1
            assert {target["type"] for target in rule["target"]} <= {"user_reference", "schedule_reference"}
    for service in RESOURCES["pagerduty_service"].values():
        assert service["alert_creation"] == "create_alerts_and_incidents"
        assert all(
            re.fullmatch("null|[0-9]+", service[f"{each}_timeout"]) for each in ("auto_resolve", "acknowledgement")
        )
        assert service["incident_urgency_rule"] == [{"type": "constant", "urgency": "high"}]
    kinds = {each["type"] for each in RESOURCES["pagerduty_service_integration"].values()}
    assert kinds == {"events_api_v2_inbound_integration"}


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
            assert rest[1] in SCHEMA["data"][name]["attributes"], reference
        else:
            assert name in RESOURCES[kind], reference
            assert rest[0] in SCHEMA["resource"][kind]["attributes"], reference


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


def test_the_page_names_everything_that_terraform_asks_for() -> None:
    """Its file of variables has every person, and what it prints is an output."""
    page = (ROOT / ALERTING_PATH).read_text(encoding="utf-8")
    people = json.loads(page.split("<<'END'\n")[1].split("END\n")[0])["people"]
    assert set(people) == set(DOCUMENT["data"]["pagerduty_user"])
    (output,) = re.findall(r"terraform output -raw (\w+)", page)
    assert output in DOCUMENT["output"]


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
