"""Where alerts go: Alertmanager's own tool is asked about every alert, the catalogue about all others."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from servers.programs import ROOT, binary
from sms_observability.catalog import (
    SMS_CATALOG,
    Catalog,
    CatalogError,
    Email,
    Inhibition,
    MuteWindow,
    PagerDuty,
    Receiver,
    Route,
    Slack,
    Sms,
    Webhook,
)
from sms_observability.render import render
from sms_observability.render.alertmanager import ALERTMANAGER_PATH, RESTRICTED_PATH

ROUTING = SMS_CATALOG.routing
CONFIG = ROOT / ALERTMANAGER_PATH


@pytest.fixture(scope="module")
def rules() -> list[dict[str, Any]]:
    """Give every alert rule that is rendered, the restricted ones and those of objectives included."""
    found = []
    for path, text in render(SMS_CATALOG).items():
        if path.startswith("monitoring/prometheus/") and "/rules/" in path:
            groups = yaml.safe_load(text)["groups"]
            found += [
                {**rule, "restricted_file": "/restricted/" in path}
                for group in groups
                for rule in group["rules"]
                if "alert" in rule
            ]
    return found


def label_sets(rule: dict[str, Any]) -> Iterator[dict[str, str]]:
    """Give the labels that an alert of this rule can have, as far as anything is decided by them."""
    labels = {"alertname": rule["alert"], **rule["labels"]}
    services = [labels.get("service", "")]
    teams = [labels["team"]]
    if "{{" in labels["team"]:
        services = sorted({slo.service for slo in SMS_CATALOG.slos.values()})
        teams = sorted({slo.team for slo in SMS_CATALOG.slos.values()})
    elif not services[0] or "{{" in services[0]:
        services = ["parts-api", "legacy-integration"]
    for service, team, environment in product(services, teams, ("production", "staging")):
        yield {**labels, "service": service, "team": team, "environment": environment}


def expected(labels: dict[str, str]) -> str:
    """Say who the plan wants to be told, in other words than the catalogue's."""
    if "restricted" in labels:
        return "revenue_internal"
    if labels["alertname"] == "Watchdog":
        return "deadman"
    if labels["severity"] == "critical":
        return "revenue_critical" if labels["team"] == "revenue" else "primary_critical"
    return {"warning": "warnings", "info": "info"}[labels["severity"]]


