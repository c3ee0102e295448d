"""Journeys and steps: the business transactions of the portal, watched against their SLA."""

from sms_observability.journeys.marker import journey, step, use_catalog
from sms_observability.journeys.outcome import OUTCOMES, Outcome
from sms_observability.journeys.run import (
    JourneyRun,
    StepRun,
    accept_budget,
    forget_budget,
    ports,
    remaining_budget_ms,
)

__all__ = [
    "OUTCOMES",
    "JourneyRun",
    "Outcome",
    "StepRun",
    "accept_budget",
    "forget_budget",
    "journey",
    "ports",
    "remaining_budget_ms",
    "step",
    "use_catalog",
]
