"""Our own attributes on spans, the fields of log lines, and common things of the portal that code logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sms_observability.catalog.field import Field
from sms_observability.catalog.sms import labels

if TYPE_CHECKING:
    from sms_observability.catalog.field import FieldType


def _all(names: str, *, type: FieldType = "string", identifier: bool = False) -> list[Field]:  # noqa: A002
    return [Field(name, type=type, identifier=identifier) for name in names.split()]


ATTRIBUTES = (
    *_all("sms.journey.name sms.journey.reason sms.step.name sms.step.reason sms.sla.slowest_step sms.correlation_id"),
    *_all("sms.journey.steps_missing", type="object"),
    *_all("sms.journey.revenue sms.sla.breached", type="bool"),
    Field("sms.journey.outcome", values=labels.OUTCOME.values, description="How the journey ended"),
    *_all("sms.sla.threshold_ms sms.sla.duration_ms sms.sla.budget_remaining_ms sms.sla.budget_share", type="float"),
    *_all("sms.sla.budget_ms", type="float"),
    *_all("sms.company.id sms.vessel.id", identifier=True),
    Field(
        "sms.class", access="internal", description="Marks a record of the restricted channel; no public door passes it"
    ),
    Field("user.id", identifier=True, personal=True, description="The user; a pseudonym where the service sets one"),
)

LOG_FIELDS = (
    *_all("timestamp level service message trace_id span_id correlation_id logger"),
    Field("user_id", identifier=True, personal=True, description="The user; a pseudonym where the service sets one"),
    labels.COMPANY_ID,
    labels.VESSEL_ID,
    *_all("context metadata exception", type="object"),
    *_all("endpoint method"),
    *_all("status_code", type="int"),
    *_all("duration_ms", type="float"),
    *_all("version environment region pod"),
)

PORTAL_FIELDS = (
    *_all("order_id quote_id payment_id equipment_id photo_id sync_id job_id request_id part_no", identifier=True),
    *_all("event status state step task job queue topic component operation cause error error_type"),
    *_all("attempt count retries size_bytes items conflicts port", type="int"),
    *_all("elapsed_ms timeout_ms sla_ms", type="float"),
    *_all("success cached dry_run", type="bool"),
    labels.PARTS_CATEGORY,
)

# Labels that the gateway makes of the conventions' attributes.
GATEWAY_LABELS = _all("query_type table pool_name")

FIELDS = (*ATTRIBUTES, *LOG_FIELDS, *PORTAL_FIELDS, *GATEWAY_LABELS)
