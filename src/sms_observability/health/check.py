"""A health check: something the next request needs, asked with a time limit."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, cast

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

Status = Literal["pass", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """A dependency of the service.

    Args:
        name: What `/health` calls it, such as `"database"`.
        call: Asks the dependency; sync or async. Returning is healthy, raising is not; what it returns is not read.
        critical: Whether the service can answer its next request without it; `False` makes a failure a warning.
        timeout: Seconds after which it counts as failed.

    Raises:
        TypeError: `call` cannot be called, the name is no text, or the time limit no number.
        ValueError: The name is empty or the time limit is not above zero.

    Example:
        >>> HealthCheck("database", lambda: None, timeout=0.5).critical
        True
    """

    name: str
    call: Callable[[], object] | Callable[[], Awaitable[object]]
    critical: bool = True
    timeout: float = 2.0

    def __post_init__(self) -> None:
        """Refuse what could never be asked."""
        name: object = self.name
        if not isinstance(name, str):
            msg = f"HealthCheck(name=…) takes a text such as 'database', not a {type(name).__name__}"
            raise TypeError(msg)
        if not callable(self.call):
            msg = f"HealthCheck({name!r}, …) needs a function to call, not a {type(self.call).__name__}"
            raise TypeError(msg)
        timeout: object = self.timeout
        if isinstance(timeout, bool) or not isinstance(timeout, int | float):
            msg = f"HealthCheck({name!r}, timeout=…) takes a number of seconds, not a {type(timeout).__name__}"
            raise TypeError(msg)
        if not name or not self.timeout > 0 or not math.isfinite(self.timeout):
            msg = "HealthCheck needs a name and a timeout above 0 seconds"
            raise ValueError(msg)


def as_checks(checks: Iterable[HealthCheck] | Mapping[str, Callable[[], Any]] | None) -> tuple[HealthCheck, ...]:
    """Make checks of what `health_router` is given: `HealthCheck`s, or a mapping of names to functions.

    Args:
        checks: Either form, or `None` for no checks.

    Raises:
        TypeError: It is neither.
        ValueError: Two checks have one name.
    """
    if checks is None:
        return ()
    pairs: Any = getattr(checks, "items", None)
    given: Iterable[Any] = cast("Any", checks) if pairs is None else (HealthCheck(name, call) for name, call in pairs())
    try:
        made = tuple(given)
    except TypeError as error:
        if pairs is not None:
            raise
        raise _wrong(checks) from error
    for check in made:
        if not isinstance(check, HealthCheck):
            raise _wrong(check)
    names = [check.name for check in made]
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        msg = f"two health checks are named {twice!r}: give each its own name"
        raise ValueError(msg)
    return made


def _wrong(given: object) -> TypeError:
    return TypeError(
        f"health_router(checks=…) takes HealthChecks or a mapping of names to functions, not a {type(given).__name__}"
    )


@dataclass(slots=True)
class Result:
    """What one check said; never an exception's text, which may hold an address or a secret."""

    check: HealthCheck
    status: Status
    milliseconds: float
    output: str = ""
    time: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="milliseconds"))

    def to_json(self) -> dict[str, Any]:
        """Give the entry for the body of an answer, after the health+json draft."""
        entry: dict[str, Any] = {
            "componentType": "component",
            "status": self.status,
            "observedValue": round(self.milliseconds, 1),
            "observedUnit": "ms",
            "time": self.time,
        }
        if self.output:
            entry["output"] = self.output
        return entry
