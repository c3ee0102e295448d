# ruff: noqa: PYI021 - the descriptions are what an editor shows
"""Rendered from the catalogue by `python -m sms_observability.render.stubs`: do not edit."""

from decimal import Decimal
from typing import Final, Literal, TypeAlias, final

from sms_observability.catalog import Metric
from sms_observability.privacy import Restricted

_Amount: TypeAlias = float | Decimal
_RestrictedAmount: TypeAlias = _Amount | Restricted[Decimal] | Restricted[float] | Restricted[int]

__all__ = [
    "access_changes",
    "api_key_usage",
    "campaign_leads",
    "campaign_roi",
    "churn_rate",
    "churn_risk_score",
    "company_active",
    "compliance_checks",
    "customer_satisfaction_score",
    "customers_acquired",
    "data_exports",
    "db_transaction_duration",
    "equipment_documented",
    "eventloop_lag",
    "feature_usage",
    "journey_duration",
    "journey_sla_breaches",
    "login_failures",
    "ltv_dollars",
    "mrr_dollars",
    "offline_sync_duration",
    "onboarding_progress",
    "onboarding_started_timestamp",
    "page_views",
    "parts_order_value_dollars",
    "parts_ordered",
    "parts_orders_completed",
    "parts_orders_failed",
    "parts_quotes_requested",
    "parts_stock",
    "photos_uploaded",
    "privacy_requests",
    "quality_score",
    "restricted",
    "security_events",
    "security_incidents_open",
    "security_score",
    "security_vulnerabilities",
    "session_duration",
    "support_tickets",
    "telemetry_delivered",
    "telemetry_dropped",
    "telemetry_emitted",
    "telemetry_export_duration",
    "telemetry_export_failures",
    "telemetry_measurements_dropped",
    "telemetry_queued",
    "telemetry_redacted",
    "telemetry_spooled",
    "time_to_complete",
    "user_sessions",
    "users_active",
    "vessel_active",
    "vessel_offline_allowance",
]

_Urgency: TypeAlias = Literal[
    "low",
    "routine",
    "normal",
    "high",
    "urgent",
    "critical",
    "emergency",
]

_OrderType: TypeAlias = Literal[
    "standard",
    "express",
    "rush",
    "emergency",
    "scheduled",
    "bulk",
    "replacement",
]

_FailureReason: TypeAlias = Literal[
    "supplier",
    "stock",
    "payment",
    "validation",
    "timeout",
    "internal",
]

_Tier: TypeAlias = Literal[
    "trial",
    "free",
    "basic",
    "standard",
    "professional",
    "premium",
    "enterprise",
]

_Priority: TypeAlias = Literal[
    "low",
    "normal",
    "high",
    "urgent",
]

_Channel: TypeAlias = Literal[
    "direct",
    "search",
    "campaign",
    "partner",
    "referral",
    "event",
]

_Role: TypeAlias = Literal[
    "technician",
    "engineer",
    "captain",
    "crew",
    "superintendent",
    "fleet_manager",
    "purchaser",
    "manager",
    "supplier",
    "support",
    "viewer",
    "admin",
    "service",
]

_Platform: TypeAlias = Literal[
    "web",
    "ios",
    "android",
    "mobile",
    "tablet",
    "desktop",
    "api",
]

_LoginMethod: TypeAlias = Literal[
    "password",
    "sso",
    "offline_token",
    "api_key",
]

_DataSizeCategory: TypeAlias = Literal[
    "small",
    "medium",
    "large",
    "huge",
]

_Threat: TypeAlias = Literal[
    "sql_injection",
    "xss",
    "unusual_access",
    "data_exfiltration",
    "brute_force",
]

_Change: TypeAlias = Literal[
    "privilege_escalation",
    "permission",
    "role",
    "configuration",
    "system",
]

_Severity: TypeAlias = Literal[
    "critical",
    "high",
    "medium",
    "low",
]

