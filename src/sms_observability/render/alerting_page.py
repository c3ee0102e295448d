"""The pages for people: who is told of what, who next, what an incident is, and the index of the runbooks."""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from sms_observability.catalog.receiver import Email, PagerDuty, Slack, Sms, Webhook
from sms_observability.render.escalation import ESCALATION_PATH
from sms_observability.render.pages import table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import timedelta

    from sms_observability.catalog import Alert, Catalog, Escalation, IncidentClass, Inhibition, Routing
    from sms_observability.catalog.receiver import Way

ALERTING_PATH = "docs/alerting.md"
INDEX_PATH = "docs/runbooks/README.md"

_HEADER = """\
<!-- Generated from the catalogue by `sms-observability render`. Do not edit: change the catalogue and render again. -->

"""

_ALERTING = """\
# Who is told

An alert takes the first route that fits. What is restricted comes first, and reaches one receiver only, whose messages
say neither what is in the alert nor its name. The configuration is `monitoring/alertmanager/alertmanager.yaml`; the
restricted Prometheus has an Alertmanager of its own, `monitoring/alertmanager/restricted/alertmanager.yaml`, because
its list of alerts is restricted too.
"""

_AFTER_ROUTES = """\
A message of Slack, e-mail or PagerDuty says what, where, since when, with the value in the description, and leads to
the runbook and the panel. Secrets are files of `{secrets}`: {files}.
"""

_ESCALATION = """\
Alertmanager knows no acknowledgement; PagerDuty does. `{path}` makes its services and
policies. The on-call schedules and the people must be there already: schedules by the names below, people by the
addresses that are given.

```sh
cd {folder}
cat > people.auto.tfvars.json <<'END'
{people}
END
terraform init
PAGERDUTY_TOKEN=… terraform apply
terraform output -raw {key}   # what Alertmanager's file of that name holds
```

Schedules that are called otherwise in PagerDuty are given as `schedules` in the same way. Terraform's state holds the
keys as well: keep it where secrets are kept.
"""

_INCIDENTS = """\
An alert begins an incident of the first class that fits it. `sms-observability incident start|update|resolved` writes
what is said: in Slack, by e-mail and on the status page.
"""

_INDEX = """\
# Runbooks

One page for each alert: what it means, what it does to people, how to find the cause, and what to do. Alerts link here.

Commands use these names; the values are those of `make stack`:

```sh
export PROMETHEUS=http://127.0.0.1:9090 ALERTMANAGER=http://127.0.0.1:9093 LOGS=http://127.0.0.1:9428
export JAEGER=http://127.0.0.1:16686 COLLECTOR=http://127.0.0.1:8888
export PARTS=http://127.0.0.1:8001 SYNC=http://127.0.0.1:8002 VESSELS=http://127.0.0.1:8003 PAYMENTS=http://127.0.0.1:8004
```

`promtool` and `amtool` are built by `make servers`; `python3 tools/servers.py path amtool` says where they are.
In Kubernetes the portal's workloads are deployments in the namespace `production`, named as their services.

While you work: `amtool --alertmanager.url=$ALERTMANAGER silence add alertname=NAME --duration=1h --comment="WHY"` keeps
one alert quiet, and `sms-observability incident start --alert NAME --id NUMBER` writes the first message (with
`--label service=SERVICE` where the alert is about any service).

Afterwards, for P0 and P1: update the status page, notify affected customers, schedule the review, and mend the page
here if it misled you.
"""


def render_alerting(catalog: Catalog) -> Mapping[str, str]:
    """Render the page of routes, escalations and incident classes."""
    if not catalog.routed:
        return {}
    routing = catalog.routing
    parts = [
        _HEADER + _ALERTING,
        "## Receivers\n\n" + _receivers(routing),
        "## Routes\n\n" + _routes(routing),
        _AFTER_ROUTES.format(secrets=routing.secrets, files=", ".join(f"`{name}`" for name in routing.secret_files())),
        "## What is not told\n\n" + _windows(routing) + "\n" + _inhibitions(routing.inhibitions),
        "## Escalation\n\n" + _climbing(routing) + "\n" + _escalations(routing.escalations),
    ]
    if catalog.incidents:
        parts.append("## Incidents\n\n" + _INCIDENTS + "\n" + _incidents(catalog))
    return {ALERTING_PATH: "\n".join(parts)}


def render_runbook_index(catalog: Catalog) -> Mapping[str, str]:
    """Render the index of the runbooks: each alert with its severity, who owns it, why, and what it stands on."""
    if not catalog.alerts:
        return {}
    parts = [_HEADER + _INDEX]
    teams = sorted({alert.owner for alert in catalog.alerts.values()})
    for team in teams:
        rows = [_alert(catalog, alert) for alert in catalog.alerts.values() if alert.owner == team]
        parts.append(
            f"## {team.replace('-', ' ').capitalize()}\n\n"
            + table(("alert", "severity", "incident", "why this severity", "stands on"), rows)
        )
    return {INDEX_PATH: "\n".join(parts)}


