"""Recording rules give the right figure, under the names that the plan promised."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from monitoring.case import groups, promtool
from monitoring.series import flat, growing, of

pytestmark = [pytest.mark.servers, pytest.mark.slow]

_HOST = {"instance": "host-1"}
_POD = {"container": "parts-api", "pod": "p-1", "namespace": "sms"}
_QUEUE = {"job": "otelcol", "exporter": "otlp", "data_type": "traces", "instance": "g"}
_SERIES = {
    of("node_cpu_seconds_total", _HOST, cpu="0", mode="idle"): growing(45),
    of("node_cpu_seconds_total", _HOST, cpu="1", mode="idle"): growing(15),
    of("node_memory_MemAvailable_bytes", _HOST): flat(4e9),
    of("node_memory_MemTotal_bytes", _HOST): flat(16e9),
    of("node_disk_read_bytes_total", _HOST, device="sda"): growing(600),
    of("node_disk_written_bytes_total", _HOST, device="sda"): growing(1200),
    of("node_network_receive_bytes_total", _HOST, device="eth0"): growing(6000),
    of("node_network_transmit_bytes_total", _HOST, device="eth0"): growing(60),
    of("node_network_receive_errs_total", _HOST, device="eth0"): flat(7),
    of("container_cpu_usage_seconds_total", _POD, cpu="0"): growing(30),
    of("container_memory_working_set_bytes", _POD): flat(3e8),
    of("container_spec_memory_limit_bytes", _POD): flat(4e8),
    of("pg_stat_activity_count", _HOST, datname="portal", state="active"): flat(5),
    of("pg_stat_activity_count", _HOST, datname="portal", state="idle"): flat(20),
    of("pg_settings_max_connections", _HOST): flat(100),
    of("pg_stat_database_blks_hit_total", _HOST, datname="portal"): growing(990),
    of("pg_stat_database_blks_read_total", _HOST, datname="portal"): growing(10),
    of("redis_memory_used_bytes", _HOST): flat(25),
    of("redis_memory_max_bytes", _HOST): flat(100),
    of("redis_keyspace_hits_total", _HOST): growing(90),
    of("redis_keyspace_misses_total", _HOST): growing(10),
    of("otelcol_exporter_queue_size", _QUEUE): flat(50),
    of("otelcol_exporter_queue_capacity", _QUEUE): flat(1000),
}
_FIGURES = {
    'node_cpu_usage_percent{cpu="0"}': 25,
    'node_cpu_usage_percent{cpu="1"}': 75,
    "instance:cpu_usage:percent": 50,
    "node_memory_usage_percent": 75,
    "instance:memory_usage:percent": 75,
    'node_disk_io_rate_bytes{device="sda",operation="read"}': 10,
    'node_disk_io_rate_bytes{device="sda",operation="write"}': 20,
    'node_network_throughput_bytes{interface="eth0",direction="receive"}': 100,
    'node_network_throughput_bytes{interface="eth0",direction="transmit"}': 1,
    'node_network_errors_total{interface="eth0",type="receive"}': 7,
    'container:cpu_usage:cores{container="parts-api"}': 0.5,
    "container:memory_usage:percent": 75,
    "instance:postgresql_connections:percent": 25,
    'instance_datname:postgresql_cache_hit:percent{datname="portal"}': 99,
    "instance:redis_memory_usage:percent": 25,
    "instance:redis_keyspace_hit:percent": 90,
    "instance_exporter:otelcol_queue_usage:percent": 5,
}


def test_figures_of_hosts_and_programs_are_right(tmp_path: Path) -> None:
    """In the plan's units, with the plan's labels."""
    rules = [group for group in groups() if group["name"] in {"sms-hosts", "sms-programs"}]
    document = {
        "rule_files": ["rules.yaml"],
        "evaluation_interval": "1m",
        "group_eval_order": [group["name"] for group in rules],
        "tests": [
            {
                "interval": "1m",
                "input_series": [{"series": name, "values": values} for name, values in _SERIES.items()],
                "promql_expr_test": [
                    {
                        "expr": f"round(sum({name}), 0.001)",
                        "eval_time": "30m",
                        "exp_samples": [{"labels": "{}", "value": value}],
                    }
                    for name, value in _FIGURES.items()
                ],
            }
        ],
    }
    for name, content in (("rules.yaml", {"groups": rules}), ("tests.yaml", document)):
        (tmp_path / name).write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    promtool(tmp_path, "test", "rules", "tests.yaml")
