"""The Collector, Prometheus and Alertmanager: without them no other alert fires."""

from __future__ import annotations

from sms_observability.catalog.alert import Alert

_ITEMS = ("spans", "metric_points", "log_records")
_COLLECTOR = "environment, job, instance"
_PANEL = "sms-collector"


def _growing(prefix: str, further: str, window: str = "5m") -> str:
    """Say that one of three counters grew, which exist only after their first event."""
    grown = (f"sum by ({_COLLECTOR}{further}) (increase({prefix}_{item}[{window}])) > 0" for item in _ITEMS)
    return "\nor ".join(
        f'label_replace({each}, "item", "{item}", "", "")' for each, item in zip(grown, _ITEMS, strict=True)
    )


def _alert(  # noqa: PLR0913 - keyword arguments that all alerts here have
    name: str,
    expr: str,
    for_: str,
    *,
    summary: str,
    description: str,
    rationale: str,
    panel: str,
    severity: str = "warning",
) -> Alert:
    return Alert(
        name,
        expr,
        for_,
        severity=severity,  # type: ignore[arg-type]
        team="platform",
        summary=summary,
        description=description,
        rationale=rationale,
        dashboard=(_PANEL, panel),
        dependencies=("scrape of the Collector's own metrics",),
        labels={"service": "otelcol"},
    )


