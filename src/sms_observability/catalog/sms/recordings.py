"""What Prometheus computes once for alerts and dashboards (monitoring plan, section 2.4, and what its alerts need).

The plan's `node_*` names exist in no exporter: they are made here of those that do.
"""

from __future__ import annotations

from sms_observability.catalog.recording import RecordingRule

_HOSTS = "sms-hosts"
_BY_HOST = "environment, instance"
_SYNCS = "sms_offline_sync_duration_seconds_count"
_CONTACT = "vessel:last_contact:timestamp_seconds"
_MARKUP = "sum by (environment) (increase(_sms_parts_markup_realized_dollars_sum[1d]))"
_VALUE = "sum by (environment) (increase(_sms_parts_order_value_dollars_sum[1d]))"


def _labelled(expr: str, name: str, value: str) -> str:
    return f'label_replace({expr}, "{name}", "{value}", "", "")'


def _node(kind: str, what: str, label: str, value: str) -> str:
    rates = f"sum by ({_BY_HOST}, device) (rate({what}[5m]))"
    named = f'label_replace({rates}, "interface", "$1", "device", "(.*)")' if kind == "network" else rates
    by = f"{_BY_HOST}, {'interface' if kind == 'network' else 'device'}"
    return _labelled(f"sum by ({by}) ({named})", label, value)


HOSTS = (
    RecordingRule(
        "node_cpu_usage_percent",
        f'100 * (1 - avg by ({_BY_HOST}, cpu) (rate(node_cpu_seconds_total{{mode="idle"}}[5m])))',
        _HOSTS,
        description="How busy each CPU of a host is, in percent.",
    ),
    RecordingRule(
        "node_memory_usage_percent",
        f"100 * (1 - max by ({_BY_HOST}) (node_memory_MemAvailable_bytes) / "
        f"max by ({_BY_HOST}) (node_memory_MemTotal_bytes))",
        _HOSTS,
        description="How full a host's memory is, in percent.",
    ),
    RecordingRule(
        "node_disk_io_rate_bytes",
        f"{_node('disk', 'node_disk_read_bytes_total', 'operation', 'read')}\n"
        f"or {_node('disk', 'node_disk_written_bytes_total', 'operation', 'write')}",
        _HOSTS,
        description="Bytes a second that a disk reads and writes.",
    ),
    RecordingRule(
        "node_network_throughput_bytes",
        f"{_node('network', 'node_network_receive_bytes_total', 'direction', 'receive')}\n"
        f"or {_node('network', 'node_network_transmit_bytes_total', 'direction', 'transmit')}",
        _HOSTS,
        description="Bytes a second that a network interface takes and sends.",
    ),
    # The sum of counters is a counter as long as none of them starts anew: one host, one interface, so it is.
    RecordingRule(
        "node_network_errors_total",
        "\nor ".join(
            _labelled(
                f"sum by ({_BY_HOST}, interface) (label_replace(node_network_{direction}_errs_total, "
                '"interface", "$1", "device", "(.*)"))',
                "type",
                direction,
            )
            for direction in ("receive", "transmit")
        ),
        _HOSTS,
        description="Faulty packets of a network interface.",
    ),
    # Hosts without a node exporter are measured by the Collector that runs on them.
    RecordingRule(
        "instance:cpu_usage:percent",
        f"avg by ({_BY_HOST}) (node_cpu_usage_percent)\n"
        f'or 100 * (1 - avg by ({_BY_HOST}) (rate(system_cpu_time_seconds_total{{state="idle"}}[5m])))',
        _HOSTS,
        description="How busy a host is, in percent of all its CPUs.",
    ),
    RecordingRule(
        "instance:memory_usage:percent",
        "node_memory_usage_percent\n"
        f'or 100 * sum by ({_BY_HOST}) (system_memory_usage_bytes{{state="used"}}) / '
        f"sum by ({_BY_HOST}) (system_memory_usage_bytes)",
        _HOSTS,
        description="How full a host's memory is, in percent, whoever measures it.",
    ),
    RecordingRule(
        "instance_mountpoint:disk_usage:percent",
        f"100 * (1 - min by ({_BY_HOST}, mountpoint) (node_filesystem_avail_bytes) / "
        f"max by ({_BY_HOST}, mountpoint) (node_filesystem_size_bytes > 0))\n"
        f'or 100 * (1 - sum by ({_BY_HOST}, mountpoint) (system_filesystem_usage_bytes{{state="free"}}) / '
        f"sum by ({_BY_HOST}, mountpoint) (system_filesystem_usage_bytes))",
        _HOSTS,
        description="How full a file system is, in percent.",
    ),
)

