"""The one table of settings: keyword, environment variables, default and meaning.

A keyword beats the environment, the environment beats the default. A wrong keyword is a mistake in code and raises
`SettingsError`; a wrong environment variable is a mistake of a deployment and never stops a service: it becomes a
`Problem`, the default holds, and `init_observability` says so in one ERROR line.

`docs/settings.md` is rendered from `SETTINGS`.
"""

from __future__ import annotations

import difflib
import ipaddress
import os
import re
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypedDict, cast
from urllib.parse import unquote, urlsplit

from sms_observability.environment import mistakes
from sms_observability.variables import Problem as Problem  # noqa: PLC0414 - given on

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ExporterName = Literal["otlp", "console", "none"]
Destination = Literal["otlp", "console", "none", "off"]
"""Where a signal goes: `off` if a mistake in the environment forbids it."""

LogFormat = Literal["auto", "json", "console"]
UnknownFields = Literal["drop", "keep"]
WhenFull = Literal["drop_oldest", "drop_newest", "block"]
Protocol = Literal["http/protobuf", "grpc"]
Compression = Literal["gzip", "none"]

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_NOT_IN_HEADER = re.compile(r"[^\t\x20-\x7e\x80-\xff]")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class SettingsError(ValueError):
    """A keyword of `init_observability` that cannot be used; the message says what to write instead."""


class Keywords(TypedDict, total=False):
    """The keywords of `init_observability`, for type checkers; see `SETTINGS` for their meaning."""

    version: str
    environment: str
    region: str
    pod: str
    endpoint: str
    headers: Mapping[str, str]
    protocol: Protocol
    compression: Compression
    timeout: float
    certificate: str
    client_certificate: str
    client_key: str
    traces: ExporterName
    metrics: ExporterName
    logs: ExporterName
    disabled: bool
    restricted_endpoint: str
    restricted_token_file: str
    restricted_certificate: str
    pseudonym_key_file: str
    trusted_peers: list[str] | tuple[str, ...]
    internal_hosts: list[str] | tuple[str, ...]
    excluded_routes: list[str] | tuple[str, ...]
    instrument: list[str] | tuple[str, ...]
    log_level: str
    log_levels: Mapping[str, str]
    log_format: LogFormat
    unknown_fields: UnknownFields
    drain_seconds: float
    buffer_bytes: int
    when_full: WhenFull
    allow_insecure: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting, resolved. Compared by value, so that a second `init_observability` can be recognised."""

    service_name: str
    version: str
    environment: str
    region: str
    pod: str
    resource: tuple[tuple[str, str], ...]
    endpoint: str | None
    headers: tuple[tuple[str, str], ...] | None
    protocol: Protocol | None
    compression: Compression | None
    timeout: float | None
    certificate: str | None
    client_certificate: str | None
    client_key: str | None
    traces: Destination
    metrics: Destination
    logs: Destination
    disabled: bool
    restricted_endpoint: str | None
    restricted_token_file: str | None
    restricted_certificate: str | None
    pseudonym_key_file: str | None
    trusted_peers: tuple[str, ...]
    internal_hosts: tuple[str, ...]
    excluded_routes: tuple[str, ...]
    instrument: tuple[str, ...] | None
    log_level: str
    log_levels: tuple[tuple[str, str], ...]
    log_format: LogFormat
    unknown_fields: UnknownFields
    drain_seconds: float
    buffer_bytes: int
    when_full: WhenFull
    allow_insecure: bool

    def __repr__(self) -> str:
        return f"Settings(service_name={self.service_name!r}, environment={self.environment!r}, …)"

    def differences(self, other: Settings) -> list[str]:
        """Name the settings in which two differ, in the table's order; values are left out, they may be secrets."""
        return [name for name in Settings.__slots__ if getattr(self, name) != getattr(other, name)]


@dataclass(frozen=True, slots=True)
class Setting:
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


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        msg = "must be a text that is not empty"
        raise ValueError(msg)
    return value.strip()


