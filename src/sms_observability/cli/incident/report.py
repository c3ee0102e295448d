"""What is known of an incident: from its alert, and from who tells of it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from sms_observability.catalog import nearest
from sms_observability.cli.incident.public_text import UnfitTextError, fit
from sms_observability.render.alerting_page import incident_class

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sms_observability.catalog import Alert, Catalog, IncidentClass

Stage = Literal["start", "update", "resolved"]

_is_id: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}").fullmatch
_label: Final = re.compile(r"\{\{ *(?:\$labels\.|\.Labels\.)(\w+) *\}\}")


@dataclass(frozen=True, slots=True)
class Told:
    """What came with an alert.

    Attributes:
        alert: Its declaration, if the catalogue has it.
        labels: Its labels.
        impact: What it does to people; empty if the alert does not say.
        runbook: Where its page is; empty if it has none.
        started: Since when; `None` if it does not say.
    """

    alert: Alert | None
    labels: Mapping[str, str]
    impact: str
    runbook: str
    started: datetime | None


@dataclass(frozen=True, slots=True)
class Report:
    """An incident at one moment.

    Attributes:
        stage: Its start, news of it, or its end.
        name: Its number.
        grade: Its class.
        service: What is in trouble.
        impact: What people notice.
        commander: Who leads.
        started: When it began.
        now: When this is told; at the end, when it ended.
        alert: The name of its alert; empty if it began without one.
        runbook: Where to look; empty if nobody said.
        status: How far it is.
        actions: What was done.
        next_steps: What is done next.
        eta: When it will be over, as far as anybody knows.
        cause: Why it happened.
    """

    stage: Stage
    name: str
    grade: IncidentClass
    service: str
    impact: str
    commander: str
    started: datetime
    now: datetime
    alert: str = ""
    runbook: str = ""
    status: str = "investigating"
    actions: tuple[str, ...] = ()
    next_steps: tuple[str, ...] = ()
    eta: str = ""
    cause: str = ""

    def __post_init__(self) -> None:
        if not _is_id(self.name):
            raise UnfitTextError("id is letters, digits and dashes, such as 2026-042")
        if self.now < self.started:
            raise UnfitTextError("it is told before it started: look at the time zones, or say --started and --at")
        for field in ("service", "commander", "eta", "runbook", "impact", "cause"):
            text = getattr(self, field)
            if text:
                object.__setattr__(self, field, fit(field, text, lines=field in ("impact", "cause")))
        for field in ("actions", "next_steps"):
            texts = tuple(fit(field.replace("_", " "), text) for text in getattr(self, field))
            object.__setattr__(self, field, texts)


def from_catalogue(catalog: Catalog, name: str, labels: Mapping[str, str], runbooks: str) -> Told:
    """Give what the catalogue knows of an alert.

    Raises:
        UnfitTextError: There is no such alert, or nothing may be said of it.
    """
    alert = catalog.alerts.get(name)
    if alert is None:
        public = [each.name for each in catalog.alerts.values() if not each.restricted]
        raise UnfitTextError(f"no alert is called {name!r}{nearest(name, public)}")
    _check_public(alert, {})
    known = {**alert.labels, **labels}
    for text in (alert.description, alert.summary):
        filled = _label.sub(lambda found: known.get(found[1], found[0]), text)
        if "{{" not in filled:
            return Told(alert, known, filled, f"{runbooks}/{alert.runbook}", None)
    return Told(alert, known, "", f"{runbooks}/{alert.runbook}", None)


def from_notification(catalog: Catalog, text: str) -> Told:
    """Give what a message of Alertmanager says: the body of a webhook, or its list of alerts.

    Raises:
        UnfitTextError: It is none, or nothing may be said of what is in it.
    """
    try:
        document: Any = json.loads(text)
        alerts = cast("list[dict[str, Any]]", document["alerts"] if isinstance(document, dict) else document)
        for each in alerts:
            _check_public(catalog.alerts.get(str(each["labels"].get("alertname"))), each["labels"])
        first = next((each for each in alerts if each.get("status") == "firing"), alerts[0])
        labels = {str(name): str(value) for name, value in first["labels"].items()}
        texts = {str(name): str(value) for name, value in first["annotations"].items()}
        started = datetime.fromisoformat(first["startsAt"])
    except UnfitTextError:
        raise
    except (ValueError, TypeError, AttributeError, LookupError):
        msg = "the notification is neither the body of a webhook nor a list of alerts as Alertmanager writes them"
        raise UnfitTextError(msg) from None
    alert = catalog.alerts.get(labels.get("alertname", ""))
    impact = texts.get("description") or texts.get("summary") or ""
    return Told(alert, labels, impact, texts.get("runbook_url", ""), started.astimezone(UTC))


def grade_of(catalog: Catalog, code: str | None, told: Told | None) -> IncidentClass:
    """Give the class that was said, or the one that the alert begins.

    Raises:
        UnfitTextError: Nobody said it, and no alert does.
    """
    if code is not None:
        if code not in catalog.incidents:
            raise UnfitTextError(f"no incident class is called {code!r}{nearest(code, catalog.incidents)}")
        return catalog.incidents[code]
    found = incident_class(catalog, told.alert) if told and told.alert else None
    if found is None:
        raise UnfitTextError("say how bad it is: --severity P0, P1 or P2")
    return found


def _check_public(alert: Alert | None, labels: Mapping[str, str]) -> None:
    if labels.get("restricted") or labels.get("access") == "restricted" or (alert is not None and alert.restricted):
        raise UnfitTextError("nothing is announced of a restricted alert: it stays with those who may see its figures")
