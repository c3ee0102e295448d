"""Alertmanager's configuration and the texts of its messages, from who is told of what."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sms_observability.catalog.receiver import Email, PagerDuty, Slack, Sms, Webhook
from sms_observability.render.alertmanager_templates import TEMPLATES
from sms_observability.render.document import header, yaml_document

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sms_observability.catalog import Catalog, Inhibition, MuteWindow, Receiver, Route, Routing
    from sms_observability.catalog.receiver import Way

ALERTMANAGER_PATH = "monitoring/alertmanager/alertmanager.yaml"
RESTRICTED_PATH = "monitoring/alertmanager/restricted/alertmanager.yaml"

_ABOUT = """\
Who is told of which alert. For Alertmanager 0.26 or newer; its --web.external-url is where messages link to.
Secrets are files of {secrets}: {files}."""

_RESTRICTED_ABOUT = """\
The restricted Prometheus' own Alertmanager: what it shows (names, expressions, thresholds) is as restricted as the
figures, so it is no page of the common one. It tells one receiver, and its messages say nothing of what is in an alert.
Where the restricted Prometheus has to use the common Alertmanager, that one's first route does the same.
Secrets are files of {secrets}: {files}."""

_SLACK: dict[str, dict[str, Any]] = {
    "alert": {
        "color": '{{ template "slack.sms.color" . }}',
        "title": '{{ template "slack.sms.title" . }}',
        "title_link": '{{ template "sms.runbook" . }}',
        "text": '{{ template "slack.sms.text" . }}',
        "fallback": '{{ template "slack.sms.title" . }}',
    },
    "neutral": {
        "color": '{{ if eq .Status "firing" }}warning{{ else }}good{{ end }}',
        "title": '{{ template "restricted.subject" . }}',
        "title_link": '{{ template "sms.runbook" . }}',
        "text": '{{ template "restricted.text" . }}',
        "fallback": '{{ template "restricted.subject" . }}',
    },
    "unrouted": {
        "color": "warning",
        "title": '{{ template "unrouted.subject" . }}',
        "title_link": "{{ .ExternalURL }}",
        "text": '{{ template "unrouted.text" . }}',
        "fallback": '{{ template "unrouted.subject" . }}',
    },
}
_EMAIL: dict[str, dict[str, Any]] = {
    "alert": {
        "headers": {"Subject": '{{ template "sms.subject" . }}'},
        "html": '{{ template "email.sms.html" . }}',
        "text": '{{ template "email.sms.text" . }}',
    },
    "neutral": {
        "headers": {"Subject": '{{ template "restricted.subject" . }}'},
        "html": '{{ template "restricted.html" . }}',
        "text": '{{ template "restricted.text" . }}',
    },
    "unrouted": {
        "headers": {"Subject": '{{ template "unrouted.subject" . }}'},
        "html": "",
        "text": '{{ template "unrouted.text" . }}',
    },
}


def render_alertmanager(catalog: Catalog) -> Mapping[str, str]:
    """Render the common Alertmanager's configuration, the restricted one's, and the texts of their messages."""
    if not catalog.routed:
        return {}
    routing = catalog.routing
    restricted = restricted_routing(routing)
    return {
        ALERTMANAGER_PATH: alertmanager_document(routing, templates="templates/*.tmpl", about=_ABOUT),
        RESTRICTED_PATH: alertmanager_document(restricted, templates="../templates/*.tmpl", about=_RESTRICTED_ABOUT),
        **{
            f"monitoring/alertmanager/templates/{name}": f"{{{{/*\n{header()}*/}}}}\n{text}"
            for name, text in TEMPLATES.items()
        },
    }


def alertmanager_document(routing: Routing, *, templates: str, about: str = _ABOUT) -> str:
    """Give an Alertmanager configuration.

    Args:
        routing: Who is told of what; tests and other places replace hosts and times in it.
        templates: Where the texts of the messages are, relative to the file or absolute.
        about: What the file is for; `{secrets}` and `{files}` are filled in.
    """
    default = routing.receiver(routing.unrouted)
    mail = routing.mail
    content: dict[str, Any] = {
        "global": {
            "slack_api_url_file": _secret(routing, routing.slack_url),
            "pagerduty_url": routing.pagerduty_url,
            "smtp_smarthost": mail.smarthost,
            "smtp_from": mail.sender,
            "smtp_require_tls": mail.tls,
        },
        "templates": [templates],
        "route": {
            "receiver": default.name,
            "group_by": list(routing.group_by),
            "group_wait": "30s",
            "group_interval": "5m",
            "repeat_interval": "4h",
        },
    }
    if mail.user:
        content["global"]["smtp_auth_username"] = mail.user
        content["global"]["smtp_auth_password_file"] = _secret(routing, mail.password)
    if routing.routes:
        content["route"]["routes"] = [_route(route) for route in routing.routes]
    if routing.inhibitions:
        content["inhibit_rules"] = [_inhibition(each) for each in routing.inhibitions]
    if routing.mute_windows:
        content["time_intervals"] = [_window(window) for window in routing.mute_windows]
    content["receivers"] = [_receiver(routing, receiver) for receiver in routing.receivers]
    files = ", ".join(routing.secret_files())
    return yaml_document(content, about=about.format(secrets=routing.secrets, files=files))


def restricted_routing(routing: Routing) -> Routing:
    """Give what the restricted Alertmanager knows: its receiver, and that what is not marked has gone astray."""
    only = routing.routes[0].receiver
    routes = tuple(route for route in routing.routes if route.receiver == only)
    muted = {window for route in routes for window in route.muted}
    return replace(
        routing,
        receivers=tuple(each for each in routing.receivers if each.name in (only, routing.unrouted)),
        routes=routes,
        inhibitions=(),
        mute_windows=tuple(window for window in routing.mute_windows if window.name in muted),
        escalations=(),
    )


def _route(route: Route) -> dict[str, Any]:
    content: dict[str, Any] = {
        "receiver": route.receiver,
        "matchers": list(route.matchers),
        "group_wait": route.group_wait,
        "group_interval": route.group_interval,
        "repeat_interval": route.repeat_interval,
        "continue": False,
    }
    if route.muted:
        content["mute_time_intervals"] = list(route.muted)
    return content


def _inhibition(inhibition: Inhibition) -> dict[str, Any]:
    return {
        "source_matchers": list(inhibition.cause),
        "target_matchers": list(inhibition.effect),
        "equal": list(inhibition.equal),
    }


def _window(window: MuteWindow) -> dict[str, Any]:
    return {
        "name": window.name,
        "time_intervals": [
            {
                "weekdays": list(window.days),
                "times": [{"start_time": window.start, "end_time": window.end}],
                "location": window.time_zone,
            }
        ],
    }


def _receiver(routing: Routing, receiver: Receiver) -> dict[str, Any]:
    content: dict[str, Any] = {"name": receiver.name}
    for way in receiver.ways:
        kind, settings = _way(routing, receiver, way)
        content.setdefault(kind, []).append(settings)
    return content


def _way(routing: Routing, receiver: Receiver, way: Way) -> tuple[str, dict[str, Any]]:
    match way:
        case Slack():
            own = {"api_url_file": _secret(routing, way.url)} if way.url else {}
            return "slack_configs", {
                **own,
                "channel": way.channel,
                "send_resolved": True,
                **_SLACK[receiver.text],
                "mrkdwn_in": ["text"],
            }
        case Email():
            return "email_configs", {"to": way.to, "send_resolved": True, **_EMAIL[receiver.text]}
        case PagerDuty():
            return "pagerduty_configs", _pagerduty(_secret(routing, way.key))
        case Sms():
            return "sns_configs", _sms(routing, way)
        case Webhook():
            return "webhook_configs", {"url_file": _secret(routing, way.url), "send_resolved": True}


def _pagerduty(key_file: str) -> dict[str, Any]:
    return {
        "routing_key_file": key_file,
        "send_resolved": True,
        "client": "Alertmanager",
        "client_url": "{{ .ExternalURL }}",
        "description": '{{ template "pagerduty.sms.description" . }}',
        "severity": '{{ template "pagerduty.sms.severity" . }}',
        "source": "{{ with .GroupLabels.environment }}{{ . }}{{ else }}portal{{ end }}",
        "component": "{{ .GroupLabels.service }}",
        "group": "{{ .CommonLabels.team }}",
        "class": "{{ .GroupLabels.alertname }}",
        # What is not named here would come with the default texts, which hold every label and the expression.
        "details": {
            "firing": '{{ template "pagerduty.sms.alerts" .Alerts.Firing }}',
            "resolved": '{{ template "pagerduty.sms.alerts" .Alerts.Resolved }}',
            "num_firing": "{{ .Alerts.Firing | len }}",
            "num_resolved": "{{ .Alerts.Resolved | len }}",
            "runbook": '{{ template "sms.runbook" . }}',
            "dashboard": '{{ template "sms.dashboard" . }}',
        },
        "links": [
            {"href": '{{ template "sms.runbook" . }}', "text": "Runbook"},
            {"href": '{{ template "sms.dashboard" . }}', "text": "Dashboard"},
        ],
    }


def _sms(routing: Routing, way: Sms) -> dict[str, Any]:
    settings: dict[str, Any] = {"api_url": routing.sns_url} if routing.sns_url else {}
    # Credentials come from where Amazon's programs look for them: the machine's role, or its environment.
    settings |= {"topic_arn": way.topic, "sigv4": {"region": way.region}, "send_resolved": False}
    # Amazon takes at most 100 characters of ASCII as subject, and only e-mail subscriptions show one.
    return {**settings, "subject": "SMS portal alert", "message": '{{ template "sms.sms.text" . }}'}


def _secret(routing: Routing, name: str) -> str:
    return f"{routing.secrets}/{name}"
