"""Masking what the value guard finds, in attributes and in the texts of records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from sms_observability.privacy.guard import SMALL, current_guard, has_number
from sms_observability.sanitise.classes import class_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sms_observability.privacy.guard import ValueGuard
    from sms_observability.privacy.policy import Policy
    from sms_observability.sanitise import Value

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


def mask_attributes(attributes: Mapping[str, Value], guard: ValueGuard, policy: Policy) -> Mapping[str, Value]:
    """Give attributes in which every restricted number that a guard knows is replaced.

    Args:
        attributes: Sanitised attributes or log fields.
        guard: What was restricted in the request or job.
        policy: Says how each key is looked at, and learns of each that was masked.

    Returns:
        The same object if there was nothing to mask.
    """
    masked: dict[str, Value] | None = None
    plain, comparison = _plain, policy.comparison
    # Types are asked for below, by identity, which no type checker follows.
    pairs = cast("Iterable[tuple[str, Any]]", attributes.items())
    for key, value in pairs:
        # In one piece: what most values are, texts and numbers without anything to compare, is known without a call.
        if key in plain or is_plain(key):
            name, kind = key, class_of(value)
            if kind is str:
                if (
                    value in plain
                    # Before the search: ids have digits, differ each time, and are all but never a fraction.
                    or ("." not in value and "," not in value and comparison(key) == "fractions")
                    or is_plain(value)
                ):
                    continue
            elif kind is int:
                if -SMALL < value < SMALL or comparison(key) != "all":
                    continue
            elif kind is float:
                if comparison(key) == "texts":
                    continue
            elif kind is bool:
                continue
        else:
            name = guard.clean_text(key)
        clean = guard.clean(value, comparison(key))
        if clean is value and name is key:
            continue
        if masked is None:
            masked = dict(attributes)
        del masked[key]
        masked[name] = clean
        policy.masked(name)
    return attributes if masked is None else masked


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
