"""What `setup` hands down: who the service is, and how its telemetry fares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sms_observability.health.check import Status


class Ports:
    """The ports of this room.

    Attributes:
        identity: Gives name and version of the service.
        telemetry: Says how delivery fares.
    """

    __slots__ = ("identity", "telemetry")

    def __init__(self) -> None:
        self.identity: Callable[[], Mapping[str, str]] = dict
        self.telemetry: Callable[[], Status] = lambda: "pass"


ports: Final = Ports()
