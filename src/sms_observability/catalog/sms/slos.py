"""What the portal promises over 30 days (targets document; the journeys' shares are proposals: the plan gives none)."""

from __future__ import annotations

from sms_observability.catalog.slo import Slo
from sms_observability.catalog.sms.journeys import JOURNEYS

_SLA = {journey.name: journey.sla_seconds for journey in JOURNEYS}

SLOS = (
    Slo.availability("api_availability", "99.95", description="99.95 % of all requests do not fail by our fault."),
    Slo.availability(
        "critical_operation_errors",
        "99.9",
        service="parts-api",
        team="revenue",
        description="Fewer than 0.1 % of the critical operations, those of parts-api, fail.",
    ),
    Slo.latency("api_latency_p95_500ms", "95", within=0.5, description="95 % of all requests take less than 500 ms."),
    Slo.journey(
        "parts_ordering_latency",
        "99",
        journey="parts_ordering_flow",
        within=_SLA["parts_ordering_flow"],
        service="parts-api",
        team="revenue",
    ),
    Slo.journey(
        "technician_sync_latency",
        "99",
        journey="technician_sync_flow",
        within=_SLA["technician_sync_flow"],
        service="sync-api",
        team="product",
    ),
    Slo.journey(
        "vessel_onboarding_latency",
        "99",
        journey="vessel_onboarding_flow",
        within=_SLA["vessel_onboarding_flow"],
        service="vessels-api",
        team="customer-success",
        # Vessels join a few a day.
        minimum_events=10,
        rare=True,
    ),
)
