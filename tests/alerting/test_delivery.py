"""What people are told: a real Alertmanager with the shipped routes and texts, and everybody's stand-in."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from jsonschema import validate

from alerting.schemas import PAGERDUTY, SLACK, SNS, WEBHOOK
from servers.alertmanager import FLAKY_WAIT, SECRETS, Notified, firing, hurried, notified, over
from servers.inbox import Mail, Message
from servers.programs import ROOT
from servers.waiting import wait_until
from sms_observability.catalog import SMS_CATALOG, MuteWindow
from sms_observability.catalog.route import Weekday
from sms_observability.render.alertmanager import restricted_routing

pytestmark = [pytest.mark.servers, pytest.mark.slow]

ROUTING = SMS_CATALOG.routing
_numbers = count(1)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notified]:
    """Give an Alertmanager that all tests here share: each has alerts of its own."""
    with notified(hurried(ROUTING), tmp_path_factory.mktemp("alertmanager")) as running:
        yield running


def own(name: str = "Alert") -> str:
    """Give a name of an alert that no other test uses."""
    return f"{name}{next(_numbers):03}"


def slack(name: str, channel: str = "", state: str = "") -> Callable[[Message], bool]:
    """Give what says whether a request is Slack's message of an alert."""
    return lambda message: (
        "slack" in message.path
        and name in message.text
        and (not channel or message.json["channel"] == channel)
        and (not state or f"[{state}]" in message.text)
    )


def page(name: str, action: str) -> Callable[[Message], bool]:
    """Give what says whether a request is PagerDuty's event of an alert."""
    return lambda message: (
        message.path == "/v2/enqueue"
        and message.json["payload"]["class"] == name
        and message.json["event_action"] == action
    )


def mail(name: str) -> Callable[[Mail], bool]:
    """Give what says whether a mail is of an alert."""
    return lambda each: name in each.subject


def test_a_revenue_outage_pages_writes_and_texts_and_says_when_it_is_over(told: Notified) -> None:
    """PagerDuty, Slack and a text message, as the vendors document them; the end closes the same incident."""
    name = own("OrdersDown")
    alert = firing(name, severity="critical", team="revenue", service="parts-api")
    told.alertmanager.tell(alert)
    event = told.http.wait(page(name, "trigger"), "the page")
    validate(event.json, PAGERDUTY)
    payload = event.json["payload"]
    assert event.json["routing_key"] == SECRETS["pagerduty_revenue_key"]
    assert payload["summary"] == f"{name} summary (production)"
    assert (payload["severity"], payload["component"], payload["group"]) == ("critical", "parts-api", "revenue")
    assert "12.5 % of requests" in payload["custom_details"]["firing"], "a text, whatever colons are in it"
    assert [each["href"] for each in event.json["links"]] == [
        alert["annotations"]["runbook_url"],
        alert["annotations"]["dashboard_url"],
    ]
    written = told.http.wait(slack(name, "#revenue-critical"), "Slack")
    validate(written.json, SLACK)
    (text,) = written.json["attachments"]
    assert written.path == "/slack_url"
    assert text["title"] == f"[CRITICAL] {name} summary (production)"
    assert "*What*: " + alert["annotations"]["description"] in text["text"]
    assert "*Where*: environment production, service parts-api" in text["text"]
    assert re.search(r"\*Since\*: \d{4}-\d\d-\d\d \d\d:\d\d UTC", text["text"])
    assert f"<{alert['annotations']['runbook_url']}|Runbook>" in text["text"]
    assert alert["annotations"]["dashboard_url"].replace("&", "&amp;") + "|Dashboard>" in text["text"]
    short = told.http.wait(lambda each: each.path.startswith("/sns") and name in each.text, "the text message")
    validate(short.form, SNS)
    assert short.form["Message"].startswith(f"[CRITICAL] {name} summary (production) since ")
    assert "us-east-1/sns/aws4_request" in short.headers["Authorization"]

    told.alertmanager.tell(over(alert))
    closed = told.http.wait(page(name, "resolve"), "the end of the incident")
    validate(closed.json, PAGERDUTY)
    assert closed.json["dedup_key"] == event.json["dedup_key"]
    ended = told.http.wait(slack(name, "#revenue-critical", "RESOLVED"), "the end in Slack")
    validate(ended.json, SLACK)
    assert ended.json["attachments"][0]["color"] == "good"
    assert "*From*: " in ended.json["attachments"][0]["text"]
    texts = told.http.all(lambda each: each.path.startswith("/sns") and name in each.text)
    assert all("RESOLVED" not in each.form["Message"] for each in texts), "nobody is woken up by good news"


