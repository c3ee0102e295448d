"""The portal's own catalogue against the monitoring plan and the conventions."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from opentelemetry import semconv

from sms_observability.catalog import SMS_CATALOG, JourneyName, StepName, is_personal

PLAN = {
    "sms_parts_quotes_requested_total": ["vessel_id", "company_id", "urgency"],
    "sms_parts_orders_completed_total": ["vessel_id", "company_id", "order_type"],
    "sms_parts_order_value_dollars": ["vessel_id", "company_id"],
    "_sms_parts_markup_realized_dollars": [],
    "sms_mrr_dollars": ["tier", "company_id"],
    "sms_churn_rate_percent": ["tier", "reason"],
    "sms_ltv_dollars": ["tier", "cohort"],
    "http_request_duration_seconds": ["method", "endpoint", "status"],
    "http_requests_total": ["method", "endpoint", "status"],
    "http_request_size_bytes": ["method", "endpoint"],
    "db_query_duration_seconds": ["query_type", "table"],
    "db_connection_pool_size": ["pool_name"],
    "db_transaction_duration_seconds": ["transaction_type"],
    "sms_user_sessions_total": ["role", "platform"],
    "sms_feature_usage_total": ["feature", "role"],
    "sms_time_to_complete_seconds": ["task_type", "role"],
    # By technician in the restricted channel only: a technician is a person.
    "sms_equipment_documented_total": ["vessel_id"],
    "_sms_equipment_documented_total": ["vessel_id", "tech_id"],
    "sms_photos_uploaded_total": ["vessel_id", "equipment_type"],
    "sms_offline_sync_duration_seconds": ["vessel_id", "data_size_category"],
    "node_cpu_usage_percent": ["instance", "cpu"],
    "node_memory_usage_percent": ["instance"],
    "node_disk_io_rate_bytes": ["instance", "device", "operation"],
    "node_network_throughput_bytes": ["instance", "interface", "direction"],
    "node_network_errors_total": ["instance", "interface", "type"],
}
USED_BUT_NOT_DECLARED_IN_THE_PLAN = (
    *("_sms_margin_by_parts_category", "_sms_ml_markup_recommendations", "_sms_parts_markup_realized_percent"),
    *("_sms_quote_to_order_conversion", "_sms_supplier_cost_trend", "db_connection_pool_used", "errors_total"),
    *("http_response_size_bytes_sum", "node_cpu_seconds_total", "node_memory_MemAvailable_bytes"),
    *("node_memory_MemTotal_bytes", "sms_churn_risk_score", "sms_company_active", "sms_login_failures_total"),
    *("sms_onboarding_progress_percent", "sms_onboarding_started_timestamp", "sms_parts_orders_failed_total"),
    *("sms_parts_orders_total", "sms_quality_score", "sms_revenue_total", "sms_user_active", "sms_vessel_active", "up"),
    *("http_request_duration_seconds_bucket", "sms_parts_order_value_dollars_sum", "_sms_supplier_cost_dollars_sum"),
    *("_sms_supplier_cost_dollars_count", "_sms_quotes_offered_total", "_sms_quotes_ordered_total"),
    *("_sms_parts_order_value_dollars_sum", "_sms_markup_recommended_percent", "sms_users_active"),
    *("sms_onboarding_started_timestamp_seconds", "sms_journey_duration_seconds_bucket", "target_info"),
)
OWN = [metric for metric in SMS_CATALOG.metrics.values() if metric.source == "sms"]


@pytest.mark.parametrize("name", PLAN)
def test_every_metric_of_the_plan_is_declared_with_its_labels(name: str) -> None:
    """Under the very name that the plan gives it; a label more is an addition that a corrected rule needs."""
    found = [metric for metric in SMS_CATALOG.metrics.values() if name in metric.prometheus_names]
    assert len(found) == 1
    metric = found[0]
    labels = metric.gateway_names.get(name) or [label.name for label in metric.labels]
    assert list(labels)[: len(PLAN[name])] == PLAN[name]


@pytest.mark.parametrize("name", USED_BUT_NOT_DECLARED_IN_THE_PLAN)
def test_every_name_in_the_plans_rules_is_declared_or_says_what_stands_for_it(name: str) -> None:
    """A rule over an undeclared name would never fire."""
    metrics = SMS_CATALOG.metrics.values()
    assert [metric for metric in metrics if name in metric.prometheus_names or name in metric.replaces]


def test_the_journeys_are_those_of_the_plan() -> None:
    """Three journeys with their promises; only parts ordering earns money."""
    promised = {name: (journey.sla_ms, journey.revenue) for name, journey in SMS_CATALOG.journeys.items()}
    assert promised == {
        "parts_ordering_flow": (3000, True),
        "technician_sync_flow": (10000, False),
        "vessel_onboarding_flow": (5000, False),
    }
    assert [step.name for step in SMS_CATALOG.journeys["vessel_onboarding_flow"].steps] == [
        "HTTP POST /api/vessels/create",
        "ValidationService.checkIMO",
        "IntegrationService.fetchVesselData",
        "EquipmentService.generateTemplates",
        "NotificationService.informUsers",
    ]
    assert [len(journey.steps) for journey in SMS_CATALOG.journeys.values()] == [7, 7, 5]
    assert all(journey.steps[0].server_span for journey in SMS_CATALOG.journeys.values())


def test_only_the_markup_step_is_internal() -> None:
    """Its public name says nothing of what it does."""
    hidden = {step.name: step.shown_name for step in SMS_CATALOG.steps.values() if step.access == "internal"}
    assert hidden == {"MarkupService.calculatePrice": "QuoteService.prepareQuote"}


def test_the_typed_names_are_those_of_the_catalogue() -> None:
    """A type checker knows what the run time knows."""
    assert set(get_args(JourneyName)) == set(SMS_CATALOG.journeys)
    assert set(get_args(StepName)) == {step.name for step in SMS_CATALOG.steps.values() if not step.server_span}


@pytest.mark.parametrize("name", ["sms.journey.duration", "http.server.request.duration"])
def test_every_sla_and_alert_threshold_is_a_boundary(name: str) -> None:
    """Else the rule could only guess."""
    needed = {0.01, 0.05, 0.1, 0.5, 1.0, 3.0, 5.0, 10.0}
    assert needed <= set(SMS_CATALOG.metrics[name].buckets)


def test_every_entry_says_what_it_is_and_whose() -> None:
    """Nothing stands in the catalogue unexplained."""
    for metric in SMS_CATALOG.metrics.values():
        assert metric.description, metric
        assert not metric.description.endswith("."), metric
        assert metric.owner in {"platform", "revenue", "security", "product", "customer-success"}, metric
    for metric in OWN:
        assert metric.prometheus_names, metric


def test_names_follow_the_plans_pattern() -> None:
    """`sms_<component>_<measurement>_<unit>`; a restricted metric has the underscore in front."""
    for metric in OWN:
        if metric.access == "restricted":
            assert metric.prometheus_name.startswith("_sms_"), metric
            assert not metric.otel_name.startswith("sms."), metric
        else:
            assert re.match(r"(sms|db)_[a-z_]+$", metric.prometheus_name), metric


def test_restricted_figures_are_restricted_and_people_are_no_labels() -> None:
    """What tells of the markup is in no public metric."""
    restricted = {name for name, field in SMS_CATALOG.fields.items() if field.access == "restricted"}
    assert {
        "markup",
        "margin",
        "supplier_cost",
        "cost",
        "cogs",
        "price_band",
        "payout",
        "discount",
        "tech_id",
    } <= restricted
    for metric in OWN:
        for label in metric.labels:
            assert not is_personal(label.name), metric
            assert metric.access == "restricted" or label.access == "public", metric


def test_money_is_marked_so_that_it_never_carries_exemplars() -> None:
    """An exemplar ties an exact amount to a trace."""
    assert {metric.otel_name for metric in OWN if metric.money} == {
        *("sms.parts.order.value.dollars", "sms.mrr.dollars", "sms.ltv.dollars"),
        *("parts.markup.realized", "parts.order.value", "supplier.cost"),
    }


def test_every_field_of_the_log_schema_and_of_our_spans_is_declared() -> None:
    """Default deny must not cut our own lines."""
    declared = SMS_CATALOG.fields
    for name in (
        *("timestamp", "level", "service", "trace_id", "span_id", "user_id", "company_id", "vessel_id", "message"),
        *("context", "metadata", "endpoint", "method", "duration_ms", "status_code", "version", "environment"),
        *("region", "pod", "correlation_id", "exception", "sms.correlation_id"),
        *("sms.journey.name", "sms.journey.revenue", "sms.journey.outcome", "sms.journey.steps_missing"),
        *("sms.sla.threshold_ms", "sms.sla.duration_ms", "sms.sla.breached", "sms.sla.slowest_step"),
        *("sms.sla.budget_remaining_ms", "sms.sla.budget_share", "sms.step.name"),
        *("http.request.method", "http.route", "http.response.status_code", "url.scheme", "server.address"),
        *("db.system.name", "db.operation.name", "db.collection.name", "error.type", "exception.type"),
    ):
        assert declared[name].access == "public", name
    assert declared["user_id"].personal
    for name in ("url.query", "exception.message", "db.query.text", "client.address", "url.full"):
        assert declared[name].access != "public", name


def _convention_names() -> set[str]:
    # Read, not imported: the incubating half is no regular package.
    sources = Path(semconv.__path__[0]).rglob("*.py")
    return {name for source in sources for name in re.findall(r'"([a-z0-9_.]+)"', source.read_text("utf-8"))}


def test_metrics_and_attributes_of_the_conventions_exist_there() -> None:
    """A misspelt convention is nobody's convention."""
    known = _convention_names()
    ours = {metric.otel_name for metric in SMS_CATALOG.metrics.values() if metric.source == "semconv"}
    prefixes = ("http.", "url.", "db.", "messaging.", "network.", "server.", "client.", "k8s.", "process.", "cloud.")
    ours |= {name for name in SMS_CATALOG.fields if name.startswith(prefixes)}
    assert sorted(ours - known) == []
