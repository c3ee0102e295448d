"""What `setup` hands down: where journeys are counted, and whether they are watched at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from sms_observability.catalog import Journey
    from sms_observability.export.records import SpanRecord
    from sms_observability.journeys.outcome import Outcome

    RecordJourney = Callable[[Journey, Outcome, float, bool, tuple[int, int] | None], None]
    EmitHidden = Callable[[SpanRecord], None]


def _record_nothing(
    journey: Journey,
    outcome: Outcome,
    seconds: float,
    breached: bool,  # noqa: FBT001 - the port's signature
    trace: tuple[int, int] | None,
) -> None:
    """Stand in until `init_observability` has been called."""


def _show_nobody(span: SpanRecord) -> None:
    """Stand in until `init_observability` has been called."""


class Ports:
    """The ports of this room.

    Attributes:
        enabled: Whether journeys and steps are watched; what has begun is ended all the same.
        record: Told of each journey that ended: what it was, its outcome, its seconds, whether it broke its promise,
            and the ids of its trace and span if they are recorded.
        hidden: Given each internal step once more, under its true name, for the restricted channel.
    """

    __slots__ = ("enabled", "hidden", "record")

    def __init__(self) -> None:
        self.enabled = False
        self.record: RecordJourney = _record_nothing
        self.hidden: EmitHidden = _show_nobody


ports: Final = Ports()
