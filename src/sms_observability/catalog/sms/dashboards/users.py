"""The dashboard of user behaviour (monitoring plan 4.4)."""

from __future__ import annotations

from sms_observability.catalog.dashboard import Dashboard, Row
from sms_observability.catalog.sms import targets
from sms_observability.catalog.sms.dashboards.asking import ENVIRONMENT, VESSEL, show

_TASK = '{$env, task_type="document_equipment"}'

USERS = Dashboard(
    "sms-users",
    "User Behaviour",
    "For the product team: who uses the portal, which features, how long tasks take, and how good the documentation "
    "is that technicians write. No single person can be seen here.",
    range="now-24h",
    runbook="low-user-engagement",
    tags=("product",),
    variables=(ENVIRONMENT, VESSEL),
    rows=(
        Row(
            "Now",
            (
                show(
                    "stat",
                    "Active Users",
                    "Users who are at work now, over all replicas.",
                    "sum(sms_users_active{$env}) or vector(0)",
                ),
                show(
                    "stat",
                    "Sessions in the Last Hour",
                    "Sessions that users began. Fewer than ten for two hours is alerted: can people log in?",
                    "sum(increase(sms_user_sessions_total{$env}[1h])) or vector(0)",
                    target=targets.SESSIONS,
                ),
                show(
                    "stat",
                    "Median Session",
                    "Half of the sessions in the chosen time were shorter than this.",
                    "histogram_quantile(0.5, sum by (le) (rate(sms_session_duration_seconds_bucket{$env}$over)))",
                    unit="s",
                ),
                show(
                    "stat",
                    "Page Views",
                    "Pages that users opened in the chosen time.",
                    "sum(increase(sms_page_views_total{$env}$over))",
                ),
            ),
        ),
        Row(
            "Engagement",
            (
                show(
                    "piechart",
                    "Active Users by Role",
                    "Who is at work now, by role.",
                    ("sum by (role) (sms_users_active{$env})", "{{role}}"),
                ),
                show(
                    "bargauge",
                    "Feature Adoption",
                    "How often each feature was used within a day. What nobody uses is explained badly, or not needed.",
                    ("sort_desc(sum by (feature) (increase(sms_feature_usage_total{$env}[1d])))", "{{feature}}"),
                ),
                show(
                    "timeseries",
                    "Sessions",
                    "Sessions within an hour, by where users work.",
                    ("sum by (platform) (increase(sms_user_sessions_total{$env}[1h]))", "{{platform}}"),
                    draw="area",
                    minimum=0,
                ),
                show(
                    "table",
                    "Declining Companies",
                    "Companies with less than half of the sessions of the week before (of at least 20). It is "
                    "alerted after a day: call them.",
                    (
                        (
                            "sum by (company_id) (increase(sms_user_sessions_total{$env}[7d])) < 0.5 * "
                            "(sum by (company_id) (increase(sms_user_sessions_total{$env}[7d] offset 7d)) >= 20)"
                        ),
                        "{{company_id}}",
                    ),
                    columns={"company_id": "Company"},
                ),
            ),
        ),
        Row(
            "Technicians",
            (
                show(
                    "bargauge",
                    "Equipment Documented by Vessel",
                    "Items that were documented in the chosen time, the ten busiest vessels. Single technicians are in "
                    "a restricted dashboard.",
                    (
                        "topk(10, sum by (vessel_id) (increase(sms_equipment_documented_total{$ship}$over)))",
                        "{{vessel_id}}",
                    ),
                ),
                show(
                    "stat",
                    "Average Documentation Time",
                    "How long it takes to document one item, on average over the chosen time.",
                    f"sum(rate(sms_time_to_complete_seconds_sum{_TASK}$over)) / "
                    f"sum(rate(sms_time_to_complete_seconds_count{_TASK}$over))",
                    unit="s",
                    width=5,
                    height=8,
                ),
                show(
                    "heatmap",
                    "Documentation Time",
                    "How the times to document one item are distributed.",
                    (f"sum by (le) (increase(sms_time_to_complete_seconds_bucket{_TASK}$rate))", "{{le}}"),
                    unit="s",
                    width=11,
                ),
            ),
        ),
        Row(
            "Quality",
            (
                show(
                    "stat",
                    "Median Documentation Quality",
                    "Half of the documented items score better than this, of 100.",
                    "histogram_quantile(0.5, sum by (le) (rate(sms_quality_score_bucket{$env}$over)))",
                    width=5,
                    height=8,
                ),
                show(
                    "bargauge",
                    "Documentation Quality Scores",
                    "How many items reached which score, up to the number that each bar is named by.",
                    ("sum by (le) (increase(sms_quality_score_bucket{$env}$over))", "{{le}}"),
                    distribution=True,
                    width=8,
                ),
                show(
                    "timeseries",
                    "Photo Upload Trends",
                    "Photos that were uploaded within an hour, by kind of equipment.",
                    ("sum by (equipment_type) (increase(sms_photos_uploaded_total{$ship}[1h]))", "{{equipment_type}}"),
                    draw="area",
                    minimum=0,
                    width=11,
                ),
            ),
        ),
    ),
)