_CONTAINER = "environment, namespace, pod, container"
_DATABASE = "environment, instance, datname"
_PG = "pg_stat_database_blks"

PROGRAMS = (
    RecordingRule(
        "container:cpu_usage:cores",
        f"sum by ({_CONTAINER}) (rate(container_cpu_usage_seconds_total[5m]))",
        "sms-programs",
        description="CPUs that a container uses.",
    ),
    RecordingRule(
        "container:memory_usage:percent",
        f"100 * max by ({_CONTAINER}) (container_memory_working_set_bytes)\n"
        f"/ (max by ({_CONTAINER}) (container_spec_memory_limit_bytes) > 0)",
        "sms-programs",
        description="How much of the memory that it may use a container uses, in percent.",
    ),
    RecordingRule(
        "instance:postgresql_connections:percent",
        f"100 * sum by ({_BY_HOST}) (pg_stat_activity_count) / max by ({_BY_HOST}) (pg_settings_max_connections)",
        "sms-programs",
        description="How many of the connections that PostgreSQL takes are open, in percent.",
    ),
    RecordingRule(
        "instance_datname:postgresql_cache_hit:percent",
        f"100 * sum by ({_DATABASE}) (rate({_PG}_hit_total[5m]))\n"
        f"/ (sum by ({_DATABASE}) (rate({_PG}_hit_total[5m])) + sum by ({_DATABASE}) (rate({_PG}_read_total[5m])) > 0)",
        "sms-programs",
        description="How many of a database's blocks are read from memory, in percent.",
    ),
    RecordingRule(
        "instance:redis_memory_usage:percent",
        f"100 * max by ({_BY_HOST}) (redis_memory_used_bytes) / (max by ({_BY_HOST}) (redis_memory_max_bytes) > 0)",
        "sms-programs",
        description="How much of the memory that it may use Redis uses, in percent.",
    ),
    RecordingRule(
        "instance:redis_keyspace_hit:percent",
        f"100 * sum by ({_BY_HOST}) (rate(redis_keyspace_hits_total[5m]))\n"
        f"/ (sum by ({_BY_HOST}) (rate(redis_keyspace_hits_total[5m])) "
        f"+ sum by ({_BY_HOST}) (rate(redis_keyspace_misses_total[5m])) > 0)",
        "sms-programs",
        description="How many of the keys that are asked for are there, in percent.",
    ),
    RecordingRule(
        "instance_exporter:otelcol_queue_usage:percent",
        "100 * max by (environment, job, instance, exporter, data_type) (otelcol_exporter_queue_size)\n"
        "/ max by (environment, job, instance, exporter, data_type) (otelcol_exporter_queue_capacity)",
        "sms-programs",
        description="How full a queue of the Collector is, in percent.",
    ),
)

BUSINESS = (
    # What is remembered here outlives the process that told it: a ship that is silent tells nothing any more.
    RecordingRule(
        _CONTACT,
        "max by (environment, vessel_id) (\n"
        f'  timestamp((changes({_SYNCS}{{vessel_id!=""}}[5m]) > 0) or '
        f'({_SYNCS}{{vessel_id!=""}} unless {_SYNCS}{{vessel_id!=""}} offset 5m))\n'
        f"  or last_over_time({_CONTACT}[1h])\n"
        ")",
        "sms-vessels",
        description="When work from a vessel last reached the portal, in seconds since 1970.",
    ),
    # Each ship has its own series of orders, and the alert asks for them five times.
    *(
        RecordingRule(
            f"environment:parts_orders_{how}:increase5m",
            f"sum by (environment) (increase(sms_parts_orders_{how}_total[5m]))",
            "sms-orders",
            description=f"Orders that were {how} within 5 minutes.",
        )
        for how in ("failed", "completed")
    ),
    RecordingRule(
        "company:user_sessions:increase5m",
        "sum by (environment, company_id) (increase(sms_user_sessions_total[5m]))",
        "sms-companies",
        interval="5m",
        description="Sessions that a company's users began within 5 minutes.",
    ),
)

RESTRICTED = (
    # Markup is a share of the cost; the cost is what the customer pays without it.
    RecordingRule(
        "_sms_parts_markup_realized_percent",
        f"100 * {_MARKUP} / ({_VALUE} - {_MARKUP})",
        "sms-revenue",
        restricted=True,
        description="Markup as a share of the cost over a day.",
    ),
)

RECORDINGS = (*HOSTS, *PROGRAMS, *BUSINESS, *RESTRICTED)