_Result: TypeAlias = Literal[
    "passed",
    "failed",
]

_PrivacyRequest: TypeAlias = Literal[
    "access",
    "deletion",
    "consent_given",
    "consent_withdrawn",
]

_Outcome: TypeAlias = Literal[
    "success",
    "failure",
    "client_error",
    "cancelled",
]

_Signal: TypeAlias = Literal[
    "traces",
    "logs",
    "metrics",
]

@final
class _PartsQuotesRequested(Metric):
    """Quotes that customers asked for.

    A counter in {quote}; in Prometheus `sms_parts_quotes_requested_total`.
    """

    def add(
        self,
        amount: _Amount = 1,
        /,
        *,
        vessel_id: str | None = None,
        company_id: str | None = None,
        urgency: _Urgency | None = None,
    ) -> None: ...

@final
class _PartsOrdersCompleted(Metric):
    """Orders that were completed; with the failed ones, all orders.

    A counter in {order}; in Prometheus `sms_parts_orders_completed_total`.
    """

    def add(
        self,
        amount: _Amount = 1,
        /,
        *,
        vessel_id: str | None = None,
        company_id: str | None = None,
        order_type: _OrderType | None = None,
    ) -> None: ...

@final
class _PartsOrdersFailed(Metric):
    """Orders that came to nothing, by the portal's or a supplier's fault.

    A counter in {order}; in Prometheus `sms_parts_orders_failed_total`.
    """

    def add(
        self,
        amount: _Amount = 1,
        /,
        *,
        vessel_id: str | None = None,
        company_id: str | None = None,
        order_type: _OrderType | None = None,
        failure_reason: _FailureReason | None = None,
    ) -> None: ...

@final
class _PartsOrderValueDollars(Metric):
    """Order value, the customer's price only.

    A histogram in {USD}; in Prometheus `sms_parts_order_value_dollars`.
    """

    def record(
        self,
        amount: _Amount,
        /,
        *,
        vessel_id: str | None = None,
        company_id: str | None = None,
    ) -> None: ...

@final
class _MrrDollars(Metric):
    """Monthly recurring revenue.

    A gauge in {USD}; in Prometheus `sms_mrr_dollars`.
    """

    def set(
        self,
        amount: _Amount,
        /,
        *,
        tier: _Tier | None = None,
        company_id: str | None = None,
    ) -> None: ...

@final
class _ChurnRate(Metric):
    """Share of customers that left.

    A gauge in %; in Prometheus `sms_churn_rate_percent`.
    """

    def set(
        self,
        amount: _Amount,
        /,
        *,
        tier: _Tier | None = None,
        reason: str | None = None,
    ) -> None: ...

@final
class _LtvDollars(Metric):
    """What a customer is worth over the whole relation.

    A gauge in {USD}; in Prometheus `sms_ltv_dollars`.
    """

    def set(
        self,
        amount: _Amount,
        /,
        *,
        tier: _Tier | None = None,
        cohort: str | None = None,
    ) -> None: ...

@final
class _ChurnRiskScore(Metric):
    """How likely a customer is to leave, from 0 to 1.

    A gauge in {score}; in Prometheus `sms_churn_risk_score`.
    """

    def set(
        self,
        amount: _Amount,
        /,
        *,
        company_id: str | None = None,
    ) -> None: ...

@final
class _VesselActive(Metric):
    """1 while a vessel uses the portal, else 0.

    A gauge in {vessel}; in Prometheus `sms_vessel_active`.
    """

    def set(
        self,
        amount: _Amount,
        /,
        *,
        vessel_id: str | None = None,
        company_id: str | None = None,
    ) -> None: ...

@final
class _VesselOfflineAllowance(Metric):
    """How long a vessel may be offline before somebody asks; a day where it is not told.

    A gauge in s; in Prometheus `sms_vessel_offline_allowance_seconds`.
    """

    def set(
        self,
        amount: _Amount,
        /,
        *,
        vessel_id: str | None = None,
        company_id: str | None = None,
    ) -> None: ...

