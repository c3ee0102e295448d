"""Production, staging and development (targets document: monitoring dashboards), told apart by a variable."""

from __future__ import annotations

from sms_observability.catalog.dashboard import Dashboard, Row
from sms_observability.catalog.sms import targets
from sms_observability.catalog.sms.dashboards.asking import ENVIRONMENT, show

_RUNS = "increase(cicd_pipeline_run_duration_seconds_count"
_TESTS = "sms_delivery_tests{$env%s}"


def _passed(suite: str) -> str:
    of = f', suite="{suite}"'
    passed = f'{of}, result="passed"'
    return f"100 * sum({_TESTS % passed}) / sum({_TESTS % of})"


_COMPARED = Row(
    "Environments",
    (
        show(
            "stat",
            "Services Reporting",
            "Services of the chosen environment that report now.",
            "count(count by (service) (sms_telemetry_emitted_total{$env})) or vector(0)",
        ),
        show(
            "stat",
            "Request Errors",
            "Share of the chosen environment's requests that failed by our fault within the chosen time.",
            '100 * (sum(increase(http_requests_total{$env, status=~"5.."}$over)) or vector(0)) / '
            "sum(increase(http_requests_total{$env}$over))",
            unit="percent",
            target=targets.ERROR_RATE,
        ),
        show(
            "stat",
            "Orders Completed",
            "Orders of the chosen time. In production it is business, elsewhere a test of it.",
            "sum(increase(sms_parts_orders_completed_total{$env}$over)) or vector(0)",
        ),
        show(
            "stat",
            "Alerts Firing",
            "Alerts of the chosen environment that are firing, the watchdog left out.",
            'count(ALERTS{alertstate="firing", alertname!="Watchdog", environment=~"$environment|"}) or vector(0)',
            target=targets.NONE,
        ),
    ),
)

_SERVICES = Row(
    "Services",
    (
        show(
            "table",
            "Versions Running",
            "Which version of each service runs where, and how many instances of it. Two versions for long: a "
            "deployment is stuck.",
            (
                (
                    "count by (environment, service, version) "
                    "(sum by (environment, service, version, instance) (sms_telemetry_emitted_total{$env}))"
                ),
                "{{environment}} {{service}} {{version}}",
            ),
            columns={"environment": "Environment", "service": "Service", "version": "Version"},
        ),
        show(
            "timeseries",
            "Request Rate by Environment",
            "Requests a second, by environment.",
            ("sum by (environment) (rate(http_requests_total{$env}$rate))", "{{environment}}"),
            unit="reqps",
            minimum=0,
        ),
        show(
            "timeseries",
            "Latency p95 by Environment",
            "p95 of requests, by environment. Staging slower than production: do not release.",
            (
                (
                    "histogram_quantile(0.95, sum by (le, environment) "
                    "(rate(http_request_duration_seconds_bucket{$env}$rate)))"
                ),
                "{{environment}}",
            ),
            unit="s",
            target=targets.LATENCY_P95,
        ),
        show(
            "timeseries",
            "Error Rate by Environment",
            "Share of requests that failed by our fault, by environment.",
            (
                (
                    '100 * (sum by (environment) (rate(http_requests_total{$env, status=~"5.."}$rate)) or '
                    "0 * sum by (environment) (rate(http_requests_total{$env}$rate))) / "
                    "sum by (environment) (rate(http_requests_total{$env}$rate))"
                ),
                "{{environment}}",
            ),
            unit="percent",
            target=targets.ERROR_RATE,
        ),
    ),
)

_STAGING = Row(
    "Staging: is the release ready?",
    (
        show(
            "gauge",
            "Release Readiness",
            "Share of the conditions of the next release that are fulfilled. Below 100 %, the table names the rest.",
            "100 * avg(sms_delivery_release_ready)",
            unit="percent",
            target=targets.EVERY,
            width=8,
            height=8,
        ),
        show(
            "table",
            "Release Conditions",
            "What the next release still lacks, the unfulfilled first.",
            ("sort(min by (check) (sms_delivery_release_ready))", "{{check}}"),
            states={1: "fulfilled", 0: "missing"},
            target=targets.FULFILLED,
            columns={"check": "Condition"},
            width=16,
        ),
        show(
            "stat",
            "Integration Tests",
            "Share of the last run's integration tests that passed.",
            _passed("integration"),
            unit="percent",
            target=targets.TESTS_PASSED,
        ),
        show(
            "stat",
            "Load Tests",
            "Share of the last load test's conditions that were kept.",
            _passed("load"),
            unit="percent",
            target=targets.TESTS_PASSED,
        ),
        show(
            "stat",
            "User Acceptance Tests",
            "Share of the acceptance tests that users have passed.",
            _passed("uat"),
            unit="percent",
            target=targets.TESTS_PASSED,
        ),
    ),
)

_DEVELOPMENT = Row(
    "Development: builds and reviews",
    (
        show(
            "gauge",
            "Build Status",
            "Share of the pipelines' runs in the chosen time that succeeded.",
            f'100 * sum({_RUNS}{{cicd_pipeline_result="success"}}$over)) / sum({_RUNS}$over))',
            unit="percent",
            target=targets.BUILDS,
            width=6,
            height=8,
        ),
        show(
            "timeseries",
            "Pipeline Runs",
            "Runs of pipelines within an hour, by how they ended.",
            (f"sum by (cicd_pipeline_result) ({_RUNS}[1h]))", "{{cicd_pipeline_result}}"),
            draw="bars",
            minimum=0,
            width=10,
        ),
        show(
            "bargauge",
            "Test Results",
            "Tests of the last run, by suite and result.",
            (f"sum by (suite, result) ({_TESTS % ''})", "{{suite}} {{result}}"),
        ),
        show(
            "bargauge",
            "Deployments",
            "Deployments in the chosen time, by environment and how they ended.",
            (
                "sum by (environment, result) (increase(sms_delivery_deployments_total{$env}$over))",
                "{{environment}} {{result}}",
            ),
            width=6,
        ),
        show(
            "bargauge",
            "Code Quality",
            "What the last build measured: coverage, types, documentation.",
            ("max by (check) (sms_delivery_quality_percent)", "{{check}}"),
            unit="percent",
            target=targets.COVERAGE,
            width=6,
        ),
        show(
            "stat",
            "Time to Merge",
            "How long a change waited for its merge, on average over the chosen time.",
            "sum(increase(vcs_change_time_to_merge_seconds_sum$over)) / "
            "sum(increase(vcs_change_time_to_merge_seconds_count$over))",
            unit="s",
            width=6,
            height=8,
        ),
        show(
            "stat",
            "Changes Merged",
            "Changes that were merged in the chosen time.",
            "sum(increase(vcs_change_time_to_merge_seconds_count$over)) or vector(0)",
            width=6,
            height=8,
        ),
    ),
)

ENVIRONMENTS = Dashboard(
    "sms-environments",
    "Environments",
    "For developers and release managers: production, staging and development by the variable above; whether the next "
    "release is ready, and how builds and reviews go.",
    range="now-24h",
    runbook="high-error-rate",
    tags=("delivery",),
    variables=(ENVIRONMENT,),
    rows=(_COMPARED, _SERVICES, _STAGING, _DEVELOPMENT),
)
