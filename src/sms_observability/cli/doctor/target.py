"""What is to be reached: an endpoint of the door, and where its address was written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from sms_observability.export.door_settings import public_settings, restricted_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sms_observability.export.endpoint import Endpoint
    from sms_observability.export.records import Signal
    from sms_observability.settings import Problem, Settings

Channel = Literal["public", "restricted"]

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Target:
    """One signal's way out.

    Attributes:
        channel: The public or the restricted one.
        endpoint: Where the door sends this signal, exactly as it would.
        source: The variable or keyword that says so, for remedies.
    """

    channel: Channel
    endpoint: Endpoint
    source: str

    @property
    def signal(self) -> Signal:
        """What is sent."""
        return self.endpoint.signal

    @property
    def host(self) -> str:
        """The host's name or address."""
        return urlsplit(self.endpoint.url).hostname or ""

    @property
    def port(self) -> int:
        """The port, also where the URL leaves it out."""
        parts = urlsplit(self.endpoint.url)
        return parts.port or _PORTS.get(parts.scheme, 0)

    @property
    def port_is_given(self) -> bool:
        """Whether the URL names the port."""
        return urlsplit(self.endpoint.url).port is not None

    @property
    def shown(self) -> str:
        """The address as it may be printed: no user, no query."""
        parts = urlsplit(self.endpoint.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"

    @property
    def way(self) -> tuple[object, ...]:
        """What two targets share that are reached in the same way."""
        each = self.endpoint
        return (
            each.secure,
            self.host,
            self.port,
            each.protocol,
            each.certificate,
            each.client_certificate,
            each.client_key,
        )


def targets(
    settings: Settings, environ: Mapping[str, str], *, endpoint_is_keyword: bool = False
) -> tuple[list[Target], list[Problem]]:
    """Give every signal's way out, as `init_observability` would open it.

    Args:
        settings: The resolved settings.
        environ: The environment.
        endpoint_is_keyword: Whether the endpoint was not read from the environment.

    Returns:
        The targets, those of signals that are not exported included, and the mistakes that were found.
    """
    public, problems = public_settings(settings, environ)
    found = [
        Target("public", endpoint, _source(endpoint.signal, environ, endpoint_is_keyword))
        for endpoint in public.endpoints.values()
    ]
    restricted, more = restricted_settings(settings, environ)
    if restricted is not None:
        found += [
            Target("restricted", endpoint, "SMS_OBSERVABILITY_RESTRICTED_ENDPOINT")
            for endpoint in restricted.endpoints.values()
        ]
    return found, list(dict.fromkeys((*problems, *more)))


def _source(signal: Signal, environ: Mapping[str, str], is_keyword: bool) -> str:  # noqa: FBT001
    if is_keyword:
        return "--endpoint"
    own = f"OTEL_EXPORTER_OTLP_{signal.upper()}_ENDPOINT"
    return own if environ.get(own, "").strip() else "OTEL_EXPORTER_OTLP_ENDPOINT"
