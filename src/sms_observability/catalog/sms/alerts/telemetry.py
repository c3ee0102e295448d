"""The telemetry of services: what is lost, withheld or late before it reaches the Collector."""

from __future__ import annotations

from sms_observability.catalog.alert import Alert

_SIGNAL = "environment, service, signal"
_PANEL = "sms-telemetry"
# Series that start at zero have no reason; what the catalogue withholds is no loss.
_LOST = '{reason!="",reason!~"policy|restricted|emit_failed|quarantined"}'
_UNSAFE = '{reason=~"emit_failed|quarantined"}'

ALERTS = (
    Alert(
        "TelemetryDropped",
        f"sum by ({_SIGNAL}, reason) (increase(sms_telemetry_dropped_total{_LOST}[10m])) > 0",
        "5m",
        severity="warning",
        team="platform",
        summary="{{ $labels.service }} loses {{ $labels.signal }}",
        description=(
            "{{ $labels.service }} lost {{ $value | humanize }} {{ $labels.signal }} within 10 minutes: {{ "
            "$labels.reason }}."
        ),
        rationale="The service works, but what is lost may be what explains the next incident.",
        dashboard=(_PANEL, "Dropped"),
        dependencies=("Collector",),
    ),
    Alert(
        "TelemetryDeliveryFailing",
        f"sum by ({_SIGNAL}) (increase(sms_telemetry_export_failures_total[5m])) > 3\n"
        f"and sum by ({_SIGNAL}) (increase(sms_telemetry_delivered_total[5m])) == 0",
        "5m",
        severity="warning",
        team="platform",
        summary="{{ $labels.service }} cannot deliver its {{ $labels.signal }}",
        description="{{ $value | humanize }} requests to the Collector failed within 5 minutes, and none worked.",
        rationale="They are kept and sent again until the queue is full.",
        dashboard=(_PANEL, "Export Failures"),
        dependencies=("Collector",),
    ),
    Alert(
        "TelemetryQueueGrowing",
        f"sum by ({_SIGNAL}) (min_over_time(sms_telemetry_queued[10m])) > 1000",
        "5m",
        severity="warning",
        team="platform",
        summary="{{ $labels.signal }} of {{ $labels.service }} pile up",
        description="Never fewer than {{ $value | humanize }} items have waited for 10 minutes.",
        rationale="Nothing is lost yet; the queue's budget is finite.",
        dashboard=(_PANEL, "Queued"),
        dependencies=("Collector",),
    ),
    Alert(
        "MetricCardinalityOverflow",
        "sum by (environment, service, metric) "
        '(increase(sms_telemetry_measurements_dropped_total{reason=~"series|label_values?"}[15m])) > 0',
        "5m",
        severity="warning",
        team="platform",
        summary="{{ $labels.metric }} of {{ $labels.service }} has too many series",
        description="{{ $value | humanize }} measurements within 15 minutes went to the series for the rest.",
        rationale="Sums stay right, single values are lost; a label has values that it should not.",
        dashboard=(_PANEL, "Cardinality Overflow"),
    ),
    # What cannot be redacted does not leave; that it happens at all is a mistake of ours.
    Alert(
        "TelemetryRedactionFailed",
        f"sum by ({_SIGNAL}, reason) (increase(sms_telemetry_dropped_total{_UNSAFE}[15m])) > 0",
        severity="warning",
        team="platform",
        summary="Items of {{ $labels.service }} could not be made safe",
        description=(
            "{{ $value | humanize }} {{ $labels.signal }} could not be redacted or encoded within 15 minutes, and "
            "were withheld."
        ),
        rationale="Nothing leaked: they were withheld. The cause is a defect.",
        dashboard=(_PANEL, "Withheld"),
    ),
    Alert(
        "RestrictedValueWithheld",
        f'sum by ({_SIGNAL}) (increase(sms_telemetry_dropped_total{{reason="restricted"}}[15m])) > 0',
        severity="info",
        team="security",
        summary="{{ $labels.service }} tried to send something restricted",
        description="{{ $value | humanize }} items with something restricted were withheld within 15 minutes.",
        rationale="Nothing leaked; the code that did it should be mended.",
        dashboard=(_PANEL, "Withheld"),
    ),
)
