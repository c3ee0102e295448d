"""The dashboard of the watchers: what becomes of telemetry in the services."""

from __future__ import annotations

from sms_observability.catalog.dashboard import Dashboard, Row
from sms_observability.catalog.sms import targets
from sms_observability.catalog.sms.dashboards.asking import ENVIRONMENT, SERVICE, show

TELEMETRY = Dashboard(
    "sms-telemetry",
    "Telemetry Health",
    "For the platform team: whether every span, log line and measurement that the services make also arrives. While "
    "this dashboard is red, the others may be wrong.",
    range="now-6h",
    runbook="telemetry-dropped",
    tags=("telemetry",),
    variables=(ENVIRONMENT, SERVICE),
    rows=(
        Row(
            "Now",
            (
                show(
                    "gauge",
                    "Delivered",
                    "Share of all items made in the chosen time that were delivered or still wait; the rest was "
                    "dropped, see Dropped by Reason.",
                    "100 * (1 - (sum(increase(sms_telemetry_dropped_total{$on}$over)) or vector(0)) / "
                    "sum(increase(sms_telemetry_emitted_total{$on}$over)))",
                    unit="percent",
                    minimum=99,
                    target=targets.DELIVERED,
                ),
                show(
                    "stat",
                    "Dropped",
                    "Items that were lost or withheld in the chosen time. Withheld is as it should be; lost is not.",
                    "sum(increase(sms_telemetry_dropped_total{$on}$over)) or vector(0)",
                ),
                show(
                    "stat",
                    "Failing Exports",
                    "Requests to the receiver that failed within five minutes, by all services. They are repeated; if "
                    "it goes on, the Collector is away.",
                    "sum(increase(sms_telemetry_export_failures_total{$on}[5m])) or vector(0)",
                    target=targets.NONE,
                ),
                show(
                    "stat",
                    "Waiting",
                    "Items in the services' queues and on their disks.",
                    "sum(sms_telemetry_queued{$on}) + (sum(sms_telemetry_spooled{$on}) or vector(0))",
                ),
            ),
        ),
        Row(
            "Delivery",
            (
                show(
                    "timeseries",
                    "Items Emitted",
                    "Items a second that services make, by kind.",
                    ("sum by (signal) (rate(sms_telemetry_emitted_total{$on}$rate))", "{{signal}}"),
                    unit="cps",
                    draw="area",
                    minimum=0,
                ),
                show(
                    "timeseries",
                    "Items Delivered",
                    "Items a second that the receiver accepted, by kind. It should look like Items Emitted.",
                    ("sum by (signal) (rate(sms_telemetry_delivered_total{$on}$rate))", "{{signal}}"),
                    unit="cps",
                    draw="area",
                    minimum=0,
                ),
                show(
                    "timeseries",
                    "Dropped by Reason",
                    "Items within five minutes that were lost or withheld. queue_full: too much at once, or the "
                    "receiver is slow; restricted: withheld because no restricted door is configured.",
                    (
                        'sum by (signal, reason) (increase(sms_telemetry_dropped_total{$on, reason!=""}[5m]))',
                        "{{signal}} {{reason}}",
                    ),
                    draw="bars",
                    minimum=0,
                ),
                show(
                    "timeseries",
                    "Queued",
                    "Items that wait in memory. Growing without end: the receiver is away or too slow.",
                    ("sum by (service) (sms_telemetry_queued{$on})", "{{service}}"),
                    minimum=0,
                ),
                show(
                    "timeseries",
                    "Export Duration p95",
                    "p95 of a request to the receiver.",
                    (
                        (
                            "histogram_quantile(0.95, sum by (le, signal) "
                            "(rate(sms_telemetry_export_duration_seconds_bucket{$on}$rate)))"
                        ),
                        "{{signal}}",
                    ),
                    unit="s",
                ),
                show(
                    "timeseries",
                    "Export Failures",
                    "Requests within five minutes that failed, and why.",
                    ("sum by (reason) (increase(sms_telemetry_export_failures_total{$on}[5m]))", "{{reason}}"),
                    draw="bars",
                    minimum=0,
                ),
            ),
        ),
        Row(
            "Contents",
            (
                show(
                    "timeseries",
                    "Fields Redacted",
                    "Fields within five minutes that were withheld, and why. A step up: new code emits what it should "
                    "not.",
                    (
                        "sum by (service, reason) (increase(sms_telemetry_redacted_total{$on}[5m]))",
                        "{{service}} {{reason}}",
                    ),
                    minimum=0,
                ),
                show(
                    "table",
                    "Measurements Not Kept",
                    "Metrics that lost measurements or labels in the chosen time, and why: unknown labels, too many "
                    "series (cardinality), unusable amounts. Mend the code that records them.",
                    (
                        (
                            "topk(10, sum by (metric, reason) "
                            "(increase(sms_telemetry_measurements_dropped_total{$on}$over)) > 0)"
                        ),
                        "{{metric}} {{reason}}",
                    ),
                    columns={"metric": "Metric", "reason": "Reason"},
                ),
                show(
                    "timeseries",
                    "Cardinality Overflow",
                    "Measurements within a quarter of an hour that lost a label, because it had too many values or the "
                    "metric too many series. Alerted: use a label with fewer values.",
                    (
                        (
                            "sum by (service, metric) (increase(sms_telemetry_measurements_dropped_total"
                            '{$on, reason=~"series|label_values?"}[15m]))'
                        ),
                        "{{service}} {{metric}}",
                    ),
                    draw="bars",
                    minimum=0,
                ),
                show(
                    "timeseries",
                    "Withheld",
                    "Items within a quarter of an hour that were kept back: restricted ones that tried the public "
                    "door, and those that could not be made safe. Each is alerted.",
                    (
                        (
                            "sum by (service, signal, reason) (increase(sms_telemetry_dropped_total"
                            '{$on, reason=~"restricted|emit_failed|quarantined"}[15m]))'
                        ),
                        "{{service}} {{signal}} {{reason}}",
                    ),
                    draw="bars",
                    minimum=0,
                ),
                show(
                    "table",
                    "Series by Metric",
                    "The metrics with the most series. The limit is 10,000 each.",
                    ('topk(10, count by (__name__) ({__name__=~"sms_.+|http_.+|db_.+", $on}))', "{{__name__}}"),
                    target=targets.SERIES,
                    columns={"__name__": "Metric"},
                ),
                show(
                    "timeseries",
                    "Event Loop Lag p99",
                    "How late services run what is due. Above 100 ms something blocks the loop.",
                    (
                        (
                            "histogram_quantile(0.99, sum by (le, service) "
                            "(rate(sms_eventloop_lag_seconds_bucket{$on}$rate)))"
                        ),
                        "{{service}}",
                    ),
                    unit="s",
                    target=targets.LOOP_LAG,
                ),
            ),
        ),
    ),
)
