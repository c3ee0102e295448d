"""In which situations each alert fires, and in which it does not."""

from __future__ import annotations

from monitoring.case import Case, Labels
from monitoring.series import counted, flat, growing, measured, of, restarting, shared

_ENV = {"environment": "production"}
_SERVICE = {"environment": "production", "service": "vessels-api"}


def _down(service: str, fires: Labels, *, absence: bool, at: str = "40m") -> tuple[Case, ...]:
    """Give the situations of a service that is gone."""
    beat = "process_uptime_seconds"
    a, b = (of(beat, service=service, instance=instance) for instance in "ab")
    probe = of("probe_success", service=service, instance="https://portal.example/readyz")
    lives = "0+60x80"
    return (
        Case("fire", {a: "0+60x20 1200x60"}, (fires,), at),
        Case("gone altogether", {a: "0+60x20 stale"}, (fires,), at),
        Case("not fire", {a: lives, probe: flat(1, 80)}, (), at),
        Case("no data", {}, (fires,) if absence else (), at),
        Case("restart", {a: "0+60x20 0+60x60"}, (), at),
        # Two minutes away, and then heard for the first time: it has not moved yet, and is there.
        *(Case("restart with a pause", {a: "0+60x20 stale _ 0+60x60"}, (), minute) for minute in ("23m", "24m")),
        Case("deployed anew", {a: "0+60x20 stale", b: "_x19 0+60x60"}, (), at),
        Case("replica", {a: "0+60x20 1200x60", b: lives}, (), at),
        Case("low traffic", {a: lives}, (), at),
        Case("a probe is not answered, and nothing was ever heard", {probe: flat(0, 80)}, (fires,), at),
        Case("a probe is answered, and nothing was ever heard", {probe: flat(1, 80)}, (), at),
        Case("a probe is not answered", {a: lives, probe: "1x20 0x60"}, (fires,), at),
        Case("cut off, but it answers", {a: "0+60x20 1200x60", probe: flat(1, 80)}, (), at),
    )


def _quantile(limit: float, least: float, labels: Labels, fires: Labels) -> tuple[Case, ...]:
    """Give the situations of a duration whose 95th percentile is alerted."""

    def series(slow: float, events: float, replicas: str = "a", *, restart: bool = False) -> dict[str, str]:
        write = restarting if restart else growing
        found: dict[str, str] = {}
        for instance in replicas:
            share = events / len(replicas)
            for le, part in (("0.25", 1 - slow), (f"{limit:g}", 1 - slow), ("5.0", 1), ("+Inf", 1)):
                name = of("http_request_duration_seconds_bucket", labels, instance=instance, le=le)
                found[name] = write(share * part)
            found[of("http_request_duration_seconds_count", labels, instance=instance)] = write(share)
        return found

    busy = least * 4 / 5
    return (
        Case("fire", series(0.1, busy), (fires,)),
        Case("not fire", series(0.02, busy), ()),
        Case("no data", {}, ()),
        Case("restart", series(0.02, busy, restart=True), ()),
        Case("replica", series(0.1, busy, "abc"), (fires,)),
        Case("low traffic", series(1.0, least * 0.5 / 5), ()),
    )


def _absent_never(name: str, labels: Labels) -> dict[str, str]:
    return {of(name, labels): growing(1)}


_ENDPOINT = {**_SERVICE, "endpoint": "/api/parts/orders"}
_OK, _BROKEN = {**_ENDPOINT, "status": "200"}, {**_ENDPOINT, "status": "500"}
_REQUESTS = "http_requests_total"
_JOURNEY = "sms_journey_duration_seconds_count"
_SYNC = {**_ENV, "service": "sync-api", "journey": "technician_sync_flow"}
_POOL = {**_SERVICE, "instance": "vessels-api-0", "pool_name": "main"}
_HOST = {**_ENV, "instance": "host-1"}
_STATEMENTS = "db_client_operation_duration_seconds_count"
_COLLECTOR = {"job": "otelcol", "instance": "gateway:8888", "environment": "production"}
_ABOARD = {"job": "otelcol-vessel", "instance": "v1", "vessel_id": "v1", "environment": "production"}
_SHIP = {**_ENV, "vessel_id": "v1"}
_MARKUP, _VALUE = "_sms_parts_markup_realized_dollars", "_sms_parts_order_value_dollars"


