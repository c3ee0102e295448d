"""What the fixture `telemetry` gives: everything that leaves a service during a test, as plain dictionaries."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, cast

from sms_observability import lifecycle
from sms_observability.logs import output
from sms_observability.privacy import Restricted, current_guard, declaration
from sms_observability.providers import ids
from sms_observability.testing.clock import Clock, Ids
from sms_observability.testing.door import Captured
from sms_observability.testing.house import TestHouse
from sms_observability.testing.patches import Patches
from sms_observability.testing.search import Seen, find

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType
    from typing import Self

_ROOMS: Final = ("providers", "journeys", "logs", "instrumentation", "metrics", "health", "context")
_RESTRICTED: Final = ("privacy.restricted", "privacy.arithmetic")
_FIGURES: Final = ("value", "count")
# Five digits and two, none of them round, and no two canaries a simple multiple of each other.
_CANARY: Final = Decimal("48611.37")
_NEXT_CANARY: Final = Decimal("7919.13")
_LEFT_OUT: Final = ("resource", "scope")
# What the library measures of the process and of itself differs from run to run.
_OWN_METRICS: Final = ("process.", "cpython.", "sms.telemetry.", "sms.eventloop.")


class Channel:
    """What has left by one channel; each list is made anew when it is read.

    Attributes:
        spans: In the order in which they began.
        logs: In the order in which they were written.
        metrics: Sorted by name and labels; series that only stand at zero are left out.
    """

    def __init__(self, captured: Captured) -> None:
        self._captured = captured

    @property
    def spans(self) -> list[dict[str, Any]]:
        """The spans that have ended, in the order in which they began."""
        return sorted(_plain(self._captured.spans), key=lambda span: (span["start_ns"], span["span_id"]))

    @property
    def logs(self) -> list[dict[str, Any]]:
        """The log records, in the order in which they were written."""
        return _plain(self._captured.logs)

    @property
    def metrics(self) -> list[dict[str, Any]]:
        """The points of all metrics that were recorded: `value`, or of a histogram `count` and `sum`."""
        points = [
            {key: point[key] for key in ("name", "kind", "unit", "labels", *_figures(point))}
            for point in cast("list[dict[str, Any]]", self._captured.metrics())
            if not point["name"].startswith(_OWN_METRICS)
            and (point["kind"] == "gauge" or any(map(point.get, _FIGURES)))
        ]
        return sorted(points, key=lambda point: (point["name"], sorted(map(str, point["labels"].items()))))


def _figures(point: dict[str, Any]) -> tuple[str, ...]:
    return ("count", "sum") if point["value"] is None else ("value",)


class Telemetry(Channel):
    """Captures the telemetry of a service while it is open; the fixture `telemetry` opens one for each test.

    What is captured is what would leave the process: redacted by the same policy and encoded by the same encoder.
    Ids count from 1. The clock stands still, so that durations are zero, until `advance`.

    It works for a service that called `init_observability` when its module was imported, for one that calls it during
    the test, and for code that is tested without it.

    Attributes:
        lines: The log lines that were written, as texts.
        restricted: What has left by the restricted channel: `restricted.metrics` and so on.

    Example:
        >>> from sms_observability import journey
        >>> with Telemetry() as telemetry:
        ...     with journey("parts_ordering_flow"):
        ...         telemetry.advance(3.5)
        >>> [(span["name"], span["attributes"]["sms.sla.breached"]) for span in telemetry.spans]
        [('parts_ordering_flow', True)]
    """

    def __init__(self) -> None:
        self._clock = Clock()
        self._public = Captured(self._clock.time_ns)
        super().__init__(self._public)
        self._hidden = Captured(self._clock.time_ns)
        self.lines: list[str] = []
        self._canaries = 0
        self.restricted = Channel(self._hidden)
        self._seen = Seen()
        self._patches = Patches()
        self._house = TestHouse(self._public, self._hidden, self._patches)

    def __enter__(self) -> Self:
        counting = Ids()
        replacements = self._clock.replacements()
        replacements[ids.random_trace_id] = counting.trace_id
        replacements[ids.random_span_id] = counting.span_id
        self._patches.replace_globals(_ROOMS, replacements)
        self._patches.replace_globals(_RESTRICTED, {current_guard: self._seen.watch(current_guard)})
        self._seen.forget_before()
        self._patches.set(output.Output, "write", self._written(output.Output.write))
        lifecycle.stop_draining()
        self._house.open()
        # Instrumentations are imported only where their library is there.
        self._patches.replace_globals(_ROOMS, replacements)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._house.close()
        self._seen.forget_before()

    def advance(self, seconds: float) -> None:
        """Let time pass on the clock by which telemetry is measured; nothing waits.

        Args:
            seconds: How much, from 0 on.

        Raises:
            ValueError: Time would go back.
        """
        self._clock.advance(seconds)

    def canary(self) -> Restricted[Decimal]:
        """Give a restricted amount that is like no other, to plant where a figure enters the code under test.

        `assert_no_restricted` then finds it, and whatever was calculated from it, wherever it comes out.
        """
        self._canaries += 1
        return Restricted(_CANARY + self._canaries * _NEXT_CANARY)

    def clear(self) -> None:
        """Forget what has been captured so far; counters go on from where they are."""
        self._public.clear()
        self._hidden.clear()
        self._seen.clear()
        self.lines.clear()

    def _written(self, write: Callable[[output.Output, str], None]) -> Callable[[output.Output, str], None]:
        def tee(to: output.Output, line: str) -> None:
            self.lines.append(line)
            write(to, line)

        return tee

    @property
    def dropped(self) -> dict[str, dict[str, int]]:
        """How many items were dropped in the process, by signal and reason."""
        return self._public.dropped()

    @property
    def undeclared(self) -> dict[str, str]:
        """The attributes, labels and log fields that no catalogue declares, each with the line that declares it."""
        return {key: declaration(key) for key in self._public.unknown_keys()}

    def assert_no_restricted(self, *values: object) -> None:
        """Assert that no restricted value has left by the ordinary channel, under any name or in any text.

        Numbers are found in the forms that a person could write them in: rounded, in cents, as a rate or a percentage.
        Small round numbers are everywhere and prove nothing: test with values such as 1234.57.

        Args:
            values: What must not be found, plain or `Restricted`; without any, everything that was `Restricted` in this
                test and not declassified.

        Raises:
            AssertionError: Something was found; the message says where, not what.
        """
        looked_for: Iterable[object] = values or self._seen.restricted
        found = find(
            {
                "spans": self._public.spans,
                "logs": self._public.logs,
                "metrics": self._public.metrics(),
                "lines": self.lines,
            },
            looked_for,
            () if values else self._seen.declassified,
        )
        if found:
            raise AssertionError(f"restricted values have left the process: {', '.join(found)}")


def _plain(items: Iterable[Any]) -> list[dict[str, Any]]:
    return [
        {key: value for key, value in cast("dict[str, Any]", item).items() if key not in _LEFT_OUT} for item in items
    ]
