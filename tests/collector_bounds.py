"""How far a fair draw may stray: bounds for tests of probabilities."""

from __future__ import annotations

from collections.abc import Iterable
from math import exp, lgamma, log


def binomial_range(n: int, percent: int, odds: float) -> tuple[int, int]:
    """Give the range outside of which a fair draw falls with less than these odds, half of them on each side."""
    share = percent / 100

    def chance(k: int) -> float:
        ways = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
        return exp(ways + k * log(share) + (n - k) * log(1 - share))

    def end(counts: Iterable[int]) -> int:
        seen, steps = 0.0, 0
        for k in counts:
            seen += chance(k)
            if seen > odds / 2:
                break
            steps += 1
        return steps

    return end(range(n + 1)), n - end(range(n, -1, -1))
