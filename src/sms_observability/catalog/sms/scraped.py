"""What the Collector reads of hosts, containers, databases and caches (monitoring plan, section 1.2).

Its receivers take these names and labels, and the public net lets no other one of theirs pass. Names are those in
Prometheus; where a program's own name differs, it stands in front of `=`: Prometheus wants `_total` behind every
counter, and not every exporter writes it.
"""

from __future__ import annotations

from sms_observability.catalog.field import Field
from sms_observability.catalog.metric import Counter, Gauge, Metric, UpDownCounter

_labels: dict[str, Field] = {}


def _declare(kind: type[Metric], names: str, labels: str, description: str) -> list[Metric]:
    fields = tuple(_labels.setdefault(name, Field(name)) for name in labels.split())
    pairs = ((each.partition("=")[0], each.rpartition("=")[2]) for each in names.split())
    return [
        kind(name, prometheus=shown, labels=fields, description=description, source="scraped") for name, shown in pairs
    ]


UP = _declare(Gauge, "up", "job instance", "1 where the last scrape worked: of the Collector, not of a service")

NODES = (
    *_declare(Counter, "node_cpu_seconds_total", "job instance cpu mode", "CPU seconds of a host, by mode"),
    *_declare(
        Gauge,
        "node_memory_MemAvailable_bytes node_memory_MemTotal_bytes",
        "job instance",
        "Memory of a host that is available, and all of it",
    ),
    *_declare(
        Counter, "node_disk_read_bytes_total node_disk_written_bytes_total", "job instance device", "Bytes of a disk"
    ),
    *_declare(
        Counter,
        "node_network_receive_bytes_total node_network_transmit_bytes_total "
        "node_network_receive_errs_total node_network_transmit_errs_total",
        "job instance device",
        "Bytes and errors of a network interface",
    ),
    *_declare(
        Gauge, "node_timex_offset_seconds", "job instance", "How far the clock of a host is from its time server"
    ),
    *_declare(
        Gauge, "node_filesystem_avail_bytes node_filesystem_size_bytes", "job instance device mountpoint", "Disk space"
    ),
)
"""Of the node exporter."""

_CONTAINER = "job instance namespace pod container"

CONTAINERS = (
    *_declare(Counter, "container_cpu_usage_seconds_total", f"{_CONTAINER} cpu", "CPU seconds of a container"),
    *_declare(
        Counter,
        "container_cpu_cfs_periods_total container_cpu_cfs_throttled_periods_total container_oom_events_total",
        _CONTAINER,
        "Slices of CPU time of a container, those in which it was held back, and how often memory ran out",
    ),
    *_declare(
        Gauge,
        "container_memory_working_set_bytes container_spec_memory_limit_bytes container_start_time_seconds",
        _CONTAINER,
        "Memory of a container that cannot be taken back, its limit, and since when it runs",
    ),
    *_declare(
        Counter,
        "container_network_receive_bytes_total container_network_transmit_bytes_total",
        f"{_CONTAINER} interface",
        "Bytes of a container's network interface",
    ),
    *_declare(
        Counter,
        "container_fs_reads_bytes_total container_fs_writes_bytes_total",
        f"{_CONTAINER} device",
        "Bytes that a container reads and writes",
    ),
)
"""Of cAdvisor."""

DATABASES = (
    *_declare(Gauge, "pg_up", "job instance", "1 where the exporter reaches PostgreSQL"),
    *_declare(
        Counter,
        "pg_stat_database_xact_commit=pg_stat_database_xact_commit_total "
        "pg_stat_database_xact_rollback=pg_stat_database_xact_rollback_total "
        "pg_stat_database_blks_hit=pg_stat_database_blks_hit_total "
        "pg_stat_database_blks_read=pg_stat_database_blks_read_total "
        "pg_stat_database_deadlocks=pg_stat_database_deadlocks_total",
        "job instance datname",
        "Transactions, block reads and deadlocks of a database",
    ),
    *_declare(Gauge, "pg_stat_activity_count", "job instance datname state", "Connections of a database, by state"),
    *_declare(Gauge, "pg_database_size_bytes", "job instance datname", "Size of a database"),
    *_declare(
        Gauge,
        "pg_settings_max_connections pg_replication_lag_seconds",
        "job instance",
        "How many connections PostgreSQL takes, and how far a replica is behind",
    ),
    *_declare(Gauge, "pg_locks_count", "job instance datname mode", "Locks that are held, by mode"),
)
"""Of the PostgreSQL exporter."""

CACHES = (
    *_declare(Gauge, "redis_up", "job instance", "1 where the exporter reaches Redis"),
    *_declare(
        Gauge,
        "redis_connected_clients redis_blocked_clients redis_memory_used_bytes redis_memory_max_bytes "
        "redis_uptime_in_seconds",
        "job instance",
        "Clients, memory and uptime of Redis",
    ),
    *_declare(
        Counter,
        "redis_commands_processed_total redis_keyspace_hits_total redis_keyspace_misses_total "
        "redis_evicted_keys_total redis_expired_keys_total redis_rejected_connections_total",
        "job instance",
        "Commands, hits, misses, evictions and refused connections of Redis",
    ),
    *_declare(Gauge, "redis_db_keys", "job instance db", "Keys of a database of Redis"),
    *_declare(
        Counter,
        "redis_commands_total redis_commands_duration_seconds_total",
        "job instance cmd",
        "Calls of a command, and how long they took together",
    ),
)
"""Of the Redis exporter."""

_HOST = "job instance"

HOST = (
    *_declare(
        Counter, "system.cpu.time=system_cpu_time_seconds_total", f"{_HOST} cpu state", "CPU seconds of the host"
    ),
    *_declare(
        Gauge,
        "system.cpu.load_average.1m=system_cpu_load_average_1m system.cpu.load_average.15m=system_cpu_load_average_15m",
        _HOST,
        "How many threads run or want to",
    ),
    *_declare(UpDownCounter, "system.memory.usage=system_memory_usage_bytes", f"{_HOST} state", "Memory of the host"),
    *_declare(
        Counter,
        "system.disk.io=system_disk_io_bytes_total system.network.io=system_network_io_bytes_total "
        "system.network.errors=system_network_errors_total",
        f"{_HOST} device direction",
        "Bytes of disks and network interfaces, and errors of the latter",
    ),
    *_declare(
        UpDownCounter,
        "system.filesystem.usage=system_filesystem_usage_bytes",
        f"{_HOST} device mountpoint mode state",
        "Disk space, by what it is used for",
    ),
)
"""Of the Collector's own host, without an exporter."""

METRICS = (*UP, *NODES, *CONTAINERS, *DATABASES, *CACHES, *HOST)
