"""Services, vessels and what they stand on: present, reachable, in time."""

from __future__ import annotations

from sms_observability.catalog.alert import Alert
from sms_observability.catalog.sms.alerts.expressions import down, events, share

_OTHERS = 'service!~"parts-api|payment-processor|portal-traffic|.*-(agent|job|batch|cron)"'
_STATEMENTS = "db_client_operation_duration_seconds_count"
_FAILED, _SUCCEEDED = (
    f'sms_journey_duration_seconds_count{{journey="technician_sync_flow",outcome="{outcome}"}}'
    for outcome in ("failure", "success")
)
_SHIP = "environment, vessel_id"

ALERTS = (
    Alert(
        "ServiceDown",
        down(_OTHERS),
        "2m",
        severity="critical",
        team="platform",
        summary="{{ $labels.service }} is down",
        description="No replica of {{ $labels.service }} answers or reports, though it did within the last 6 hours.",
        rationale="A service without a single replica fails everybody who needs it.",
        dashboard=("sms-operations", "Service Status"),
        dependencies=("Collector gateway", "probes from outside"),
    ),
    # Cascades are held back for 30 minutes by the plan; an inhibition cannot count, so its source stays that long.
    Alert(
        "DatabaseDown",
        "(min by (environment, instance) (pg_up) == 0)\n"
        f'or (sum by (environment, service) (rate({_STATEMENTS}{{error_type!=""}}[5m]))\n'
        f"  / sum by (environment, service) (rate({_STATEMENTS}[5m])) > 0.5\n"
        f"  and sum by (environment, service) (increase({_STATEMENTS}[5m])) >= 20)",
        "1m",
        severity="critical",
        team="platform",
        summary="The database of {{ or $labels.service $labels.instance }} is down",
        description="PostgreSQL does not answer, or most statements of a service fail.",
        rationale="Nothing of the portal works without its database.",
        dashboard=("sms-operations", "Database Connections"),
        dependencies=("PostgreSQL", "PostgreSQL exporter"),
        keep_firing_for="30m",
        labels={"service": '{{ or $labels.service "postgresql" }}'},
    ),
    Alert(
        "CacheDown",
        "min by (environment, instance) (redis_up) == 0",
        "2m",
        severity="warning",
        team="platform",
        summary="Redis {{ $labels.instance }} is down",
        description="Redis has not answered its exporter for 2 minutes: pages are slower, and sessions may be lost.",
        rationale="The portal works without its cache, but slowly.",
        dashboard=("sms-operations", "Service Status"),
        dependencies=("Redis", "Redis exporter"),
        labels={"service": "redis"},
    ),
    Alert(
        "SyncFailure",
        f"{share(_FAILED, _SUCCEEDED, 'environment, service')} > 0.05\n"
        f"and {events(_FAILED, _SUCCEEDED, 'environment, service')} >= 10",
        "5m",
        severity="warning",
        team="product",
        summary="Technicians cannot synchronise",
        description="{{ $value | humanizePercentage }} of the synchronisations of the last 5 minutes failed.",
        rationale="Work is kept on board and sent again; nothing is lost yet.",
        dashboard=("sms-operations", "Journey Duration p95"),
        dependencies=("sync-api", "PostgreSQL"),
    ),
    # Each vessel may have its own allowance; a day where it has none.
    Alert(
        "VesselSilent",
        f"(time() - vessel:last_contact:timestamp_seconds)\n"
        f"> on ({_SHIP}) (max by ({_SHIP}) (sms_vessel_offline_allowance_seconds)\n"
        "  or 0 * vessel:last_contact:timestamp_seconds + 1 * 86400)\n"
        f"unless on ({_SHIP}) (max by ({_SHIP}) (sms_vessel_active) == 0)",
        "5m",
        severity="warning",
        team="customer-success",
        summary="Vessel {{ $labels.vessel_id }} is silent",
        description=(
            "Nothing has come from {{ $labels.vessel_id }} for {{ $value | humanizeDuration }}, longer than it may "
            "be offline."
        ),
        rationale="A ship at sea is often offline; its data is safe on board, but somebody should ask.",
        dashboard=("sms-vessels", "Time Since Last Contact"),
        dependencies=("sync-api", "vessel Collector"),
        labels={"service": "sync-api"},
    ),
    Alert(
        "CertificateExpiringSoon",
        "min by (environment, service, instance) (probe_ssl_earliest_cert_expiry) - time() < 14 * 86400",
        "1h",
        severity="warning",
        team="platform",
        summary="The certificate of {{ $labels.instance }} expires soon",
        description="The certificate of {{ $labels.instance }} is valid for {{ $value | humanizeDuration }} only.",
        rationale="Two weeks are enough to renew it by day.",
        dashboard=("sms-security", "Certificate Expiry"),
        dependencies=("probes from outside",),
    ),
    Alert(
        "CertificateExpiring",
        "min by (environment, service, instance) (probe_ssl_earliest_cert_expiry) - time() < 2 * 86400",
        "5m",
        severity="critical",
        team="platform",
        summary="The certificate of {{ $labels.instance }} expires within two days",
        description="The certificate of {{ $labels.instance }} is valid for {{ $value | humanizeDuration }} only.",
        rationale="When it expires, nobody can connect: that is an outage with a date.",
        dashboard=("sms-security", "Certificate Expiry"),
        dependencies=("probes from outside",),
    ),
)
