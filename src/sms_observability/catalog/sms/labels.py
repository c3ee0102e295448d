"""The fields by which the portal's own metrics are split.

The plan names the labels, not their values. Where a label is a closed set, its values are listed here; where services
use different words for one scale (`normal` or `routine`), both are accepted. A value that is not listed is counted as
`other`.
"""

from __future__ import annotations

from sms_observability.catalog.field import Field

COMPANY_ID = Field("company_id", identifier=True, max_length=64, description="The customer's company")
VESSEL_ID = Field("vessel_id", identifier=True, max_length=64, description="The vessel it is about")
SUPPLIER_ID = Field(
    "supplier_id", identifier=True, access="restricted", max_length=64, description="Who would deliver the part"
)
TECH_ID = Field(
    "tech_id", identifier=True, access="restricted", max_length=64, description="The technician; one person"
)

URGENCY = Field(
    "urgency",
    values=("low", "routine", "normal", "high", "urgent", "critical", "emergency"),
    description="How soon the part is needed, from the least to the most pressing",
)
ORDER_TYPE = Field(
    "order_type",
    values=("standard", "express", "rush", "emergency", "scheduled", "bulk", "replacement"),
    description="How the order is handled",
)
FAILURE_REASON = Field(
    "failure_reason",
    values=("supplier", "stock", "payment", "validation", "timeout", "internal"),
    description="Why an order came to nothing",
)
TIER = Field(
    "tier",
    values=("trial", "free", "basic", "standard", "professional", "premium", "enterprise"),
    description="The subscription's tier",
)
REASON = Field("reason", description="Why something happened, in one of few words")
COHORT = Field("cohort", max_length=32, description="When the customers joined, such as 2025-q1")
ROLE = Field(
    "role",
    values=(
        *("technician", "engineer", "captain", "crew", "superintendent", "fleet_manager", "purchaser", "manager"),
        *("supplier", "support", "viewer", "admin", "service"),
    ),
    description="What the user is to the portal",
)
PLATFORM = Field(
    "platform",
    values=("web", "ios", "android", "mobile", "tablet", "desktop", "api"),
    description="Where the user works",
)
FEATURE = Field("feature", max_length=64, description="The feature, in snake_case")
TASK_TYPE = Field("task_type", max_length=64, description="The task, such as document_equipment")
EQUIPMENT_TYPE = Field("equipment_type", max_length=64, description="The kind of equipment, such as pump")
DATA_SIZE = Field(
    "data_size_category",
    values=("small", "medium", "large", "huge"),
    description="Of the upload: below 1 MB, 10 MB, 100 MB, or above",
)
PARTS_CATEGORY = Field("parts_category", max_length=64, description="The kind of part, such as engine")
PRICE_BAND = Field("price_band", access="restricted", max_length=32, description="The band of the quoted price")

TRANSACTION_TYPE = Field("transaction_type", max_length=64, description="The transaction, such as save_quote")
LOGIN_METHOD = Field(
    "login_method",
    values=("password", "sso", "offline_token", "api_key"),
    description="How somebody tried to log in",
)

JOURNEY = Field("journey", max_length=128, description="The journey's name")
OUTCOME = Field(
    "outcome",
    values=("success", "failure", "client_error", "cancelled"),
    description="How the journey ended; errors of the client are no failures",
)
SIGNAL = Field("signal", values=("traces", "logs", "metrics"), description="The kind of telemetry")
