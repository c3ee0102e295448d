"""The business dashboard (targets document: business dashboard and metrics)."""

from __future__ import annotations

from sms_observability.catalog.dashboard import Dashboard, Row
from sms_observability.catalog.sms import targets
from sms_observability.catalog.sms.dashboards.asking import COMPANY, ENVIRONMENT, show

_DONE = "sum(increase(sms_parts_orders_completed_total{$who}$over))"
_FAILED = "(sum(increase(sms_parts_orders_failed_total{$who}$over)) or vector(0))"

_NOW = Row(
    "Today",
    (
        show(
            "stat",
            "Daily Revenue",
            "Order value of the last 24 hours, the customer's price. The target is $5,000.",
            "sum(increase(sms_parts_order_value_dollars_sum{$who}[1d]))",
            unit="currencyUSD",
            target=targets.DAILY_REVENUE,
            width=4,
        ),
        show(
            "stat",
            "Conversion Rate",
            "Share of the quotes in the chosen time that became completed orders. Above 3 % is well.",
            f"100 * {_DONE} / sum(increase(sms_parts_quotes_requested_total{{$who}}$over))",
            unit="percent",
            target=targets.CONVERSION,
            width=4,
        ),
        show(
            "stat",
            "Order Completion",
            "Share of the orders in the chosen time that were completed. The target is 95 %.",
            f"100 * {_DONE} / ({_DONE} + {_FAILED})",
            unit="percent",
            target=targets.COMPLETION,
            width=4,
        ),
        show(
            "stat",
            "New Customers",
            "Companies that became customers in the chosen time.",
            "sum(increase(sms_customers_acquired_total{$env}$over)) or vector(0)",
            width=4,
        ),
        show(
            "stat",
            "Customer Satisfaction",
            "What customers answer when asked, from 1 to 5. The target is above 4.",
            "max(sms_customer_satisfaction_score{$env})",
            target=targets.SATISFACTION,
            width=4,
        ),
        show(
            "stat",
            "Compliance Rate",
            "Share of the checks in the chosen time that were passed; every check has to be.",
            '100 * sum(increase(sms_compliance_checks_total{$env, result="passed"}$over)) / '
            "sum(increase(sms_compliance_checks_total{$env}$over))",
            unit="percent",
            target=targets.COMPLIANCE,
            width=4,
        ),
    ),
)

_ORDERS = Row(
    "Revenue and orders",
    (
        show(
            "timeseries",
            "Revenue by Company",
            "Order value within an hour, the ten companies with most of it.",
            (
                "topk(10, sum by (company_id) (increase(sms_parts_order_value_dollars_sum{$who}[1h])))",
                "{{company_id}}",
            ),
            unit="currencyUSD",
            draw="bars",
        ),
        show(
            "piechart",
            "Recurring Revenue by Tier",
            "Which subscriptions bring in the recurring revenue.",
            ("sum by (tier) (max by (tier, company_id) (sms_mrr_dollars{$who}))", "{{tier}}"),
            unit="currencyUSD",
        ),
        show(
            "timeseries",
            "Order Failure Rate",
            "Share of orders within five minutes that came to nothing. Above 5 %, with at least ten orders, it is "
            "alerted as critical.",
            (
                (
                    "100 * (sum(increase(sms_parts_orders_failed_total{$who}[5m])) or vector(0)) / "
                    "((sum(increase(sms_parts_orders_failed_total{$who}[5m])) or vector(0)) + "
                    "(sum(increase(sms_parts_orders_completed_total{$who}[5m])) or vector(0)))"
                ),
                "failed",
            ),
            unit="percent",
            target=targets.ORDER_FAILURES,
        ),
        show(
            "bargauge",
            "Failed Orders by Reason",
            "Why orders came to nothing in the chosen time.",
            (
                (
                    'sort_desc(sum by (failure_reason) (increase(sms_parts_orders_failed_total{$who,failure_reason!=""}'
                    "$over)))"
                ),
                "{{failure_reason}}",
            ),
        ),
        show(
            "timeseries",
            "Quotes and Orders",
            "Quotes that were asked for and orders that were completed within an hour: the funnel from above to below.",
            ("sum(increase(sms_parts_quotes_requested_total{$who}[1h]))", "quotes"),
            ("sum(increase(sms_parts_orders_completed_total{$who}[1h]))", "orders completed"),
            ("sum(increase(sms_parts_orders_failed_total{$who}[1h])) or vector(0)", "orders failed"),
            minimum=0,
        ),
        show(
            "bargauge",
            "Quotes by Urgency",
            "How pressing the parts were that customers asked for in the chosen time.",
            ("sort_desc(sum by (urgency) (increase(sms_parts_quotes_requested_total{$who}$over)))", "{{urgency}}"),
            width=6,
        ),
        show(
            "bargauge",
            "Orders by Type",
            "How the completed orders of the chosen time were handled.",
            (
                'sort_desc(sum by (order_type) (increase(sms_parts_orders_completed_total{$who,order_type!=""}$over)))',
                "{{order_type}}",
            ),
            width=6,
        ),
    ),
)

