"""What a figure should be: the colour of a panel, and what people hold each other to."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any, Literal

from sms_observability.catalog.errors import CatalogError

if TYPE_CHECKING:
    from sms_observability.catalog.journey import Journey

Better = Literal["lower", "higher"]


@dataclass(frozen=True, slots=True)
class Target:
    """A figure that has been promised, and which side of it is the good one.

    Args:
        name: What is promised, as people say it, such as `"p95 below 500 ms"`.
        value: The limit, in the unit of the panel that shows it.
        better: `lower` if the figure should stay below the limit, `higher` if above it.
        warn: From where on it is nearly missed, on the good side of `value`; `None` if there is no such zone.

    Raises:
        CatalogError: The limit is no finite number, or the warning lies on the wrong side of it.

    Example:
        >>> Target("CPU below 80 %", 80, better="lower", warn=70).bands
        ((None, 'good'), (70, 'warning'), (80, 'bad'))
        >>> Target("availability 99.95 %", 0.9995, better="higher").bands
        ((None, 'bad'), (0.9995, 'good'))
    """

    name: str
    value: float
    _: KW_ONLY
    better: Better
    warn: float | None = None

    def __post_init__(self) -> None:
        if self.better not in ("lower", "higher"):
            msg = f"target {self.name!r}: better={self.better!r} is neither 'lower' nor 'higher'"
            raise CatalogError(msg)
        if not isfinite(self.value):
            msg = f"target {self.name!r}: {self.value!r} is no finite number: write the limit in the panel's unit"
            raise CatalogError(msg)
        if self.warn is not None and not (self.warn < self.value if self.better == "lower" else self.warn > self.value):
            side = "below" if self.better == "lower" else "above"
            msg = f"target {self.name!r}: warn={self.warn:g} must lie {side} {self.value:g}, on the good side"
            raise CatalogError(msg)

    @property
    def bands(self) -> tuple[tuple[float | None, str], ...]:
        """From where on the figure is good, nearly missed or bad, from the lowest up; the first has no lower end."""
        if self.better == "lower":
            near = () if self.warn is None else ((self.warn, "warning"),)
            return ((None, "good"), *near, (self.value, "bad"))
        if self.warn is None:
            return ((None, "bad"), (self.value, "good"))
        return ((None, "bad"), (self.value, "warning"), (self.warn, "good"))

    @staticmethod
    def of(journey: Journey) -> Target:
        """Give the target that a journey's SLA sets, in seconds."""
        name = f"{journey.name} within {journey.sla_seconds:g} s"
        return Target(name, journey.sla_seconds, better="lower")

    def to_json(self) -> dict[str, Any]:
        """Give the declaration as plain data."""
        return {"name": self.name, "value": self.value, "better": self.better, "warn": self.warn}
