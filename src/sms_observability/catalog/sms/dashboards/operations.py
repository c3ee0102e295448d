"""The operations dashboard (monitoring plan 4.2, targets document: technical dashboard)."""

from __future__ import annotations

from sms_observability.catalog.dashboard import Dashboard, Row
from sms_observability.catalog.panel import LogQuery, Panel
from sms_observability.catalog.sms import targets
from sms_observability.catalog.sms.dashboards.asking import ENDPOINT, ENVIRONMENT, HOST, SERVICE, show
from sms_observability.catalog.sms.dashboards.resources import DATABASE, NETWORK, RESOURCES

_OF = '{$on, endpoint=~"$endpoint"}'
_BAD = '{$on, endpoint=~"$endpoint", status=~"5.."}'
_ALL = f"sum(rate(http_requests_total{_OF}$rate))"
_FAILED = f"sum(rate(http_requests_total{_BAD}$rate))"

_SUMMARY = Row(
    "Summary",
    (
        show(
            "stat",
            "Response Time p95",
            "95 of 100 requests are answered within this time. Promised are 500 ms; see Latency by Endpoint for who "
            "misses it.",
            f"histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{_OF}$rate)))",
            unit="s",
            target=targets.LATENCY_P95,
        ),
        show(
            "stat",
            "Error Rate",
            "Share of requests that failed by our fault (5xx). The promise for critical operations is 0.1 %.",
            f"100 * ({_FAILED} or vector(0)) / {_ALL}",
            unit="percent",
            target=targets.ERROR_RATE,
        ),
        show(
            "stat",
            "Throughput",
            "Requests a second over all services. The portal is built for 1,000 and more; less is only quiet.",
            _ALL,
            unit="reqps",
        ),
        show(
            "stat",
            "Services Operational",
            "Services that report now, of those that reported within the last day. Less than all: see Service Status.",
            ("count(count by (service) (sms_telemetry_emitted_total{$on})) or vector(0)", "reporting"),
            ("count(count by (service) (last_over_time(sms_telemetry_emitted_total{$on}[1d])))", "known"),
        ),
    ),
)

_HEALTH = Row(
    "System health",
    (
        show(
            "state-timeline",
            "Service Status",
            "Whether each service reports, and whether each target of Prometheus can be scraped. A gap longer than "
            "five minutes means that the service or its network is down.",
            ("clamp_max(count by (service) (sms_telemetry_emitted_total{$on}), 1)", "{{service}}"),
            ("max by (job, instance) (up)", "scrape of {{job}} {{instance}}"),
            states={1: "up", 0: "down"},
            target=targets.UP,
        ),
        show(
            "state-timeline",
            "Probes From Outside",
            "Whether the portal answers to somebody outside. Down here and up above: the way in is broken.",
            ("min by (job, instance) (probe_success)", "{{instance}}"),
            states={1: "up", 0: "down"},
            target=targets.UP,
        ),
        show(
            "heatmap",
            "API Performance",
            "How request times are distributed: the darker, the more requests took that long. A second band means "
            "that some requests go a slower way.",
            (f"sum by (le) (increase(http_request_duration_seconds_bucket{_OF}$rate))", "{{le}}"),
            unit="s",
        ),
        show(
            "timeseries",
            "Latency by Endpoint",
            "p95 of each endpoint. Above 1 s for ten minutes it is alerted; the dots are single requests, and lead to "
            "their traces.",
            (
                (
                    "histogram_quantile(0.95, sum by (le, service, endpoint) "
                    f"(rate(http_request_duration_seconds_bucket{_OF}$rate)))"
                ),
                "{{service}} {{endpoint}}",
            ),
            unit="s",
            target=(targets.LATENCY_ALERT, targets.LATENCY_P95),
        ),
        show(
            "timeseries",
            "Throughput by Service",
            "Requests a second of each service.",
            (f"sum by (service) (rate(http_requests_total{_OF}$rate))", "{{service}}"),
            unit="reqps",
            minimum=0,
        ),
        show(
            "timeseries",
            "Journey Duration p95",
            "p95 of each business transaction, against its SLA. Dots lead to traces; the slowest step is on the span.",
            (
                "histogram_quantile(0.95, sum by (le, journey) (rate(sms_journey_duration_seconds_bucket{$on}$rate)))",
                "{{journey}}",
            ),
            unit="s",
            target=targets.JOURNEY_SLAS,
        ),
    ),
)

_ERRORS = Row(
    "Error tracking",
    (
        show(
            "timeseries",
            "Error Rate by Service",
            "Share of each service's requests that failed by our fault. Above 1 % for five minutes it is alerted.",
            (
                (
                    f"100 * (sum by (service) (rate(http_requests_total{_BAD}$rate)) or "
                    f"0 * sum by (service) (rate(http_requests_total{_OF}$rate))) / "
                    f"sum by (service) (rate(http_requests_total{_OF}$rate))"
                ),
                "{{service}}",
            ),
            unit="percent",
            target=(targets.ERROR_ALERT, targets.ERROR_RATE),
        ),
        show(
            "timeseries",
            "Requests by Status",
            "Requests a second by status code: 4xx is what callers did, 5xx what we did.",
            (f"sum by (status) (rate(http_requests_total{_OF}$rate))", "{{status}}"),
            unit="reqps",
            draw="area",
            minimum=0,
        ),
        Panel(
            "Recent Errors",
            "logs",
            "Log lines of errors that tell of an exception. Open one for its trace id and correlation id.",
            logs=LogQuery(
                "log.level:ERROR AND (message:exception OR error.type:*)",
                'severity:ERROR AND (exception OR "exception.type":*)',
            ),
        ),
        show(
            "table",
            "Failing Calls Between Services",
            "Operations whose spans ended in an error within the chosen time, the most frequent first.",
            (
                (
                    "topk(10, sum by (service_name, span_name) (increase(traces_span_metrics_calls_total"
                    '{status_code="STATUS_CODE_ERROR"}$over)) > 0)'
                ),
                "{{service_name}} {{span_name}}",
            ),
            columns={"service_name": "Service", "span_name": "Operation"},
        ),
    ),
)

OPERATIONS = Dashboard(
    "sms-operations",
    "Operations",
    "For whoever is on call: is everything up, fast and without errors, and if not, which service, endpoint, host or "
    "table it is.",
    runbook="service-down",
    tags=("technical",),
    variables=(ENVIRONMENT, SERVICE, ENDPOINT, HOST),
    rows=(_SUMMARY, _HEALTH, _ERRORS, RESOURCES, NETWORK, DATABASE),
)
