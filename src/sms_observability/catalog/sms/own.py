"""What the library itself measures: journeys, its own delivery, the event loop."""

from __future__ import annotations

from sms_observability.catalog.buckets import JOURNEY_SECONDS, LAG_SECONDS
from sms_observability.catalog.field import Field
from sms_observability.catalog.metric import Metric
from sms_observability.catalog.sms.labels import JOURNEY, OUTCOME, REASON, SIGNAL

_METRIC = Field("metric", max_length=255, description="The metric's OpenTelemetry name")

METRICS = (
    Metric.histogram(
        "sms.journey.duration",
        unit="s",
        labels=(JOURNEY, OUTCOME),
        buckets=JOURNEY_SECONDS,
        thresholds=(3, 5, 10),
        description="How long a journey took",
        prometheus="sms_journey_duration_seconds",
    ),
    Metric.counter(
        "sms.journey.sla.breaches",
        unit="{journey}",
        labels=(JOURNEY, OUTCOME),
        description="Journeys that took longer than promised",
        prometheus="sms_journey_sla_breaches_total",
    ),
    Metric.histogram(
        "sms.eventloop.lag",
        unit="s",
        buckets=LAG_SECONDS,
        description="How late the event loop runs what is due",
        prometheus="sms_eventloop_lag_seconds",
    ),
    Metric.counter(
        "sms.telemetry.emitted",
        unit="{item}",
        labels=(SIGNAL,),
        description="Spans, log records and data points that were made",
        prometheus="sms_telemetry_emitted_total",
    ),
    Metric.counter(
        "sms.telemetry.delivered",
        unit="{item}",
        labels=(SIGNAL,),
        description="Items that the receiver has accepted",
        prometheus="sms_telemetry_delivered_total",
    ),
    Metric.gauge(
        "sms.telemetry.queued",
        unit="{item}",
        labels=(SIGNAL,),
        across_replicas="sum",
        description="Items on their way in memory",
        prometheus="sms_telemetry_queued",
    ),
    Metric.gauge(
        "sms.telemetry.spooled",
        unit="{item}",
        labels=(SIGNAL,),
        across_replicas="sum",
        description="Items that wait on disk",
        prometheus="sms_telemetry_spooled",
    ),
    Metric.counter(
        "sms.telemetry.dropped",
        unit="{item}",
        labels=(SIGNAL, REASON),
        description="Items that were lost or withheld, and why",
        initialise=({"signal": "traces"}, {"signal": "logs"}, {"signal": "metrics"}),
        prometheus="sms_telemetry_dropped_total",
    ),
    Metric.counter(
        "sms.telemetry.export.failures",
        unit="{request}",
        labels=(SIGNAL, REASON),
        description="Requests to the receiver that failed, retried ones included",
        prometheus="sms_telemetry_export_failures_total",
    ),
    Metric.histogram(
        "sms.telemetry.export.duration",
        unit="s",
        labels=(SIGNAL,),
        description="How long a request to the receiver took",
        prometheus="sms_telemetry_export_duration_seconds",
    ),
    Metric.counter(
        "sms.telemetry.redacted",
        unit="{field}",
        labels=(REASON,),
        description="Fields that were withheld because of their class",
        prometheus="sms_telemetry_redacted_total",
    ),
    Metric.counter(
        "sms.telemetry.measurements.dropped",
        unit="{measurement}",
        labels=(_METRIC, REASON),
        description="Labels and measurements not kept as given: unknown label, too many series, unusable amount",
        prometheus="sms_telemetry_measurements_dropped_total",
    ),
)