def asked(config: Path, labels: dict[str, str], *more: str) -> str:
    """Ask amtool who is told."""
    done = subprocess.run(
        [
            binary("amtool"),
            "config",
            "routes",
            "test",
            f"--config.file={config}",
            *more,
            *(f"{name}={value}" for name, value in labels.items()),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, f"{labels}: {done.stdout}{done.stderr}"
    return done.stdout.strip()


@pytest.mark.servers
@pytest.mark.slow
@pytest.mark.parametrize("path", [ALERTMANAGER_PATH, RESTRICTED_PATH])
def test_alertmanager_accepts_the_configuration(path: str) -> None:
    """With every template that it names."""
    done = subprocess.run(
        [binary("amtool"), "check-config", str(ROOT / path)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 templates" in done.stdout


@pytest.mark.servers
@pytest.mark.slow
def test_every_rendered_alert_arrives_where_the_plan_wants_it(rules: list[dict[str, Any]]) -> None:
    """Nothing restricted elsewhere, nothing else there, and nothing at the receiver of what has no route."""
    sets = [labels for rule in rules for labels in label_sets(rule)]
    assert {labels["alertname"] for labels in sets} == set(SMS_CATALOG.alerts)
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda labels: asked(CONFIG, labels, f"--verify.receivers={expected(labels)}"), sets))
    for labels in sets:
        assert ROUTING.receiver_of(labels) == expected(labels), labels
    assert {expected(labels) for labels in sets} | {ROUTING.unrouted} == {each.name for each in ROUTING.receivers}


@pytest.mark.servers
@pytest.mark.slow
def test_the_restricted_alertmanager_tells_one_receiver() -> None:
    """What comes there without its label has gone astray, and is told without its content."""
    config = ROOT / RESTRICTED_PATH
    assert asked(config, {"alertname": "A", "restricted": "true", "severity": "critical"}) == "revenue_internal"
    assert asked(config, {"alertname": "A", "severity": "critical", "team": "revenue"}) == "unrouted"
    assert {each["name"] for each in yaml.safe_load(config.read_text())["receivers"]} == {
        "revenue_internal",
        "unrouted",
    }


def test_restricted_rules_and_only_those_say_so(rules: list[dict[str, Any]]) -> None:
    """The route hangs on the label, so every rule of the restricted Prometheus has it."""
    assert any(rule["restricted_file"] for rule in rules)
    for rule in rules:
        assert (rule["labels"].get("restricted") == "true") == rule["restricted_file"], rule["alert"]


_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
_LABELS = st.dictionaries(
    st.sampled_from(["severity", "team", "service", "environment", "alertname", "owner"]),
    _TEXT | st.sampled_from(["critical", "warning", "info", "revenue", "legacy-integration", "Watchdog"]),
)


@given(labels=_LABELS, mark=_TEXT.filter(bool))
def test_no_other_label_leads_a_restricted_alert_elsewhere(labels: dict[str, str], mark: str) -> None:
    """However it is marked, and whatever else it claims to be."""
    assert ROUTING.receiver_of({**labels, "restricted": mark}) == "revenue_internal"
    assert ROUTING.receiver_of(labels) != "revenue_internal"


def test_the_times_are_those_of_the_plan() -> None:
    """At once and hourly for revenue, warnings once, information late; what can wait is muted on Sunday, 2 to 4 UTC."""
    routes = yaml.safe_load(CONFIG.read_text())["route"]["routes"]
    by_receiver = {(each["receiver"], "legacy" in str(each["matchers"])): each for each in reversed(routes)}
    times = {
        key: (each["group_wait"], each["group_interval"], each["repeat_interval"]) for key, each in by_receiver.items()
    }
    assert times["revenue_critical", False] == ("0s", "1m", "1h")
    assert times["primary_critical", False][0] == "10s"
    assert times["warnings", False][2] == "96h"
    assert times["warnings", True] == ("15m", "15m", "24h")
    assert times["info", False][:2] == ("30m", "2h")
    muted = {key[0] for key, each in by_receiver.items() if each.get("mute_time_intervals")}
    assert muted == {"revenue_internal", "warnings", "info"}
    assert not routes[1].get("mute_time_intervals"), "restricted and critical"
    (window,) = yaml.safe_load(CONFIG.read_text())["time_intervals"]
    assert window["time_intervals"] == [
        {"weekdays": ["sunday"], "times": [{"start_time": "02:00", "end_time": "04:00"}], "location": "UTC"}
    ]


def test_silences_name_alerts_that_exist() -> None:
    """A cause that is called otherwise silences nothing, and nobody would notice."""
    for inhibition in ROUTING.inhibitions:
        for matcher in (*inhibition.cause, *inhibition.effect):
            if found := re.fullmatch(r'alertname=~?"(.+)"', matcher):
                assert set(found[1].split("|")) <= set(SMS_CATALOG.alerts), matcher


def test_nothing_silences_what_costs_money_or_cannot_be_undone() -> None:
    """Causes are told, restricted alerts have no cause, and the heartbeat is never missing."""
    never = (
        "PartsOrderingSystemDown",
        "PaymentProcessingDown",
        "DataExfiltrationAttempt",
        "DatabaseDown",
        "CollectorDown",
    )
    for inhibition in ROUTING.inhibitions:
        for name in never:
            effect = {"alertname": name, **SMS_CATALOG.alerts[name].all_labels}
            assert not all_fit(inhibition.effect, effect), f"{name} would be silenced: {inhibition}"


def all_fit(matchers: tuple[str, ...], labels: dict[str, str]) -> bool:
    """Say whether all matchers fit."""
    return Route("info", matchers).takes(labels)


def test_the_plan_s_cascade_lasts_half_an_hour() -> None:
    """Alertmanager cannot do it; the cause stays for as long."""
    assert SMS_CATALOG.alerts["DatabaseDown"].keep_firing_for == "30m"
    cause = {"alertname": "DatabaseDown", "environment": "production"}
    for name in ("APIError", "SyncFailure"):
        effect = {"alertname": name, "environment": "production", "service": "parts-api"}
        assert any(each.silences(effect, cause) for each in ROUTING.inhibitions)
        assert not any(each.silences({**effect, "environment": "staging"}, cause) for each in ROUTING.inhibitions)


def test_no_secret_is_in_a_file() -> None:
    """Keys, addresses that are keys, and the password are named by file."""
    for path in (ALERTMANAGER_PATH, RESTRICTED_PATH):
        text = (ROOT / path).read_text()
        for line in text.splitlines():
            key, _, value = line.strip().lstrip("- ").partition(": ")
            if re.search(r"(routing_key|service_key|api_url|password|secret_key|webhook|^url)", key):
                assert key.endswith("_file") or not value, line
        assert "hooks.slack.com" not in text


def test_a_service_may_bring_its_own_routes() -> None:
    """In the place of the portal's; a catalogue without any renders no Alertmanager."""
    own = replace(ROUTING, mail=replace(ROUTING.mail, smarthost="mail.acme.example:25"), secrets="/run/secrets")
    files = render(SMS_CATALOG.extend(routing=lambda: own))
    config = yaml.safe_load(files[ALERTMANAGER_PATH])
    assert config["global"]["smtp_smarthost"] == "mail.acme.example:25"
    assert config["global"]["slack_api_url_file"] == "/run/secrets/slack_url"
    assert SMS_CATALOG.routing is ROUTING
    assert not any("alertmanager" in path or "pagerduty" in path for path in render(Catalog()))
    with pytest.raises(CatalogError, match="give it routing="):
        _ = Catalog().routing


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda: replace(ROUTING, routes=ROUTING.routes[2:]), "the first route must take what is restricted"),
        (
            lambda: replace(ROUTING, routes=(*ROUTING.routes, Route("revenue_internal", ('team="x"',)))),
            "no other route may lead to it",
        ),
        (
            lambda: replace(ROUTING, routes=(*ROUTING.routes, Route("warning", ('team="x"',)))),
            "did you mean 'warnings'",
        ),
        (
            lambda: replace(ROUTING, routes=(*ROUTING.routes, Route("info", ('team="x"',), muted=("maintenance",)))),
            "which nothing may mute",
        ),
        (lambda: replace(ROUTING, unrouted="info"), "text='unrouted'"),
        (lambda: replace(ROUTING, receivers=(*ROUTING.receivers, ROUTING.receivers[0])), "declared twice"),
        (lambda: Route("info", ()), "takes everything"),
        (lambda: Route("info", ("severity=critical",)), "no matcher"),
        (lambda: Route("info", ('severity=~"("',)), "no regular expression"),
        (lambda: Route("info", ('severity="info"',), repeat_interval="120h"), "has forgotten"),
        (lambda: Route("info", ('severity="info"',), group_wait="soon"), "no duration"),
        (lambda: Inhibition(('a="b"',), ('a="c"',), equal=()), "silence too much"),
        (lambda: MuteWindow("m", days=("sunday",), start="22:00", end="02:00"), "two windows"),
        (lambda: MuteWindow("m", days=("sunday",), start="2:00", end="04:00"), "no time of a day"),
        (lambda: MuteWindow("m", days=("sunday",), start="02:00", end="04:00", time_zone="Oslo"), "no time zone"),
        (lambda: Receiver("revenue", (Webhook("url"),), text="neutral"), "use Slack or Email"),
        (lambda: Receiver("revenue", (PagerDuty("key", "s"),), text="unrouted"), "use Slack or Email"),
        (lambda: Receiver("revenue", ()), "reaches nobody"),
        (lambda: Slack("alerts"), "no Slack channel"),
        (lambda: Email("nobody"), "no e-mail address"),
        (lambda: Sms("+4712345678"), "no SNS topic"),
        (lambda: Webhook("https://example.com/token"), "never the secret"),
    ],
)
def test_what_cannot_work_is_refused_with_its_remedy(change: Any, message: str) -> None:
    """While it is declared, not at three o'clock in the morning."""
    with pytest.raises(CatalogError, match=re.escape(message)):
        change()
