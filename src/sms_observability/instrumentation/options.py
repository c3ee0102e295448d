"""What every instrumentation is told when the house is put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Record = Callable[[object, Mapping[str, object], tuple[int, int] | None], None]


def _record_nothing(amount: object, labels: Mapping[str, object], trace: tuple[int, int] | None = None) -> None:
    """Stand in for a metric that does not leave by any door."""


def _never(host: str) -> bool:  # noqa: ARG001
    return False


def _excluded_nothing(path: str) -> bool:  # noqa: ARG001
    return False


def _finish_nothing(**fields: object) -> None:
    """Stand in for the log line of a request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentationOptions:
    """The ports of an instrumentation.

    Attributes:
        trusted: Whether the baggage and tracestate of a peer address are believed.
        internal: Whether a host gets our trace context, baggage and correlation id.
        excluded: Whether a path is left out of traces, metrics and INFO logs.
        metric: Gives the function that records a semantic-convention metric.
        request_finished: Writes the one log line of a request.
        on_lifespan_startup: Called when a server has started the application.
        on_lifespan_shutdown: Awaited when a server has stopped the application, before it exits.
    """

    trusted: Callable[[str], bool] = _never
    internal: Callable[[str], bool] = _never
    excluded: Callable[[str], bool] = _excluded_nothing
    metric: Callable[[str], Record] = lambda name: _record_nothing  # noqa: ARG005
    request_finished: Callable[..., None] = _finish_nothing
    on_lifespan_startup: Callable[[], None] = lambda: None
    on_lifespan_shutdown: Callable[[], Any] = lambda: None


def excluder(routes: tuple[str, ...]) -> Callable[[str], bool]:
    """Give a test for paths: a route excludes itself and everything below it, and nothing that only looks like it.

    Args:
        routes: Paths such as `/health`; `/` alone excludes only itself.

    Example:
        >>> excluded = excluder(("/health",))
        >>> excluded("/health"), excluded("/health/db"), excluded("/healthy-parts")
        (True, True, False)
    """
    exact = frozenset(f"/{route.strip('/')}" for route in routes)
    prefixes = tuple(f"{route}/" for route in exact if route != "/")

    def excluded(path: str) -> bool:
        return path in exact or path.startswith(prefixes)

    return excluded
