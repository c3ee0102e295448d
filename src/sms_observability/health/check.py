"""A health check: something the next request needs, asked with a time limit."""

from __future__ import annotations

import asyncio
import inspect
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import perf_counter
from typing import TYPE_CHECKING, Any, Literal

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
        TypeError: `call` cannot be called.
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
        if not callable(self.call):
            msg = f"HealthCheck({self.name!r}, …) needs a function to call, not a {type(self.call).__name__}"
            raise TypeError(msg)
        if not self.name or not self.timeout > 0:
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
    pairs = getattr(checks, "items", None)
    made = (
        tuple(HealthCheck(name, call) for name, call in pairs()) if pairs is not None else tuple(checks)  # type: ignore[arg-type]
    )
    for check in made:
        if not isinstance(check, HealthCheck):
            msg = (
                "health_router(checks=…) takes HealthChecks or a mapping of names to functions, "
                f"not a {type(check).__name__}"
            )
            raise TypeError(msg)
    names = [check.name for check in made]
    if len(set(names)) != len(names):
        msg = "two health checks have the same name"
        raise ValueError(msg)
    return made


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


class Checker:
    """Runs the checks side by side; callers at the same time share one run.

    Args:
        checks: What to ask.
    """

    def __init__(self, checks: tuple[HealthCheck, ...]) -> None:
        self._checks = checks
        self._running: asyncio.Task[list[Result]] | None = None
        self._hanging: dict[str, asyncio.Future[Any]] = {}

    async def run(self) -> list[Result]:
        """Ask all, each within its own time limit."""
        running = self._running
        if running is None or running.done() or running.get_loop() is not asyncio.get_running_loop():
            running = self._running = asyncio.ensure_future(self._run())
        # A caller that goes away must not take the answer from the others.
        return await asyncio.shield(running)

    async def _run(self) -> list[Result]:
        return list(await asyncio.gather(*(self._ask(check) for check in self._checks)))

    async def _ask(self, check: HealthCheck) -> Result:
        start = perf_counter()
        output = ""
        try:
            await asyncio.wait_for(self._call(check), check.timeout)
        except TimeoutError:
            output = f"no answer within {check.timeout:g} s"
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 - a check may raise anything; that is its answer
            output = type(error).__name__
        status: Status = "pass" if not output else "fail" if check.critical else "warn"
        return Result(check, status, (perf_counter() - start) * 1000, output)

    async def _call(self, check: HealthCheck) -> None:
        hanging = self._hanging.get(check.name)
        if hanging is not None and not hanging.done():
            # A thread cannot be stopped: while one still hangs in this check, no second one is sent after it.
            await asyncio.shield(hanging)
            return
        if inspect.iscoroutinefunction(check.call):
            await check.call()
            return
        future = asyncio.ensure_future(asyncio.to_thread(check.call))
        self._hanging[check.name] = future
        future.add_done_callback(_ignore)
        result = await asyncio.shield(future)
        if inspect.isawaitable(result):
            await result


def _ignore(future: asyncio.Future[Any]) -> None:
    if not future.cancelled():
        future.exception()