@final
class _CompanyActive(Metric):
    """1 while a company uses the portal, else 0.

    A gauge in {company}; in Prometheus `sms_company_active`.
    """

    def set(
        self,
        amount: _Amount,
        /,
        *,
        company_id: str | None = None,
    ) -> None: ...

@final
class _OnboardingProgress(Metric):
    """How far the onboarding has come.

    A gauge in %; in Prometheus `sms_onboarding_progress_percent`.
    """

    def set(
        self,
        amount: _Amount,
        /,
        *,
        company_id: str | None = None,
        vessel_id: str | None = None,
    ) -> None: ...

@final
class _OnboardingStartedTimestamp(Metric):
    """When the onboarding began, in seconds since 1970.

    A gauge in s; in Prometheus `sms_onboarding_started_timestamp_seconds`.
    """

    def set(
        self,
        amount: _Amount,
        /,
        *,
        company_id: str | None = None,
        vessel_id: str | None = None,
    ) -> None: ...

@final
class _DbTransactionDuration(Metric):
    """How long a transaction took, from begin to commit or rollback.

    A histogram in s; in Prometheus `db_transaction_duration_seconds`.
    """

    def record(
        self,
        amount: _Amount,
        /,
        *,
        transaction_type: str | None = None,
    ) -> None: ...

@final
class _CustomerSatisfactionScore(Metric):
    """What customers answer when they are asked how content they are, from 1 to 5, on average.

    A gauge in {score}; in Prometheus `sms_customer_satisfaction_score`.
    """

    def set(
        self,
        amount: _Amount,
        /,
    ) -> None: ...

@final
class _SupportTickets(Metric):
    """Tickets that customers opened.

    A counter in {ticket}; in Prometheus `sms_support_tickets_total`.
    """

    def add(
        self,
        amount: _Amount = 1,
        /,
        *,
        priority: _Priority | None = None,
    ) -> None: ...

@final
class _CustomersAcquired(Metric):
    """Companies that became customers.

    A counter in {customer}; in Prometheus `sms_customers_acquired_total`.
    """

    def add(
        self,
        amount: _Amount = 1,
        /,
        *,
        channel: _Channel | None = None,
    ) -> None: ...

@final
class _SessionDuration(Metric):
    """How long a session lasted.

    A histogram in s; in Prometheus `sms_session_duration_seconds`.
    """

    def record(
        self,
        amount: _Amount,
        /,
        *,
        role: _Role | None = None,
        platform: _Platform | None = None,
    ) -> None: ...

@final
class _PageViews(Metric):
    """Pages that users opened.

    A counter in {view}; in Prometheus `sms_page_views_total`.
    """

    def add(
        self,
        amount: _Amount = 1,
        /,
        *,
        platform: _Platform | None = None,
    ) -> None: ...

@final
class _PartsOrdered(Metric):
    """Parts that were ordered.

    A counter in {part}; in Prometheus `sms_parts_ordered_total`.
    """

    def add(
        self,
        amount: _Amount = 1,
        /,
        *,
        parts_category: str | None = None,
    ) -> None: ...

@final
class _PartsStock(Metric):
    """Parts that can be delivered at once.

    A gauge in {part}; in Prometheus `sms_parts_stock`.
    """

    def set(
        self,
        amount: _Amount,
        /,
        *,
        parts_category: str | None = None,
    ) -> None: ...

@final
class _CampaignLeads(Metric):
    """Companies that answered a campaign.

    A counter in {lead}; in Prometheus `sms_campaign_leads_total`.
    """

    def add(
        self,
        amount: _Amount = 1,
        /,
        *,
        campaign: str | None = None,
    ) -> None: ...

