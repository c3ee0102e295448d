"""The texts: for the team in Slack, for everybody concerned by e-mail, for customers on the status page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sms_observability.render.alerting_page import duration

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sms_observability.cli.incident.report import Report

AFTERWARDS: Final = (
    "Update the status page.",
    "Notify affected customers.",
    "Schedule the review (RCA).",
    "Update the runbook if it was wrong or silent.",
)
"""What is left to do when it is over."""


def slack(report: Report) -> dict[str, Any]:
    """Give Slack's message: everything, for those who work on it."""
    titles = {"start": "INCIDENT DECLARED", "update": "INCIDENT UPDATE", "resolved": "INCIDENT RESOLVED"}
    grade = report.grade
    lines = [
        f"*{titles[report.stage]}*",
        _line("Severity", f"{grade.code} {grade.title}"),
        _line("Service", report.service),
    ]
    if report.stage == "start":
        lines += [
            _line("Impact", report.impact),
            _line("IC", report.commander),
            _line("Channel", f"#incident-{report.name.lower()}"),
            _line("Since", _moment(report)),
            _line("Answer within", duration(grade.response)),
            _line("Over within", duration(grade.resolution)),
        ]
    elif report.stage == "update":
        lines += [
            _line("Status", report.status),
            _line("Since start", duration(report.now - report.started)),
            _line("Done", _several(report.actions)),
            _line("Next", _several(report.next_steps)),
            _line("ETA", report.eta or "not known yet"),
        ]
    else:
        kept = report.now - report.started <= grade.resolution
        lines += [
            _line("Duration", duration(report.now - report.started)),
            _line("Root cause", report.cause or "not known yet"),
            _line(f"Within {duration(grade.resolution)}", "yes" if kept else "no"),
            _line("To do", _several(AFTERWARDS)),
        ]
    if report.stage != "resolved" and report.runbook:
        lines.append(f"<{_escaped(report.runbook)}|Runbook>")
    return {"text": "\n".join(lines)}


def email(report: Report) -> dict[str, Any]:
    """Give the e-mail: subject and body."""
    kinds = {"start": "Service Incident", "update": "Service Incident Update", "resolved": "Service Incident Resolved"}
    subject = f"[{report.grade.code}] {kinds[report.stage]} - {report.service}"
    elapsed = duration(report.now - report.started)
    if report.stage == "start":
        parts = [
            f"Impact: {report.impact}",
            f"Since: {_moment(report)}",
            f"Incident commander: {report.commander}",
            _promise(report),
        ]
    elif report.stage == "update":
        parts = [
            f"Current Status: {report.status}\nTime Since Start: {elapsed}",
            f"Recent Actions:\n{_listed(report.actions)}",
            f"Next Steps:\n{_listed(report.next_steps)}",
            f"ETA to Resolution: {report.eta or 'not known yet'}",
        ]
    else:
        parts = [
            f"The issue affecting {report.service} has been resolved.",
            f"Impact: {report.impact}",
            f"Duration: {elapsed}\nRoot Cause: {report.cause or 'not known yet'}",
        ]
    return {"subject": subject, "body": "\n\n".join(parts) + "\n"}


def status_page(report: Report) -> dict[str, Any]:
    """Give the entry of the status page: for customers, without names of ours."""
    if report.stage == "start":
        body = f"We are investigating an issue affecting {report.service}.\n\n{report.impact}"
    elif report.stage == "update":
        eta = f"\n\nWe expect it to be over: {report.eta}" if report.eta else ""
        body = f"We continue to work on the issue affecting {report.service}.\n\nStatus: {report.status}{eta}"
    else:
        body = (
            f"The issue affecting {report.service} has been resolved.\n\n"
            f"Duration: {duration(report.now - report.started)}\n"
            f"Root Cause: {report.cause or 'We will tell when we know.'}\n\n"
            "We apologize for any inconvenience caused."
        )
    status = "resolved" if report.stage == "resolved" else report.status
    return {"name": f"Issue affecting {report.service}", "status": status, "body": body}


CHANNELS: Final = {"slack": slack, "email": email, "status-page": status_page}
"""How each channel's message is made."""


def _promise(report: Report) -> str:
    response, resolution = duration(report.grade.response), duration(report.grade.resolution)
    return f"We answer within {response} and mean to end it within {resolution}."


def _line(title: str, text: str) -> str:
    return f"*{title}*: {_escaped(text)}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _several(texts: Iterable[str]) -> str:
    return "; ".join(texts) or "nothing yet"


def _listed(texts: Iterable[str]) -> str:
    return "\n".join(f"- {text}" for text in texts) or "- nothing yet"


def _moment(report: Report) -> str:
    return f"{report.started:%Y-%m-%d %H:%M} UTC"
