"""What services run on: hosts, network and databases; rows of the operations dashboard."""

from __future__ import annotations

from sms_observability.catalog.dashboard import Row
from sms_observability.catalog.sms import targets
from sms_observability.catalog.sms.dashboards.asking import show

RESOURCES = Row(
    "Resource usage",
    (
        show(
            "gauge",
            "CPU Usage",
            "How busy each host is. The target is below 80 %; above 90 % it is alerted.",
            ('max by (instance) (instance:cpu_usage:percent{instance=~"$instance"})', "{{instance}}"),
            unit="percent",
            target=(targets.CPU, targets.CPU_ALERT),
        ),
        show(
            "gauge",
            "Memory Usage",
            "How full each host's memory is. The target is below 85 %; above 90 % it is alerted.",
            ('max by (instance) (instance:memory_usage:percent{instance=~"$instance"})', "{{instance}}"),
            unit="percent",
            target=(targets.MEMORY, targets.MEMORY_ALERT),
        ),
        show(
            "gauge",
            "Disk Usage",
            "How full the fullest file system of each host is. Above 85 %, clean up or enlarge it.",
            ('max by (instance) (instance_mountpoint:disk_usage:percent{instance=~"$instance"})', "{{instance}}"),
            unit="percent",
            target=targets.DISK,
        ),
        show(
            "timeseries",
            "Process CPU",
            "Share of a core that each service's process uses.",
            ("100 * sum by (service, instance) (rate(process_cpu_time_seconds_total{$on}$rate))", "{{service}}"),
            unit="percent",
            width=8,
        ),
        show(
            "timeseries",
            "Process Memory",
            "Memory of each service's process. Growing without end means a leak.",
            ("sum by (service, instance) (process_memory_usage_bytes{$on})", "{{service}}"),
            unit="bytes",
            minimum=0,
            width=8,
        ),
        show(
            "timeseries",
            "Disk Input and Output",
            "Bytes a second that each host reads and writes.",
            ('sum by (instance) (rate(node_disk_read_bytes_total{instance=~"$instance"}$rate))', "{{instance}} read"),
            (
                'sum by (instance) (rate(node_disk_written_bytes_total{instance=~"$instance"}$rate))',
                "{{instance}} written",
            ),
            unit="Bps",
            minimum=0,
            width=8,
        ),
    ),
)

NETWORK = Row(
    "Network performance",
    (
        show(
            "timeseries",
            "Network Throughput",
            "Bytes a second that each host receives and sends.",
            (
                'sum by (instance) (rate(node_network_receive_bytes_total{instance=~"$instance"}$rate))',
                "{{instance}} received",
            ),
            (
                'sum by (instance) (rate(node_network_transmit_bytes_total{instance=~"$instance"}$rate))',
                "{{instance}} sent",
            ),
            unit="Bps",
            minimum=0,
            width=8,
        ),
        show(
            "timeseries",
            "Network Errors",
            "Faulty packets a second. Anything but nought for long: a cable, a driver, a satellite link.",
            (
                (
                    'sum by (instance) (rate(node_network_receive_errs_total{instance=~"$instance"}$rate) + '
                    'rate(node_network_transmit_errs_total{instance=~"$instance"}$rate))'
                ),
                "{{instance}}",
            ),
            unit="cps",
            minimum=0,
            width=8,
        ),
        show(
            "timeseries",
            "Network Latency",
            "How long an answer takes from outside. Above a second, something on the way is slow.",
            ("max by (instance) (probe_duration_seconds)", "{{instance}}"),
            unit="s",
            target=targets.PROBE,
            width=8,
        ),
    ),
)

DATABASE = Row(
    "Database performance",
    (
        show(
            "timeseries",
            "Query Duration p95",
            "p95 of statements by table. A table that stands out lacks an index, or is locked.",
            (
                (
                    "histogram_quantile(0.95, sum by (le, table, query_type) "
                    "(rate(db_query_duration_seconds_bucket{$on}$rate)))"
                ),
                "{{query_type}} {{table}}",
            ),
            unit="s",
        ),
        show(
            "gauge",
            "Connection Pool Usage",
            "Share of each pool's connections that are in use. Above 90 % requests begin to wait: it is alerted.",
            (
                (
                    "100 * max by (service, pool_name) (db_connection_pool_used{$on}) / "
                    "max by (service, pool_name) (db_connection_pool_size{$on})"
                ),
                "{{service}} {{pool_name}}",
            ),
            unit="percent",
            target=targets.POOL,
            width=12,
            height=8,
        ),
        show(
            "timeseries",
            "Database Connections",
            "Connections in use of each pool, and how many there may be.",
            ("sum by (service, pool_name) (db_connection_pool_used{$on})", "{{service}} used"),
            ("sum by (service, pool_name) (db_connection_pool_size{$on})", "{{service}} most"),
            minimum=0,
        ),
        show(
            "timeseries",
            "Transaction Duration p95",
            "p95 of transactions from begin to commit, by what they do.",
            (
                (
                    "histogram_quantile(0.95, sum by (le, transaction_type) "
                    "(rate(db_transaction_duration_seconds_bucket{$on}$rate)))"
                ),
                "{{transaction_type}}",
            ),
            unit="s",
        ),
    ),
)