@final
class _CampaignRoi(Metric):
    """Return on what was put into a campaign.

    A gauge in %; in Prometheus `sms_campaign_roi_percent`.
    """

    def set(
        self,
        amount: _Amount,
        /,
        *,
        campaign: str | None = None,
    ) -> None: ...

@final
class _UserSessions(Metric):
    """Sessions that users began.

    A counter in {session}; in Prometheus `sms_user_sessions_total`.
    """

    def add(
        self,
        amount: _Amount = 1,
        /,
        *,
        role: _Role | None = None,
        platform: _Platform | None = None,
        company_id: str | None = None,
    ) -> None: ...

@final
class _UsersActive(Metric):
    """Users at work now; each replica knows its own.

    A gauge in {user}; in Prometheus `sms_users_active`.
    """

    def set(
        self,
        amount: _Amount,
        /,
        *,
        role: _Role | None = None,
    ) -> None: ...

@final
class _FeatureUsage(Metric):
    """How often a feature was used.

    A counter in {use}; in Prometheus `sms_feature_usage_total`.
    """

    def add(
        self,
        amount: _Amount = 1,
        /,
        *,
        feature: str | None = None,
        role: _Role | None = None,
    ) -> None: ...

@final
class _TimeToComplete(Metric):
    """How long a task took its user.

    A histogram in s; in Prometheus `sms_time_to_complete_seconds`.
    """

    def record(
        self,
        amount: _Amount,
        /,
        *,
        task_type: str | None = None,
        role: _Role | None = None,
    ) -> None: ...

@final
class _LoginFailures(Metric):
    """Logins that were refused.

    A counter in {attempt}; in Prometheus `sms_login_failures_total`.
    """

    def add(
        self,
        amount: _Amount = 1,
        /,
        *,
        login_method: _LoginMethod | None = None,
        platform: _Platform | None = None,
    ) -> None: ...

@final
class _EquipmentDocumented(Metric):
    """Equipment items that technicians documented; by technician only in the restricted twin.

    A counter in {item}; in Prometheus `sms_equipment_documented_total`.
    """

    def add(
        self,
        amount: _Amount = 1,
        /,
        *,
        vessel_id: str | None = None,
    ) -> None: ...

@final
class _PhotosUploaded(Metric):
    """Photos of equipment that were uploaded.

    A counter in {photo}; in Prometheus `sms_photos_uploaded_total`.
    """

    def add(
        self,
        amount: _Amount = 1,
        /,
        *,
        vessel_id: str | None = None,
        equipment_type: str | None = None,
    ) -> None: ...

@final
class _QualityScore(Metric):
    """Quality of documentation, from 0 to 100.

    A histogram in {score}; in Prometheus `sms_quality_score`.
    """

    def record(
        self,
        amount: _Amount,
        /,
        *,
        equipment_type: str | None = None,
    ) -> None: ...

@final
class _OfflineSyncDuration(Metric):
    """How long work done without a network took to reach the portal.

    A histogram in s; in Prometheus `sms_offline_sync_duration_seconds`.
    """

    def record(
        self,
        amount: _Amount,
        /,
        *,
        vessel_id: str | None = None,
        data_size_category: _DataSizeCategory | None = None,
    ) -> None: ...

@final
class _SecurityEvents(Metric):
    """Attempts at something forbidden that were noticed.

    A counter in {event}; in Prometheus `sms_security_events_total`.
    """

    def add(
        self,
        amount: _Amount = 1,
        /,
        *,
        threat: _Threat | None = None,
    ) -> None: ...

@final
class _AccessChanges(Metric):
    """Changes of permissions and configuration.

    A counter in {change}; in Prometheus `sms_access_changes_total`.
    """

    def add(
        self,
        amount: _Amount = 1,
        /,
        *,
        change: _Change | None = None,
    ) -> None: ...

