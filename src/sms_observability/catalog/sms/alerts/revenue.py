"""What costs money while it lasts (plan, section 3.1)."""

from __future__ import annotations

from sms_observability.catalog.alert import Alert
from sms_observability.catalog.sms.alerts.expressions import down, never, silent

_FAILED = "environment:parts_orders_failed:increase5m"
_COMPLETED = f"(environment:parts_orders_completed:increase5m or 0 * {_FAILED})"
_PARTS = 'service="parts-api"'
_PAYMENT = 'service="payment-processor"'

ALERTS = (
    # `up{job="parts-api"}` never exists behind a Collector, and one dead replica of two is no outage.
    Alert(
        "PartsOrderingSystemDown",
        f"{down(_PARTS)}\nor {never(_PARTS)}",
        "1m",
        severity="critical",
        team="revenue",
        summary="Parts ordering is down",
        description=("No replica of parts-api answers or reports: customers can neither ask for parts nor order them."),
        rationale="Every minute without parts ordering is lost revenue, and no customer can help himself.",
        dashboard=("sms-operations", "Service Status"),
        dependencies=("parts-api", "Collector gateway", "probes from outside"),
        runbook="parts-api-down",
        labels={"service": "parts-api"},
    ),
    Alert(
        "PartsOrderingTelemetryAbsent",
        f"{silent(_PARTS)}\nor absent_over_time(process_uptime_seconds{{{_PARTS}}}[6h])",
        "5m",
        severity="warning",
        team="revenue",
        summary="Nothing is heard of parts-api",
        description=(
            "parts-api has sent no metrics for minutes. If it still answers, its telemetry is cut off, and its other "
            "alerts are blind."
        ),
        rationale="Customers may not notice, but nobody would see the next failure.",
        dashboard=("sms-operations", "Service Status"),
        dependencies=("parts-api", "Collector gateway"),
        labels={"service": "parts-api"},
    ),
    # The plan's two counters had other labels, so it never fired; one failed order of one vessel would have been 100 %.
    Alert(
        "PartsOrderFailureRate",
        f"{_FAILED} / ({_FAILED} + {_COMPLETED}) > 0.05\nand {_FAILED} + {_COMPLETED} >= 10",
        "5m",
        severity="critical",
        team="revenue",
        summary="Many part orders fail",
        description=(
            "{{ $value | humanizePercentage }} of the orders of the last 5 minutes failed; above 5 % is too many."
        ),
        rationale="Orders are revenue; one in twenty is more than suppliers and cards alone explain.",
        dashboard=("sms-business", "Order Failure Rate"),
        dependencies=("parts-api", "suppliers", "payment-processor"),
        labels={"service": "parts-api"},
    ),
    Alert(
        "PaymentProcessingDown",
        f"{down(_PAYMENT)}\nor {never(_PAYMENT)}",
        "2m",
        severity="critical",
        team="revenue",
        summary="Payment processing is down",
        description="No replica of payment-processor answers or reports: orders cannot be paid.",
        rationale="Orders that cannot be paid are lost or must be worked on by hand.",
        dashboard=("sms-operations", "Service Status"),
        dependencies=("payment-processor", "Collector gateway", "probes from outside"),
        labels={"service": "payment-processor"},
    ),
    # A ratio of sums in place of an average of percentages. Texts reach phones and mail: no figure, no target.
    Alert(
        "MarkupMarginBelowTarget",
        "_sms_parts_markup_realized_percent < 18\n"
        "and sum by (environment) (increase(_sms_parts_order_value_dollars_count[1d])) >= 10",
        "1h",
        severity="warning",
        team="revenue",
        summary="A figure of the revenue dashboard needs attention",
        description="A figure of the internal revenue dashboard has been outside its range for an hour.",
        rationale="It costs money slowly and wants a decision, not a repair: nobody needs to be woken.",
        dashboard=("sms-revenue", "Realized Markup %"),
        dependencies=("restricted Prometheus", "parts-api"),
        labels={"service": "parts-api"},
        # The address stands in messages, which say nothing of what it is.
        runbook="revenue-figure-out-of-range",
        restricted=True,
    ),
)