def _markup(share: float, orders: float, replicas: str = "a", *, restart: bool = False) -> dict[str, str]:
    write = (lambda each: restarting(each, 60, 6)) if restart else (lambda each: growing(each, 360))
    found: dict[str, str] = {}
    for instance in replicas:
        each = orders / len(replicas)
        found[of(f"{_MARKUP}_sum", instance=instance)] = write(each * 100 * share / (1 + share))
        found[of(f"{_VALUE}_sum", instance=instance)] = write(each * 100)
        found[of(f"{_VALUE}_count", instance=instance)] = write(each)
    return found


_STUCK = {"company_id": "cmp_1", "vessel_id": "vsl_1"}
_STARTED = {of("sms_onboarding_started_timestamp_seconds", _STUCK): flat(0, 2000)}

_UP = "up"

CASES: dict[str, tuple[Case, ...]] = {
    "PartsOrderingSystemDown": _down("parts-api", {**_ENV, "service": "parts-api"}, absence=True),
    "PaymentProcessingDown": _down("payment-processor", {**_ENV, "service": "payment-processor"}, absence=True),
    "ServiceDown": (
        *_down("sync-api", {**_ENV, "service": "sync-api"}, absence=False),
        Case("a job that is done", {of("process_uptime_seconds", service="nightly-job"): "0+60x20 stale"}, ()),
    ),
    "PartsOrderingTelemetryAbsent": tuple(
        case
        for case in _down("parts-api", {**_ENV, "service": "parts-api"}, absence=True)
        if "answer" not in case.situation
    ),
    "PartsOrderFailureRate": shared(
        ("sms_parts_orders_failed_total", {"vessel_id": "v1", "failure_reason": "supplier"}),
        ("sms_parts_orders_completed_total", {"vessel_id": "v1", "order_type": "standard"}),
        0.05,
        10,
        {**_ENV, "service": "parts-api"},
    ),
    "MarkupMarginBelowTarget": (
        Case("fire", _markup(0.12, 1), ({**_ENV, "restricted": "true"},), "5h", "5m"),
        Case("not fire", _markup(0.21, 1), (), "5h", "5m"),
        Case("no data", {}, (), "5h", "5m"),
        Case("restart", _markup(0.21, 1, restart=True), (), "5h", "5m"),
        Case("restart while it is bad", _markup(0.12, 1, restart=True), ({**_ENV, "restricted": "true"},), "5h", "5m"),
        Case("replica", _markup(0.12, 1, "abc"), ({**_ENV, "restricted": "true"},), "5h", "5m"),
        Case("low traffic", _markup(0.02, 0.01), (), "5h", "5m"),
        # 18 % of the price would be 22 % of the cost: margin is not markup.
        Case("markup is a share of the cost", _markup(0.185, 1), (), "5h", "5m"),
    ),
    "DatabaseDown": (
        *measured("pg_up", 0, 1, {"instance": "pg-1"}, _ENV),
        Case(
            "statements fail",
            {
                of(_STATEMENTS, _SERVICE, error_type="OperationalError"): growing(20),
                of(_STATEMENTS, _SERVICE): growing(4),
            },
            (_SERVICE,),
        ),
        Case("few statements", {of(_STATEMENTS, _SERVICE, error_type="OperationalError"): growing(1)}, ()),
        Case("it stays half an hour", {of("pg_up", instance="pg-1"): "1x10 0x5 1x60"}, (_ENV,)),
        Case("and no longer", {of("pg_up", instance="pg-1"): "1x10 0x5 1x60"}, (), "55m"),
    ),
    "CacheDown": measured("redis_up", 0, 1, {"instance": "redis-1"}, _ENV),
    "SyncFailure": shared(
        (_JOURNEY, {**_SYNC, "outcome": "failure"}),
        (_JOURNEY, {**_SYNC, "outcome": "success"}),
        0.05,
        10,
        {**_ENV, "service": "sync-api"},
    ),
    "VesselSilent": (
        Case(
            "fire",
            {of("sms_offline_sync_duration_seconds_count", vessel_id="v1", service="sync-api"): "0+1x60 60x1600"},
            ({**_ENV, "vessel_id": "v1"},),
            "27h",
        ),
        Case(
            "not fire",
            {of("sms_offline_sync_duration_seconds_count", vessel_id="v1"): "0+1x60 60x1200 61x400"},
            (),
            "26h",
        ),
        Case("no data", {}, (), "26h"),
        Case(
            "restart",
            {of("sms_offline_sync_duration_seconds_count", vessel_id="v1"): "0+1x60 60x1300 0+1x300"},
            (),
            "27h",
        ),
        Case(
            "replica",
            {
                of("sms_offline_sync_duration_seconds_count", vessel_id="v1", instance="a"): "0+1x60 60x1600",
                of("sms_offline_sync_duration_seconds_count", vessel_id="v1", instance="b"): "0+1x1700",
            },
            (),
            "27h",
        ),
        Case(
            "low traffic",
            {of("sms_offline_sync_duration_seconds_count", vessel_id="v1"): "0x700 1x700 2x700"},
            (),
            "27h",
        ),
        Case(
            "forgotten by a restart of the portal, and still silent",
            {of("sms_offline_sync_duration_seconds_count", vessel_id="v1"): "0+1x60 stale"},
            ({**_ENV, "vessel_id": "v1"},),
            "27h",
        ),
        Case(
            "its own allowance",
            {
                of("sms_offline_sync_duration_seconds_count", vessel_id="v1"): "0+1x60 60x600",
                of("sms_vessel_offline_allowance_seconds", vessel_id="v1"): flat(7200, 700),
            },
            ({**_ENV, "vessel_id": "v1"},),
            "4h",
        ),
        Case(
            "laid up",
            {
                of("sms_offline_sync_duration_seconds_count", vessel_id="v1"): "0+1x60 60x1600",
                of("sms_vessel_active", vessel_id="v1"): flat(0, 1700),
            },
            (),
            "27h",
        ),
    ),
    "CertificateExpiringSoon": measured(
        "probe_ssl_earliest_cert_expiry",
        10 * 86400,
        60 * 86400,
        {**_SERVICE, "instance": "https://x"},
        _SERVICE,
        at="90m",
    ),
    "CertificateExpiring": measured(
        "probe_ssl_earliest_cert_expiry", 86400, 60 * 86400, {**_SERVICE, "instance": "https://x"}, _SERVICE
    ),
    "APIHighLatency": _quantile(1, 30, {**_ENDPOINT}, _ENDPOINT),
    "APILatencyAboveTarget": _quantile(0.5, 100, {**_ENDPOINT}, _SERVICE),
    "DatabaseConnectionPoolExhausted": measured(
        "db_connection_pool_used", 19, 8, _POOL, _SERVICE, also={of("db_connection_pool_size", _POOL): flat(20)}
    ),
    "HighErrorRate": (
        *shared((_REQUESTS, _BROKEN), (_REQUESTS, _OK), 0.01, 100, _SERVICE),
        Case(
            "a small service fails beside a big one",
            {
                of(_REQUESTS, service="big", status="200"): growing(10_000),
                of(_REQUESTS, service="vessels-api", status="503"): growing(40),
            },
            (_SERVICE,),
        ),
    ),
    "APIError": shared((_REQUESTS, _BROKEN), (_REQUESTS, _OK), 0.05, 20, _ENDPOINT),
    "HighCPUUsage": (
        *(
            Case(
                name,
                {of("node_cpu_seconds_total", instance="host-1", cpu=cpu, mode="idle"): values for cpu in cpus},
                fires,
            )
            for name, values, cpus, fires in (
                ("fire", growing(1), "01", ({**_ENV, "instance": "host-1"},)),
                ("not fire", growing(40), "01", ()),
                ("restart", restarting(40), "01", ()),
                ("replica", growing(1), "0123", ({**_ENV, "instance": "host-1"},)),
                ("low traffic", growing(59), "0", ()),
            )
        ),
        Case("no data", {}, ()),
        Case(
            "the Collector's own host",
            {of("system_cpu_time_seconds_total", instance="vm-1", cpu="cpu0", state="idle"): growing(1)},
            ({**_ENV, "instance": "vm-1"},),
        ),
    ),
    "HighMemoryUsage": (
        *measured(
            "node_memory_MemAvailable_bytes",
            5e8,
            9e9,
            _HOST,
            _HOST,
            also={of("node_memory_MemTotal_bytes", _HOST): flat(16e9)},
        ),
        Case(
            "the Collector's own host",
            {
                of("system_memory_usage_bytes", instance="vm-1", state="used"): flat(95),
                of("system_memory_usage_bytes", instance="vm-1", state="free"): flat(5),
            },
            ({**_ENV, "instance": "vm-1"},),
        ),
    ),
    "DiskAlmostFull": (
        *measured(
            "node_filesystem_avail_bytes",
            5,
            80,
            {**_HOST, "mountpoint": "/"},
            {**_HOST, "mountpoint": "/"},
            also={of("node_filesystem_size_bytes", {**_HOST, "mountpoint": "/"}): flat(100)},
        ),
    ),
    "ServiceCPUSaturated": (
        Case(
            "fire",
            {
                of("process_cpu_utilization_ratio", _SERVICE, instance="a", cpu_mode=mode): flat(value)
                for mode, value in (("user", 0.7), ("system", 0.25))
            },
            (_SERVICE,),
        ),
        *(
            case
            for case in measured("process_cpu_utilization_ratio", 0.97, 0.3, {**_SERVICE, "instance": "a"}, _SERVICE)
            if case.situation != "fire"
        ),
    ),
    "ContainerMemoryNearLimit": (
        *measured(
            "container_memory_working_set_bytes",
            95,
            60,
            {"container": "parts-api", "pod": "p-1"},
            {**_ENV, "container": "parts-api"},
            also={of("container_spec_memory_limit_bytes", {"container": "parts-api", "pod": "p-1"}): flat(100)},
        ),
        Case(
            "no limit",
            {
                of("container_memory_working_set_bytes", container="x"): flat(95),
                of("container_spec_memory_limit_bytes", container="x"): flat(0),
            },
            (),
        ),
    ),
    "ContainerCPUThrottled": (
        *(
            Case(
                name,
                {
                    of("container_cpu_cfs_throttled_periods_total", container="c", pod=pod): write(throttled)
                    for pod in pods
                }
                | {of("container_cpu_cfs_periods_total", container="c", pod=pod): write(600) for pod in pods},
                tuple({**_ENV, "pod": pod} for pod in pods) if fires else (),
            )
            for name, write, throttled, pods, fires in (
                ("fire", growing, 450, "p", True),
                ("not fire", growing, 60, "p", False),
                ("restart", restarting, 60, "p", False),
                ("replica", growing, 450, "pq", True),
                ("low traffic", growing, 0, "p", False),
            )
        ),
        Case("no data", {}, ()),
    ),
    "SuspiciousLoginActivity": counted("sms_login_failures_total", 10, _SERVICE, _SERVICE),
    "UnauthorizedAPIAccess": counted(_REQUESTS, 50, {**_SERVICE, "status": "401"}, _SERVICE),
    "DataExfiltrationAttempt": counted("http_response_size_bytes_sum", 1e9, _SERVICE, _SERVICE),
    "SecurityEvent": counted(
        "sms_security_events_total", 0, {**_SERVICE, "threat": "sql_injection"}, {**_SERVICE, "threat": "sql_injection"}
    ),
    "LowUserEngagement": (
        Case("fire", {of("sms_user_sessions_total", role="crew"): growing(0.05, 300)}, (_ENV,), "4h", "5m"),
        Case("not fire", {of("sms_user_sessions_total", role="crew"): growing(1, 300)}, (), "4h", "5m"),
        Case("no data", {}, ({**_ENV, "service": "portal"},), "4h", "5m"),
        Case(
            "there were few, and then no more series",
            {of("sms_user_sessions_total", role="crew"): "0+0.05x200 stale"},
            (_ENV,),
            "5h",
            "5m",
        ),
        Case("restart", {of("sms_user_sessions_total", role="crew"): restarting(1, 37, 8)}, (), "4h", "5m"),
        Case(
            "replica",
            {of("sms_user_sessions_total", instance=each): growing(0.1, 300) for each in "abc"},
            (),
            "4h",
            "5m",
        ),
        Case("low traffic", {of("sms_user_sessions_total", role="crew"): flat(5, 300)}, (_ENV,), "4h", "5m"),
        Case("a quiet hour", {of("sms_user_sessions_total", role="crew"): "0+1x120 120x70 120+1x110"}, (), "4h", "5m"),
    ),
    "OnboardingStalled": (
        Case(
            "fire",
            {of("sms_onboarding_progress_percent", _STUCK): flat(25, 2000), **_STARTED},
            ({**_ENV, **_STUCK},),
            "26h",
        ),
        Case("not fire", {of("sms_onboarding_progress_percent", _STUCK): flat(60, 2000), **_STARTED}, (), "26h"),
        Case("no data", {}, (), "26h"),
        Case("restart", {of("sms_onboarding_progress_percent", _STUCK): "25x100 stale", **_STARTED}, (), "26h"),
        Case(
            "replica",
            {
                of("sms_onboarding_progress_percent", _STUCK, instance="a"): flat(25, 2000),
                of("sms_onboarding_progress_percent", _STUCK, instance="b"): flat(80, 2000),
                **_STARTED,
            },
            (),
            "26h",
        ),
        Case("low traffic", {of("sms_onboarding_progress_percent", _STUCK): flat(25, 2000), **_STARTED}, (), "20h"),
        Case(
            "one of two vessels",
            {
                of("sms_onboarding_progress_percent", _STUCK): flat(25, 2000),
                of("sms_onboarding_progress_percent", company_id="cmp_1", vessel_id="vsl_2"): flat(100, 2000),
                of("sms_onboarding_started_timestamp_seconds", company_id="cmp_1", vessel_id="vsl_2"): flat(0, 2000),
                **_STARTED,
            },
            ({**_ENV, **_STUCK},),
            "26h",
        ),
    ),
    "TelemetryDropped": counted(
        "sms_telemetry_dropped_total",
        0,
        {**_SERVICE, "signal": "traces", "reason": "queue_full"},
        {**_SERVICE, "signal": "traces", "reason": "queue_full"},
        window=10,
    ),
    "TelemetryDeliveryFailing": (
        *(
            Case(
                name,
                {
                    of("sms_telemetry_export_failures_total", _SERVICE, signal="traces", instance=each): write(failed)
                    for each in replicas
                }
                | {
                    of("sms_telemetry_delivered_total", _SERVICE, signal="traces", instance=each): write(delivered)
                    for each in replicas
                },
                ({**_SERVICE, "signal": "traces"},) if fires else (),
            )
            for name, write, failed, delivered, replicas, fires in (
                ("fire", growing, 4, 0, "a", True),
                ("not fire", growing, 4, 100, "a", False),
                ("restart", restarting, 0.2, 100, "a", False),
                ("replica", growing, 2, 0, "ab", True),
                ("low traffic", growing, 0.2, 0, "a", False),
            )
        ),
        Case("no data", {}, ()),
    ),
    "TelemetryQueueGrowing": measured(
        "sms_telemetry_queued",
        5000,
        50,
        {**_SERVICE, "signal": "logs", "instance": "a"},
        {**_SERVICE, "signal": "logs"},
    ),
    "MetricCardinalityOverflow": counted(
        "sms_telemetry_measurements_dropped_total",
        0,
        {**_SERVICE, "metric": "sms.feature.usage", "reason": "series"},
        {**_SERVICE, "metric": "sms.feature.usage"},
        window=15,
    ),
    "TelemetryRedactionFailed": counted(
        "sms_telemetry_dropped_total",
        0,
        {**_SERVICE, "signal": "logs", "reason": "emit_failed"},
        {**_SERVICE, "signal": "logs", "reason": "emit_failed"},
        window=15,
    ),
    "RestrictedValueWithheld": counted(
        "sms_telemetry_dropped_total",
        0,
        {**_SERVICE, "signal": "logs", "reason": "restricted"},
        {**_SERVICE, "signal": "logs"},
        window=15,
    ),
    "Watchdog": tuple(
        Case(name, series, ({**_ENV, "service": "prometheus"},))
        for name, series in (
            ("fire", {}),
            ("no data", {}),
            ("replica", _absent_never(_REQUESTS, _SERVICE)),
            ("not fire", {}),
            ("restart", {}),
            ("low traffic", {}),
        )
    ),
    "CollectorDown": (
        Case("fire", {of(_UP, _COLLECTOR): flat(0)}, (_ENV,)),
        Case("not fire", {of(_UP, _COLLECTOR): flat(1)}, ()),
        Case("no data", {}, ({**_ENV, "service": "otelcol"},)),
        # What a Prometheus scrapes itself says nothing of where it is.
        Case("nothing says where", {'up{job="otelcol"}': flat(0)}, (_ENV,)),
        Case("restart", {of(_UP, _COLLECTOR): "1x36 0x1 1x40"}, ()),
        Case("replica", {of(_UP, _COLLECTOR): flat(0), of(_UP, job="otelcol", instance="b"): flat(1)}, ()),
        Case("low traffic", {of(_UP, job="node"): flat(0), of(_UP, _COLLECTOR): flat(1)}, ()),
    ),
    "TargetDown": (
        Case("fire", {of(_UP, job="node", instance="a"): flat(0)}, ({**_ENV, "job": "node"},)),
        Case("not fire", {of(_UP, job="node", instance="a"): flat(1)}, ()),
        Case("no data", {}, ()),
        Case("restart", {of(_UP, job="node", instance="a"): "1x30 0x5 1x40"}, ()),
        Case(
            "replica",
            {of(_UP, job="node", instance="a"): flat(0), of(_UP, job="node", instance="b"): flat(1)},
            ({**_ENV, "job": "node"},),
        ),
        Case("low traffic", {of(_UP, job="node", instance="a"): "1x39 0 1x40"}, ()),
    ),
    **{
        name: counted(f"{metric}_{item}", 0, {**_COLLECTOR, **more}, {**_ENV, "item": item}, by_instance=True)
        for name, metric, item, more in (
            ("CollectorRefusing", "otelcol_receiver_refused", "spans", {"receiver": "otlp"}),
            ("CollectorExportFailing", "otelcol_exporter_send_failed", "log_records", {"exporter": "otlp"}),
            ("CollectorQueueFull", "otelcol_exporter_enqueue_failed", "metric_points", {"exporter": "otlp"}),
            ("CollectorMemoryLimited", "otelcol_processor_memory_limiter_refused", "spans", {}),
        )
    },
    "CollectorQueueFilling": measured(
        "otelcol_exporter_queue_size",
        900,
        200,
        {**_COLLECTOR, "exporter": "otlp", "data_type": "traces"},
        {**_ENV, "exporter": "otlp"},
        also={
            of("otelcol_exporter_queue_capacity", {**_COLLECTOR, "exporter": "otlp", "data_type": "traces"}): flat(1000)
        },
    ),
    "VesselQueueFilling": (
        *measured(
            "sms_vessel_collector_queue_size",
            900,
            200,
            {**_ABOARD, "queue": "gateway", "signal": "logs"},
            {**_SHIP, "queue": "gateway"},
            also={
                of("sms_vessel_collector_queue_capacity", {**_ABOARD, "queue": "gateway", "signal": "logs"}): flat(1000)
            },
        ),
        Case(
            "every five minutes",
            {
                of("sms_vessel_collector_queue_size", {**_ABOARD, "queue": "first", "signal": "logs"}): "90 _x4 " * 9,
                of("sms_vessel_collector_queue_capacity", {**_ABOARD, "queue": "first", "signal": "logs"}): (
                    "100 _x4 " * 9
                ),
            },
            ({**_SHIP, "queue": "first"},),
        ),
        Case(
            "the Collectors ashore have alerts of their own",
            {
                of("otelcol_exporter_queue_size", {**_COLLECTOR, "exporter": "otlp"}): flat(900),
                of("otelcol_exporter_queue_capacity", {**_COLLECTOR, "exporter": "otlp"}): flat(1000),
            },
            (),
        ),
    ),
    "VesselCollectorRefusing": counted(
        "sms_vessel_collector_items_failed_total",
        0,
        {"job": "otelcol-vessel", "vessel_id": "v1", "signal": "logs", "reason": "queue_full"},
        {**_SHIP, "signal": "logs", "reason": "queue_full"},
        window=15,
    ),
    "VesselCollectorLosing": (
        *counted(
            "sms_vessel_collector_items_failed_total",
            0,
            {"job": "otelcol-vessel", "vessel_id": "v1", "signal": "traces", "reason": "send_failed"},
            {**_SHIP, "signal": "traces"},
            window=15,
        ),
        Case(
            "the first loss of all",
            {
                of(
                    "sms_vessel_collector_items_failed_total", _ABOARD, signal="logs", reason="send_failed"
                ): "_x29 3x60",
            },
            ({**_SHIP, "signal": "logs"},),
        ),
        Case(
            "what was refused is not lost",
            {of("sms_vessel_collector_items_failed_total", _ABOARD, signal="logs", reason="refused"): growing(5)},
            (),
        ),
    ),
    "VesselBatchesRefused": (
        *measured(
            "sms_vessel_collector_batches_refused",
            1,
            0,
            {**_ABOARD, "queue": "gateway"},
            {**_SHIP, "queue": "gateway"},
        ),
        Case(
            "one ship of two, and it is out of reach for ten minutes",
            {
                of("sms_vessel_collector_batches_refused", _ABOARD, queue="first"): "2x20 _x10 2x40",
                of("sms_vessel_collector_batches_refused", vessel_id="v2", queue="first"): flat(0),
            },
            ({**_SHIP, "queue": "first"},),
        ),
    ),
    "VesselQueueFolderGone": measured(
        "sms_vessel_collector_folder_gone", 1, 0, {**_ABOARD, "queue": "gateway"}, {**_SHIP, "queue": "gateway"}
    ),
    "SamplerEvictingTraces": counted(
        "otelcol_processor_tail_sampling_sampling_trace_dropped_too_early", 0, _COLLECTOR, _ENV, by_instance=True
    ),
    "SamplerLateSpans": counted(
        "otelcol_processor_tail_sampling_sampling_late_span_age_count",
        1000,
        _COLLECTOR,
        _ENV,
        by_instance=True,
        window=10,
    ),
    "HostClockSkew": measured("node_timex_offset_seconds", -2, 0.001, _HOST, _HOST),
    "RuleEvaluationFailing": counted(
        "prometheus_rule_evaluation_failures_total",
        0,
        {**_COLLECTOR, "rule_group": "g"},
        {"rule_group": "g"},
        by_instance=True,
    ),
    "NotificationsFailing": counted(
        "alertmanager_notifications_failed_total",
        0,
        {**_COLLECTOR, "integration": "pagerduty"},
        {"integration": "pagerduty"},
        by_instance=True,
    ),
}

NEEDED: dict[str, tuple[str, ...]] = {
    "MarkupMarginBelowTarget": ("sms-revenue",),
    "VesselSilent": ("sms-vessels",),
    **dict.fromkeys(("HighCPUUsage", "HighMemoryUsage", "DiskAlmostFull"), ("sms-hosts",)),
    **dict.fromkeys(("HighChurnRisk", "LowUserEngagement"), ("sms-companies",)),
    "PartsOrderFailureRate": ("sms-orders",),
    **dict.fromkeys(("ErrorBudgetBurnFast", "ErrorBudgetBurnSlow", "SLITelemetryAbsent"), ("sloth-slo",)),
}
"""Recording rules that an alert stands on."""