@final
class _ApiKeyUsage(Metric):
    """Requests that came with an API key.

    A counter in {use}; in Prometheus `sms_api_key_usage_total`.
    """

    def add(
        self,
        amount: _Amount = 1,
        /,
        *,
        integration: str | None = None,
    ) -> None: ...

@final
class _DataExports(Metric):
    """Exports of data.

    A counter in {export}; in Prometheus `sms_data_exports_total`.
    """

    def add(
        self,
        amount: _Amount = 1,
        /,
        *,
        dataset: str | None = None,
    ) -> None: ...

@final
class _SecurityVulnerabilities(Metric):
    """Known vulnerabilities that the last scan found.

    A gauge in {vulnerability}; in Prometheus `sms_security_vulnerabilities`.
    """

    def set(
        self,
        amount: _Amount,
        /,
        *,
        severity: _Severity | None = None,
    ) -> None: ...

@final
class _SecurityScore(Metric):
    """What the last scan gave the portal, from 0 to 100.

    A gauge in {score}; in Prometheus `sms_security_score`.
    """

    def set(
        self,
        amount: _Amount,
        /,
    ) -> None: ...

@final
class _SecurityIncidentsOpen(Metric):
    """Security incidents that are being handled.

    A gauge in {incident}; in Prometheus `sms_security_incidents_open`.
    """

    def set(
        self,
        amount: _Amount,
        /,
        *,
        severity: _Severity | None = None,
    ) -> None: ...

@final
class _ComplianceChecks(Metric):
    """Checks of what rules demand.

    A counter in {check}; in Prometheus `sms_compliance_checks_total`.
    """

    def add(
        self,
        amount: _Amount = 1,
        /,
        *,
        check: str | None = None,
        result: _Result | None = None,
    ) -> None: ...

@final
class _PrivacyRequests(Metric):
    """What people asked for under data protection law.

    A counter in {request}; in Prometheus `sms_privacy_requests_total`.
    """

    def add(
        self,
        amount: _Amount = 1,
        /,
        *,
        privacy_request: _PrivacyRequest | None = None,
    ) -> None: ...

@final
class _JourneyDuration(Metric):
    """How long a journey took.

    A histogram in s; in Prometheus `sms_journey_duration_seconds`.
    """

    def record(
        self,
        amount: _Amount,
        /,
        *,
        journey: str | None = None,
        outcome: _Outcome | None = None,
    ) -> None: ...

@final
class _JourneySlaBreaches(Metric):
    """Journeys that took longer than promised.

    A counter in {journey}; in Prometheus `sms_journey_sla_breaches_total`.
    """

    def add(
        self,
        amount: _Amount = 1,
        /,
        *,
        journey: str | None = None,
        outcome: _Outcome | None = None,
    ) -> None: ...

@final
class _EventloopLag(Metric):
    """How late the event loop runs what is due.

    A histogram in s; in Prometheus `sms_eventloop_lag_seconds`.
    """

    def record(
        self,
        amount: _Amount,
        /,
    ) -> None: ...

@final
class _TelemetryEmitted(Metric):
    """Spans, log records and data points that were made.

    A counter in {item}; in Prometheus `sms_telemetry_emitted_total`.
    """

    def add(
        self,
        amount: _Amount = 1,
        /,
        *,
        signal: _Signal | None = None,
    ) -> None: ...

@final
class _TelemetryDelivered(Metric):
    """Items that the receiver has accepted.

    A counter in {item}; in Prometheus `sms_telemetry_delivered_total`.
    """

    def add(
        self,
        amount: _Amount = 1,
        /,
        *,
        signal: _Signal | None = None,
    ) -> None: ...

@final
class _TelemetryQueued(Metric):
    """Items on their way in memory.

    A gauge in {item}; in Prometheus `sms_telemetry_queued`.
    """

    def set(
        self,
        amount: _Amount,
        /,
        *,
        signal: _Signal | None = None,
    ) -> None: ...

