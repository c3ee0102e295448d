"""Attacks, as far as figures show them (plan, section 3.3). Per user and address belongs into logs."""

from __future__ import annotations

from sms_observability.catalog.alert import Alert

ALERTS = (
    # Ten a second on one replica was asked for; meant are ten within five minutes on all.
    Alert(
        "SuspiciousLoginActivity",
        "sum by (environment, service) (increase(sms_login_failures_total[5m])) > 10",
        "2m",
        severity="warning",
        team="security",
        summary="Many logins are refused",
        description="{{ $value | humanize }} logins at {{ $labels.service }} were refused within 5 minutes.",
        rationale="Somebody may be guessing passwords; nobody is in yet.",
        dashboard=("sms-security", "Failed Logins"),
        dependencies=("security log",),
    ),
    # "Unauthorized" is 401; fifty a second was asked for, which is 15,000 within five minutes.
    Alert(
        "UnauthorizedAPIAccess",
        'sum by (environment, service) (increase(http_requests_total{status=~"401|403"}[5m])) > 50',
        "5m",
        severity="warning",
        team="security",
        summary="Many requests to {{ $labels.service }} are forbidden",
        description=(
            "{{ $value | humanize }} requests to {{ $labels.service }} were refused with 401 or 403 within 5 minutes."
        ),
        rationale="Somebody tries doors, or a customer's program lost its key.",
        dashboard=("sms-security", "Forbidden Requests"),
        dependencies=("security log",),
    ),
    # 1 GB a second was asked for: 20 GB went out unseen.
    Alert(
        "DataExfiltrationAttempt",
        "sum by (environment, service) (increase(http_response_size_bytes_sum[5m])) > 1e9",
        "5m",
        severity="critical",
        team="security",
        summary="Unusually much data leaves {{ $labels.service }}",
        description=(
            "{{ $labels.service }} has sent {{ $value | humanize1024 }}B within 5 minutes; usual is far below 1 GB."
        ),
        rationale="What has left cannot be taken back: look at once.",
        dashboard=("sms-security", "Data Sent Out"),
        dependencies=("security log", "audit trail"),
    ),
    # The targets document wants to hear of any event.
    Alert(
        "SecurityEvent",
        "sum by (environment, service, threat) (increase(sms_security_events_total[5m])) > 0",
        severity="warning",
        team="security",
        summary="Security event: {{ $labels.threat }}",
        description=(
            "{{ $value | humanize }} attempts of {{ $labels.threat }} were noticed at {{ $labels.service }} within "
            "5 minutes."
        ),
        rationale="It was noticed and refused; somebody should look who it was.",
        dashboard=("sms-security", "Security Events"),
        dependencies=("security log",),
    ),
)
