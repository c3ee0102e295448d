"""What customers think, buy and read (targets document: business metrics and business dashboard)."""

from __future__ import annotations

from sms_observability.catalog.field import Field
from sms_observability.catalog.metric import Metric
from sms_observability.catalog.sms.labels import PARTS_CATEGORY, PLATFORM, ROLE

CHANNEL = Field(
    "channel",
    values=("direct", "search", "campaign", "partner", "referral", "event"),
    description="How a customer came to the portal",
)
CAMPAIGN = Field("campaign", max_length=64, description="The marketing campaign, in snake_case")
PRIORITY = Field("priority", values=("low", "normal", "high", "urgent"), description="How pressing a ticket is")

SESSION_SECONDS = (10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0, 7200.0)

METRICS = (
    Metric.gauge(
        "sms.customer.satisfaction.score",
        unit="{score}",
        description="What customers answer when they are asked how content they are, from 1 to 5, on average",
        owner="customer-success",
        prometheus="sms_customer_satisfaction_score",
    ),
    Metric.counter(
        "sms.support.tickets",
        unit="{ticket}",
        labels=(PRIORITY,),
        description="Tickets that customers opened",
        owner="customer-success",
        initialise=({},),
        prometheus="sms_support_tickets_total",
    ),
    Metric.counter(
        "sms.customers.acquired",
        unit="{customer}",
        labels=(CHANNEL,),
        description="Companies that became customers",
        owner="customer-success",
        initialise=({},),
        prometheus="sms_customers_acquired_total",
    ),
    Metric.histogram(
        "sms.session.duration",
        unit="s",
        labels=(ROLE, PLATFORM),
        buckets=SESSION_SECONDS,
        description="How long a session lasted",
        owner="product",
        prometheus="sms_session_duration_seconds",
    ),
    Metric.counter(
        "sms.page.views",
        unit="{view}",
        labels=(PLATFORM,),
        description="Pages that users opened",
        owner="product",
        prometheus="sms_page_views_total",
    ),
    # Units only: with money by kind of part beside it, the hidden figures could be learnt.
    Metric.counter(
        "sms.parts.ordered",
        unit="{part}",
        labels=(PARTS_CATEGORY,),
        description="Parts that were ordered",
        owner="revenue",
        prometheus="sms_parts_ordered_total",
    ),
    Metric.gauge(
        "sms.parts.stock",
        unit="{part}",
        labels=(PARTS_CATEGORY,),
        description="Parts that can be delivered at once",
        owner="revenue",
        prometheus="sms_parts_stock",
    ),
    Metric.counter(
        "sms.campaign.leads",
        unit="{lead}",
        labels=(CAMPAIGN,),
        description="Companies that answered a campaign",
        owner="product",
        prometheus="sms_campaign_leads_total",
    ),
    # Already divided: what was put in and what came out are money, and would stand beside the prices.
    Metric.gauge(
        "sms.campaign.roi",
        unit="%",
        labels=(CAMPAIGN,),
        description="Return on what was put into a campaign",
        owner="product",
        prometheus="sms_campaign_roi_percent",
    ),
)