def test_a_warning_is_mailed_and_written(told: Notified) -> None:
    """Both forms of the mail say what, where, since when and where to go; the password came from its file."""
    name = own("Slow")
    alert = firing(name, severity="warning", team="platform", service="sync-api", endpoint="/api/sync/upload")
    told.alertmanager.tell(alert)
    written = told.mail.wait(mail(name), "the mail")
    assert written.subject == f"[WARNING] {name} summary (production)"
    assert written.to == ("engineering@example.com",)
    assert written.login.split("\0") == ["alertmanager", SECRETS["smtp_password"]]
    for kind in ("plain", "html"):
        part = written.part(kind).replace("&amp;", "&")
        for wanted in (
            alert["annotations"]["description"],
            "endpoint /api/sync/upload, environment production, service sync-api",
            alert["annotations"]["runbook_url"],
            alert["annotations"]["dashboard_url"],
        ):
            assert wanted in part, f"{wanted} is not in the {kind} part"
        assert re.search(r"Since.{0,20}\d{4}-\d\d-\d\d \d\d:\d\d UTC", part)
    validate(told.http.wait(slack(name, "#alerts-warnings"), "Slack").json, SLACK)
    told.alertmanager.tell(over(alert))
    told.mail.wait(lambda each: name in each.subject and each.subject.startswith("[RESOLVED]"), "the end by mail")


def test_other_pages_and_news_go_to_their_own_channels(told: Notified) -> None:
    """A critical alert of another team to the primary on-call, information to its channel, the heartbeat outside."""
    critical, info = own("Exfiltration"), own("Quiet")
    told.alertmanager.tell(
        firing(critical, severity="critical", team="security", service="parts-api"),
        firing(info, severity="info", team="product"),
        firing("Watchdog", severity="info", team="platform"),
    )
    event = told.http.wait(page(critical, "trigger"), "the page")
    validate(event.json, PAGERDUTY)
    assert event.json["routing_key"] == SECRETS["pagerduty_primary_key"]
    validate(told.http.wait(slack(critical, "#incidents"), "Slack").json, SLACK)
    validate(told.http.wait(slack(info, "#alerts-info"), "Slack").json, SLACK)
    beat = told.http.wait(lambda each: each.path == "/deadman_url", "the heartbeat")
    validate(beat.json, WEBHOOK)
    again = told.http.wait(lambda each: each.path == "/deadman_url", "the next one", count=2)
    assert again.json["groupLabels"]["alertname"] == "Watchdog"
    assert again.json["notification_reason"] == "repeat interval elapsed", "not because something else was new"
    assert not told.http.all(slack("Watchdog"))


def rules(path: str) -> list[dict[str, Any]]:
    """Give the rendered alert rules below a folder of `monitoring/prometheus/`."""
    found = []
    for file in sorted((ROOT / "monitoring" / "prometheus" / path).glob("*.yaml")):
        groups = yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]
        found += [rule for group in groups for rule in group["rules"] if "alert" in rule]
    return found


def as_sent(rule: dict[str, Any], **labels: str) -> dict[str, Any]:
    """Give an alert as Prometheus would send it, with its own texts; values and labels in them become an x."""
    filled = {
        what: {name: re.sub(r"\{\{[^}]*\}\}", "x", text) for name, text in rule[what].items()}
        for what in ("labels", "annotations")
    }
    alert = firing(rule["alert"], **filled["labels"] | labels)
    return {**alert, "annotations": filled["annotations"]}


def says_nothing_of(alert: dict[str, Any], *texts: str) -> None:
    """Check that texts hold no figure, no target and no name of a restricted alert."""
    for text in texts:
        without_dates = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "", text)
        # The identity of a panel is no figure.
        without_dates = without_dates.replace(alert["annotations"]["dashboard_url"], "")
        assert not re.search(r"(?i)markup|margin|below|target|percent|expr", without_dates), text
        if "attachments" not in text and "<" not in text:
            assert not re.search(r"\d", without_dates), text
        for hidden in (alert["labels"]["alertname"], "secret_expression", alert["annotations"]["summary"]):
            assert hidden not in without_dates, text


