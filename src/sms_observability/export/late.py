"""Items that wait are looked through once more when their request ends, for what it has made restricted since."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sms_observability.export.worker import QUARANTINED

if TYPE_CHECKING:
    from sms_observability.export.buffer import Buffer, Lane
    from sms_observability.export.encode import Encoder
    from sms_observability.export.notices import Notices
    from sms_observability.privacy.guard import ValueGuard


class LateLook:
    """Masks in what waits at one door.

    Args:
        encoder: Looks through the items.
        buffer: Holds them.
        notices: Where trouble is said.
    """

    __slots__ = ("_buffer", "_encoder", "_notices")

    def __init__(self, encoder: Encoder, buffer: Buffer, notices: Notices) -> None:
        self._encoder = encoder
        self._buffer: Buffer | None = buffer
        self._notices = notices

    def retire(self) -> None:
        """Look at nothing any more: in a forked child the parent's buffer may be locked for ever."""
        self._buffer = None

    def look(self, guard: ValueGuard, lane: Lane, number: int) -> None:
        """Look through one item, if it still waits; never raises. What cannot be looked through is dropped and counted.

        Args:
            guard: That of its request.
            lane: Where it waits.
            number: Its number there.
        """
        buffer = self._buffer
        body = None if buffer is None else buffer.waiting_body(lane, number)
        if buffer is None or not body:
            return
        try:
            masked = self._encoder.mask_again(lane.signal, body, guard)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001  # fail closed
            buffer.replace(lane, number, None, QUARANTINED)
            kind = type(error).__name__
            self._notices.say(f"late:{kind}", "one of the %s could not be looked through: %s", lane.signal, kind)
            return
        if masked is not body:
            buffer.replace(lane, number, masked)