@final
class _TelemetrySpooled(Metric):
    """Items that wait on disk.

    A gauge in {item}; in Prometheus `sms_telemetry_spooled`.
    """

    def set(
        self,
        amount: _Amount,
        /,
        *,
        signal: _Signal | None = None,
    ) -> None: ...

@final
class _TelemetryDropped(Metric):
    """Items that were lost or withheld, and why.

    A counter in {item}; in Prometheus `sms_telemetry_dropped_total`.
    """

    def add(
        self,
        amount: _Amount = 1,
        /,
        *,
        signal: _Signal | None = None,
        reason: str | None = None,
    ) -> None: ...

@final
class _TelemetryExportFailures(Metric):
    """Requests to the receiver that failed, retried ones included.

    A counter in {request}; in Prometheus `sms_telemetry_export_failures_total`.
    """

    def add(
        self,
        amount: _Amount = 1,
        /,
        *,
        signal: _Signal | None = None,
        reason: str | None = None,
    ) -> None: ...

@final
class _TelemetryExportDuration(Metric):
    """How long a request to the receiver took.

    A histogram in s; in Prometheus `sms_telemetry_export_duration_seconds`.
    """

    def record(
        self,
        amount: _Amount,
        /,
        *,
        signal: _Signal | None = None,
    ) -> None: ...

@final
class _TelemetryRedacted(Metric):
    """Fields that were withheld because of their class.

    A counter in {field}; in Prometheus `sms_telemetry_redacted_total`.
    """

    def add(
        self,
        amount: _Amount = 1,
        /,
        *,
        reason: str | None = None,
    ) -> None: ...

@final
class _TelemetryMeasurementsDropped(Metric):
    """Labels and measurements not kept as given: unknown label, too many series, unusable amount.

    A counter in {measurement}; in Prometheus `sms_telemetry_measurements_dropped_total`.
    """

    def add(
        self,
        amount: _Amount = 1,
        /,
        *,
        metric: str | None = None,
        reason: str | None = None,
    ) -> None: ...

@final
class _RestrictedPartsMarkupRealized(Metric):
    """Markup that was realised on an order.

    A histogram in dollars; in Prometheus `_sms_parts_markup_realized_dollars`.
    """

    def record(
        self,
        amount: _RestrictedAmount,
        /,
        *,
        parts_category: str | None = None,
    ) -> None: ...

@final
class _RestrictedPartsOrderValue(Metric):
    """Order value by kind of part, which the public order value does not show.

    A histogram in dollars; in Prometheus `_sms_parts_order_value_dollars`.
    """

    def record(
        self,
        amount: _RestrictedAmount,
        /,
        *,
        parts_category: str | None = None,
    ) -> None: ...

@final
class _RestrictedSupplierCost(Metric):
    """What the supplier is paid for a part.

    A histogram in dollars; in Prometheus `_sms_supplier_cost_dollars`.
    """

    def record(
        self,
        amount: _RestrictedAmount,
        /,
        *,
        supplier_id: str | None = None,
        parts_category: str | None = None,
    ) -> None: ...

@final
class _RestrictedQuotesOffered(Metric):
    """Quotes that were offered, by band of price.

    A counter in {quote}; in Prometheus `_sms_quotes_offered_total`.
    """

    def add(
        self,
        amount: _RestrictedAmount = 1,
        /,
        *,
        price_band: str | None = None,
    ) -> None: ...

@final
class _RestrictedQuotesOrdered(Metric):
    """Quotes that became orders, by band of price.

    A counter in {quote}; in Prometheus `_sms_quotes_ordered_total`.
    """

    def add(
        self,
        amount: _RestrictedAmount = 1,
        /,
        *,
        price_band: str | None = None,
    ) -> None: ...

@final
class _RestrictedMarkupRecommended(Metric):
    """Markup that the model recommends.

    A gauge in %; in Prometheus `_sms_markup_recommended_percent`.
    """

    def set(
        self,
        amount: _RestrictedAmount,
        /,
        *,
        parts_category: str | None = None,
    ) -> None: ...

