"""A million spans in a tight loop, with a live receiver."""

from __future__ import annotations

import pytest

from export.doors import delivered, door, dropped, span
from sms_observability.receiver import Receiver

MILLION = 1_000_000


def _flood(items: int, when_full: str, buffer_bytes: int = 64 * 2**20) -> tuple[int, int, int]:
    """Emit as fast as it goes; gives what has arrived, was delivered and was dropped."""
    with (
        Receiver(decode=False) as receiver,
        door(receiver.endpoint, {}, when_full=when_full, buffer_bytes=buffer_bytes) as made,
    ):
        for number in range(items):
            made.emit_span(span(number, company_id="acme", vessel_id=number % 500))
        made.flush(120.0)
        assert set(dropped(made)) <= {"queue_full"}
        return receiver.totals()["traces"]["items"], delivered(made)["traces"], sum(dropped(made).values())


def test_back_pressure_loses_nothing() -> None:
    """With `block` everything arrives, though the budget holds a twentieth of it."""
    assert _flood(50_000, "block", 2**20) == (50_000, 50_000, 0)


@pytest.mark.soak
def test_a_million_spans_with_back_pressure() -> None:
    """With `block` a million of a million arrive."""
    assert _flood(MILLION, "block") == (MILLION, MILLION, 0)


@pytest.mark.soak
def test_a_million_spans_without_back_pressure() -> None:
    """With `drop_oldest` what has not arrived is counted."""
    arrived, sent, lost = _flood(MILLION, "drop_oldest")
    assert arrived == sent
    assert arrived + lost == MILLION