_CUSTOMERS = Row(
    "Customers",
    (
        show(
            "bargauge",
            "Churn Rate",
            "Share of customers that left, by tier.",
            ("max by (tier) (sms_churn_rate_percent{$env})", "{{tier}}"),
            unit="percent",
        ),
        show(
            "bargauge",
            "Lifetime Value",
            "What a customer is worth over the whole relation, by tier.",
            ("max by (tier) (sms_ltv_dollars{$env})", "{{tier}}"),
            unit="currencyUSD",
        ),
        show(
            "table",
            "Onboarding Progress",
            "How far each company's onboarding has come. Below half after a day it is alerted: help them.",
            ("sort(max by (company_id) (sms_onboarding_progress_percent{$who}))", "{{company_id}}"),
            unit="percent",
            target=targets.ONBOARDING,
            columns={"company_id": "Company"},
        ),
        show(
            "timeseries",
            "Support Tickets",
            "Tickets that customers opened within a day, by priority.",
            ('sum by (priority) (increase(sms_support_tickets_total{$env, priority!=""}[1d]))', "{{priority}}"),
            draw="bars",
            minimum=0,
        ),
    ),
)

_PRODUCTS = Row(
    "Products and marketing",
    (
        show(
            "bargauge",
            "Parts Ordered by Category",
            "Which kinds of parts sell best in the chosen time, in pieces.",
            ("topk(10, sum by (parts_category) (increase(sms_parts_ordered_total{$env}$over)))", "{{parts_category}}"),
        ),
        show(
            "bargauge",
            "Stock by Category",
            "Parts that can be delivered at once.",
            ("max by (parts_category) (sms_parts_stock{$env})", "{{parts_category}}"),
        ),
        show(
            "bargauge",
            "New Customers by Channel",
            "How the customers of the chosen time came to the portal.",
            ('sum by (channel) (increase(sms_customers_acquired_total{$env, channel!=""}$over))', "{{channel}}"),
        ),
        show(
            "bargauge",
            "Campaign Leads",
            "Companies that answered each campaign in the chosen time.",
            ("sort_desc(sum by (campaign) (increase(sms_campaign_leads_total{$env}$over)))", "{{campaign}}"),
        ),
        show(
            "bargauge",
            "Campaign Return",
            "What each campaign returned on what was put into it; below nought it lost.",
            ("sort_desc(max by (campaign) (sms_campaign_roi_percent{$env}))", "{{campaign}}"),
            unit="percent",
            minimum=-100,
        ),
        show(
            "bargauge",
            "Compliance Checks Failed",
            "Checks that were not passed in the chosen time, by the rule.",
            (
                'sum by (check) (increase(sms_compliance_checks_total{$env, result="failed"}$over))',
                "{{check}}",
            ),
            target=targets.NONE,
        ),
    ),
)

BUSINESS = Dashboard(
    "sms-business",
    "Business",
    "For sales, customer success and the revenue team: what is quoted, ordered and paid, who the customers are, and "
    "what marketing brings in. Customer prices only.",
    range="now-24h",
    runbook="parts-order-failure-rate",
    tags=("business",),
    variables=(ENVIRONMENT, COMPANY),
    rows=(_NOW, _ORDERS, _CUSTOMERS, _PRODUCTS),
)
