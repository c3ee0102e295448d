"""The catalogue: what is measured, which journeys are promised, and who may see which field. Pure data."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from sms_observability.catalog.catalog import Catalog
from sms_observability.catalog.errors import CatalogError, nearest
from sms_observability.catalog.field import Access, Field, FieldType
from sms_observability.catalog.journey import Journey, Step
from sms_observability.catalog.metric import Counter, Gauge, Histogram, Metric, UpDownCounter
from sms_observability.catalog.prometheus import MetricKind, prometheus_name, prometheus_series
from sms_observability.catalog.sms import SMS_CATALOG, JourneyName, StepName
from sms_observability.catalog.words import RESTRICTED_PATTERN, is_personal, reveals

if TYPE_CHECKING:
    from sms_observability.catalog.alert import Alert, Severity
    from sms_observability.catalog.dashboard import Dashboard, Row, Variable
    from sms_observability.catalog.escalation import Escalation, Level
    from sms_observability.catalog.incident import IncidentClass
    from sms_observability.catalog.log_class import LogClass
    from sms_observability.catalog.panel import LogQuery, Panel, Query
    from sms_observability.catalog.receiver import Email, PagerDuty, Receiver, Slack, Sms, Webhook
    from sms_observability.catalog.recording import RecordingRule
    from sms_observability.catalog.route import Inhibition, MuteWindow, Route
    from sms_observability.catalog.routing import Mail, Routing
    from sms_observability.catalog.slo import Slo
    from sms_observability.catalog.target import Target

__all__ = [
    "RESTRICTED_PATTERN",
    "SMS_CATALOG",
    "Access",
    "Alert",
    "Catalog",
    "CatalogError",
    "Counter",
    "Dashboard",
    "Email",
    "Escalation",
    "Field",
    "FieldType",
    "Gauge",
    "Histogram",
    "IncidentClass",
    "Inhibition",
    "Journey",
    "JourneyName",
    "Level",
    "LogClass",
    "LogQuery",
    "Mail",
    "Metric",
    "MetricKind",
    "MuteWindow",
    "PagerDuty",
    "Panel",
    "Query",
    "Receiver",
    "RecordingRule",
    "Route",
    "Routing",
    "Row",
    "Severity",
    "Slack",
    "Slo",
    "Sms",
    "Step",
    "StepName",
    "Target",
    "UpDownCounter",
    "Variable",
    "Webhook",
    "is_personal",
    "nearest",
    "prometheus_name",
    "prometheus_series",
    "reveals",
]

# What is monitored with is loaded when it is asked for: no service needs it.
_LATER = {
    **dict.fromkeys(("Alert", "Severity"), "alert"),
    **dict.fromkeys(("Dashboard", "Row", "Variable"), "dashboard"),
    **dict.fromkeys(("LogQuery", "Panel", "Query"), "panel"),
    **dict.fromkeys(("Escalation", "Level"), "escalation"),
    **dict.fromkeys(("Email", "PagerDuty", "Receiver", "Slack", "Sms", "Webhook"), "receiver"),
    **dict.fromkeys(("Inhibition", "MuteWindow", "Route"), "route"),
    **dict.fromkeys(("Mail", "Routing"), "routing"),
    "IncidentClass": "incident",
    "LogClass": "log_class",
    "RecordingRule": "recording",
    "Slo": "slo",
    "Target": "target",
}


def __getattr__(name: str) -> object:
    """Import a name of monitoring as code."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_LATER[name]}"), name)
