"""A fortnight of a portal as series that exporters, services and rules would have left, each a formula.

What the portal's own services do not report (hosts, probes, CI, subscriptions, scans) stands beside what they do, in
the shape of its exporter. Every counter grows with the same daily wave, so that what it grew by within any time can be
told from its rate alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

END = datetime(2026, 11, 12, 15, tzinfo=UTC).timestamp()
"""A Thursday; the month has 11.6 days, the week 3.6."""

HOUR, DAY = 3600.0, 86_400.0
BEGIN = END - 15 * DAY
LONG_STEP, STEP = 900, 120
DETAIL = END - DAY - 2 * HOUR
_WAVE = 0.5


def shape(moment: float) -> float:
    """Give how many seconds of average business there have been."""
    phase = 2 * math.pi * (moment - END + 5 * HOUR) / DAY
    return (moment - BEGIN) + _WAVE * DAY / (2 * math.pi) * math.sin(phase)


def grown(window: float, at: float = END) -> float:
    """Give what a counter that grows by one a second on average has grown by within a window."""
    return shape(at) - shape(at - window)


@dataclass(frozen=True)
class Series:
    """One series: a counter with its average growth an hour, or a level."""

    name: str
    labels: Mapping[str, str]
    per_hour: float | None = None
    level: float = 0.0
    long: bool = False
    before: float | None = None
    """Growth an hour until a week before the end, where it is another one."""

    def at(self, moment: float) -> float:
        """Give its value."""
        if self.per_hour is None:
            return self.level
        turn = END - 7 * DAY
        first = self.per_hour if self.before is None else self.before
        early = first * (shape(min(moment, turn)) - shape(BEGIN))
        late = self.per_hour * (shape(moment) - shape(turn)) if moment > turn else 0.0
        return (early + late) / HOUR

    def moments(self) -> Iterator[int]:
        """Give when it has samples: seldom at first, often within the last days."""
        detail = DETAIL - DAY if self.long else DETAIL
        if self.long:
            yield from range(int(BEGIN), int(detail), LONG_STEP)
        yield from range(int(detail), int(END) + 1, STEP)


SHARES = {"0.05": 0.5, "0.1": 0.8, "0.25": 0.9, "0.5": 0.96, "1": 0.99, "2.5": 1.0, "+Inf": 1.0}
JOURNEY_SHARES = {"0.5": 0.6, "1": 0.8, "3": 0.98, "5": 0.99, "10": 0.995, "+Inf": 1.0}
SCORE_SHARES = {"20": 0.1, "40": 0.2, "60": 0.5, "80": 0.8, "100": 1.0, "+Inf": 1.0}
TASK_SHARES = {"60": 0.25, "300": 0.75, "600": 1.0, "+Inf": 1.0}
LAG_SHARES = {"0.001": 0.9, "0.01": 0.98, "0.05": 1.0, "+Inf": 1.0}


def quantile(wanted: float, shares: Mapping[str, float]) -> float:
    """Give a quantile by a straight line within its bucket."""
    low, below = 0.0, 0.0
    for le, share in shares.items():
        if share >= wanted and le != "+Inf":
            return low + (float(le) - low) * (wanted - below) / (share - below)
        low, below = (low if le == "+Inf" else float(le)), share
    return low


_all: list[Series] = []


def _of(service: str, instance: str = "0") -> dict[str, str]:
    return {
        "environment": "production",
        "service": service,
        "version": "1.2.3",
        "job": service,
        "instance": f"{service}-{instance}",
    }


def counter(name: str, per_hour: float, *, long: bool = False, before: float | None = None, **labels: str) -> None:
    """Add a counter."""
    _all.append(Series(name, labels, per_hour=per_hour, long=long, before=before))


def gauge(name: str, level: float, *, long: bool = False, **labels: str) -> None:
    """Add a level."""
    _all.append(Series(name, labels, level=level, long=long))


def histogram(
    name: str, per_hour: float, shares: Mapping[str, float], mean: float, *, long: bool = False, **labels: str
) -> None:
    """Add the series of a histogram."""
    for le, share in shares.items():
        counter(f"{name}_bucket", per_hour * share, le=le, long=long, **labels)
    counter(f"{name}_sum", per_hour * mean, long=long, **labels)
    counter(f"{name}_count", per_hour, long=long, **labels)


SERVICES = ("parts-api", "sync-api", "vessels-api")
REQUESTS = {"parts-api": 36_000.0, "sync-api": 18_000.0, "vessels-api": 7_200.0}
"""Requests an hour, of production; a hundredth of them fail, another two hundredth are refused."""
FAILED, REFUSED = 0.01, 0.02
RESPONSE_BYTES = 2_000.0
COMPANIES = {"cmp_north": ("enterprise", 1200.0), "cmp_south": ("standard", 300.0)}
VESSELS = {"vsl_1": "cmp_north", "vsl_2": "cmp_north", "vsl_3": "cmp_south"}
ORDERS = {"vsl_1": 6.0, "vsl_2": 3.0, "vsl_3": 1.0}
FAILED_ORDERS = {"vsl_1": 0.3}
ORDER_VALUE = 40.0
QUOTES = {"vsl_1": 60.0, "vsl_2": 30.0, "vsl_3": 30.0}
JOURNEYS = {"parts_ordering_flow": 900.0, "technician_sync_flow": 300.0, "vessel_onboarding_flow": 12.0}
SESSIONS = {"cmp_north": (30.0, 30.0), "cmp_south": (2.0, 10.0)}
"""Sessions an hour of this week, and of the weeks before."""
SIGNALS = {"traces": 90_000.0, "logs": 60_000.0, "metrics": 30_000.0}
DROPPED = 180.0
UPLOADS = {"vsl_1": 30.0, "vsl_2": 12.0}
REFUSED_ON_BOARD = {"vsl_1": 24.0, "vsl_2": 0.0}
ITEMS = {"vsl_1": 90.0, "vsl_2": 36.0}
SLOS = {
    ("portal", "api_availability"): (0.9995, 0.0002, 0.6, 0.4),
    ("parts-api", "parts_ordering_latency"): (0.99, 0.02, -0.1, 2.0),
}
"""Objective, share of errors, budget left, burn rate."""
COLLECTED = {"spans": 90_000.0, "metric_points": 30_000.0, "log_records": 60_000.0}
TESTS = {
    ("integration", "passed"): 118,
    ("integration", "failed"): 2,
    ("load", "passed"): 10,
    ("uat", "passed"): 9,
    ("uat", "failed"): 1,
}


def _services() -> None:
    for service, requests in REQUESTS.items():
        who = _of(service)
        for status, share in (("200", 1 - FAILED - REFUSED), ("500", FAILED), ("403", REFUSED)):
            where = {**who, "method": "POST", "endpoint": f"/api/{service}", "status": status}
            counter("http_requests_total", requests * share, **where)
            histogram("http_request_duration_seconds", requests * share, SHARES, 0.08, **where)
            histogram("http_response_size_bytes", requests * share, {"4096": 1.0, "+Inf": 1.0}, RESPONSE_BYTES, **where)
        counter("process_cpu_time_seconds_total", 360.0, **who, cpu_mode="user")
        gauge("process_memory_usage_bytes", 2e8, **who)
        histogram("db_query_duration_seconds", 7_200.0, SHARES, 0.08, **who, query_type="SELECT", table="orders")
        histogram("db_transaction_duration_seconds", 3_600.0, SHARES, 0.08, **who, transaction_type="save_quote")
        gauge("db_connection_pool_used", 4, **who, pool_name="main")
        gauge("db_connection_pool_size", 10, **who, pool_name="main")
        histogram("sms_eventloop_lag_seconds", 3_600.0, LAG_SHARES, 0.001, **who)
        for signal, items in SIGNALS.items():
            counter("sms_telemetry_emitted_total", items, **who, signal=signal)
            counter("sms_telemetry_delivered_total", items - DROPPED, **who, signal=signal)
            gauge("sms_telemetry_queued", 7, **who, signal=signal)
            gauge("sms_telemetry_spooled", 3, **who, signal=signal)
            histogram("sms_telemetry_export_duration_seconds", 600.0, SHARES, 0.08, **who, signal=signal)
        counter("sms_telemetry_dropped_total", DROPPED, **who, signal="traces", reason="restricted")
        counter("sms_telemetry_redacted_total", 120.0, **who, reason="restricted")
        counter("sms_telemetry_export_failures_total", 12.0, **who, signal="traces", reason="connection")
        counter("sms_telemetry_measurements_dropped_total", 60.0, **who, metric="sms.parts.returns", reason="series")
    # Staging runs one service, and nothing fails there.
    staging = {**_of("parts-api"), "environment": "staging", "version": "1.3.0", "instance": "parts-api-s"}
    where = {**staging, "method": "POST", "endpoint": "/api/parts-api", "status": "200"}
    counter("http_requests_total", 720.0, **where)
    histogram("http_request_duration_seconds", 720.0, SHARES, 0.08, **where)
    counter("sms_telemetry_emitted_total", 600.0, **staging, signal="traces")


def _business() -> None:
    parts, vessels, sync = _of("parts-api"), _of("vessels-api"), _of("sync-api")
    for replica in ("0", "1"):
        for company, (tier, amount) in COMPANIES.items():
            # Both replicas tell the same: it must not count twice.
            gauge("sms_mrr_dollars", amount, **_of("parts-api", replica), tier=tier, company_id=company)
            gauge("sms_company_active", 1, **_of("vessels-api", replica), company_id=company)
            gauge(
                "sms_churn_risk_score",
                0.9 if company == "cmp_south" else 0.1,
                **_of("parts-api", replica),
                company_id=company,
            )
    for vessel, company in VESSELS.items():
        ids = {"vessel_id": vessel, "company_id": company}
        gauge("sms_vessel_active", 0 if vessel == "vsl_3" else 1, **vessels, **ids)
        gauge("sms_onboarding_progress_percent", {"vsl_1": 100, "vsl_2": 50, "vsl_3": 20}[vessel], **vessels, **ids)
        gauge(
            "vessel:last_contact:timestamp_seconds",
            END - {"vsl_1": 600, "vsl_2": 7200, "vsl_3": 200_000}[vessel],
            environment="production",
            vessel_id=vessel,
        )
        counter("sms_parts_quotes_requested_total", QUOTES[vessel], **parts, **ids, urgency="normal", long=True)
        counter("sms_parts_orders_completed_total", ORDERS[vessel], **parts, **ids, order_type="standard", long=True)
        histogram(
            "sms_parts_order_value_dollars",
            ORDERS[vessel],
            {"50": 1.0, "+Inf": 1.0},
            ORDER_VALUE,
            long=True,
            **parts,
            **ids,
        )
    counter("sms_parts_orders_completed_total", 0.0, **parts)
    for vessel, failed in FAILED_ORDERS.items():
        counter(
            "sms_parts_orders_failed_total",
            failed,
            **parts,
            vessel_id=vessel,
            company_id=VESSELS[vessel],
            failure_reason="payment",
            long=True,
        )
    for journey, runs in JOURNEYS.items():
        # The steps' outcome is the journey's: one in fifty fails.
        histogram(
            "sms_journey_duration_seconds",
            runs * 0.98,
            JOURNEY_SHARES,
            0.9,
            **parts,
            journey=journey,
            outcome="success",
        )
        histogram(
            "sms_journey_duration_seconds",
            runs * 0.02,
            JOURNEY_SHARES,
            0.9,
            **parts,
            journey=journey,
            outcome="failure",
        )
        counter("sms_journey_sla_breaches_total", runs * 0.02, **parts, journey=journey, outcome="success")
    for company, (now, before) in SESSIONS.items():
        counter(
            "sms_user_sessions_total",
            now,
            before=before,
            long=True,
            **parts,
            role="captain",
            platform="web",
            company_id=company,
        )
    gauge("sms_users_active", 12, **parts, role="captain")
    gauge("sms_users_active", 30, **parts, role="technician")
    counter("sms_feature_usage_total", 50.0, **sync, feature="offline_sync", role="technician")
    counter("sms_login_failures_total", 120.0, **parts, login_method="password", platform="web")
    histogram(
        "sms_time_to_complete_seconds",
        40.0,
        TASK_SHARES,
        210.0,
        **sync,
        task_type="document_equipment",
        role="technician",
    )
    histogram("sms_quality_score", 100.0, SCORE_SHARES, 55.0, **sync, equipment_type="pump")
    histogram(
        "sms_session_duration_seconds",
        32.0,
        {"60": 0.25, "300": 0.75, "1200": 1.0, "+Inf": 1.0},
        240.0,
        **parts,
        role="captain",
        platform="web",
    )
    counter("sms_page_views_total", 640.0, **parts, platform="web")
    for vessel in UPLOADS:
        histogram(
            "sms_offline_sync_duration_seconds",
            UPLOADS[vessel],
            JOURNEY_SHARES,
            0.9,
            **sync,
            vessel_id=vessel,
            data_size_category="small",
        )
        counter("sms_equipment_documented_total", ITEMS[vessel], **sync, vessel_id=vessel)
        counter("sms_photos_uploaded_total", 2 * ITEMS[vessel], **sync, vessel_id=vessel, equipment_type="pump")
    gauge("sms_churn_rate_percent", 2.5, **parts, tier="standard", reason="price")
    gauge("sms_ltv_dollars", 54_000, **parts, tier="enterprise", cohort="2025-q1")
    gauge("sms_customer_satisfaction_score", 4.3, **parts)
    counter("sms_support_tickets_total", 0.5, **parts, priority="high")
    counter("sms_customers_acquired_total", 0.25, **parts, channel="partner")
    counter("sms_parts_ordered_total", 24.0, **parts, parts_category="engine")
    gauge("sms_parts_stock", 340, **parts, parts_category="engine")
    counter("sms_campaign_leads_total", 1.5, **parts, campaign="dry_dock")
    gauge("sms_campaign_roi_percent", 35, **parts, campaign="dry_dock")


def _security() -> None:
    who = _of("parts-api")
    counter("sms_security_events_total", 6.0, **who, threat="sql_injection")
    counter("sms_access_changes_total", 2.0, **who, change="permission")
    counter("sms_api_key_usage_total", 400.0, **who, integration="fleet_erp")
    counter("sms_data_exports_total", 1.0, **who, dataset="orders")
    gauge("sms_security_vulnerabilities", 2, **who, severity="low")
    gauge("sms_security_score", 97, **who)
    gauge("sms_security_incidents_open", 1, **who, severity="medium")
    counter("sms_compliance_checks_total", 99.0, **who, check="age_verification", result="passed")
    counter("sms_compliance_checks_total", 1.0, **who, check="age_verification", result="failed")
    counter("sms_privacy_requests_total", 0.1, **who, privacy_request="deletion")
    gauge(
        "probe_ssl_earliest_cert_expiry",
        END + 20 * DAY,
        job="probes",
        instance="https://portal.example",
        service="portal",
        environment="production",
    )


def _aboard() -> None:
    """Add what the Collectors of two ships tell of themselves."""
    for vessel, refused in REFUSED_ON_BOARD.items():
        ship = {**_of("otelcol-vessel"), "instance": vessel, "vessel_id": vessel}
        name = "sms_vessel_collector"
        for queue, size in (("gateway", 450), ("first", 20)):
            gauge(f"{name}_queue_size", size, **ship, queue=queue, signal="logs")
            gauge(f"{name}_queue_capacity", 1000, **ship, queue=queue, signal="logs")
        for reason in ("refused", "queue_full"):
            counter(f"{name}_items_failed_total", refused, **ship, signal="logs", reason=reason)
        troubled = vessel == "vsl_1"
        gauge(f"{name}_batches_refused", 3 if troubled else 0, **ship, queue="gateway")
        gauge(f"{name}_batches_aside", 1 if troubled else 0, **ship, queue="gateway")
        gauge(f"{name}_folder_gone", 1 if troubled else 0, **ship, queue="gateway")


def _hosts() -> None:
    host = {"environment": "production", "instance": "host-1"}
    node = {**host, "job": "node"}
    gauge("instance:cpu_usage:percent", 72, **host)
    gauge("instance:memory_usage:percent", 78, **host)
    gauge("instance_mountpoint:disk_usage:percent", 40, **host, mountpoint="/")
    gauge("instance_mountpoint:disk_usage:percent", 60, **host, mountpoint="/data")
    for direction, amount in (("read", 7.2e6), ("written", 3.6e6)):
        counter(f"node_disk_{direction}_bytes_total", amount, **node, device="sda")
    for direction, amount in (("receive", 3.6e7), ("transmit", 7.2e7)):
        counter(f"node_network_{direction}_bytes_total", amount, **node, device="eth0")
        counter(f"node_network_{direction}_errs_total", 36.0, **node, device="eth0")
    gauge("node_timex_offset_seconds", -0.002, **node)
    gauge("probe_success", 1, job="probes", instance="https://portal.example")
    gauge("probe_duration_seconds", 0.12, job="probes", instance="https://portal.example")
    for job in ("gateway", "otelcol"):
        gauge("up", 1, job=job, instance=f"{job}:1", environment="production")
    collector = {"job": "otelcol", "instance": "otelcol:1", "environment": "production"}
    for item, amount in COLLECTED.items():
        counter(f"otelcol_receiver_accepted_{item}", amount, **collector, receiver="otlp", transport="grpc")
        counter(f"otelcol_receiver_refused_{item}", 6.0, **collector, receiver="otlp", transport="grpc")
        counter(f"otelcol_exporter_sent_{item}", amount / 2, **collector, exporter="otlp")
        counter(f"otelcol_exporter_send_failed_{item}", 12.0, **collector, exporter="otlp")
    _aboard()
    gauge("otelcol_exporter_queue_size", 300, **collector, exporter="otlp", data_type="traces")
    gauge("otelcol_exporter_queue_capacity", 1000, **collector, exporter="otlp", data_type="traces")
    gauge("otelcol_process_uptime", 7200, **collector)
    gauge("otelcol_process_memory_rss", 1.2e8, **collector)
    counter("otelcol_process_cpu_seconds", 180.0, **collector)
    counter("otelcol_processor_tail_sampling_global_count_traces_sampled", 600.0, **collector, sampled="true")
    counter("otelcol_processor_tail_sampling_sampling_late_span_age_count", 60.0, **collector)
    counter("prometheus_rule_evaluation_failures_total", 0.0, job="prometheus", instance="p:1", rule_group="sms")
    counter("alertmanager_notifications_failed_total", 0.0, job="alertmanager", instance="a:1", integration="slack")
    counter(
        "traces_span_metrics_calls_total",
        30.0,
        service_name="parts-api",
        span_name="POST /api/parts/quote",
        status_code="STATUS_CODE_ERROR",
    )


def _rules_and_delivery() -> None:
    for (service, name), (objective, errors, left, burn) in SLOS.items():
        labels = {
            "sloth_id": f"{service}-{name}",
            "sloth_service": service,
            "sloth_slo": name,
            "environment": "production",
        }
        gauge("slo:objective:ratio", objective, **labels)
        gauge("slo:sli_error:ratio_rate5m", errors, **labels, sloth_window="5m")
        gauge("slo:sli_error:ratio_rate30d", errors, **labels, sloth_window="30d")
        gauge("slo:period_error_budget_remaining:ratio", left, **labels)
        gauge("slo:current_burn_rate:ratio", burn, **labels)
        gauge("slo:events:rate5m", 10, **labels)
        gauge("sloth_slo_info", 1, **labels)
    for name, severity in (
        ("PartsOrderingSystemDown", "critical"),
        ("APIHighLatency", "warning"),
        ("HighErrorRate", "warning"),
    ):
        gauge(
            "ALERTS",
            1,
            alertname=name,
            alertstate="firing",
            severity=severity,
            environment="production",
            team="platform",
        )
    gauge("ALERTS", 1, alertname="Watchdog", alertstate="firing", severity="info", team="platform")
    for (suite, result), count in TESTS.items():
        gauge("sms_delivery_tests", count, environment="staging", suite=suite, result=result)
    gauge("sms_delivery_release_ready", 1, check="tests")
    gauge("sms_delivery_release_ready", 0, check="changelog")
    gauge("sms_delivery_quality_percent", 96, check="coverage")
    counter("sms_delivery_deployments_total", 0.2, environment="production", result="success")
    for result, runs in (("success", 9.0), ("failure", 1.0)):
        histogram(
            "cicd_pipeline_run_duration_seconds",
            runs,
            {"600": 1.0, "+Inf": 1.0},
            240.0,
            environment="staging",
            cicd_pipeline_name="test",
            cicd_pipeline_result=result,
        )
    histogram(
        "vcs_change_time_to_merge_seconds", 2.0, {"86400": 1.0, "+Inf": 1.0}, 14_400.0, vcs_repository_name="portal"
    )


def public() -> list[Series]:
    """Give all series of the public Prometheus."""
    _all.clear()
    _services()
    _business()
    _security()
    _hosts()
    _rules_and_delivery()
    return list(_all)


MARKUP, CATEGORY_VALUE, COST = (
    {"engine": 20.0, "deck": 5.0},
    {"engine": 120.0, "deck": 40.0},
    {"sup_1": 90.0, "sup_2": 50.0},
)
BANDS = {"low": (10.0, 5.0), "high": (10.0, 1.0)}
TECHNICIANS = {"tech_1": 8.0, "tech_2": 4.0}


def restricted() -> list[Series]:
    """Give all series of finance's Prometheus."""
    _all.clear()
    who = {"environment": "production", "service": "parts-api", "job": "parts-api", "instance": "parts-api-0"}
    gauge("_sms_parts_markup_realized_percent", 19.5, environment="production")
    for category in MARKUP:
        histogram(
            "_sms_parts_markup_realized_dollars",
            3.0,
            {"50": 1.0, "+Inf": 1.0},
            MARKUP[category],
            **who,
            parts_category=category,
        )
        histogram(
            "_sms_parts_order_value_dollars",
            3.0,
            {"500": 1.0, "+Inf": 1.0},
            CATEGORY_VALUE[category],
            **who,
            parts_category=category,
        )
        gauge("_sms_markup_recommended_percent", 21 if category == "engine" else 18, **who, parts_category=category)
    for supplier, cost in COST.items():
        histogram(
            "_sms_supplier_cost_dollars",
            6.0,
            {"100": 1.0, "+Inf": 1.0},
            cost,
            **who,
            supplier_id=supplier,
            parts_category="engine",
        )
    for band, (offered, ordered) in BANDS.items():
        counter("_sms_quotes_offered_total", offered, **who, price_band=band)
        counter("_sms_quotes_ordered_total", ordered, **who, price_band=band)
    for tech, items in TECHNICIANS.items():
        counter("_sms_equipment_documented_total", items, long=True, **who, vessel_id="vsl_1", tech_id=tech)
    return list(_all)


def open_metrics(series: list[Series]) -> Iterator[str]:
    """Write the series as OpenMetrics, which `promtool tsdb create-blocks-from` takes; the type plays no part there."""
    for each in sorted(series, key=lambda one: one.name):
        labels = ",".join(f'{name}="{text}"' for name, text in sorted(each.labels.items()))
        head = f"{each.name}{{{labels}}}"
        yield from (f"{head} {each.at(moment):.6f} {moment}\n" for moment in each.moments())
    yield "# EOF\n"
