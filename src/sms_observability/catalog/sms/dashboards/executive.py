"""The executive dashboard (monitoring plan 4.1, targets document: executive dashboard)."""

from __future__ import annotations

from sms_observability.catalog.dashboard import Dashboard, Row
from sms_observability.catalog.sms import targets
from sms_observability.catalog.sms.dashboards.asking import COMPANY, ENVIRONMENT, show

_REVENUE = "sum(increase(sms_parts_order_value_dollars_sum{$who}$over))"
_FIRING = 'ALERTS{alertstate="firing", severity="%s", environment=~"$environment|"}'

EXECUTIVE = Dashboard(
    "sms-executive",
    "Executive",
    "For management: how the business does today, and whether the portal holds. Every figure leads to the dashboard "
    "that explains it.",
    range="now-24h",
    runbook="parts-api-down",
    tags=("business",),
    variables=(ENVIRONMENT, COMPANY),
    rows=(
        Row(
            "Now",
            (
                show(
                    "stat",
                    "Monthly Recurring Revenue",
                    "What all subscriptions bring in a month. Replicas that report the same customer count once.",
                    "sum(max by (tier, company_id) (sms_mrr_dollars{$who}))",
                    unit="currencyUSD",
                    details="sms-business",
                ),
                show(
                    "stat",
                    "Active Vessels",
                    "Vessels that use the portal now. A fall means that ships have dropped out: see Vessels.",
                    "count(max by (vessel_id) (sms_vessel_active{$who}) == 1) or vector(0)",
                    details="sms-vessels",
                ),
                show(
                    "stat",
                    "System Health",
                    "Critical alerts that are firing. Anything but nought is handled as an incident: see Operations.",
                    f"count({_FIRING % 'critical'}) or vector(0)",
                    target=targets.NONE,
                    states={0: "All systems operational"},
                    details="sms-operations",
                ),
                show(
                    "stat",
                    "Active Alerts",
                    "Alerts that are firing, by severity. Critical ones wake somebody; warnings wait for the day.",
                    (f"count({_FIRING % 'critical'}) or vector(0)", "critical"),
                    (f"count({_FIRING % 'warning'}) or vector(0)", "warning"),
                    target=targets.NONE,
                    details="sms-environments",
                ),
            ),
        ),
        Row(
            "Revenue",
            (
                show(
                    "stat",
                    "Parts Revenue (Today)",
                    "Order value of today so far, the customer's price. The target is $5,000 a day.",
                    _REVENUE,
                    unit="currencyUSD",
                    over="now/d",
                    target=targets.DAILY_REVENUE,
                    details="sms-business",
                ),
                show(
                    "stat",
                    "Parts Revenue (This Week)",
                    "Order value of this week so far, the customer's price.",
                    _REVENUE,
                    unit="currencyUSD",
                    over="now/w",
                    details="sms-business",
                ),
                show(
                    "stat",
                    "Parts Revenue (This Month)",
                    "Order value of the calendar month so far, the customer's price; an estimate from counters, not "
                    "the books.",
                    _REVENUE,
                    unit="currencyUSD",
                    over="now/M",
                    details="sms-business",
                ),
                show(
                    "stat",
                    "Revenue Against Yesterday",
                    "The last 24 hours compared with the 24 hours before. Far below nought: look at failed orders in "
                    "Business.",
                    "100 * (sum(increase(sms_parts_order_value_dollars_sum{$who}[1d])) / "
                    "sum(increase(sms_parts_order_value_dollars_sum{$who}[1d] offset 1d)) - 1)",
                    unit="percent",
                    minimum=-100,
                    details="sms-business",
                ),
            ),
        ),
        Row(
            "Promises",
            (
                show(
                    "gauge",
                    "Availability (30 Days)",
                    "Share of requests that were answered without an error of ours, weighted by traffic, over 30 days. "
                    "Promised are 99.95 %: 21.6 minutes of outage.",
                    '100 * (1 - max(slo:sli_error:ratio_rate30d{sloth_slo="api_availability"}))',
                    unit="percent",
                    minimum=99,
                    target=targets.AVAILABILITY,
                    details="sms-slo",
                ),
                show(
                    "stat",
                    "Customer Satisfaction",
                    "What customers answer when asked, from 1 to 5. Below 4, read the tickets.",
                    "max(sms_customer_satisfaction_score{$env})",
                    target=targets.SATISFACTION,
                    details="sms-business",
                ),
                show(
                    "gauge",
                    "Compliance Status",
                    "Share of the last day's compliance checks that were passed. Below 100 %, Security names the rule.",
                    '100 * sum(increase(sms_compliance_checks_total{$env, result="passed"}[1d])) / '
                    "sum(increase(sms_compliance_checks_total{$env}[1d]))",
                    unit="percent",
                    target=targets.COMPLIANCE,
                    details="sms-security",
                ),
                show(
                    "gauge",
                    "Order Completion",
                    "Share of the day's orders that were completed. Below 95 %, Business says which step fails.",
                    "100 * sum(increase(sms_parts_orders_completed_total{$who}[1d])) / "
                    "(sum(increase(sms_parts_orders_completed_total{$who}[1d])) + "
                    "(sum(increase(sms_parts_orders_failed_total{$who}[1d])) or vector(0)))",
                    unit="percent",
                    target=targets.COMPLETION,
                    details="sms-business",
                ),
            ),
        ),
        Row(
            "Trends",
            (
                show(
                    "timeseries",
                    "Revenue Trend",
                    "Recurring revenue over the time that is chosen above; choose a year to see the months.",
                    ("sum(max by (tier, company_id) (sms_mrr_dollars{$who}))", "MRR"),
                    unit="currencyUSD",
                    details="sms-business",
                ),
                show(
                    "timeseries",
                    "Customer Growth",
                    "Companies that use the portal, over the time that is chosen above.",
                    ("count(max by (company_id) (sms_company_active{$who}) == 1) or vector(0)", "companies"),
                    draw="bars",
                    minimum=0,
                    details="sms-business",
                ),
            ),
        ),
        Row(
            "Customers",
            (
                show(
                    "table",
                    "Top Customers by Revenue",
                    "The ten companies with the highest order value in the time that is chosen above.",
                    (
                        "topk(10, sum by (company_id) (increase(sms_parts_order_value_dollars_sum{$who}$over)))",
                        "{{company_id}}",
                    ),
                    unit="currencyUSD",
                    columns={"company_id": "Company"},
                    details="sms-business",
                ),
                show(
                    "table",
                    "Churn Risk Indicators",
                    "Companies that are likely to leave, the most likely first. Call them before they do.",
                    ("sort_desc(max by (company_id) (sms_churn_risk_score{$who}) > 0.7)", "{{company_id}}"),
                    target=targets.CHURN_RISK,
                    columns={"company_id": "Company"},
                    details="sms-users",
                ),
            ),
        ),
    ),
)
