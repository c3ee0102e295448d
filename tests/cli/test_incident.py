"""`sms-observability incident`: what is said, and what is never said."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot
from jsonschema import validate

from alerting.schemas import SLACK
from servers.alertmanager import firing
from sms_observability.catalog import SMS_CATALOG
from sms_observability.cli.incident.public_text import UnfitTextError, fit

Run = Callable[..., tuple[int, str, str]]
RunJson = Callable[..., tuple[int, Any]]

TIMES = ("--started", "2026-11-25T02:10Z", "--at", "2026-11-25T03:40Z")
ORDERS = ("--alert", "PartsOrderingSystemDown", "--id", "2026-042")


def test_the_start_says_what_the_plan_wants(run_json: RunJson) -> None:
    """Severity, service, impact, commander and channel; the class with its times comes from the alert."""
    status, said = run_json("incident", "start", *ORDERS, "--commander", "Kim", *TIMES)
    assert status == 0
    assert said == snapshot(
        {
            "id": "2026-042",
            "class": "P0",
            "messages": {
                "slack": {
                    "text": """\
*INCIDENT DECLARED*
*Severity*: P0 Revenue critical
*Service*: parts-api
*Impact*: No replica of parts-api answers or reports: customers can neither ask for parts nor order them.
*IC*: Kim
*Channel*: #incident-2026-042
*Since*: 2026-11-25 02:10 UTC
*Answer within*: 5 minutes
*Over within*: 1 hour
<https://runbooks.example.com/parts-api-down|Runbook>\
"""
                },
                "email": {
                    "subject": "[P0] Service Incident - parts-api",
                    "body": """\
Impact: No replica of parts-api answers or reports: customers can neither ask for parts nor order them.

Since: 2026-11-25 02:10 UTC

Incident commander: Kim

We answer within 5 minutes and mean to end it within 1 hour.
""",
                },
                "status-page": {
                    "name": "Issue affecting parts-api",
                    "status": "investigating",
                    "body": """\
We are investigating an issue affecting parts-api.

No replica of parts-api answers or reports: customers can neither ask for parts nor order them.\
""",
                },
            },
        }
    )
    validate(said["messages"]["slack"], {**SLACK, "required": ["text"]})


def test_news_say_what_was_done_and_what_comes(run_json: RunJson) -> None:
    """As the plan's mail has it, in every channel."""
    news = ("--action", "Rolled back", "--action", "Told support", "--next", "Watch errors", "--eta", "04:00 UTC")
    status, said = run_json("incident", "update", *ORDERS, *TIMES, "--status", "identified", *news)
    assert status == 0
    assert said["messages"]["email"] == snapshot(
        {
            "subject": "[P0] Service Incident Update - parts-api",
            "body": """\
Current Status: identified
Time Since Start: 1 hour 30 minutes

Recent Actions:
- Rolled back
- Told support

Next Steps:
- Watch errors

ETA to Resolution: 04:00 UTC
""",
        }
    )
    assert "*Done*: Rolled back; Told support" in said["messages"]["slack"]["text"]
    assert said["messages"]["status-page"]["status"] == "identified"


def test_the_end_says_how_long_and_why_and_what_is_left_to_do(run_json: RunJson) -> None:
    """As the plan's entry of the status page has it; the team is told whether the promise was kept."""
    status, said = run_json("incident", "resolved", *ORDERS, *TIMES, "--root-cause", "A deployment without database")
    assert status == 0
    assert said["messages"]["status-page"] == snapshot(
        {
            "name": "Issue affecting parts-api",
            "status": "resolved",
            "body": """\
The issue affecting parts-api has been resolved.

Duration: 1 hour 30 minutes
Root Cause: A deployment without database

We apologize for any inconvenience caused.\
""",
        }
    )
    text = said["messages"]["slack"]["text"]
    assert "*Within 1 hour*: no" in text
    assert "Notify affected customers." in text