@pytest.mark.parametrize("severity", ["warning", "critical"])
def test_a_restricted_alert_reaches_one_receiver_which_learns_nothing_of_it(told: Notified, severity: str) -> None:
    """Its mail and its message name no alert, no label, no value, no target and no expression."""
    (rule,) = rules("restricted/rules")
    environment = own("restricted")
    alert = as_sent(rule, severity=severity, environment=environment, service="parts-api", parts_category="engine")
    assert alert["labels"]["restricted"] == "true"
    told.alertmanager.tell(alert)
    count = len(told.mail.all(lambda each: each.to == ("revenue-internal@example.com",))) + 1
    message = told.http.wait(lambda each: each.path == "/slack_revenue_internal_url", "the restricted message", count)
    written = told.mail.wait(lambda each: each.to == ("revenue-internal@example.com",), "the restricted mail", count)
    validate(message.json, SLACK)
    assert message.json["channel"] == "#revenue-internal"
    says_nothing_of(alert, message.text, written.part("plain"), written.part("html"), written.subject)
    assert alert["annotations"]["runbook_url"] in written.part("plain")
    assert alert["annotations"]["dashboard_url"] in written.part("plain")
    marker = own("Marker")
    told.alertmanager.tell(firing(marker, severity="critical", team="revenue", service="parts-api"))
    told.http.wait(page(marker, "trigger"), "the page after it")
    assert not told.http.all(lambda each: alert["labels"]["alertname"] in each.text or environment in each.text)
    assert not told.mail.all(mail(alert["labels"]["alertname"]))


def test_the_restricted_alertmanager_says_as_little(tmp_path: Path) -> None:
    """The restricted Prometheus' own: what is not marked as restricted is announced without its content."""
    with notified(restricted_routing(hurried(ROUTING)), tmp_path) as here:
        (rule,) = rules("restricted/rules")
        alert = as_sent(rule)
        stray = firing("MarkupOfOrders", since=300, severity="critical", team="revenue", service="parts-api")
        here.alertmanager.tell(alert, stray)
        written = here.mail.wait(lambda each: True, "the mail")
        message = here.http.wait(lambda each: each.path == "/slack_revenue_internal_url", "the message")
        astray = here.http.wait(slack("no route", "#monitoring"), "what went astray")
        says_nothing_of(alert, message.text, written.part("plain"), written.part("html"), written.subject)
        assert "Markup" not in astray.text
        assert {each.path for each in here.http.all()} == {"/slack_revenue_internal_url", "/slack_url"}


def test_every_rendered_alert_is_told_in_its_own_words(told: Notified) -> None:
    """In Slack, with its summary, its description, its runbook and its panel, in a form that Slack takes."""
    alerts = [as_sent(rule, environment=own("site"), service="x") for rule in rules("rules")]
    alerts = [alert for alert in alerts if alert["labels"]["alertname"] != "Watchdog"]
    assert len(alerts) >= 40
    told.alertmanager.tell(*alerts)
    for alert in alerts:
        place = f"environment {alert['labels']['environment']},"
        message = told.http.wait(lambda each, place=place: "slack" in each.path and place in each.text, place)
        validate(message.json, SLACK)
        (text,) = message.json["attachments"]
        texts = alert["annotations"]
        assert texts["summary"].replace("&", "&amp;") in text["title"].replace("&", "&amp;")
        assert texts["description"] in text["text"].replace("&amp;", "&").replace("&gt;", ">").replace("&lt;", "<")
        assert f"<{texts['runbook_url']}|Runbook>" in text["text"]
        assert texts["dashboard_url"].replace("&", "&amp;") + "|Dashboard>" in text["text"]
    # Or all of them would be told again and again beside the other tests.
    told.alertmanager.tell(*map(over, alerts))


def test_an_alert_without_route_is_announced_without_its_content(told: Notified) -> None:
    """It may have lost the label that says it is restricted."""
    name = own("Stray")
    told.alertmanager.tell(firing(name, since=300, severity="page", hidden="17.25"))
    message = told.http.wait(slack("no route", "#monitoring"), "the message")
    validate(message.json, SLACK)
    assert name not in message.text
    assert "17.25" not in message.text


