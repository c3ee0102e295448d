"""The restricted dashboards: revenue protection (monitoring plan 4.3), and what single technicians do (4.4)."""

from __future__ import annotations

from sms_observability.catalog.dashboard import Dashboard, Row, Variable
from sms_observability.catalog.sms import targets
from sms_observability.catalog.sms.dashboards.asking import show

REVENUE = Dashboard(
    "sms-revenue",
    "Revenue Protection",
    "For finance and the revenue team only: what the hidden model earns, what suppliers cost, and what prices do to "
    "orders. Nothing of it may be copied into another dashboard, message or ticket.",
    folder="Restricted",
    restricted=True,
    range="now-24h",
    refresh="5m",
    runbook="revenue-figure-out-of-range",
    tags=("restricted",),
    rows=(
        Row(
            "Markup",
            (
                show(
                    "gauge",
                    "Realized Markup %",
                    "Markup as a share of the cost over the last day: a ratio of sums, not an average of percentages. "
                    "The target is 20 %; below 18 % for an hour it is alerted.",
                    "max(_sms_parts_markup_realized_percent)",
                    unit="percent",
                    maximum=40,
                    target=targets.MARKUP,
                    width=8,
                    height=8,
                ),
                show(
                    "timeseries",
                    "Markup Trend",
                    "How the realised markup of a day has moved.",
                    ("max(_sms_parts_markup_realized_percent)", "markup"),
                    unit="percent",
                    target=targets.MARKUP,
                    width=16,
                ),
            ),
        ),
        Row(
            "Suppliers",
            (
                show(
                    "timeseries",
                    "Supplier Cost Trends",
                    "What a part costs on average at each supplier, over a day. A jump: check the supplier's list.",
                    (
                        (
                            "sum by (supplier_id) (increase(_sms_supplier_cost_dollars_sum[1d])) / "
                            "sum by (supplier_id) (increase(_sms_supplier_cost_dollars_count[1d]))"
                        ),
                        "{{supplier_id}}",
                    ),
                    unit="currencyUSD",
                ),
                show(
                    "bargauge",
                    "Margin by Category",
                    "What remains of the price for each kind of part, in the chosen time.",
                    (
                        (
                            "100 * sum by (parts_category) (increase(_sms_parts_markup_realized_dollars_sum$over)) / "
                            "sum by (parts_category) (increase(_sms_parts_order_value_dollars_sum$over))"
                        ),
                        "{{parts_category}}",
                    ),
                    unit="percent",
                ),
            ),
        ),
        Row(
            "Optimisation",
            (
                show(
                    "bargauge",
                    "Price Sensitivity Analysis",
                    "Share of the quotes in each band of price that became orders. Where it falls, prices deter.",
                    (
                        (
                            "100 * sum by (price_band) (increase(_sms_quotes_ordered_total$over)) / "
                            "sum by (price_band) (increase(_sms_quotes_offered_total$over))"
                        ),
                        "{{price_band}}",
                    ),
                    unit="percent",
                ),
                show(
                    "table",
                    "Optimal Markup Suggestions",
                    "The markup that the model recommends for each kind of part. A person decides.",
                    ("sort_desc(max by (parts_category) (_sms_markup_recommended_percent))", "{{parts_category}}"),
                    unit="percent",
                    columns={"parts_category": "Category"},
                ),
            ),
        ),
    ),
)

TECHNICIANS = Dashboard(
    "sms-technicians",
    "Technician Productivity",
    "For those who lead technicians: figures of single people, which no public dashboard may show.",
    folder="Restricted",
    restricted=True,
    range="now-7d",
    refresh="5m",
    runbook="low-user-engagement",
    tags=("restricted",),
    variables=(Variable("vessel_id", "Vessel", "_sms_equipment_documented_total", every=".*"),),
    rows=(
        Row(
            "Equipment",
            (
                show(
                    "bargauge",
                    "Equipment Documented per Tech",
                    "How many items each of the ten busiest technicians documented in the chosen time.",
                    (
                        (
                            "topk(10, sum by (tech_id) (increase(_sms_equipment_documented_total"
                            '{vessel_id=~"$vessel_id"}'
                            "$over)))"
                        ),
                        "{{tech_id}}",
                    ),
                ),
                show(
                    "timeseries",
                    "Equipment Documented per Day",
                    "Items of all technicians within a day, by vessel.",
                    (
                        'sum by (vessel_id) (increase(_sms_equipment_documented_total{vessel_id=~"$vessel_id"}[1d]))',
                        "{{vessel_id}}",
                    ),
                    draw="bars",
                    minimum=0,
                ),
            ),
        ),
    ),
)