def test_a_notification_of_alertmanager_fills_in_the_rest(run_json: RunJson, tmp_path: Path) -> None:
    """Service, impact, beginning, class and runbook come with the body of the webhook, or with the list of alerts."""
    alert = firing("SyncFailure", severity="warning", team="platform", service="sync-api")
    alert |= {"status": "firing", "startsAt": "2026-11-24T02:10:00.123456789Z"}
    for document in ({"version": "4", "alerts": [alert]}, [alert]):
        file = tmp_path / "notification.json"
        file.write_text(json.dumps(document))
        status, said = run_json("incident", "start", "--notification", str(file), "--id", "7", "--severity", "P1")
        assert status == 0
        text = said["messages"]["slack"]["text"]
        assert "*Service*: sync-api" in text
        assert "*Impact*: SyncFailure description: 12.5 % of requests" in text
        assert "*Since*: 2026-11-24 02:10 UTC" in text
        assert "https://runbooks.example.com/syncfailure" in text


@pytest.mark.parametrize(
    "alert", [each for each in SMS_CATALOG.alerts.values() if not each.restricted], ids=lambda a: a.name
)
def test_every_alert_can_begin_an_incident(alert: Any, run_json: RunJson) -> None:
    """Its class follows from its severity and team, and its own words may be said."""
    status, said = run_json(
        *("incident", "start", "--alert", alert.name, "--id", "1", "--commander", "Kim", *TIMES),
        *("--label", "service=sync-api"),
        *(() if "{{" not in alert.summary.replace("{{ $labels.service }}", "") else ("--impact", "Something fails.")),
    )
    assert status == 0
    expected = "P2"
    if alert.severity == "critical" and alert.team == "revenue":
        expected = "P0"
    elif alert.severity in ("critical", "warning") and alert.owner in ("revenue", "platform", "security"):
        expected = "P1"
    assert said["class"] == expected
    assert "{{" not in json.dumps(said)


def test_the_classes_are_those_of_the_plan() -> None:
    """With its response and resolution times."""
    times = {each.code: (each.response, each.resolution) for each in SMS_CATALOG.incidents.values()}
    minutes = {code: tuple(span.total_seconds() / 60 for span in spans) for code, spans in times.items()}
    assert minutes == {"P0": (5, 60), "P1": (15, 240), "P2": (60, 1440)}


FIELDS = {
    "start": ("--impact", "--service", "--commander"),
    "update": ("--action", "--next", "--eta"),
    "resolved": ("--root-cause",),
}
SECRETS = (
    "Our markup fell",
    "the MARGIN is low",
    "mark-up",
    "m\u200bargin",
    "m\u0430rkup",  # a Cyrillic letter
    "\uff4d\uff41\uff52\uff47\uff49\uff4e",
    "mar\u0301gin",
    "supplier cost rose",
    "unit_cost",
    "_sms_parts_x",
    "orders of $12,000 lost",
    "12 000 USD",
    "lost 5k dollars",
    "EUR 300",
)


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    ("stage", "option"), [(stage, option) for stage, options in FIELDS.items() for option in options]
)
def test_nothing_restricted_can_be_filled_in(stage: str, option: str, secret: str, run: Run) -> None:
    """However it is written, wherever; the message names the field, and does not repeat the text."""
    status, out, err = run("incident", stage, *ORDERS, *TIMES, option, f"Because {secret} today")
    assert status == 2
    assert out == ""
    assert "no message may" in err
    assert secret not in err


@given(before=st.text(max_size=40), after=st.text(max_size=40), word=st.sampled_from(["markup", "margin", "payout"]))
def test_no_surroundings_hide_a_restricted_word(before: str, after: str, word: str) -> None:
    """Whatever stands around it: it is refused, or the text is no text at all."""
    with pytest.raises(UnfitTextError):
        fit("impact", before + word + after, lines=True)