def test_alerts_of_one_problem_come_as_one_message(told: Notified) -> None:
    """Two endpoints of a service together, another service apart."""
    name = own("Errors")
    told.alertmanager.tell(
        firing(name, severity="warning", team="platform", service="sync-api", endpoint="/a"),
        firing(name, severity="warning", team="platform", service="sync-api", endpoint="/b"),
        firing(name, severity="warning", team="platform", service="vessels-api", endpoint="/c"),
    )
    first, second = (told.mail.wait(mail(name), "two mails", count=each).part("plain") for each in (1, 2))
    together, apart = (first, second) if "endpoint /a" in first else (second, first)
    assert "endpoint /a" in together
    assert "endpoint /b" in together
    assert "endpoint /c" not in together
    assert "endpoint /c" in apart


def test_a_crowd_of_alerts_is_one_message_that_can_be_read(told: Notified) -> None:
    """Ten of them in full, and how many there are in all."""
    name = own("Crowd")
    told.alertmanager.tell(
        *(firing(name, severity="critical", team="platform", service="sync-api", endpoint=f"/e{n}") for n in range(40))
    )
    message = told.http.wait(slack(name, "#incidents"), "Slack")
    validate(message.json, SLACK)
    (text,) = message.json["attachments"]
    assert text["text"].count("*What*") == 10
    assert "40 in all" in text["text"]
    event = told.http.wait(page(name, "trigger"), "the page")
    validate(event.json, PAGERDUTY)
    assert event.json["payload"]["custom_details"]["num_firing"] == 40
    assert len(event.text) < 512 * 1024, "PagerDuty's limit of an event"


def test_what_lasts_is_told_again(told: Notified) -> None:
    """After its repeat interval, and with the same words."""
    name = own("Lasting")
    told.alertmanager.tell(firing(name, severity="critical", team="platform", service="sync-api"))
    first = told.http.wait(page(name, "trigger"), "the page")
    second = told.http.wait(page(name, "trigger"), "the same page again", count=2)
    assert second.json["dedup_key"] == first.json["dedup_key"]
    assert second.json["payload"]["summary"] == first.json["payload"]["summary"]


def test_what_a_flaky_service_gets_over_by_itself_is_never_told(told: Notified) -> None:
    """Only what outlasts the wait of its route is."""
    for _ in range(5):
        brief, lasting = own("Flaky"), own("Flaky")
        began = time.monotonic()
        alert = firing(brief, severity="warning", team="platform", service="legacy-integration")
        told.alertmanager.tell(
            alert, firing(lasting, severity="warning", team="platform", service="legacy-integration")
        )
        # Two news of one alert that come at once are taken in any order.
        wait_until(lambda name=brief: told.alertmanager.is_grouped(name), "the group")
        told.alertmanager.tell(over(alert))
        if time.monotonic() - began < FLAKY_WAIT / 2:
            break
    else:
        pytest.fail("the machine is too slow to be brief")
    told.mail.wait(mail(lasting), "the alert that lasted")
    assert not told.mail.all(mail(brief))
    assert not told.http.all(slack(brief))


