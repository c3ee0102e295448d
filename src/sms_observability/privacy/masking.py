"""What the value guard looks at: which keys not at all, which texts; and masking what it finds there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sms_observability.privacy.guard import current_guard, has_number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sms_observability.privacy.guard import ValueGuard
    from sms_observability.privacy.policy import Policy

MEASURED: Final = frozenset(
    (
        *("http.response.status_code", "http.request.resend_count", "server.port", "client.port", "network.peer.port"),
        *("http.request.body.size", "http.response.body.size", "db.response.returned_rows"),
        *("db.operation.batch.size", "messaging.batch.message_count", "messaging.message.body.size"),
        *("code.line.number", "code.column.number", "thread.id", "process.pid", "cpython.gc.generation"),
        *("sms.sla.threshold_ms", "sms.sla.duration_ms", "sms.sla.budget_remaining_ms", "sms.sla.budget_share"),
        *("sms.sla.budget_ms", "duration_ms", "status_code", "timestamp"),
    )
)
"""What the library measures itself, status codes, ports and times: the numbers are not compared."""

IDS: Final = frozenset(
    (
        *("trace_id", "span_id", "correlation_id", "sms.correlation_id", "messaging.message.id", "container.id"),
        *("host.id", "service.instance.id", "exception.stacktrace", "exception"),
    )
)
"""Ids that no field of the catalogue marks as such, and frames, which have line numbers."""


# Texts without a number, which come again and again: keys, names, routes. Threads share it; a loss costs a search.
_plain: Final[set[str]] = set()
_MOST_KEPT: Final = 4096
_LONGEST_KEPT: Final = 64


def is_plain(text: str) -> bool:
    """Say whether a text holds no number that could be compared; what was seen before is known by a look-up."""
    if text in _plain:
        return True
    if has_number(text) is not None:
        return False
    if len(text) <= _LONGEST_KEPT:
        if len(_plain) >= _MOST_KEPT:
            _plain.clear()
        _plain.add(text)
    return True


def mask_text(text: str, what: str, guard: ValueGuard, policy: Policy) -> str:
    """Give one of the texts of a record, such as its name, with every restricted number in it replaced."""
    if not text or is_plain(text):
        return text
    clean = guard.clean_text(text)
    if clean is not text:
        policy.masked(what)
    return clean


def guarded(
    record: Callable[[object, Mapping[str, object]], None], refused: Callable[[], None]
) -> Callable[[object, Mapping[str, object]], None]:
    """Give a metric's recording function that does not take restricted numbers.

    Args:
        record: Takes an amount and labels.
        refused: Told when an amount, or a label, was a restricted value of the running request; nothing is recorded.
    """

    def take(amount: object, labels: Mapping[str, object]) -> None:
        guard = current_guard()
        if guard.armed and (guard.knows(amount) or any(guard.knows(label) for label in labels.values())):
            refused()
            return
        record(amount, labels)

    return take