ALERTS = (
    # Always firing, so that silence at the other end means that the way there is broken.
    Alert(
        "Watchdog",
        "vector(1)",
        severity="info",
        team="platform",
        summary="Alerting works",
        description="This alert is always firing. If it stops, nothing else would be heard: look at once.",
        rationale="It is no trouble itself; a dead man's switch calls somebody when it is missing.",
        dashboard=("sms-operations", "Service Status"),
        dependencies=("Prometheus", "Alertmanager"),
        labels={"service": "prometheus"},
    ),
    _alert(
        "CollectorDown",
        'max by (environment, job) (up{job=~"otelcol.*"}) == 0\nor absent(up{job=~"otelcol.*"})',
        "2m",
        severity="critical",
        summary="The Collector is down",
        description="No Collector answers: telemetry piles up in the services, and all other alerts are blind.",
        rationale="While it lasts nobody sees an outage.",
        panel="Collectors Up",
    ),
    Alert(
        "TargetDown",
        "count by (environment, job) (up == 0) / count by (environment, job) (up) > 0",
        "10m",
        severity="warning",
        team="platform",
        summary="{{ $labels.job }} cannot be scraped",
        description="{{ $value | humanizePercentage }} of the targets of {{ $labels.job }} do not answer Prometheus.",
        rationale="What they measure is missing; whether they work is seen elsewhere.",
        dashboard=("sms-operations", "Service Status"),
        dependencies=("Prometheus",),
        labels={"service": "prometheus"},
    ),
    _alert(
        "CollectorRefusing",
        _growing("otelcol_receiver_refused", ", receiver"),
        "5m",
        summary="{{ $labels.instance }} refuses {{ $labels.item }}",
        description=(
            "{{ $value | humanize }} {{ $labels.item }} were refused within 5 minutes; senders keep and repeat them."
        ),
        rationale="Nothing is lost yet.",
        panel="Refused",
    ),
    _alert(
        "CollectorExportFailing",
        _growing("otelcol_exporter_send_failed", ", exporter"),
        "5m",
        summary="{{ $labels.instance }} loses {{ $labels.item }} at {{ $labels.exporter }}",
        description="{{ $value | humanize }} {{ $labels.item }} were refused for good by the backend within 5 minutes.",
        rationale="They are lost; the portal works.",
        panel="Send Failures",
    ),
    _alert(
        "CollectorQueueFull",
        _growing("otelcol_exporter_enqueue_failed", ", exporter"),
        "5m",
        summary="The queue of {{ $labels.exporter }} at {{ $labels.instance }} is full",
        description="{{ $value | humanize }} {{ $labels.item }} found no place within 5 minutes; senders keep them.",
        rationale="Senders keep what is refused, for a while.",
        panel="Queue Usage",
    ),
    _alert(
        "CollectorQueueFilling",
        f"max by ({_COLLECTOR}, exporter, data_type) (otelcol_exporter_queue_size)\n"
        f"/ max by ({_COLLECTOR}, exporter, data_type) (otelcol_exporter_queue_capacity) > 0.8",
        "5m",
        summary="The queue of {{ $labels.exporter }} at {{ $labels.instance }} fills",
        description="{{ $value | humanizePercentage }} of the queue is used: the backend is slower than what arrives.",
        rationale="There is time until it is full.",
        panel="Queue Usage",
    ),
    _alert(
        "CollectorMemoryLimited",
        _growing("otelcol_processor_memory_limiter_refused", ""),
        "5m",
        summary="{{ $labels.instance }} has no memory left",
        description=(
            "{{ $value | humanize }} {{ $labels.item }} were refused within 5 minutes to save the Collector's memory."
        ),
        rationale="Senders keep what is refused, for a while.",
        panel="Memory",
    ),
    _alert(
        "SamplerEvictingTraces",
        f"sum by ({_COLLECTOR}) (increase(otelcol_processor_tail_sampling_sampling_trace_dropped_too_early[5m])) > 0",
        "5m",
        summary="{{ $labels.instance }} forgets traces before it decides",
        description=(
            "{{ $value | humanize }} traces were dropped undecided within 5 minutes: too many are open at once."
        ),
        rationale="Rates and alerts are computed before sampling; only examples are lost.",
        panel="Sampling",
    ),
    _alert(
        "SamplerLateSpans",
        f"sum by ({_COLLECTOR}) (increase(otelcol_processor_tail_sampling_sampling_late_span_age_count[10m])) > 1000",
        "10m",
        severity="info",
        summary="Many spans reach {{ $labels.instance }} too late",
        description=(
            "{{ $value | humanize }} spans came after their trace was decided: a slow sender, a long trace or a "
            "wrong clock."
        ),
        rationale="They follow the decision; traces may lack a part.",
        panel="Late Spans",
    ),
    Alert(
        "HostClockSkew",
        "max by (environment, instance) (abs(node_timex_offset_seconds)) > 0.5",
        "10m",
        severity="warning",
        team="platform",
        summary="The clock of {{ $labels.instance }} is wrong",
        description="It is off by {{ $value | humanizeDuration }}: traces and logs from there stand at the wrong time.",
        rationale="Nothing breaks at once; latency sampling and logs become wrong.",
        dashboard=(_PANEL, "Clock Offset"),
        dependencies=("node exporter",),
        labels={"service": "host"},
    ),
    Alert(
        "RuleEvaluationFailing",
        "sum by (environment, job, instance, rule_group) (increase(prometheus_rule_evaluation_failures_total[5m])) > 0",
        "5m",
        severity="critical",
        team="platform",
        summary="Alert rules cannot be evaluated",
        description=(
            "{{ $value | humanize }} evaluations of {{ $labels.rule_group }} failed within 5 minutes: its alerts "
            "are blind."
        ),
        rationale="Alerts that are not evaluated are alerts that do not exist.",
        dashboard=(_PANEL, "Rule Evaluation"),
        dependencies=("Prometheus' own metrics",),
        labels={"service": "prometheus"},
    ),
    Alert(
        "NotificationsFailing",
        "sum by (environment, job, instance, integration) (increase(alertmanager_notifications_failed_total[5m])) > 0",
        "5m",
        severity="critical",
        team="platform",
        summary="Alerts do not reach {{ $labels.integration }}",
        description="{{ $value | humanize }} notifications to {{ $labels.integration }} failed within 5 minutes.",
        rationale="Somebody should have been called and was not.",
        dashboard=(_PANEL, "Notifications"),
        dependencies=("Alertmanager's own metrics",),
        labels={"service": "alertmanager"},
    ),
)
