"""What Prometheus holds without our doing (monitoring plan, section 2.4): rules, scrapes, the Collector.

They are declared so that rules and dashboards can be checked. The plan's `node_*` names exist in no exporter: recording
rules make them.
"""

from __future__ import annotations

from sms_observability.catalog.field import Field
from sms_observability.catalog.metric import Counter, Gauge, Histogram, Metric, Source

_labels: dict[str, Field] = {}


def _declare(kind: type[Metric], names: str, labels: str, description: str, *, rule: bool = False) -> list[Metric]:
    fields = tuple(_labels.setdefault(name, Field(name)) for name in labels.split())
    source: Source = "rule" if rule else "external"
    return [kind(name, labels=fields, description=description, source=source) for name in names.split()]


RULES = (
    *_declare(Gauge, "node_cpu_usage_percent", "instance cpu", "From node_cpu_seconds_total", rule=True),
    *_declare(Gauge, "node_memory_usage_percent", "instance", "From node_memory_MemAvailable_bytes", rule=True),
    *_declare(
        Gauge,
        "node_disk_io_rate_bytes",
        "instance device operation",
        "From node_disk_{read,written}_bytes_total",
        rule=True,
    ),
    *_declare(
        Gauge,
        "node_network_throughput_bytes",
        "instance interface direction",
        "From node_network_{receive,transmit}_bytes_total",
        rule=True,
    ),
    *_declare(
        Counter,
        "node_network_errors_total",
        "instance interface type",
        "From node_network_{receive,transmit}_errs_total",
        rule=True,
    ),
)

SCRAPES = (
    *_declare(
        Gauge,
        "target_info",
        "job instance service_version deployment_environment_name cloud_region",
        "What is known of a service, as labels",
    ),
    *_declare(
        Gauge,
        "ALERTS",
        "alertname alertstate severity team service environment",
        "1 while an alert is pending or firing; Prometheus makes it",
    ),
    *_declare(Gauge, "probe_success", "job instance", "1 where a probe from outside was answered"),
    *_declare(Gauge, "probe_duration_seconds", "job instance", "How long a probe from outside took"),
    *_declare(Gauge, "probe_ssl_earliest_cert_expiry", "job instance", "When the certificate expires"),
)

_ITEMS = ("spans", "metric_points", "log_records")


def _each(prefix: str) -> str:
    return " ".join(f"{prefix}_{item}" for item in _ITEMS)


COLLECTOR = (
    *_declare(
        Counter,
        f"{_each('otelcol_receiver_accepted')} {_each('otelcol_receiver_refused')}",
        "job instance receiver transport",
        "What the Collector's receivers took and refused",
    ),
    *_declare(
        Counter,
        f"{_each('otelcol_exporter_sent')} {_each('otelcol_exporter_send_failed')} "
        f"{_each('otelcol_exporter_enqueue_failed')}",
        "job instance exporter",
        "What the Collector's exporters sent and lost; failures exist only after the first one",
    ),
    *_declare(
        Gauge,
        "otelcol_exporter_queue_size otelcol_exporter_queue_capacity",
        "job instance exporter data_type",
        "The Collector's queues",
    ),
    *_declare(
        Counter,
        "otelcol_processor_tail_sampling_global_count_traces_sampled",
        "job instance sampled",
        "Traces that the Collector decided on",
    ),
    *_declare(
        Counter,
        "otelcol_processor_tail_sampling_sampling_trace_dropped_too_early",
        "job instance",
        "Traces that were pushed out before they were decided on",
    ),
    *_declare(
        Histogram,
        "otelcol_processor_tail_sampling_sampling_late_span_age",
        "job instance",
        "How late spans came after their trace was decided on",
    ),
    *_declare(
        Counter,
        _each("otelcol_processor_memory_limiter_refused"),
        "job instance processor",
        "What the Collector refused because its memory was full",
    ),
    *_declare(
        Counter,
        "otelcol_sms_retry_answers",
        "job instance extension answer",
        "Answers that made a ship's Collector keep what it had sent; they exist only after the first one",
    ),
    *_declare(
        Counter,
        "otelcol_sms_retry_refused_batches otelcol_sms_retry_refused_bytes",
        "job instance extension",
        "Batches that a ship's Collector put away because they alone were refused",
    ),
    *_declare(
        Gauge,
        "otelcol_sms_retry_batches_aside otelcol_sms_retry_refused_files otelcol_sms_retry_folder_gone",
        "job instance extension",
        "Batches that stand aside, files of refused ones, and whether their folder was deleted",
    ),
    *_declare(Counter, "otelcol_process_uptime otelcol_process_cpu_seconds", "job instance", "The Collector's process"),
    *_declare(Gauge, "otelcol_process_memory_rss", "job instance", "The Collector's memory"),
)

ALERTING = (
    *_declare(
        Counter,
        "prometheus_rule_evaluation_failures_total",
        "job instance rule_group",
        "Rules that Prometheus could not evaluate",
    ),
    *_declare(
        Counter,
        "alertmanager_notifications_failed_total",
        "job instance integration reason",
        "Messages that Alertmanager could not deliver",
    ),
)

_SPAN_LABELS = (
    "job instance service version environment service_name span_name span_kind status_code collector_instance_id "
    "http_route sms_journey_name sms_journey_outcome sms_sla_breached"
)
_GRAPH_LABELS = "job instance client server connection_type failed"

SPANS = (
    *_declare(
        Counter,
        "traces_span_metrics_calls_total",
        _SPAN_LABELS,
        "Calls, counted from spans before any is sampled away",
    ),
    *_declare(
        Histogram,
        "traces_span_metrics_duration_seconds",
        _SPAN_LABELS,
        "Durations, measured from spans before any is sampled away",
    ),
    *_declare(
        Counter,
        "traces_service_graph_request_total traces_service_graph_request_failed_total",
        _GRAPH_LABELS,
        "Requests of one service to another, counted from spans before any is sampled away",
    ),
    *_declare(
        Histogram,
        "traces_service_graph_request_client_seconds traces_service_graph_request_server_seconds",
        _GRAPH_LABELS,
        "How long they took, as the caller and as the called one saw it",
    ),
)

METRICS = (*RULES, *SCRAPES, *COLLECTOR, *ALERTING, *SPANS)
