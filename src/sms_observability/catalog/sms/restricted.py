"""What tells of the hidden markup: its metrics and fields. They leave by the restricted door only.

Names carry no `sms.`: the restricted exporter's namespace makes `_sms_parts_markup_realized_dollars` of them.
"""

from __future__ import annotations

from sms_observability.catalog.field import Field
from sms_observability.catalog.metric import Gauge, Metric
from sms_observability.catalog.sms.labels import PARTS_CATEGORY, PRICE_BAND, SUPPLIER_ID, TECH_ID, VESSEL_ID

METRICS = (
    # A histogram, because the average needs sum and count; a counter would be called `…_total`.
    Metric.histogram(
        "parts.markup.realized",
        unit="dollars",
        labels=(PARTS_CATEGORY,),
        access="restricted",
        description="Markup that was realised on an order",
        owner="revenue",
        prometheus="_sms_parts_markup_realized_dollars",
        replaces=("_sms_margin_by_parts_category",),
    ),
    Metric.histogram(
        "parts.order.value",
        unit="dollars",
        labels=(PARTS_CATEGORY,),
        access="restricted",
        description="Order value by kind of part, which the public order value does not show",
        owner="revenue",
        prometheus="_sms_parts_order_value_dollars",
    ),
    Metric.histogram(
        "supplier.cost",
        unit="dollars",
        labels=(SUPPLIER_ID, PARTS_CATEGORY),
        access="restricted",
        description="What the supplier is paid for a part",
        owner="revenue",
        prometheus="_sms_supplier_cost_dollars",
        replaces=("_sms_supplier_cost_trend",),
    ),
    Metric.counter(
        "quotes.offered",
        unit="{quote}",
        labels=(PRICE_BAND,),
        access="restricted",
        description="Quotes that were offered, by band of price",
        owner="revenue",
        prometheus="_sms_quotes_offered_total",
        replaces=("_sms_quote_to_order_conversion",),
    ),
    Metric.counter(
        "quotes.ordered",
        unit="{quote}",
        labels=(PRICE_BAND,),
        access="restricted",
        description="Quotes that became orders, by band of price",
        owner="revenue",
        prometheus="_sms_quotes_ordered_total",
    ),
    Metric.gauge(
        "markup.recommended",
        unit="%",
        labels=(PARTS_CATEGORY,),
        access="restricted",
        description="Markup that the model recommends",
        owner="revenue",
        prometheus="_sms_markup_recommended_percent",
        replaces=("_sms_ml_markup_recommendations",),
    ),
    Metric.counter(
        "equipment.documented",
        unit="{item}",
        labels=(VESSEL_ID, TECH_ID),
        access="restricted",
        description="Equipment items documented by each technician",
        owner="product",
        prometheus="_sms_equipment_documented_total",
    ),
    Gauge(
        "_sms_parts_markup_realized_percent",
        unit="%",
        access="restricted",
        source="rule",
        description="Markup as a share of the cost over a day: a ratio of sums, recorded in the restricted Prometheus",
        owner="revenue",
    ),
)

FIELDS = (
    SUPPLIER_ID,
    TECH_ID,
    PRICE_BAND,
    *(
        Field(name, access="restricted", description="From it the hidden markup can be learnt")
        for name in (
            *("markup", "markup_percent", "markup_pct", "markup_dollars", "markup_amount", "markup_rate"),
            *("markup_target", "markup_recommended", "markup_realized"),
            *("margin", "margin_percent", "margin_pct", "margin_dollars", "margin_target", "gross_margin"),
            *("cost", "unit_cost", "base_cost", "landed_cost", "total_cost", "cogs"),
            *("supplier", "supplier_name", "supplier_cost", "supplier_price", "supplier_quote", "supplier_quotes"),
            *("supplier_payout", "supplier_invoice", "vendor_cost", "vendor_price", "vendor_quote", "payout"),
            *("discount", "discount_percent", "list_price", "price_rule", "surcharge"),
            *("sms.parts.markup", "sms.parts.margin", "sms.parts.cost", "sms.supplier.id", "sms.supplier.cost"),
            *("sms.supplier.quote", "sms.price.band", "sms.markup.target", "sms.markup.recommended"),
        )
    ),
)
