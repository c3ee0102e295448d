"""What a door needs to know, made from the settings and the environment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from sms_observability.export.endpoint import IN_CLEAR, IN_CLEAR_REMEDY, Endpoint, endpoints, is_insecure
from sms_observability.export.records import SIGNALS
from sms_observability.export.schedule import schedules
from sms_observability.settings import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sms_observability.export.records import Signal
    from sms_observability.export.schedule import Schedule
    from sms_observability.settings import Settings, WhenFull

_RESTRICTED: Final = "SMS_OBSERVABILITY_RESTRICTED_ENDPOINT"
_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorSettings:
    """What one door needs to know.

    Attributes:
        endpoints: Where each signal goes.
        schedules: When each signal goes.
        buffer_bytes: Memory for everything that waits, all signals together.
        when_full: What happens then.
        block_seconds: How long `block` waits for room.
    """

    endpoints: Mapping[Signal, Endpoint]
    schedules: Mapping[Signal, Schedule]
    buffer_bytes: int = 64 * 1024 * 1024
    when_full: WhenFull = "drop_oldest"
    block_seconds: float = 5.0


def public_settings(settings: Settings, environ: Mapping[str, str]) -> tuple[DoorSettings, list[Problem]]:
    """Make the settings of the public door."""
    found, problems = endpoints(settings, environ)
    return _door(settings, environ, found, problems)


def restricted_settings(settings: Settings, environ: Mapping[str, str]) -> tuple[DoorSettings | None, list[Problem]]:
    """Make the settings of the restricted door; none without an endpoint, or with one that gives too little safety."""
    base = settings.restricted_endpoint
    if base is None or settings.disabled:
        return None, []
    parts = urlsplit(base)
    found: dict[Signal, Endpoint] = {
        signal: Endpoint(
            signal=signal,
            url=f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}/v1/{signal}",
            certificate=settings.restricted_certificate,
            token_file=settings.restricted_token_file,
            timeout=settings.timeout or 10.0,
        )
        for signal in SIGNALS
    }
    problem = _unsafe(settings, environ, found["metrics"])
    if problem is not None:
        return None, [problem]
    return _door(settings, environ, found, [])


def _unsafe(settings: Settings, environ: Mapping[str, str], endpoint: Endpoint) -> Problem | None:
    public, _ = endpoints(settings, environ)
    remedy = "the restricted channel is off"
    where = _place(endpoint.url)
    if any(each.to in ("otlp", "off") and _place(each.url) == where for each in public.values()):
        return Problem(
            _RESTRICTED, "is where the public telemetry goes too", f"{remedy}; give it a receiver of its own"
        )
    if not endpoint.loopback:
        if not endpoint.secure and not settings.allow_insecure:
            return Problem(_RESTRICTED, "is not https://", f"{remedy}; use https://")
        if endpoint.token_file is None:
            return Problem(_RESTRICTED, "has no credentials", f"{remedy}; set SMS_OBSERVABILITY_RESTRICTED_TOKEN_FILE")
    problem = None
    if is_insecure(endpoint, allowed=settings.allow_insecure):
        problem = Problem(_RESTRICTED, IN_CLEAR, f"{remedy}; {IN_CLEAR_REMEDY}")
    elif endpoint.certificate is not None:
        from pathlib import Path

        if not Path(endpoint.certificate).is_file():
            problem = Problem("SMS_OBSERVABILITY_RESTRICTED_CERTIFICATE", "names a file that cannot be read", remedy)
    return problem


def _place(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    host = parts.hostname or ""
    return "127.0.0.1" if host in ("localhost", "::1") else host, parts.port or _PORTS.get(parts.scheme, 0)


def _door(
    settings: Settings, environ: Mapping[str, str], found: Mapping[Signal, Endpoint], problems: list[Problem]
) -> tuple[DoorSettings, list[Problem]]:
    when, wrong = schedules(environ)
    made = DoorSettings(
        endpoints=found, schedules=when, buffer_bytes=settings.buffer_bytes, when_full=settings.when_full
    )
    return made, [*problems, *wrong]