@final
class _RestrictedEquipmentDocumented(Metric):
    """Equipment items documented by each technician.

    A counter in {item}; in Prometheus `_sms_equipment_documented_total`.
    """

    def add(
        self,
        amount: _RestrictedAmount = 1,
        /,
        *,
        vessel_id: str | None = None,
        tech_id: str | None = None,
    ) -> None: ...

@final
class _Restricted:
    parts_markup_realized: Final[_RestrictedPartsMarkupRealized]
    parts_order_value: Final[_RestrictedPartsOrderValue]
    supplier_cost: Final[_RestrictedSupplierCost]
    quotes_offered: Final[_RestrictedQuotesOffered]
    quotes_ordered: Final[_RestrictedQuotesOrdered]
    markup_recommended: Final[_RestrictedMarkupRecommended]
    equipment_documented: Final[_RestrictedEquipmentDocumented]

parts_quotes_requested: Final[_PartsQuotesRequested]
parts_orders_completed: Final[_PartsOrdersCompleted]
parts_orders_failed: Final[_PartsOrdersFailed]
parts_order_value_dollars: Final[_PartsOrderValueDollars]
mrr_dollars: Final[_MrrDollars]
churn_rate: Final[_ChurnRate]
ltv_dollars: Final[_LtvDollars]
churn_risk_score: Final[_ChurnRiskScore]
vessel_active: Final[_VesselActive]
vessel_offline_allowance: Final[_VesselOfflineAllowance]
company_active: Final[_CompanyActive]
onboarding_progress: Final[_OnboardingProgress]
onboarding_started_timestamp: Final[_OnboardingStartedTimestamp]
db_transaction_duration: Final[_DbTransactionDuration]
customer_satisfaction_score: Final[_CustomerSatisfactionScore]
support_tickets: Final[_SupportTickets]
customers_acquired: Final[_CustomersAcquired]
session_duration: Final[_SessionDuration]
page_views: Final[_PageViews]
parts_ordered: Final[_PartsOrdered]
parts_stock: Final[_PartsStock]
campaign_leads: Final[_CampaignLeads]
campaign_roi: Final[_CampaignRoi]
user_sessions: Final[_UserSessions]
users_active: Final[_UsersActive]
feature_usage: Final[_FeatureUsage]
time_to_complete: Final[_TimeToComplete]
login_failures: Final[_LoginFailures]
equipment_documented: Final[_EquipmentDocumented]
photos_uploaded: Final[_PhotosUploaded]
quality_score: Final[_QualityScore]
offline_sync_duration: Final[_OfflineSyncDuration]
security_events: Final[_SecurityEvents]
access_changes: Final[_AccessChanges]
api_key_usage: Final[_ApiKeyUsage]
data_exports: Final[_DataExports]
security_vulnerabilities: Final[_SecurityVulnerabilities]
security_score: Final[_SecurityScore]
security_incidents_open: Final[_SecurityIncidentsOpen]
compliance_checks: Final[_ComplianceChecks]
privacy_requests: Final[_PrivacyRequests]
journey_duration: Final[_JourneyDuration]
journey_sla_breaches: Final[_JourneySlaBreaches]
eventloop_lag: Final[_EventloopLag]
telemetry_emitted: Final[_TelemetryEmitted]
telemetry_delivered: Final[_TelemetryDelivered]
telemetry_queued: Final[_TelemetryQueued]
telemetry_spooled: Final[_TelemetrySpooled]
telemetry_dropped: Final[_TelemetryDropped]
telemetry_export_failures: Final[_TelemetryExportFailures]
telemetry_export_duration: Final[_TelemetryExportDuration]
telemetry_redacted: Final[_TelemetryRedacted]
telemetry_measurements_dropped: Final[_TelemetryMeasurementsDropped]
restricted: Final[_Restricted]