def effects() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Give for each inhibition an alert that explains, and one that it silences."""
    pairs = []
    for inhibition in ROUTING.inhibitions:
        labels: list[dict[str, str]] = []
        for matchers, severity in ((inhibition.cause, "critical"), (inhibition.effect, "warning")):
            wanted = {"severity": severity, "team": "platform", "environment": "production", "service": "inhibited"}
            for matcher in matchers:
                label, value = cast("re.Match[str]", re.fullmatch(r'(\w+)=~?"([^|"]*).*"', matcher)).groups()
                wanted[label] = value
            labels.append(wanted)
        name = own("Same")
        for wanted in labels:
            wanted.setdefault("alertname", name)
        cause, effect = labels
        effect |= {label: cause.get(label, effect.get(label, "")) for label in inhibition.equal}
        pairs.append((cause, effect))
    return pairs


def test_what_follows_from_another_alert_is_not_told(told: Notified) -> None:
    """Each rule of the shipped file silences its effect while its cause fires, and nothing elsewhere."""
    marker = own("After")
    pairs = effects()
    assert len(pairs) >= 2
    alerts = {json.dumps(labels, sort_keys=True): labels for pair in pairs for labels in pair}.values()
    told.alertmanager.tell(*(firing(labels["alertname"], **_rest(labels)) for labels in alerts))
    silenced = [effect for _, effect in pairs]

    def states() -> dict[str, bool]:
        found = {json.dumps(each["labels"], sort_keys=True): each["status"] for each in told.alertmanager.alerts()}
        return {
            key: bool(found[key]["inhibitedBy"])
            for key in (json.dumps(effect, sort_keys=True) for effect in silenced)
            if key in found
        }

    wait_until(lambda: len(states()) == len({*states()}) and all(states().values()) and bool(states()), "silence")
    elsewhere = pairs[0][1] | {"environment": "staging"}
    told.alertmanager.tell(
        firing(elsewhere["alertname"], **_rest(elsewhere)),
        firing(marker, severity="warning", team="platform", service="inhibited"),
    )
    told.mail.wait(mail(marker), "a later warning")
    told.mail.wait(lambda each: elsewhere["alertname"] in each.subject and "staging" in each.subject, "elsewhere")
    for effect in silenced:
        sent = [
            each.part("plain")
            for each in told.mail.all(mail(effect["alertname"]))
            if "service inhibited" in each.part("plain") and "environment production" in each.part("plain")
        ]
        assert not sent, f"{effect} was told though its cause was"


def _rest(labels: dict[str, str]) -> dict[str, str]:
    return {label: value for label, value in labels.items() if label != "alertname"}


def test_texts_from_outside_cannot_dress_up(told: Notified) -> None:
    """A label that somebody else filled neither calls a channel nor becomes a link, a header or markup."""
    name = own("Odd")
    hostile = '<!channel> <https://evil.example|click> & </td><script>alert(1)</script> {{ .Labels }} "\r\nBcc: x@y.z'
    told.alertmanager.tell(firing(name, severity="warning", team="platform", service=hostile, endpoint=hostile))
    message = told.http.wait(slack(name), "Slack")
    validate(message.json, SLACK)
    (text,) = message.json["attachments"]
    assert "<!channel>" not in text["text"]
    assert "<https://evil" not in text["text"]
    assert "&lt;!channel&gt;" in text["text"]
    written = told.mail.wait(mail(name), "the mail")
    assert written.message["Bcc"] is None
    assert "<script>" not in written.part("html")
    assert "&lt;script&gt;" in written.part("html")


def window(local_hour: int) -> MuteWindow:
    """Give a window around this moment in a zone where it is another time of the day than in UTC.

    Alertmanager has no clock that could be set, so the window is moved to the clock: two hours before and after now, as
    a clock shows it that is at least six hours from UTC. Read as UTC, the same hours are not now.
    """
    now = datetime.now(UTC)
    for offset in (6, 7, 8, 9, 10, 11, 12, -6, -7, -8, -9, -10, -11, -12):
        local = now + timedelta(hours=offset)
        if 2 <= local.hour < 21:
            day = cast("Weekday", local.strftime("%A").lower())
            start, end = f"{local.hour - 2:02}:00", f"{local.hour + 3:02}:00"
            # Signs of these zones are the other way round than people write them.
            zone = f"Etc/GMT{-offset:+d}" if local_hour else "UTC"
            return MuteWindow("maintenance", days=(day,), start=start, end=end, time_zone=zone)
    raise AssertionError("some zone has daylight")


@pytest.mark.parametrize("local", [True, False], ids=["in_its_zone", "the_same_hours_in_utc"])
def test_in_the_maintenance_window_only_what_is_critical_is_told(tmp_path: Path, *, local: bool) -> None:
    """Each route of the shipped file that names the window keeps silent in it, by the window's own clock."""
    shipped = tuple(route.muted for route in ROUTING.routes)
    quick = hurried(ROUTING)
    routes = tuple(replace(route, muted=muted) for route, muted in zip(quick.routes, shipped, strict=True))
    with notified(replace(quick, routes=routes, mute_windows=(window(int(local)),)), tmp_path) as here:
        critical, warning, info = own("Critical"), own("Warning"), own("Info")
        here.alertmanager.tell(
            firing(warning, severity="warning", team="platform", service="sync-api"),
            firing(info, severity="info", team="product"),
            firing(own("Restricted"), severity="warning", team="revenue", restricted="true"),
        )
        # What can wait comes first, so that it would be there before what cannot.
        here.alertmanager.tell(firing(critical, severity="critical", team="revenue", service="parts-api"))
        here.http.wait(page(critical, "trigger"), "what cannot wait", count=2)
        if local:
            assert not here.http.all(lambda each: warning in each.text or info in each.text)
            assert not here.http.all(lambda each: each.path == "/slack_revenue_internal_url")
            assert not here.mail.all()
        else:
            here.mail.wait(mail(warning), "outside of the window")
            here.http.wait(slack(info), "outside of the window")
            here.http.wait(lambda each: each.path == "/slack_revenue_internal_url", "outside of the window")