def incident_class(catalog: Catalog, alert: Alert) -> IncidentClass | None:
    """Give the class of incidents that an alert begins, or `None`: a restricted one is announced nowhere."""
    if alert.restricted:
        return None
    # The team of an alert may be that of its series, which only Prometheus knows; its owner is then the better guess.
    team = alert.owner if "{{" in alert.team else alert.team
    return next((each for each in catalog.incidents.values() if each.begins(alert.severity, team)), None)


def duration(span: timedelta) -> str:
    """Give a duration as people say it.

    Example:
        >>> from datetime import timedelta
        >>> duration(timedelta(hours=1)), duration(timedelta(minutes=95))
        ('1 hour', '1 hour 35 minutes')
    """
    minutes = max(0, round(span.total_seconds() / 60))
    hours, minutes = divmod(minutes, 60)
    parts = [
        f"{number} {unit}" + ("" if number == 1 else "s")
        for number, unit in ((hours, "hour"), (minutes, "minute"))
        if number
    ]
    return " ".join(parts) or "less than a minute"


def _alert(catalog: Catalog, alert: Alert) -> tuple[str, ...]:
    begins = None if alert.name == "Watchdog" else incident_class(catalog, alert)
    return (
        f"[{alert.name}]({alert.runbook}.md)",
        alert.severity + (", restricted" if alert.restricted else ""),
        begins.code if begins else "none",
        alert.rationale,
        ", ".join(alert.dependencies) or "nothing else",
    )


def _receivers(routing: Routing) -> str:
    rows = [
        (f"`{receiver.name}`", receiver.description, ", ".join(_way(way) for way in receiver.ways), receiver.text)
        for receiver in routing.receivers
    ]
    return table(("receiver", "who", "how", "texts"), rows)


def _way(way: Way) -> str:
    match way:
        case PagerDuty():
            return f"PagerDuty service {way.service}"
        case Slack():
            return f"Slack {way.channel}"
        case Email():
            return f"e-mail to {way.to}"
        case Sms():
            return f"text message (Amazon SNS topic {way.topic.rpartition(':')[2]})"
        case Webhook():
            return "webhook"


def _routes(routing: Routing) -> str:
    rows = [
        (
            str(number),
            " and ".join(f"`{matcher}`" for matcher in route.matchers),
            f"`{route.receiver}`",
            route.group_wait,
            route.group_interval,
            route.repeat_interval,
            ", ".join(route.muted) or "never",
            route.why,
        )
        for number, route in enumerate(routing.routes, 1)
    ]
    rows.append(
        (str(len(rows) + 1), "anything else", f"`{routing.unrouted}`", "30s", "5m", "4h", "never", "A mistake.")
    )
    return table(("", "alerts with", "go to", "after", "news after", "again after", "muted", "why"), rows)


def _windows(routing: Routing) -> str:
    rows = [
        (window.name, f"{', '.join(window.days)} {window.start}-{window.end}", window.time_zone, window.why)
        for window in routing.mute_windows
    ]
    return table(("window", "when", "time zone", "why"), rows)


def _inhibitions(inhibitions: Iterable[Inhibition]) -> str:
    rows = [
        (_fits(each.cause), _fits(each.effect), ", ".join(f"`{label}`" for label in each.equal), each.why)
        for each in inhibitions
    ]
    return table(("while this fires", "these are not told", "if the same", "why"), rows)


def _fits(matchers: Sequence[str]) -> str:
    return " and ".join(f"`{matcher}`" for matcher in matchers)


def _climbing(routing: Routing) -> str:
    people = sorted({name for each in routing.escalations for level in each.levels for name in level.people})
    path = PurePosixPath(ESCALATION_PATH)
    return _ESCALATION.format(
        path=path,
        folder=path.parent,
        people=json.dumps({"people": {name: f"{name}@…" for name in people}}, indent=2, ensure_ascii=False),
        key=next((way.key for _, way in routing.ways() if isinstance(way, PagerDuty)), "…"),
    )


def _escalations(escalations: Iterable[Escalation]) -> str:
    rows = [
        (escalation.name if not number else "", f"{level.after} minutes", ", ".join(level.targets))
        for escalation in escalations
        for number, level in enumerate(escalation.levels)
    ]
    return table(("policy", "without answer for", "called"), rows)


def _incidents(catalog: Catalog) -> str:
    rows = [
        (
            each.code,
            each.title,
            each.definition,
            duration(each.response),
            duration(each.resolution),
            "; ".join(each.examples),
            ", ".join(
                f"[{alert.name}](runbooks/{alert.runbook}.md)"
                for alert in catalog.alerts.values()
                if alert.name != "Watchdog" and incident_class(catalog, alert) is each
            ),
        )
        for each in catalog.incidents.values()
    ]
    return table(("class", "", "definition", "answered within", "over within", "examples", "alerts"), rows)
