# ruff: noqa: E501 - a row of the table is a line
"""What became of the plan's metrics, alerts and panels: where they are follows from the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sms_observability.render.coverage.item import Item

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sms_observability.catalog import Catalog

_METRICS = {
    "2.1": (
        "parts_ordering.sms_parts_quotes_requested_total parts_ordering.sms_parts_orders_completed_total "
        "parts_ordering.sms_parts_order_value_dollars parts_ordering._sms_parts_markup_realized_dollars "
        "subscription_metrics.sms_mrr_dollars subscription_metrics.sms_churn_rate_percent "
        "subscription_metrics.sms_ltv_dollars"
    ),
    "2.2": (
        "api_metrics.http_request_duration_seconds api_metrics.http_requests_total api_metrics.http_request_size_bytes "
        "database_metrics.db_query_duration_seconds database_metrics.db_connection_pool_size "
        "database_metrics.db_transaction_duration_seconds"
    ),
    "2.3": (
        "engagement.sms_user_sessions_total engagement.sms_feature_usage_total engagement.sms_time_to_complete_seconds "
        "technician_metrics.sms_equipment_documented_total technician_metrics.sms_photos_uploaded_total "
        "technician_metrics.sms_offline_sync_duration_seconds"
    ),
    "2.4": (
        "compute.node_cpu_usage_percent compute.node_memory_usage_percent compute.node_disk_io_rate_bytes "
        "network.node_network_throughput_bytes network.node_network_errors_total"
    ),
}

_METRIC_NOTES = {
    "_sms_parts_markup_realized_dollars": (
        "A histogram of the restricted channel, because the average needs sum and count; the underscore comes from the "
        "restricted exporter's namespace, as OpenTelemetry forbids it."
    ),
    "http_request_duration_seconds": (
        "Services send the semantic conventions, the gateway makes this name of them. 3 and 10 s are among the buckets, "
        "or no SLA could be seen."
    ),
    "http_requests_total": "Made by the gateway of the duration's count.",
    "http_request_size_bytes": "Made by the gateway of the semantic conventions' name.",
    "db_query_duration_seconds": "Made by the gateway of the semantic conventions' name.",
    "db_connection_pool_size": (
        "The most that a pool may open, not what is active: the plan's own alert divides by it. `…_used` stands beside it."
    ),
    "sms_equipment_documented_total": "Without `tech_id`, which is a person; by technician in the restricted twin.",
    "sms_user_sessions_total": "Also by company, or no churn could be seen.",
}
_RULE_NOTE = "No exporter has this name: a recording rule makes it of what the node exporter really exports."

_ALERTS = {
    "3.1": "PartsOrderingSystemDown PartsOrderFailureRate PaymentProcessingDown MarkupMarginBelowTarget",
    "3.2": "APIHighLatency DatabaseConnectionPoolExhausted HighErrorRate",
    "3.3": "SuspiciousLoginActivity UnauthorizedAPIAccess DataExfiltrationAttempt",
    "3.4": "LowUserEngagement OnboardingStalled HighChurnRisk",
}
_ALERT_NOTES = {
    "PartsOrderingSystemDown": (
        "`up` of a service does not exist behind a Collector, and vanishes with its target: absence counts too, and one "
        "replica of two is not down. `PartsOrderingTelemetryAbsent` stands beside it."
    ),
    "PartsOrderFailureRate": (
        "Sums on both sides, of completed and failed orders, at least 10 of them: one label more and it never fired, a "
        "total outage was silent, one order of one vessel was 100 %."
    ),
    "PaymentProcessingDown": "As `PartsOrderingSystemDown`.",
    "MarkupMarginBelowTarget": (
        "In the restricted Prometheus only, on a ratio of sums over a day; its text says no figure, because it goes to "
        "phones and mail."
    ),
    "APIHighLatency": "By service too, and not below 30 requests.",
    "DatabaseConnectionPoolExhausted": "Both sides aggregated to the pool, or one label more would have made it silent.",
    "HighErrorRate": "By service, or a big one hides a small one; not below 100 requests.",
    "SuspiciousLoginActivity": "10 in 5 minutes, as its text says; the plan's `rate` meant 3,000.",
    "UnauthorizedAPIAccess": "50 in 5 minutes, 401 too, by service; the plan's `rate` meant 15,000.",
    "DataExfiltrationAttempt": "1 GB in 5 minutes, by service; the plan's `rate` meant 300 GB.",
    "LowUserEngagement": "It fired always, except when there was nobody: now the sum of an hour, or 0.",
    "OnboardingStalled": "Matched by company, or the two sides never met; `company_id` is what the label is called.",
    "HighChurnRisk": (
        "This week against half of the last one: `predict_linear` is for gauges, and each deployment would have alarmed."
    ),
}

_PANELS = {
    "4.1": (
        "Monthly Recurring Revenue; Active Vessels; Parts Revenue (This Month); Revenue Trend; Customer Growth; "
        "Top Customers by Revenue; Churn Risk Indicators"
    ),
    "4.2": "Service Status; API Performance; Error Rate by Service; Recent Errors; CPU Usage; Memory Usage",
    "4.3": (
        "Realized Markup %; Markup Trend; Supplier Cost Trends; Margin by Category; Price Sensitivity Analysis; "
        "Optimal Markup Suggestions"
    ),
    "4.4": (
        "Active Users by Role; Feature Adoption; Equipment Documented per Tech; Average Documentation Time; "
        "Documentation Quality Scores; Photo Upload Trends"
    ),
}
_PANEL_NOTES = {
    "Monthly Recurring Revenue": "Two replicas that set the same level would have been twice the revenue.",
    "Active Vessels": "Counts those that are active, not the series.",
    "Parts Revenue (This Month)": "The `_sum` of the histogram; its family has no series. 30 days are no month.",
    "Revenue Trend": "`month` is no label: time is the axis.",
    "Customer Growth": "`month` is no label: time is the axis; inactive companies do not count.",
    "Top Customers by Revenue": "`sms_revenue_total` is the order value; `company_id`, over the chosen range.",
    "Churn Risk Indicators": "A table: a heatmap needs buckets.",
    "Service Status": "A state timeline, which Grafana has; services that send are seen by `target_info`.",
    "API Performance": "The `_bucket` series, by rate; the family has none.",
    "Error Rate by Service": "`errors_total` exists nowhere: 5xx of all requests, as a share.",
    "Recent Errors": "Logs are in Elasticsearch: Lucene, not LogQL.",
    "CPU Usage": "By host, not the average of all.",
    "Memory Usage": "By host.",
    "Realized Markup %": "A ratio of sums: the average of percentages was 25 for 10.3.",
    "Markup Trend": "The same ratio over time.",
    "Supplier Cost Trends": "A trend is a query, not a metric: the mean cost of each supplier.",
    "Margin by Category": "Of a restricted order value by category: the public one must not have it.",
    "Price Sensitivity Analysis": "Orders for offers by price band; the plan's expression is no PromQL. A bar gauge.",
    "Optimal Markup Suggestions": "From `_sms_markup_recommended_percent`.",
    "Active Users by Role": "`sms_users_active{role}`: one series for each user would be personal data without a bound.",
    "Feature Adoption": "How often in a day; 0.0028 per second says nothing to anybody.",
    "Equipment Documented per Tech": "Restricted, because a technician is a person; over the chosen range.",
    "Average Documentation Time": "Sum by count of the histogram; the label is `task_type`.",
    "Documentation Quality Scores": "Of the buckets, which reach from 0 to 100.",
    "Photo Upload Trends": "How many in an hour, not per second.",
}


def signals(catalog: Catalog) -> Iterator[Item]:
    """Give what became of metrics, alerts and panels."""
    yield from _metrics(catalog)
    yield from _alerts(catalog)
    yield from _panels(catalog)


def _metrics(catalog: Catalog) -> Iterator[Item]:
    known = {name: metric for metric in catalog.metrics.values() for name in metric.prometheus_names}
    for section, names in _METRICS.items():
        for full in names.split():
            name = full.rpartition(".")[2]
            metric = known[name]
            is_rule = metric.source == "rule"
            files = "monitoring/prometheus/rules/recordings.yaml" if is_rule else "docs/catalog.md"
            gateway = ("collector-config/policy/metric_names.yaml",) if name in metric.gateway_names else ()
            tests = (
                "tests/monitoring/prometheus/test_alerts.py" if is_rule else "tests/collector/test_metric_names.py",
            )
            if metric.access == "restricted":
                tests = ("tests/collector/test_restricted.py",)
            note = _METRIC_NOTES.get(name, _RULE_NOTE if is_rule else "")
            yield Item(section, "metric", (full,), (files, *gateway), tests, note)


def _alerts(catalog: Catalog) -> Iterator[Item]:
    for section, names in _ALERTS.items():
        for name in names.split():
            alert = catalog.alerts[name]
            side = "restricted/" if alert.restricted else ""
            files = (f"monitoring/prometheus/{side}rules/alerts.yaml", f"docs/runbooks/{alert.runbook}.md")
            tests = ("tests/monitoring/prometheus/test_alerts.py", "tests/stack/test_faults.py")
            yield Item(section, "alert", (name,), files, tests, _ALERT_NOTES.get(name, ""))


def _panels(catalog: Catalog) -> Iterator[Item]:
    for section, names in _PANELS.items():
        for name in names.split("; "):
            yield Item(
                section, "panel", (name,), (dashboard_of(catalog, name),), PANEL_TESTS, _PANEL_NOTES.get(name, "")
            )


PANEL_TESTS = ("tests/dashboards/test_values.py", "tests/render/test_dashboards.py")


def dashboard_of(catalog: Catalog, title: str, uid: str = "") -> str:
    """Give the file of the dashboard that has a panel.

    Raises:
        KeyError: None has it: the panel was renamed, and the coverage no longer tells the truth.
    """
    for dashboard in catalog.dashboards.values():
        titles = {panel.title for row in dashboard.rows for panel in row.panels}
        if title in titles and uid in ("", dashboard.uid):
            return f"monitoring/grafana/{'restricted/' if dashboard.restricted else ''}dashboards/{dashboard.uid}.json"
    raise KeyError(f"no dashboard{f' {uid}' if uid else ''} has a panel {title!r}: correct render/coverage")
