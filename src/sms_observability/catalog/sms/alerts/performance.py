"""Slow and failing requests (plan, section 3.2; targets: above 500 ms, above 1 %)."""

from __future__ import annotations

from sms_observability.catalog.alert import Alert

_DURATION = "http_request_duration_seconds"
# These two take longer by promise: their objectives watch them.
_QUICK = '{endpoint!~"/api/sync/upload|/api/vessels/create"}'
_ENDPOINT = "environment, service, endpoint"
_SERVICE = "environment, service"
_POOL = "environment, service, instance, pool_name"

ALERTS = (
    # Correct in form, but services were mixed, and one slow request at night was enough.
    Alert(
        "APIHighLatency",
        f"histogram_quantile(0.95, sum by (le, {_ENDPOINT}) (rate({_DURATION}_bucket{_QUICK}[5m]))) > 1\n"
        f"and sum by ({_ENDPOINT}) (increase({_DURATION}_count{_QUICK}[5m])) >= 30",
        "10m",
        severity="warning",
        team="platform",
        summary="{{ $labels.endpoint }} of {{ $labels.service }} is slow",
        description=(
            "One request in twenty to {{ $labels.endpoint }} takes longer than {{ $value | humanizeDuration }}."
        ),
        rationale="It works, but people wait; above 1 s they notice.",
        dashboard=("sms-operations", "Latency by Endpoint"),
        dependencies=("PostgreSQL", "Redis"),
    ),
    Alert(
        "APILatencyAboveTarget",
        f"histogram_quantile(0.95, sum by (le, {_SERVICE}) (rate({_DURATION}_bucket{_QUICK}[5m]))) > 0.5\n"
        f"and sum by ({_SERVICE}) (increase({_DURATION}_count{_QUICK}[5m])) >= 100",
        "15m",
        severity="warning",
        team="platform",
        summary="{{ $labels.service }} is slower than promised",
        description=(
            "One request in twenty to {{ $labels.service }} takes longer than {{ $value | humanizeDuration }}; the "
            "target is 500 ms."
        ),
        rationale="The promise is broken, but everything works.",
        dashboard=("sms-operations", "Response Time p95"),
        dependencies=("PostgreSQL", "Redis"),
    ),
    # `size` is what may be opened; the plan's catalogue called the active ones so.
    Alert(
        "DatabaseConnectionPoolExhausted",
        f"max by ({_POOL}) (db_connection_pool_used) / max by ({_POOL}) (db_connection_pool_size) > 0.9",
        "5m",
        severity="warning",
        team="platform",
        summary="Database connections of {{ $labels.service }} run out",
        description=(
            "{{ $value | humanizePercentage }} of the pool {{ $labels.pool_name }} on {{ $labels.instance }} is in use."
        ),
        rationale="Requests begin to wait for a connection; an outage is near, but not there yet.",
        dashboard=("sms-operations", "Connection Pool Usage"),
        dependencies=("PostgreSQL",),
    ),
    # By service: a small one that fails altogether was hidden by a big one.
    Alert(
        "HighErrorRate",
        f'sum by ({_SERVICE}) (rate(http_requests_total{{status=~"5.."}}[5m]))\n'
        f"/ sum by ({_SERVICE}) (rate(http_requests_total[5m])) > 0.01\n"
        f"and sum by ({_SERVICE}) (increase(http_requests_total[5m])) >= 100",
        "5m",
        severity="warning",
        team="platform",
        summary="Requests to {{ $labels.service }} fail",
        description=(
            "{{ $value | humanizePercentage }} of the requests to {{ $labels.service }} fail by our fault; above 1 "
            "% is too many."
        ),
        rationale="Most requests work; when too many fail for the objective, its budget alert pages.",
        dashboard=("sms-operations", "Error Rate by Service"),
        dependencies=("PostgreSQL", "Redis"),
    ),
    # The plan silences it in a cascade but never defines it.
    Alert(
        "APIError",
        f'sum by ({_ENDPOINT}) (rate(http_requests_total{{status=~"5.."}}[5m]))\n'
        f"/ sum by ({_ENDPOINT}) (rate(http_requests_total[5m])) > 0.05\n"
        f"and sum by ({_ENDPOINT}) (increase(http_requests_total[5m])) >= 20",
        "5m",
        severity="warning",
        team="platform",
        summary="{{ $labels.endpoint }} of {{ $labels.service }} fails",
        description="{{ $value | humanizePercentage }} of the requests to {{ $labels.endpoint }} fail by our fault.",
        rationale="One function of the portal is broken for many; the others work.",
        dashboard=("sms-operations", "Requests by Status"),
        dependencies=("PostgreSQL",),
    ),
)
