"""The real Alertmanager with the shipped routes and texts, and stand-ins for everybody whom it tells."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from servers.inbox import HttpInbox, SmtpInbox
from servers.process import Server, free_ports, http_get, loopback
from servers.programs import ROOT, binary
from sms_observability.catalog import Routing
from sms_observability.render.alertmanager import alertmanager_document

TEMPLATES = ROOT / "monitoring" / "alertmanager" / "templates" / "*.tmpl"
ATTEMPTS = 5
FLAKY_WAIT = 6
SECRETS = {
    "pagerduty_revenue_key": "0" * 31 + "a",
    "pagerduty_primary_key": "0" * 31 + "b",
    "smtp_password": "letmein",
}


class Alertmanager(Server):
    """A running Alertmanager.

    Args:
        config: Its configuration's file.
        storage: Where it keeps what it told.
    """

    def __init__(self, config: Path, storage: Path) -> None:
        (port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{port}"
        super().__init__(
            [
                binary("alertmanager"),
                f"--config.file={config}",
                f"--storage.path={storage}",
                f"--web.listen-address=127.0.0.1:{port}",
                "--web.external-url=https://alertmanager.example.com",
                "--web.route-prefix=/",
                "--cluster.listen-address=",
                "--log.level=warn",
            ],
            ready=f"{self.url}/-/ready",
            environment={
                "AWS_ACCESS_KEY_ID": "test",
                "AWS_SECRET_ACCESS_KEY": "test",
                "AWS_EC2_METADATA_DISABLED": "true",
            },
        )

    def tell(self, *alerts: Mapping[str, Any]) -> None:
        """Post alerts, as Prometheus does."""
        request = urllib.request.Request(
            f"{self.url}/api/v2/alerts",
            data=json.dumps(alerts).encode(),
            headers={"Content-Type": "application/json"},
            method="POST",
        )
        with loopback.open(request, timeout=30) as answer:
            assert answer.status == 200

    def alerts(self) -> list[dict[str, Any]]:
        """Give all alerts that it knows, with their state."""
        found: list[dict[str, Any]] = json.loads(http_get(f"{self.url}/api/v2/alerts", timeout=30)[1])
        return found

    def is_grouped(self, name: str) -> bool:
        """Say whether an alert of this name waits in its group for the next message."""
        groups = json.loads(http_get(f"{self.url}/api/v2/alerts/groups", timeout=30)[1])
        return any(alert["labels"]["alertname"] == name for group in groups for alert in group["alerts"])


@dataclass(frozen=True)
class Notified:
    """An Alertmanager and where its messages arrive."""

    alertmanager: Alertmanager
    http: HttpInbox
    mail: SmtpInbox


def hurried(routing: Routing) -> Routing:
    """Give routes that do not take their time, and no mute windows; the flaky service's wait stays the longer one."""
    routes = (
        replace(
            route,
            group_wait=f"{FLAKY_WAIT}s" if "legacy" in str(route.matchers) else "1s",
            group_interval="1s",
            repeat_interval="4s",
            muted=(),
        )
        for route in routing.routes
    )
    return replace(routing, routes=tuple(routes), mute_windows=())


@contextmanager
def notified(routing: Routing, folder: Path) -> Iterator[Notified]:
    """Run an Alertmanager with these routes, whose messages arrive in this process."""
    with HttpInbox() as http, SmtpInbox() as mail:
        secrets = folder / "secrets"
        secrets.mkdir(parents=True)
        for name in routing.secret_files():
            (secrets / name).write_text(f"{http.url}/{name}" if name.endswith("_url") else SECRETS[name])
        here = replace(
            routing,
            secrets=str(secrets),
            mail=replace(routing.mail, smarthost=mail.address, tls=False),
            pagerduty_url=f"{http.url}/v2/enqueue",
            sns_url=f"{http.url}/sns",
        )
        config = folder / "alertmanager.yaml"
        config.write_text(alertmanager_document(here, templates=str(TEMPLATES)), encoding="utf-8")
        with start(config, folder) as alertmanager:
            yield Notified(alertmanager, http, mail)


def start(config: Path, folder: Path) -> Alertmanager:
    """Start it on a port that nobody else took meanwhile."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return Alertmanager(config, folder / f"data-{attempt}")
        except AssertionError as error:
            if "address already in use" not in str(error) and "another process" not in str(error):
                raise
    raise AssertionError(f"no port was free {ATTEMPTS} times")


def firing(name: str, *, since: float = 0, **labels: str) -> dict[str, Any]:
    """Give an alert with the annotations that every rule has.

    One that began longer ago than its route waits would be told at once.
    """
    return {
        "labels": {"alertname": name, "environment": "production", **labels},
        "annotations": {
            "summary": f"{name} summary",
            "description": f"{name} description: 12.5 % of requests",
            "runbook_url": f"https://runbooks.example.com/{name.lower()}",
            "dashboard_url": f"https://grafana.example.com/d/sms-operations?viewPanel=7&var-service={labels.get('service')}",
            "owner": "platform",
        },
        "startsAt": _moment(-since),
        "generatorURL": "http://prometheus.example.com/graph?g0.expr=secret_expression+%3C+18",
    }


def over(alert: Mapping[str, Any]) -> dict[str, Any]:
    """Give the same alert as resolved just now."""
    return {**alert, "endsAt": _moment(0)}


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(time.time() + seconds, UTC).isoformat()
