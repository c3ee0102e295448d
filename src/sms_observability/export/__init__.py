"""The door: everything that leaves the process is encoded, sent and accounted for here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sms_observability.export.buffer import Accounting
from sms_observability.export.door import Door
from sms_observability.export.door_settings import DoorSettings, public_settings, restricted_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sms_observability.privacy.policy import Policy
    from sms_observability.sanitise import Value
    from sms_observability.settings import Problem, Settings

__all__ = ["Accounting", "Door", "DoorSettings", "open_door", "open_restricted_door"]


def open_door(
    settings: Settings, environ: Mapping[str, str], policy: Policy, resource: Mapping[str, Value]
) -> tuple[Door, list[Problem]]:
    """Open the public door.

    Args:
        settings: The resolved settings.
        environ: The environment, for the exporters' own variables.
        policy: Decides what may leave.
        resource: Who the process is.

    Returns:
        The door, and the mistakes that were found in the environment.
    """
    made, problems = public_settings(settings, environ)
    return Door(policy, resource, made), problems


def open_restricted_door(
    settings: Settings, environ: Mapping[str, str], policy: Policy, resource: Mapping[str, Value]
) -> tuple[Door | None, list[Problem]]:
    """Open the restricted door, if there is an endpoint that is safe enough.

    Args:
        settings: The resolved settings.
        environ: The environment.
        policy: Decides what may leave.
        resource: Who the process is.

    Returns:
        The door or `None`, and why there is none where one was asked for.
    """
    made, problems = restricted_settings(settings, environ)
    return (None if made is None else Door(policy, resource, made, channel="restricted")), problems
