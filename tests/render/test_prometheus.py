"""Prometheus' files as rendered: who belongs where, what alerts tell, and another place's addresses and pace."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from sms_observability.catalog import SMS_CATALOG, Alert, CatalogError, Slo
from sms_observability.render import Site
from sms_observability.render.prometheus_config import PATH, RESTRICTED_PATH, render_prometheus_config
from sms_observability.render.prometheus_rules import label_sets, render_prometheus_rules
from sms_observability.render.slo import slo_groups

FILES = {path: yaml.safe_load(text) for path, text in render_prometheus_rules(SMS_CATALOG).items()}
RULES = [(path, rule) for path, file in FILES.items() for group in file["groups"] for rule in group["rules"]]
FROM_RECORDS = {"sloth_service", "sloth_slo", "company_id", "environment"}
"""Labels that come with what was recorded."""
ALERTS = {rule["alert"]: (path, rule) for path, rule in RULES if "alert" in rule}


def test_nothing_restricted_is_in_a_public_file() -> None:
    """Neither a series nor an alert about one."""
    public = [rule for path, rule in RULES if "/restricted/" not in path]
    assert not [rule for rule in public if "_sms_" in re.sub(r"\w_sms_", "", str(rule))]
    assert ALERTS["MarkupMarginBelowTarget"][0].startswith("monitoring/prometheus/restricted/")
    assert [path for path, rule in ALERTS.values() if rule["labels"].get("restricted")] == [
        ALERTS["MarkupMarginBelowTarget"][0]
    ]


def test_the_restricted_alert_tells_no_figure() -> None:
    """Its texts reach phones and mail: no value, no target, no word of what it is about."""
    _, rule = ALERTS["MarkupMarginBelowTarget"]
    told = " ".join(rule["annotations"][name] for name in ("summary", "description", "severity_rationale"))
    assert not re.search(r"\d|markup|margin|\$|%", told, re.IGNORECASE)


@pytest.mark.parametrize("name", sorted(SMS_CATALOG.alerts))
def test_every_alert_tells_what_who_is_called_needs(name: str) -> None:
    """What, why so urgent, whose, what it stands on, and where to look."""
    _, rule = ALERTS[name]
    assert {"severity", "team", "environment"} <= set(rule["labels"])
    assert "service" in rule["labels"] or re.search(r"by \([^)]*\bservice\b", rule["expr"])
    notes = rule["annotations"]
    assert set(notes) == {
        *("summary", "description", "runbook_url", "dashboard_url", "severity_rationale", "dependencies", "owner")
    }
    assert notes["runbook_url"] == f"https://runbooks.example.com/{SMS_CATALOG.alerts[name].runbook}"
    assert re.match(r"https://grafana\.example\.com/d/[a-z-]+\?viewPanel=\d+", notes["dashboard_url"])
    assert notes["summary"][0].isupper() or notes["summary"].startswith("{{")


def test_texts_show_labels_that_are_left() -> None:
    """A label that the expression drops would be told as nothing."""
    for name, (_, rule) in ALERTS.items():
        used = set(re.findall(r"\$labels\.(\w+)", str(rule["annotations"])))
        known = set(re.findall(r"\w+", rule["expr"])) | set(rule["labels"])
        assert used - known <= FROM_RECORDS, name


def test_alerts_of_objectives_fire_with_the_team_of_each() -> None:
    """Routing is tried with each of them."""
    sets = label_sets(SMS_CATALOG, SMS_CATALOG.alerts["ErrorBudgetBurnFast"])
    assert {(each["service"], each["team"]) for each in sets} == {
        (slo.service, slo.team) for slo in SMS_CATALOG.slos.values()
    }
    assert not [each for each in sets if "{{" in str(each)]
    (watchdog,) = label_sets(SMS_CATALOG, SMS_CATALOG.alerts["Watchdog"])
    assert watchdog["alertname"] == "Watchdog"


def test_an_alert_whose_panel_is_not_there_is_refused() -> None:
    """The message names the nearest."""

    def missing(uid: str, title: str) -> Alert:
        return Alert(
            "Lost", "x > 1", severity="info", team="t", summary="s", description="d", rationale="r",
            dashboard=(uid, title),
        )  # fmt: skip

    for uid, title, remedy in (("sms-slos", "x", "'sms-slo'"), ("sms-slo", "Burn Rat", "'Burn Rate'")):
        with pytest.raises(CatalogError, match=remedy):
            render_prometheus_rules(SMS_CATALOG.extend(alerts=[missing(uid, title)]))


def test_an_objective_of_a_service_is_rendered_with_the_others() -> None:
    """Three lines make 20 rules, and the three alerts watch it, too."""
    catalog = SMS_CATALOG.extend(slos=[Slo.availability("sync_api_availability", 99.9, service="sync-api")])
    groups = yaml.safe_load(render_prometheus_rules(catalog)["monitoring/prometheus/rules/slos.yaml"])["groups"]
    rules = [rule for group in groups if group["name"].endswith("sync_api_availability") for rule in group["rules"]]
    records = [rule["record"] for rule in rules]
    assert len(records) == len(set(records)) == 20
    assert {rule["labels"]["sloth_id"] for rule in rules} == {"sync-api-sync_api_availability"}


def test_objectives_have_the_names_that_public_dashboards_know() -> None:
    """Those of Sloth, with its labels."""
    groups = slo_groups(SMS_CATALOG.slos["api_availability"])
    assert [group["name"] for group in groups] == [
        "sloth-slo-sli-recordings-portal-api_availability",
        "sloth-slo-meta-recordings-portal-api_availability",
    ]
    records = {rule["record"]: rule for group in groups for rule in group["rules"]}
    windows = ("5m", "30m", "1h", "2h", "6h", "1d", "3d", "30d")
    assert {
        *(f"slo:sli_error:ratio_rate{window}" for window in windows),
        *("slo:objective:ratio", "slo:error_budget:ratio", "slo:time_period:days", "slo:current_burn_rate:ratio"),
        *("slo:period_burn_rate:ratio", "slo:period_error_budget_remaining:ratio", "sloth_slo_info"),
    } <= set(records)
    assert records["slo:error_budget:ratio"]["expr"] == "vector(0.0005)"
    assert records["sloth_slo_info"]["labels"]["sloth_objective"] == "99.95"
    for window in windows:
        labels = records[f"slo:sli_error:ratio_rate{window}"]["labels"]
        assert labels["sloth_window"] == window
        assert {"sloth_id", "sloth_service", "sloth_slo"} <= set(labels)


def test_another_place_has_its_own_addresses() -> None:
    """Without a stroke too many."""
    site = Site(grafana_url="http://g/", runbook_url="http://r/", environment="staging")
    text = render_prometheus_rules(SMS_CATALOG, site)["monitoring/prometheus/rules/alerts.yaml"]
    assert "http://g/d/sms-slo?viewPanel=" in text
    assert "http://r/parts-api-down" in text
    assert "example.com" not in text
    config = yaml.safe_load(render_prometheus_config(SMS_CATALOG, site)[PATH])
    assert config["global"]["external_labels"] == {"environment": "staging"}


@pytest.mark.parametrize(
    ("text", "quick"),
    [
        ("rate(x[20m])", "rate(x[20s])"),
        ("rate(x[5m])", "rate(x[10s])"),
        ("x offset 7d", "x offset 168m"),
        ("max_over_time(x[1h:5m])", "max_over_time(x[1m:10s])"),
        ("x > 14 * 86400", "x > 14 * 1440"),
        ("x * 3600 > 5 * 60", "x * 60 > 5 * 1"),
        ("x > 86400 and y > 60", "x > 86400 and y > 60"),
    ],
)
def test_time_can_go_faster(text: str, quick: str) -> None:
    """Windows, offsets and numbers of seconds; thresholds stay, and a window keeps a few samples."""
    assert Site(time_scale=60, shortest=10).expression(text) == quick


def test_faster_rules_are_the_same_rules() -> None:
    """Only waits, windows and intervals differ."""
    usual = render_prometheus_rules(SMS_CATALOG)
    quick = render_prometheus_rules(SMS_CATALOG, Site(time_scale=60, shortest=5))
    assert set(usual) == set(quick)
    rule = next(
        each
        for group in yaml.safe_load(quick["monitoring/prometheus/rules/alerts.yaml"])["groups"]
        for each in group["rules"]
        if each["alert"] == "APIHighLatency"
    )
    assert rule["for"] == "10s"
    assert "[5s]" in rule["expr"]
    assert Site().duration("1h30m") == "1h30m"
    assert Site(time_scale=1e9).duration("1h") == "0s"


def test_time_does_not_stand_still() -> None:
    """Nor go backwards."""
    with pytest.raises(ValueError, match="above 0"):
        Site(time_scale=0)


def test_the_two_servers_share_nothing() -> None:
    """Neither a target, nor an Alertmanager; and the public one drops what has gone astray."""
    files: dict[str, Any] = {k: yaml.safe_load(v) for k, v in render_prometheus_config(SMS_CATALOG).items()}

    def targets(path: str) -> set[str]:
        found = re.findall(r"'([a-z-]+:\d+)'", str(files[path]))
        return {each for each in found if not each.startswith("localhost")}

    assert targets(PATH) & targets(RESTRICTED_PATH) == set()
    for job in files[PATH]["scrape_configs"]:
        assert {"source_labels": ["__name__"], "regex": "_sms_.+", "action": "drop"} in job["metric_relabel_configs"]


def test_names_of_groups_are_unique() -> None:
    """Prometheus would refuse a file with two of one name."""
    for file in FILES.values():
        names = [group["name"] for group in file["groups"]]
        assert len(names) == len(set(names))
