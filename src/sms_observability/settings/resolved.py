"""Every setting of a process, resolved; and the keywords that set them, for type checkers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping

ExporterName = Literal["otlp", "console", "none"]
Destination = Literal["otlp", "console", "none", "off"]
"""Where a signal goes: `off` if a mistake in the environment forbids it."""

LogFormat = Literal["auto", "json", "console"]
UnknownFields = Literal["drop", "keep"]
WhenFull = Literal["drop_oldest", "drop_newest", "block"]
Protocol = Literal["http/protobuf", "grpc"]
Compression = Literal["gzip", "none"]


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