@given(st.text(max_size=200))
def test_what_is_said_can_be_seen(text: str) -> None:
    """No control characters, no invisible ones, one line; what is refused is refused with a reason."""
    try:
        said = fit("service", text)
    except UnfitTextError as error:
        assert str(error).startswith("service ")
    else:
        assert said
        assert said.isprintable() or all(letter.isprintable() or letter.isspace() for letter in said)
        assert "\n" not in said


def test_nothing_is_announced_of_a_restricted_alert(run: Run, tmp_path: Path) -> None:
    """Neither by its name, nor from its notification, nor hidden among others."""
    (restricted,) = [each for each in SMS_CATALOG.alerts.values() if each.restricted]
    status, out, err = run("incident", "start", "--alert", restricted.name, "--id", "1")
    assert (status, out) == (2, "")
    assert "restricted alert" in err
    public = firing("SyncFailure", severity="critical", service="sync-api") | {"status": "firing"}
    for hidden in (
        firing(restricted.name, service="parts-api"),
        firing("Other", service="parts-api", restricted="true"),
        firing("Other", service="parts-api", access="restricted"),
    ):
        file = tmp_path / "notification.json"
        file.write_text(json.dumps([public, hidden]))
        status, out, err = run("incident", "start", "--notification", str(file), "--id", "1", "--severity", "P1")
        assert (status, out) == (2, "")
        assert "restricted alert" in err


def test_an_unknown_alert_is_not_answered_with_a_restricted_one(run: Run) -> None:
    """The nearest name that is offered is one that may be said."""
    _, _, err = run("incident", "start", "--alert", "MarkupMarginBelowTarge", "--id", "1")
    assert "no alert is called" in err
    assert "did you mean 'MarkupMarginBelowTarget'" not in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("start", "--id", "1"), "--service"),
        (("start", "--id", "1", "--service", "x"), "--impact"),
        (("start", "--id", "1", "--service", "x", "--impact", "y"), "--severity P0"),
        (("start", "--id", "1", "--service", "x", "--impact", "y", "--severity", "P9"), "no incident class"),
        (("start", "--id", "#1 <!channel>", *ORDERS[:2]), "id is letters"),
        (("start", "--id", "1", *ORDERS[:2], "--service", "a\nBcc: b"), "one line"),
        (("start", "--id", "1", *ORDERS[:2], "--started", "2026-11-25T02:10"), "time zone"),
        (("start", "--id", "1", *ORDERS[:2], "--started", "today"), "2026-11-25T02:10Z"),
        (("start", "--id", "1", *ORDERS[:2], "--started", "2026-11-25T02:10Z", "--at", "2026-11-25T02:00Z"), "before"),
        (("update", "--id", "1", *ORDERS[:2]), "--started"),
        (("start", "--id", "1", *ORDERS[:2], "--label", "service"), "NAME=VALUE"),
    ],
)
def test_wrong_use_is_answered_with_what_to_write(arguments: tuple[str, ...], message: str, run: Run) -> None:
    """Status 2, nothing on standard output."""
    status, out, err = run("incident", *arguments)
    assert (status, out) == (2, "")
    assert message in " ".join(err.replace("│", " ").split())


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"alerts": []}', '[{"labels": 3}]', '{"alerts": [{}]}', "17"])
def test_what_is_no_notification_is_refused(text: str, run: Run, tmp_path: Path) -> None:
    """Whatever the file holds."""
    file = tmp_path / "notification.json"
    file.write_text(text)
    status, out, err = run("incident", "start", "--notification", str(file), "--id", "1")
    assert (status, out) == (2, "")
    assert "neither the body of a webhook" in " ".join(err.split())


def test_what_is_pasted_into_slack_calls_nobody(run: Run) -> None:
    """Texts of people are texts, not markup."""
    status, out, _ = run("incident", "start", *ORDERS, *TIMES, "--impact", "Slow <!channel> & <b>", "--to", "slack")
    assert status == 0
    assert "*Impact*: Slow &lt;!channel&gt; &amp; &lt;b&gt;" in out
