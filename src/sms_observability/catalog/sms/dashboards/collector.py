"""The dashboard of the Collectors."""

from __future__ import annotations

from sms_observability.catalog.dashboard import Dashboard, Row, Variable
from sms_observability.catalog.sms import targets
from sms_observability.catalog.sms.dashboards.asking import show

_IN = '{instance=~"$instance"}'
_ITEMS = (("spans", "spans"), ("metric_points", "metric points"), ("log_records", "log records"))


def _each(verb: str, window: str = "rate(%s$rate)") -> tuple[tuple[str, str], ...]:
    """Ask for the three kinds of items that the Collector counts apart."""
    return tuple((f"sum({window % f'otelcol_{verb}_{item}{_IN}'}) or vector(0)", legend) for item, legend in _ITEMS)


def _sum(*verbs: str) -> str:
    return " + ".join(
        f"(sum(increase(otelcol_{verb}_{item}{_IN}$over)) or vector(0))" for verb in verbs for item, _ in _ITEMS
    )


COLLECTOR = Dashboard(
    "sms-collector",
    "Collector",
    "For the platform team: what comes into the Collectors, what goes out, what waits and what is lost.",
    range="now-6h",
    runbook="collector-down",
    tags=("telemetry",),
    variables=(Variable("instance", "Collector", "otelcol_process_uptime"),),
    rows=(
        Row(
            "Now",
            (
                show(
                    "stat",
                    "Collectors Up",
                    "Collectors that Prometheus can scrape.",
                    'sum(up{job=~"otelcol.*", instance=~"$instance"}) or vector(0)',
                ),
                show(
                    "stat",
                    "Lost",
                    "Items that exporters gave up, or that found their queue full, in the chosen time. It must be "
                    "nought.",
                    _sum("exporter_send_failed", "exporter_enqueue_failed"),
                    target=targets.NONE,
                ),
                show(
                    "stat",
                    "Refused",
                    "Items that receivers refused in the chosen time, mostly for want of memory. Senders repeat them.",
                    _sum("receiver_refused"),
                    target=targets.NONE,
                ),
                show(
                    "gauge",
                    "Fullest Queue",
                    "How full the fullest sending queue is. Above 80 %, the backend is too slow or away.",
                    f"100 * max(otelcol_exporter_queue_size{_IN} / otelcol_exporter_queue_capacity{_IN})",
                    unit="percent",
                    target=targets.QUEUE,
                ),
            ),
        ),
        Row(
            "Flow",
            (
                show(
                    "timeseries",
                    "Items Accepted",
                    "Items a second that receivers took.",
                    *_each("receiver_accepted"),
                    unit="cps",
                    minimum=0,
                ),
                show(
                    "timeseries",
                    "Items Sent",
                    "Items a second that exporters sent on. Spans are fewer than accepted: the rest was not sampled.",
                    *_each("exporter_sent"),
                    unit="cps",
                    minimum=0,
                ),
                show(
                    "timeseries",
                    "Send Failures",
                    "Items within five minutes that exporters gave up. Alerted: the backend refuses or is away.",
                    *_each("exporter_send_failed", "increase(%s[5m])"),
                    draw="bars",
                    minimum=0,
                ),
                show(
                    "timeseries",
                    "Items Refused",
                    "Items within five minutes that receivers refused, mostly for want of memory.",
                    *_each("receiver_refused", "increase(%s[5m])"),
                    draw="bars",
                    minimum=0,
                ),
                show(
                    "timeseries",
                    "Queue Usage",
                    "How full each sending queue is.",
                    (
                        (
                            "100 * max by (exporter, data_type) "
                            f"(otelcol_exporter_queue_size{_IN} / otelcol_exporter_queue_capacity{_IN})"
                        ),
                        "{{exporter}} {{data_type}}",
                    ),
                    unit="percent",
                    target=targets.QUEUE,
                    width=8,
                ),
                show(
                    "timeseries",
                    "Sampling",
                    "Traces within five minutes, by what was decided. Errors and slow ones are all kept, of the rest "
                    "one in ten.",
                    (
                        (
                            "sum by (sampled) "
                            f"(increase(otelcol_processor_tail_sampling_global_count_traces_sampled{_IN}[5m]))"
                        ),
                        "sampled: {{sampled}}",
                    ),
                    draw="area",
                    minimum=0,
                    width=8,
                ),
                show(
                    "timeseries",
                    "Late Spans",
                    "Spans within ten minutes that came when their trace had been decided. Many: decision_wait is "
                    "shorter than the slowest journey.",
                    (
                        (
                            "sum by (instance) "
                            f"(increase(otelcol_processor_tail_sampling_sampling_late_span_age_count{_IN}[10m]))"
                        ),
                        "{{instance}}",
                    ),
                    minimum=0,
                    width=8,
                ),
            ),
        ),
        Row(
            "Process",
            (
                show(
                    "timeseries",
                    "Memory",
                    "Memory of each Collector. At its limit it refuses, and senders keep and repeat.",
                    (f"max by (instance) (otelcol_process_memory_rss{_IN})", "{{instance}}"),
                    unit="bytes",
                    target=targets.COLLECTOR_MEMORY,
                    minimum=0,
                    width=8,
                ),
                show(
                    "timeseries",
                    "Collector CPU",
                    "Share of a core that each Collector uses.",
                    (f"100 * sum by (instance) (rate(otelcol_process_cpu_seconds{_IN}$rate))", "{{instance}}"),
                    unit="percent",
                    width=8,
                ),
                show(
                    "timeseries",
                    "Collector Uptime",
                    "How long each Collector has been running. A saw-tooth means that it is restarted again and again.",
                    (f"max by (instance) (otelcol_process_uptime{_IN})", "{{instance}}"),
                    unit="s",
                    minimum=0,
                    width=8,
                ),
            ),
        ),
        Row(
            "Monitoring itself",
            (
                show(
                    "timeseries",
                    "Clock Offset",
                    "How far each host's clock is off. Above half a second, times of spans do not fit together.",
                    ("max by (instance) (abs(node_timex_offset_seconds))", "{{instance}}"),
                    unit="s",
                    target=targets.CLOCK,
                    minimum=0,
                    width=8,
                ),
                show(
                    "timeseries",
                    "Rule Evaluation",
                    "Rules within five minutes that Prometheus could not evaluate. Any is alerted: an alert may be "
                    "blind.",
                    ("sum by (rule_group) (increase(prometheus_rule_evaluation_failures_total[5m]))", "{{rule_group}}"),
                    target=targets.NONE,
                    minimum=0,
                    width=8,
                ),
                show(
                    "timeseries",
                    "Notifications",
                    "Messages within five minutes that Alertmanager could not deliver, by the way they should go.",
                    (
                        "sum by (integration) (increase(alertmanager_notifications_failed_total[5m]))",
                        "{{integration}}",
                    ),
                    target=targets.NONE,
                    minimum=0,
                    width=8,
                ),
            ),
        ),
    ),
)
