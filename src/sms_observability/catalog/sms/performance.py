"""HTTP, databases and the process (monitoring plan, section 2.2), under OpenTelemetry's conventions.

The gateway makes the plan's Prometheus names of them; each entry states those names and their labels.
"""

from __future__ import annotations

from sms_observability.catalog.buckets import BYTES, SECONDS, STATEMENT_SECONDS
from sms_observability.catalog.metric import Counter, Gauge, Histogram, Metric, UpDownCounter
from sms_observability.catalog.sms.conventions import field
from sms_observability.catalog.sms.labels import TRANSACTION_TYPE

_SERVED = tuple(
    map(field, ("http.request.method", "http.route", "http.response.status_code", "url.scheme", "error.type"))
)
_CALLED = tuple(
    map(field, ("http.request.method", "server.address", "server.port", "http.response.status_code", "error.type"))
)
_STATEMENT = tuple(
    map(field, ("db.system.name", "db.operation.name", "db.collection.name", "db.namespace", "error.type"))
)
_POOL = field("db.client.connection.pool.name")
_REQUEST = ("method", "endpoint", "status")


def _series(family: str, labels: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    return {f"{family}{suffix}": labels for suffix in ("", "_bucket", "_sum", "_count")}


HTTP = (
    Histogram(
        "http.server.request.duration",
        unit="s",
        labels=_SERVED,
        buckets=SECONDS,
        # The plan's own boundaries, the alerts' 1 s, the objective's 0.5 s and every SLA are among them.
        thresholds=(0.01, 0.05, 0.1, 0.5, 1, 3, 5, 10),
        source="semconv",
        description="How long a request took",
        gateway_names={**_series("http_request_duration_seconds", _REQUEST), "http_requests_total": _REQUEST},
        replaces=("errors_total",),
    ),
    Histogram(
        "http.server.request.body.size",
        unit="By",
        labels=_SERVED,
        buckets=BYTES,
        source="semconv",
        description="Size of the request's body",
        gateway_names=_series("http_request_size_bytes", ("method", "endpoint")),
    ),
    Histogram(
        "http.server.response.body.size",
        unit="By",
        labels=_SERVED,
        buckets=BYTES,
        source="semconv",
        owner="security",
        description="Size of the response's body",
        gateway_names=_series("http_response_size_bytes", _REQUEST),
    ),
    UpDownCounter(
        "http.server.active_requests",
        unit="{request}",
        labels=(field("http.request.method"), field("url.scheme")),
        source="semconv",
        description="Requests in progress",
    ),
    Histogram(
        "http.client.request.duration",
        unit="s",
        labels=_CALLED,
        buckets=SECONDS,
        source="semconv",
        description="How long a call to another service took",
    ),
)

DATABASE = (
    Histogram(
        "db.client.operation.duration",
        unit="s",
        labels=_STATEMENT,
        buckets=STATEMENT_SECONDS,
        source="semconv",
        description="How long a statement took",
        gateway_names=_series("db_query_duration_seconds", ("query_type", "table")),
    ),
    # No convention knows transactions as a whole.
    Metric.histogram(
        "db.transaction.duration",
        unit="s",
        labels=(TRANSACTION_TYPE,),
        buckets=STATEMENT_SECONDS,
        description="How long a transaction took, from begin to commit or rollback",
        prometheus="db_transaction_duration_seconds",
    ),
    UpDownCounter(
        "db.client.connection.count",
        unit="{connection}",
        labels=(_POOL, field("db.client.connection.state")),
        source="semconv",
        description="Connections of a pool that are used or idle",
        gateway_names={"db_connection_pool_used": ("pool_name",)},
    ),
    UpDownCounter(
        "db.client.connection.max",
        unit="{connection}",
        labels=(_POOL,),
        source="semconv",
        description="Connections that a pool may open",
        gateway_names={"db_connection_pool_size": ("pool_name",)},
    ),
)

PROCESS = (
    Counter(
        "process.cpu.time",
        unit="s",
        labels=(field("cpu.mode"),),
        source="semconv",
        description="CPU seconds that the process used",
    ),
    Gauge(
        "process.cpu.utilization",
        unit="1",
        labels=(field("cpu.mode"),),
        source="semconv",
        description="Share of the available CPU time that the process used",
    ),
    UpDownCounter(
        "process.memory.usage", unit="By", source="semconv", description="Memory of the process that is in RAM"
    ),
    UpDownCounter("process.memory.virtual", unit="By", source="semconv", description="Memory the process has mapped"),
    UpDownCounter("process.thread.count", unit="{thread}", source="semconv", description="Threads of the process"),
    UpDownCounter(
        "process.unix.file_descriptor.count",
        unit="{file_descriptor}",
        source="semconv",
        description="Files and sockets the process holds open",
    ),
    Gauge("process.uptime", unit="s", source="semconv", description="How long the process has been running"),
    *(
        Counter(
            f"cpython.gc.{name}",
            unit=unit,
            labels=(field("cpython.gc.generation"),),
            source="semconv",
            description=description,
        )
        for name, unit, description in (
            ("collections", "{collection}", "Runs of the garbage collector"),
            ("collected_objects", "{object}", "Objects that the garbage collector freed"),
            ("uncollectable_objects", "{object}", "Objects that the garbage collector could not free"),
        )
    ),
)

METRICS = (*HTTP, *DATABASE, *PROCESS)
