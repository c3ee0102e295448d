"""The one table of settings: keyword, environment variables, default and meaning.

`docs/settings.md` is rendered from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from sms_observability.settings.readers import (
    a_flag,
    a_level,
    a_text,
    a_url,
    one_of,
    some_bytes,
    some_headers,
    some_levels,
    some_libraries,
    some_names,
    some_networks,
    some_seconds,
)

if TYPE_CHECKING:
    from collections.abc import Callable

_PREFIX = "SMS_OBSERVABILITY_"
HEALTH_ROUTES = ("/livez", "/readyz", "/health")
PRIVATE_NETWORKS = (
    "127.0.0.0/8",
    "::1/128",
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "fc00::/7",
    "fe80::/10",
)
INTERNAL_HOSTS = ("localhost", "127.*", "::1", "[!.]", "*.internal", "*.svc", "*.cluster.local")


class Setting(NamedTuple):
    """One row of the table."""

    keyword: str
    variables: tuple[str, ...]
    default: Any
    read: Callable[[Any], Any]
    meaning: str
    default_text: str = ""
    when_wrong: Literal["default", "off"] = "default"

    @property
    def shown_default(self) -> str:
        """The default as the documentation shows it."""
        return self.default_text or ("none" if self.default in (None, ()) else f"`{self.default}`")


SETTINGS: tuple[Setting, ...] = (
    Setting("version", (), None, a_text, "Version of the service: `service.version`.", "`0.0.0`"),
    Setting("environment", (), None, a_text, "Deployment: `deployment.environment.name`.", "`production`"),
    Setting("region", (), None, a_text, "Region: `cloud.region`."),
    Setting("pod", (), None, a_text, "Pod or host: `k8s.pod.name`.", "the host name"),
    Setting(
        "endpoint",
        ("OTEL_EXPORTER_OTLP_ENDPOINT",),
        None,
        a_url,
        "Where all signals go by OTLP. Per-signal variables "
        "(`OTEL_EXPORTER_OTLP_{TRACES,METRICS,LOGS}_*`) are honoured; the keyword beats them.",
        "`http://localhost:4318`",
    ),
    Setting(
        "headers",
        ("OTEL_EXPORTER_OTLP_HEADERS",),
        None,
        some_headers,
        "Headers of each export, such as an authorisation. Never printed.",
    ),
    Setting(
        "protocol",
        ("OTEL_EXPORTER_OTLP_PROTOCOL",),
        None,
        one_of("http/protobuf", "grpc"),
        "Transport; `grpc` needs the extra `grpc`.",
        "`http/protobuf`",
    ),
    Setting(
        "compression",
        ("OTEL_EXPORTER_OTLP_COMPRESSION",),
        None,
        one_of("gzip", "none"),
        "Compression of each export.",
        "`gzip`",
    ),
    Setting("timeout", ("OTEL_EXPORTER_OTLP_TIMEOUT",), None, some_seconds, "Seconds one export may take.", "`10`"),
    Setting(
        "certificate",
        ("OTEL_EXPORTER_OTLP_CERTIFICATE",),
        None,
        a_text,
        "File of the authorities that the receiver's certificate is checked against.",
        "the system's",
    ),
    Setting(
        "client_certificate",
        ("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",),
        None,
        a_text,
        "File of our own certificate (mutual TLS).",
    ),
    Setting("client_key", ("OTEL_EXPORTER_OTLP_CLIENT_KEY",), None, a_text, "File of its key."),
    Setting(
        "traces",
        ("OTEL_TRACES_EXPORTER",),
        None,
        one_of("otlp", "console", "none"),
        "Exporter of traces.",
        "`otlp`; under pytest `none` unless an endpoint is set",
        when_wrong="off",
    ),
    Setting(
        "metrics",
        ("OTEL_METRICS_EXPORTER",),
        None,
        one_of("otlp", "console", "none"),
        "Exporter of metrics.",
        "as `traces`",
        when_wrong="off",
    ),
    Setting(
        "logs",
        ("OTEL_LOGS_EXPORTER",),
        None,
        one_of("otlp", "console", "none"),
        "Exporter of logs.",
        "as `traces`",
        when_wrong="off",
    ),
    Setting(
        "disabled",
        ("OTEL_SDK_DISABLED",),
        default=False,
        read=a_flag,
        meaning="Switch all telemetry off; log lines are still written.",
    ),
    Setting(
        "restricted_endpoint",
        (f"{_PREFIX}RESTRICTED_ENDPOINT",),
        None,
        a_url,
        "Where restricted metrics, internal steps and reveals go. Without it they are dropped and counted.",
        "off",
    ),
    Setting(
        "restricted_token_file",
        (f"{_PREFIX}RESTRICTED_TOKEN_FILE",),
        None,
        a_text,
        "File with the bearer token of the restricted endpoint; read again when it changes.",
    ),
    Setting(
        "restricted_certificate",
        (f"{_PREFIX}RESTRICTED_CERTIFICATE",),
        None,
        a_text,
        "File of the authorities that the restricted endpoint's certificate is checked against.",
    ),
    Setting(
        "pseudonym_key_file",
        (f"{_PREFIX}PSEUDONYM_KEY_FILE",),
        None,
        a_text,
        "File with a secret of 16 bytes or more: user ids leave as keyed hashes of it. Read at start-up.",
        "off: user ids leave as they are",
    ),
    Setting(
        "trusted_peers",
        (f"{_PREFIX}TRUSTED_PEERS",),
        PRIVATE_NETWORKS,
        some_networks,
        "Networks whose baggage and tracestate are believed. A `traceparent` is taken from anyone.",
        "loopback and private ranges",
    ),
    Setting(
        "internal_hosts",
        (f"{_PREFIX}INTERNAL_HOSTS",),
        INTERNAL_HOSTS,
        some_names,
        "Hosts that get `traceparent`, baggage and the correlation id; `[!.]` stands for names without a dot.",
        "loopback, names without a dot, `*.internal`, `*.svc`, `*.cluster.local`",
    ),
    Setting(
        "excluded_routes",
        (f"{_PREFIX}EXCLUDED_ROUTES",),
        HEALTH_ROUTES,
        some_names,
        "Paths that are neither traced nor measured nor logged at INFO, with all below them.",
        "`/livez`, `/readyz`, `/health`",
    ),
    Setting(
        "instrument",
        (f"{_PREFIX}INSTRUMENT",),
        None,
        some_libraries,
        "Libraries to instrument: `httpx`, `requests`, `sqlalchemy`, `threads`, …; an empty list, or `none`, for none.",
        "everything installed",
    ),
    Setting("log_level", (f"{_PREFIX}LOG_LEVEL",), "INFO", a_level, "Lowest level that is written."),
    Setting(
        "log_levels",
        (f"{_PREFIX}LOG_LEVELS",),
        (),
        some_levels,
        "Levels of single loggers: `sqlalchemy=WARNING,parts=DEBUG`.",
    ),
    Setting(
        "log_format",
        (f"{_PREFIX}LOG_FORMAT",),
        "auto",
        one_of("auto", "json", "console"),
        "Form of a log line; `auto` is `console` in a terminal, else `json`.",
    ),
    Setting(
        "unknown_fields",
        (f"{_PREFIX}UNKNOWN_FIELDS",),
        None,
        one_of("drop", "keep"),
        "What happens to attributes, labels and log fields that the catalogue does not know.",
        "`drop` in production, else `keep`",
    ),
    Setting(
        "drain_seconds",
        (f"{_PREFIX}DRAIN_SECONDS",),
        0.0,
        some_seconds,
        "Seconds between SIGTERM (`/readyz` turns 503) and the stop of the server.",
        "`0`",
    ),
    Setting(
        "buffer_bytes",
        (f"{_PREFIX}BUFFER_BYTES",),
        64 * 1024 * 1024,
        some_bytes,
        "Memory for telemetry that waits to be sent, all signals together.",
        "`67108864` (64 MiB)",
    ),
    Setting(
        "when_full",
        (f"{_PREFIX}WHEN_FULL",),
        "drop_oldest",
        one_of("drop_oldest", "drop_newest", "block"),
        "What happens when it is full; `block` (for batch jobs) waits, with a limit.",
    ),
    Setting(
        "allow_insecure",
        (f"{_PREFIX}ALLOW_INSECURE",),
        default=False,
        read=a_flag,
        meaning="Allow credentials over plain http:// to hosts other than loopback.",
    ),
)
