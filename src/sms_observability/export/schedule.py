"""How often and how much: `OTEL_BSP_*`, `OTEL_BLRP_*` and `OTEL_METRIC_EXPORT_*`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sms_observability.settings import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sms_observability.export.records import Signal

MAX_REQUEST_BYTES: Final = 3 * 1024 * 1024
"""Bytes of items in one request; gRPC receivers refuse more than 4 MiB by default."""

_PREFIXES: Final[dict[Signal, str]] = {"traces": "OTEL_BSP", "logs": "OTEL_BLRP"}
_DELAYS: Final[dict[Signal, float]] = {"traces": 5.0, "logs": 1.0}
_BATCH: Final = 512
_METRIC_INTERVAL: Final = 60.0
_EXPORT_TIMEOUT: Final = 30.0


class Schedule(NamedTuple):
    """When a signal is sent.

    Attributes:
        delay: Seconds between two exports (metrics: between two collections).
        batch: Items in one request at most; so many that wait are sent at once.
        most: Items that may wait, `None` for as many as the byte budget holds.
        timeout: Seconds that one export may take, beside the endpoint's own time limit.
        batch_bytes: Bytes of items in one request at most; one larger item goes alone.
    """

    delay: float
    batch: int = _BATCH
    most: int | None = None
    timeout: float = _EXPORT_TIMEOUT
    batch_bytes: int = MAX_REQUEST_BYTES


def schedules(environ: Mapping[str, str]) -> tuple[dict[Signal, Schedule], list[Problem]]:
    """Read the schedules of all signals.

    Args:
        environ: The environment. `OTEL_B*_MAX_QUEUE_SIZE` is a bound beside the byte budget, which holds anyway.

    Returns:
        One schedule for each signal, and the mistakes that were found.

    Example:
        >>> found, problems = schedules({"OTEL_BSP_SCHEDULE_DELAY": "200"})
        >>> found["traces"].delay, found["metrics"].delay, problems
        (0.2, 60.0, [])
    """
    problems: list[Problem] = []

    def read(variable: str) -> int | None:
        text = environ.get(variable, "").strip()
        if not text:
            return None
        if text.isascii() and text.isdigit() and 0 < int(text[:18]) <= 86_400_000 and len(text) <= 9:  # noqa: PLR2004
            return int(text)
        problems.append(Problem(variable, "must be a whole number from 1 to 86400000", "the default is used"))
        return None

    def seconds(variable: str, default: float) -> float:
        millis = read(variable)
        return default if millis is None else millis / 1000

    found: dict[Signal, Schedule] = {}
    for signal, prefix in _PREFIXES.items():
        most = read(f"{prefix}_MAX_QUEUE_SIZE")
        batch = read(f"{prefix}_MAX_EXPORT_BATCH_SIZE") or _BATCH
        found[signal] = Schedule(
            delay=seconds(f"{prefix}_SCHEDULE_DELAY", _DELAYS[signal]),
            batch=batch if most is None else min(batch, most),
            most=most,
            timeout=seconds(f"{prefix}_EXPORT_TIMEOUT", _EXPORT_TIMEOUT),
        )
    found["metrics"] = Schedule(
        delay=seconds("OTEL_METRIC_EXPORT_INTERVAL", _METRIC_INTERVAL),
        timeout=seconds("OTEL_METRIC_EXPORT_TIMEOUT", _EXPORT_TIMEOUT),
    )
    return found, problems
