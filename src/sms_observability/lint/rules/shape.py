"""What an expression gives: which labels its result has, and what its value is made of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sms_observability.lint.rules.series import Series


@dataclass(frozen=True, slots=True)
class Rate:
    """A value that counts events per second.

    Attributes:
        series: What is counted.
        seconds: Over how long; `None` if whoever looks chooses it.
        summed: Whether all instances are in it.
    """

    series: Series
    seconds: float | None
    summed: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """What an expression gives.

    Attributes:
        labels: What its result has at most.
        is_open: There may be other labels, which nobody knows.
        is_mixed: Some of its results have other labels than others.
        is_scalar: It is a number or a text, and has no labels.
        number: Its value, if it is written down.
        raw: The series, if it is nothing but a selector.
        series: What the value was made of, if that is one series.
        rate: It counts per second.
        quantile: It is a quantile of this histogram's buckets.
        over_services: It mixes all services in one number.
    """

    labels: frozenset[str] = frozenset()
    is_open: bool = False
    is_mixed: bool = False
    is_scalar: bool = False
    number: float | None = None
    raw: Series | None = None
    series: Series | None = None
    rate: Rate | None = None
    quantile: Series | None = None
    over_services: bool = False

    @property
    def is_closed(self) -> bool:
        """Whether exactly these labels are there."""
        return not (self.is_open or self.is_mixed or self.is_scalar)

    def keeping(self, labels: frozenset[str]) -> Shape:
        """Give the same with other labels; what it is made of stays known, but it is no selector any more."""
        return replace(self, labels=labels, raw=None)

    def computed(self) -> Shape:
        """Give the same labels for a value that something was done to."""
        return Shape(labels=self.labels, is_open=self.is_open, is_mixed=self.is_mixed, is_scalar=self.is_scalar)

    def or_else(self, other: Shape) -> Shape:
        """Give what either of two gives."""
        return Shape(
            labels=self.labels | other.labels,
            is_open=self.is_open or other.is_open,
            is_mixed=self.is_mixed or other.is_mixed or self.labels != other.labels,
            raw=self.raw or other.raw,
            rate=self.rate or other.rate,
            over_services=self.over_services,
        )


NUMBER = Shape(is_scalar=True)
ANYTHING = Shape(is_open=True)
