"""Who the service is: the resource attributes of all its telemetry, and the identity in each log line."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from opentelemetry.sdk.version import __version__ as sdk_version

from sms_observability.version import VERSION

if TYPE_CHECKING:
    from sms_observability.sanitise import Value
    from sms_observability.settings import Settings


def resource_attributes(settings: Settings) -> dict[str, Value]:
    """Give the resource attributes under their semantic-convention names.

    Args:
        settings: The resolved settings; what `OTEL_RESOURCE_ATTRIBUTES` sets is kept, the settings' own names win.
    """
    given: dict[str, Value] = dict(settings.resource)
    own: dict[str, Value] = {
        "service.name": settings.service_name,
        "service.version": settings.version,
        "deployment.environment.name": settings.environment,
        "telemetry.sdk.name": "opentelemetry",
        "telemetry.sdk.language": "python",
        "telemetry.sdk.version": sdk_version,
        "telemetry.distro.name": "sms-observability",
        "telemetry.distro.version": VERSION,
    }
    if settings.region:
        own["cloud.region"] = settings.region
    if settings.pod:
        own["k8s.pod.name"] = settings.pod
    own["service.instance.id"] = instance_id(given.get("service.instance.id"))
    return {**given, **own}


def instance_id(given: Value, *, forked: bool = False) -> str:
    """Give the id of this process: random, and behind the given one where there is one and the process was forked.

    Args:
        given: A `service.instance.id` that somebody set.
        forked: Whether this is a child whose parent uses the given one already.
    """
    if not isinstance(given, str) or not given:
        return str(uuid.uuid4())
    return f"{given}-{uuid.uuid4().hex[:8]}" if forked else given
