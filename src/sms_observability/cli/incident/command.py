"""`sms-observability incident start | update | resolved`: what is said, ready to be sent."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Any

import click
from rich.rule import Rule
from rich.text import Text

from sms_observability.cli.catalog_option import catalog_option
from sms_observability.cli.incident.messages import CHANNELS
from sms_observability.cli.incident.public_text import UnfitTextError
from sms_observability.cli.incident.report import Report, Told, from_catalogue, from_notification, grade_of
from sms_observability.cli.output import console, write_json
from sms_observability.render.site import Site

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sms_observability.catalog import Catalog
    from sms_observability.cli.incident.report import Stage

_label = re.compile(r"(\w+)=(.+)").fullmatch


def _moment(context: click.Context, parameter: click.Parameter, value: str | None) -> datetime | None:  # noqa: ARG001
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise click.BadParameter("write it as 2026-11-25T02:10Z") from None
    if moment.tzinfo is None:
        # A time without a zone could be anybody's.
        raise click.BadParameter("say which time zone: 2026-11-25T02:10Z or 2026-11-25T03:10+01:00")
    return moment.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What all three commands are told."""

    declared: Catalog
    told: Told | None
    channels: tuple[str, ...]
    as_json: bool
    fields: Mapping[str, Any]


@click.group()
def incident() -> None:
    """Write what is said of an incident: in Slack, by e-mail, on the status page.

    Nothing is sent. Texts that speak of something restricted, or of amounts of money, are refused.
    """


def _common(function: Callable[..., Any]) -> Callable[..., Any]:
    options = (
        click.option("--id", "name", required=True, metavar="NUMBER", help="Of the incident, such as 2026-042."),
        click.option("--alert", metavar="NAME", help="The alert that began it; its texts and class are taken over."),
        click.option(
            "--label", "labels", multiple=True, metavar="NAME=VALUE", help="A label of the alert; repeatable."
        ),
        click.option(
            "--notification",
            type=click.File(encoding="utf-8"),
            help="Alertmanager's message as JSON (a webhook's body, or /api/v2/alerts); - is standard input.",
        ),
        click.option("--severity", metavar="CLASS", help="P0, P1 or P2; as the alert has it if left out."),
        click.option("--service", help="What is in trouble; as the alert says if left out."),
        click.option("--impact", help="What people notice; as the alert says if left out."),
        click.option(
            "--started",
            metavar="TIME",
            callback=_moment,
            help="When it began; as the alert says, else now, if left out.",
        ),
        click.option("--at", "now", metavar="TIME", callback=_moment, help="When this is told; now if left out."),
        click.option(
            "--to", "channels", multiple=True, type=click.Choice(tuple(CHANNELS)), help="Only for these; repeatable."
        ),
        click.option("--runbook-url", default=Site().runbook_url, show_default=True, help="Where runbooks are."),
        catalog_option,
        click.option("--json", "as_json", is_flag=True, help="Write JSON, as Slack and status pages take it."),
    )
    for option in reversed(options):
        function = option(function)
    return function


@incident.command()
@_common
@click.option("--commander", default=lambda: os.environ.get("USER", ""), help="Who leads; you if left out.")
def start(commander: str, **common: Any) -> int:
    """Declare an incident."""
    return _write("start", _asked(common), commander=commander or "not named yet")


@incident.command()
@_common
@click.option(
    "--status",
    type=click.Choice(("investigating", "identified", "monitoring")),
    default="investigating",
    show_default=True,
)
@click.option("--action", "actions", multiple=True, help="What was done; repeatable.")
@click.option("--next", "next_steps", multiple=True, help="What is done next; repeatable.")
@click.option("--eta", default="", help="When it will be over.")
def update(status: str, actions: tuple[str, ...], next_steps: tuple[str, ...], eta: str, **common: Any) -> int:
    """Tell how far it is."""
    return _write("update", _asked(common), status=status, actions=actions, next_steps=next_steps, eta=eta)


@incident.command()
@_common
@click.option("--root-cause", "cause", default="", help="Why it happened, in a sentence.")
def resolved(cause: str, **common: Any) -> int:
    """Tell that it is over."""
    return _write("resolved", _asked(common), cause=cause)


def _asked(common: dict[str, Any]) -> _Asked:
    declared: Catalog = common.pop("declared")
    alert: str | None = common.pop("alert")
    notification: IO[str] | None = common.pop("notification")
    runbooks: str = common.pop("runbook_url")
    labels: dict[str, str] = {}
    for text in common.pop("labels"):
        found = _label(text)
        if found is None:
            raise click.UsageError("--label is NAME=VALUE, such as service=parts-api")
        labels[found[1]] = found[2]
    if alert is not None and notification is not None:
        raise click.UsageError("say --alert or --notification, not both")
    told = None
    try:
        if notification is not None:
            told = from_notification(declared, notification.read())
        elif alert is not None:
            told = from_catalogue(declared, alert, labels, runbooks.rstrip("/"))
    except UnfitTextError as error:
        raise click.UsageError(str(error)) from None
    return _Asked(declared, told, common.pop("channels") or tuple(CHANNELS), common.pop("as_json"), common)


def _write(stage: Stage, asked: _Asked, **more: Any) -> int:
    told = asked.told
    now: datetime = asked.fields["now"] or datetime.now(UTC)
    service: str | None = asked.fields["service"] or (told.labels.get("service") if told else None)
    impact: str = asked.fields["impact"] or (told.impact if told else "")
    if service is None:
        raise click.UsageError("say what is in trouble: --service")
    if not impact and stage == "start":
        raise click.UsageError("say what people notice: --impact")
    started: datetime | None = asked.fields["started"] or (told.started if told else None)
    if started is None and stage != "start":
        raise click.UsageError("say when it began: --started 2026-11-25T02:10Z")
    try:
        report = Report(
            stage=stage,
            name=asked.fields["name"],
            grade=grade_of(asked.declared, asked.fields["severity"], told),
            service=service,
            impact=impact or "not described",
            commander=more.pop("commander", "not named yet"),
            started=started or now,
            now=now,
            alert=told.alert.name if told and told.alert else "",
            runbook=told.runbook if told else "",
            **more,
        )
    except UnfitTextError as error:
        raise click.UsageError(str(error)) from None
    messages = {channel: CHANNELS[channel](report) for channel in asked.channels}
    if asked.as_json:
        write_json({"id": report.name, "class": report.grade.code, "messages": messages})
        return 0
    screen = console()
    for channel, message in messages.items():
        console(errors=True).print(Rule(channel, characters="-"), width=60)
        screen.print(Text(_readable(message)))
    return 0


def _readable(message: Mapping[str, str]) -> str:
    """Give a message as it is pasted: a mail with its subject, the status page with its title."""
    if "subject" in message:
        return f"Subject: {message['subject']}\n\n{message['body']}"
    if "body" in message:
        return f"{message['name']} ({message['status']})\n\n{message['body']}\n"
    return f"{message['text']}\n"
