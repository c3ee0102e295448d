"""Incident classes of the portal (monitoring plan, section 8.1)."""

from __future__ import annotations

from datetime import timedelta

from sms_observability.catalog.incident import IncidentClass

INCIDENTS = (
    IncidentClass(
        "P0",
        "Revenue critical",
        "Complete failure of revenue-generating systems.",
        response=timedelta(minutes=5),
        resolution=timedelta(hours=1),
        examples=("Parts ordering API down", "Payment processing failure", "Data corruption in pricing"),
        severities=("critical",),
        teams=("revenue",),
    ),
    IncidentClass(
        "P1",
        "Service degraded",
        "Partial failure affecting user experience.",
        response=timedelta(minutes=15),
        resolution=timedelta(hours=4),
        examples=("Slow API responses", "Intermittent sync failures", "Search functionality down"),
        severities=("critical", "warning"),
        teams=("revenue", "platform", "security"),
    ),
    IncidentClass(
        "P2",
        "Feature impact",
        "Non-critical feature unavailable.",
        response=timedelta(hours=1),
        resolution=timedelta(hours=24),
        examples=("Report generation slow", "Email notifications delayed", "Analytics dashboard errors"),
        severities=("critical", "warning", "info"),
    ),
)
