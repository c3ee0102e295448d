"""Journeys and steps: the business transactions of the portal, watched against their SLA."""

from sms_observability.journeys.journey_run import JourneyRun, accept_budget, forget_budget, remaining_budget_ms
from sms_observability.journeys.marker import journey, step
from sms_observability.journeys.names import use_catalog
from sms_observability.journeys.outcome import OUTCOMES, Outcome
from sms_observability.journeys.ports import ports
from sms_observability.journeys.step_run import StepRun

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
