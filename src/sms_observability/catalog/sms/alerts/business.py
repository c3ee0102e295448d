"""Customers who need somebody (plan, section 3.4)."""

from __future__ import annotations

from sms_observability.catalog.alert import Alert

_WEEK = 'sum_over_time(company:user_sessions:increase5m{company_id!=""}[7d])'
_SHIP = "environment, company_id, vessel_id"

ALERTS = (
    # A rate of ten a second was asked for, and no session at all would have been silence.
    Alert(
        "LowUserEngagement",
        "sum by (environment) (sum_over_time(company:user_sessions:increase5m[1h])) < 10\n"
        "or (absent_over_time(sms_user_sessions_total[5m]) - 1\n"
        "    unless on () sum_over_time(company:user_sessions:increase5m[1h]))",
        "2h",
        severity="info",
        team="product",
        summary="Few people use the portal",
        description=(
            "{{ $value | humanize }} sessions began within the last hour; fewer than 10 for two hours is unusual."
        ),
        rationale="A quiet night is no incident, but a broken login looks the same.",
        dashboard=("sms-users", "Sessions"),
        dependencies=("login",),
        labels={"service": "portal"},
    ),
    # By vessel: one that is finished must not hide one that is stuck.
    Alert(
        "OnboardingStalled",
        f"max by ({_SHIP}) (sms_onboarding_progress_percent) < 50\n"
        f"and on ({_SHIP}) (time() - max by ({_SHIP}) (sms_onboarding_started_timestamp_seconds)) > 1 * 86400",
        "1h",
        severity="warning",
        team="customer-success",
        summary="The onboarding of {{ $labels.company_id }} is stuck",
        description=(
            "{{ $labels.vessel_id }} of {{ $labels.company_id }} has come to {{ $value | humanize }} % in more "
            "than a day."
        ),
        rationale="The customer has paid and cannot work yet; a call by day helps.",
        dashboard=("sms-business", "Onboarding Progress"),
        dependencies=("vessels-api",),
        labels={"service": "vessels-api"},
    ),
    # A prediction from a counter: silent when nobody came any more, alarmed by each deploy.
    Alert(
        "HighChurnRisk",
        f"({_WEEK} or 0 * {_WEEK} offset 7d) / ({_WEEK} offset 7d >= 20) < 0.5".replace(") offset 7d", " offset 7d)"),
        "1d",
        interval="5m",
        severity="warning",
        team="customer-success",
        summary="{{ $labels.company_id }} uses the portal less and less",
        description=(
            "{{ $labels.company_id }} had {{ $value | humanizePercentage }} of the sessions of the week before."
        ),
        rationale="Customers leave slowly: this week is soon enough.",
        dashboard=("sms-users", "Declining Companies"),
        dependencies=("14 days of retention",),
        labels={"service": "portal"},
    ),
)