def _url(value: Any) -> str:
    text = _text(value)
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        msg = "must be a URL such as http://127.0.0.1:4318"
        raise ValueError(msg)
    return text


def _one_of(*names: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        text = value.strip().lower() if isinstance(value, str) else value
        if text not in names:
            near = difflib.get_close_matches(str(text), names, n=1)
            hint = f" (did you mean {near[0]!r}?)" if near else ""
            msg = f"must be one of {', '.join(names)}{hint}"
            raise ValueError(msg)
        return cast("str", text)

    return read


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    text = value.strip().lower() if isinstance(value, str) else None
    if text in ("true", "1", "yes", "on"):
        return True
    if text in ("false", "0", "no", "off", ""):
        return False
    msg = "must be true or false"
    raise ValueError(msg)


def _seconds(value: Any) -> float:
    try:
        seconds = float(value)
    except (TypeError, ValueError, OverflowError):
        seconds = -1.0
    if isinstance(value, bool) or not 0 <= seconds < 86_400:  # noqa: PLR2004
        msg = "must be a number of seconds from 0 to a day"
        raise ValueError(msg)
    return seconds


def _bytes(value: Any) -> int:
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        number = -1
    if isinstance(value, bool) or number < 65_536:  # noqa: PLR2004
        msg = "must be a whole number of bytes, 65536 or more"
        raise ValueError(msg)
    return number


def _names(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, (list, tuple, set, frozenset)):
        msg = "must be a list of texts (in the environment: separated by commas)"
        raise ValueError(msg)  # noqa: TRY004 - one kind of error for every wrong setting
    items: tuple[Any, ...] = tuple(cast("Any", value))
    if not all(isinstance(item, str) for item in items):
        msg = "must be a list of texts"
        raise ValueError(msg)
    return tuple(item.strip() for item in items if item.strip())


def _networks(value: Any) -> tuple[str, ...]:
    names = _names(value)
    for name in names:
        try:
            ipaddress.ip_network(name, strict=False)
        except ValueError:
            msg = "must be networks such as 10.0.0.0/8 or addresses"
            raise ValueError(msg) from None
    return names


def _level(value: Any) -> str:
    text = value.strip().upper() if isinstance(value, str) else ""
    text = {"WARN": "WARNING", "FATAL": "CRITICAL"}.get(text, text)
    if text not in LEVELS:
        msg = f"must be one of {', '.join(LEVELS)}"
        raise ValueError(msg)
    return text


def _pairs(value: Any) -> tuple[tuple[str, str], ...]:
    if isinstance(value, str):
        pairs = [item.partition("=") for item in value.split(",") if item.strip()]
        if not all(separator and key.strip() for key, separator, _ in pairs):
            msg = "must be pairs such as name=value, separated by commas"
            raise ValueError(msg)
        return tuple((key.strip(), unquote(text.strip())) for key, _, text in pairs)
    try:
        return tuple((str(key), str(text)) for key, text in dict(value).items())
    except (TypeError, ValueError):
        msg = "must be a mapping of texts"
        raise ValueError(msg) from None


def _headers(value: Any) -> tuple[tuple[str, str], ...]:
    pairs = _pairs(value)
    for name, text in pairs:
        if not _HEADER_NAME.fullmatch(name) or _NOT_IN_HEADER.search(text):
            msg = "must be headers: names of letters, digits and hyphens, values without line breaks"
            raise ValueError(msg)
    return pairs


def _levels(value: Any) -> tuple[tuple[str, str], ...]:
    return tuple((name, _level(level)) for name, level in _pairs(value))


_DEFAULT = "the default is used"
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

SETTINGS: tuple[Setting, ...] = (
    Setting("version", (), None, _text, "Version of the service: `service.version`.", "`0.0.0`"),
    Setting("environment", (), None, _text, "Deployment: `deployment.environment.name`.", "`production`"),
    Setting("region", (), None, _text, "Region: `cloud.region`."),
    Setting("pod", (), None, _text, "Pod or host: `k8s.pod.name`.", "the host name"),
    Setting(
        "endpoint",
        ("OTEL_EXPORTER_OTLP_ENDPOINT",),
        None,
        _url,
        "Where all signals go by OTLP. Per-signal variables "
        "(`OTEL_EXPORTER_OTLP_{TRACES,METRICS,LOGS}_*`) are honoured; the keyword beats them.",
        "`http://localhost:4318`",
    ),
    Setting(
        "headers",
        ("OTEL_EXPORTER_OTLP_HEADERS",),
        None,
        _headers,
        "Headers of each export, such as an authorisation. Never printed.",
    ),
    Setting(
        "protocol",
        ("OTEL_EXPORTER_OTLP_PROTOCOL",),
        None,
        _one_of("http/protobuf", "grpc"),
        "Transport; `grpc` needs the extra `grpc`.",
        "`http/protobuf`",
    ),
    Setting(
        "compression",
        ("OTEL_EXPORTER_OTLP_COMPRESSION",),
        None,
        _one_of("gzip", "none"),
        "Compression of each export.",
        "`gzip`",
    ),
    Setting("timeout", ("OTEL_EXPORTER_OTLP_TIMEOUT",), None, _seconds, "Seconds one export may take.", "`10`"),
    Setting(
        "certificate",
        ("OTEL_EXPORTER_OTLP_CERTIFICATE",),
        None,
        _text,
        "File of the authorities that the receiver's certificate is checked against.",
        "the system's",
    ),
    Setting(
        "client_certificate",
        ("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",),
        None,
        _text,
        "File of our own certificate (mutual TLS).",
    ),
    Setting("client_key", ("OTEL_EXPORTER_OTLP_CLIENT_KEY",), None, _text, "File of its key."),
    Setting(
        "traces",
        ("OTEL_TRACES_EXPORTER",),
        None,
        _one_of("otlp", "console", "none"),
        "Exporter of traces.",
        "`otlp`; under pytest `none` unless an endpoint is set",
        when_wrong="off",
    ),
    Setting(
        "metrics",
        ("OTEL_METRICS_EXPORTER",),
        None,
        _one_of("otlp", "console", "none"),
        "Exporter of metrics.",
        "as `traces`",
        when_wrong="off",
    ),
    Setting(
        "logs",
        ("OTEL_LOGS_EXPORTER",),
        None,
        _one_of("otlp", "console", "none"),
        "Exporter of logs.",
        "as `traces`",
        when_wrong="off",
    ),
    Setting(
        "disabled",
        ("OTEL_SDK_DISABLED",),
        default=False,
        read=_flag,
        meaning="Switch all telemetry off; log lines are still written.",
    ),
    Setting(
        "restricted_endpoint",
        (f"{_PREFIX}RESTRICTED_ENDPOINT",),
        None,
        _url,
        "Where restricted metrics, internal steps and reveals go. Without it they are dropped and counted.",
        "off",
    ),
    Setting(
        "restricted_token_file",
        (f"{_PREFIX}RESTRICTED_TOKEN_FILE",),
        None,
        _text,
        "File with the bearer token of the restricted endpoint; read again when it changes.",
    ),
    Setting(
        "restricted_certificate",
        (f"{_PREFIX}RESTRICTED_CERTIFICATE",),
        None,
        _text,
        "File of the authorities that the restricted endpoint's certificate is checked against.",
    ),
    Setting(
        "pseudonym_key_file",
        (f"{_PREFIX}PSEUDONYM_KEY_FILE",),
        None,
        _text,
        "File with a secret of 16 bytes or more: user ids leave as keyed hashes of it. Read at start-up.",
        "off: user ids leave as they are",
    ),
    Setting(
        "trusted_peers",
        (f"{_PREFIX}TRUSTED_PEERS",),
        PRIVATE_NETWORKS,
        _networks,
        "Networks whose baggage and tracestate are believed. A `traceparent` is taken from anyone.",
        "loopback and private ranges",
    ),
    Setting(
        "internal_hosts",
        (f"{_PREFIX}INTERNAL_HOSTS",),
        INTERNAL_HOSTS,
        _names,
        "Hosts that get `traceparent`, baggage and the correlation id; `[!.]` stands for names without a dot.",
        "loopback, names without a dot, `*.internal`, `*.svc`, `*.cluster.local`",
    ),
    Setting(
        "excluded_routes",
        (f"{_PREFIX}EXCLUDED_ROUTES",),
        HEALTH_ROUTES,
        _names,
        "Paths that are neither traced nor measured nor logged at INFO, with all below them.",
        "`/livez`, `/readyz`, `/health`",
    ),
    Setting(
        "instrument",
        (f"{_PREFIX}INSTRUMENT",),
        None,
        _names,
        "Libraries to instrument: `httpx`, `requests`, `sqlalchemy`, `threads`, …; an empty list for none.",
        "everything installed",
    ),
    Setting("log_level", (f"{_PREFIX}LOG_LEVEL",), "INFO", _level, "Lowest level that is written."),
    Setting(
        "log_levels",
        (f"{_PREFIX}LOG_LEVELS",),
        (),
        _levels,
        "Levels of single loggers: `sqlalchemy=WARNING,parts=DEBUG`.",
    ),
    Setting(
        "log_format",
        (f"{_PREFIX}LOG_FORMAT",),
        "auto",
        _one_of("auto", "json", "console"),
        "Form of a log line; `auto` is `console` in a terminal, else `json`.",
    ),
    Setting(
        "unknown_fields",
        (f"{_PREFIX}UNKNOWN_FIELDS",),
        None,
        _one_of("drop", "keep"),
        "What happens to attributes, labels and log fields that the catalogue does not know.",
        "`drop` in production, else `keep`",
    ),
    Setting(
        "drain_seconds",
        (f"{_PREFIX}DRAIN_SECONDS",),
        0.0,
        _seconds,
        "Seconds between SIGTERM (`/readyz` turns 503) and the stop of the server.",
        "`0`",
    ),
    Setting(
        "buffer_bytes",
        (f"{_PREFIX}BUFFER_BYTES",),
        64 * 1024 * 1024,
        _bytes,
        "Memory for telemetry that waits to be sent, all signals together.",
        "`67108864` (64 MiB)",
    ),
    Setting(
        "when_full",
        (f"{_PREFIX}WHEN_FULL",),
        "drop_oldest",
        _one_of("drop_oldest", "drop_newest", "block"),
        "What happens when it is full; `block` (for batch jobs) waits, with a limit.",
    ),
    Setting(
        "allow_insecure",
        (f"{_PREFIX}ALLOW_INSECURE",),
        default=False,
        read=_flag,
        meaning="Allow credentials over plain http:// to hosts other than loopback.",
    ),
)

_BY_KEYWORD = {setting.keyword: setting for setting in SETTINGS}

_SERVICE_NAME_MISSING = (
    'init_observability needs the name of the service: write init_observability("parts-api"), '
    "or set OTEL_SERVICE_NAME=parts-api"
)


def resolve(
    service_name: str | None, keywords: Mapping[str, Any], environ: Mapping[str, str] | None = None
) -> tuple[Settings, list[Problem]]:
    """Resolve keywords, environment and defaults to `Settings`.

    Args:
        service_name: The first argument of `init_observability`.
        keywords: The other keywords; `None` means "not given".
        environ: The environment; the process's own by default.

    Returns:
        The settings, and the mistakes that were found in the environment.

    Raises:
        SettingsError: A keyword is unknown or has a wrong value, or there is no service name at all.

    Example:
        >>> settings, problems = resolve("parts-api", {"log_level": "debug"}, {})
        >>> settings.log_level, settings.environment, problems
        ('DEBUG', 'production', [])
    """
    environ = os.environ if environ is None else environ
    problems: list[Problem] = []
    for keyword in keywords:
        if keyword not in _BY_KEYWORD:
            near = difflib.get_close_matches(keyword, _BY_KEYWORD, n=1)
            hint = f"; did you mean {near[0]}?" if near else f"; known are {', '.join(_BY_KEYWORD)}"
            msg = f"init_observability has no keyword {keyword!r}{hint}"
            raise SettingsError(msg)
    values: dict[str, Any] = {setting.keyword: _one(setting, keywords, environ, problems) for setting in SETTINGS}
    resource = _resource_attributes(environ, problems)
    problems += mistakes(environ)
    name = _service_name(service_name, environ, resource)
    values["version"] = values["version"] or resource.get("service.version") or "0.0.0"
    values["environment"] = (
        values["environment"]
        or resource.get("deployment.environment.name")
        or resource.get("deployment.environment")
        or "production"
    )
    values["region"] = values["region"] or resource.get("cloud.region") or ""
    values["pod"] = values["pod"] or resource.get("k8s.pod.name") or _host_name(environ)
    if values["unknown_fields"] is None:
        values["unknown_fields"] = "drop" if values["environment"] == "production" else "keep"
    quiet = _under_pytest(environ) and not _asked_to_export(values, environ)
    for signal in ("traces", "metrics", "logs"):
        values[signal] = values[signal] or ("none" if quiet else "otlp")
    settings = Settings(service_name=name, resource=tuple(sorted(resource.items())), **values)
    return settings, problems


def _service_name(given: object, environ: Mapping[str, str], resource: Mapping[str, str]) -> str:
    if given is not None and not isinstance(given, str):
        msg = f"init_observability(service_name=…) must be a text such as 'parts-api'; it is a {type(given).__name__}"
        raise SettingsError(msg)
    names = (given or "", environ.get("OTEL_SERVICE_NAME", ""), resource.get("service.name", ""))
    name = next((each.strip() for each in names if each.strip()), "")
    if not name:
        raise SettingsError(_SERVICE_NAME_MISSING)
    return name


def _one(setting: Setting, keywords: Mapping[str, Any], environ: Mapping[str, str], problems: list[Problem]) -> Any:
    given = keywords.get(setting.keyword)
    if given is not None:
        try:
            return setting.read(given)
        except ValueError as error:
            msg = f"init_observability({setting.keyword}=…) {error}; it is a {type(given).__name__}"
            raise SettingsError(msg) from None
    # Variables of the exporters are read by the door itself, per signal; here only the keyword counts.
    if setting.variables and not setting.variables[0].startswith("OTEL_EXPORTER_OTLP_"):
        for variable in setting.variables:
            text = environ.get(variable, "")
            if not text.strip():
                continue
            try:
                return setting.read(text)
            except ValueError as error:
                off = setting.when_wrong == "off"
                problems.append(
                    Problem(variable, str(error), f"{setting.keyword} are not exported" if off else _DEFAULT)
                )
                if off:
                    return "off"
    return setting.default


def _resource_attributes(environ: Mapping[str, str], problems: list[Problem]) -> dict[str, str]:
    text = environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
    if not text.strip():
        return {}
    try:
        return dict(_pairs(text))
    except ValueError as error:
        problems.append(Problem("OTEL_RESOURCE_ATTRIBUTES", str(error), "it is ignored"))
        return {}


def _host_name(environ: Mapping[str, str]) -> str:
    try:
        return environ.get("HOSTNAME") or socket.gethostname()
    except OSError:
        return "unknown"


def _under_pytest(environ: Mapping[str, str]) -> bool:
    return "PYTEST_VERSION" in environ or "PYTEST_CURRENT_TEST" in environ


def _asked_to_export(values: Mapping[str, Any], environ: Mapping[str, str]) -> bool:
    return values["endpoint"] is not None or any(
        environ.get(variable)
        for variable in (
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
            "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
            "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
        )
    )
