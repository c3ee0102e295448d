"""Boundaries of histograms: a threshold that is none of them cannot be seen in Prometheus."""

from __future__ import annotations

from itertools import pairwise
from math import isfinite

from sms_observability.catalog.errors import CatalogError

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 3.0, 5.0, 7.5, 10.0)
JOURNEY_SECONDS = (
    *(0.01, 0.025, 0.05, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.75, 0.8, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0),
    *(7.5, 8.0, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0, 120.0, 300.0, 600.0),
)
TASK_SECONDS = (1.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0, 7200.0)
SYNC_SECONDS = (0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 1800.0, 3600.0)
STATEMENT_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
LAG_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
DOLLARS = (25.0, 50.0, 100.0, 250.0, 500.0, 1e3, 2.5e3, 5e3, 1e4, 2.5e4, 5e4, 1e5, 2.5e5)
BYTES = (256.0, 1024.0, 4096.0, 16384.0, 65536.0, 262144.0, 1048576.0, 4194304.0, 16777216.0, 67108864.0)
SCORE = (10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 95.0, 100.0)
COUNTS = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0, 10000.0)

_BY_UNIT = {"s": SECONDS, "dollars": DOLLARS, "{USD}": DOLLARS, "By": BYTES, "%": SCORE, "{score}": SCORE}


def default_buckets(unit: str) -> tuple[float, ...]:
    """Give the boundaries of a histogram that states none."""
    return _BY_UNIT.get(unit, COUNTS)


def checked_buckets(name: str, buckets: tuple[float, ...], thresholds: tuple[float, ...]) -> tuple[float, ...]:
    """Give the boundaries as numbers, or say why they cannot work.

    Raises:
        CatalogError: They do not grow, or a threshold is none of them.
    """
    if not all(type(bound) in (int, float) and isfinite(bound) for bound in buckets):
        msg = f"metric {name!r}: buckets are finite numbers, without the last +Inf, such as (0.5, 1, 2.5)"
        raise CatalogError(msg)
    if any(low >= high for low, high in pairwise(buckets)):
        msg = f"metric {name!r}: buckets must grow: write {tuple(sorted(set(buckets)))}"
        raise CatalogError(msg)
    for threshold in thresholds:
        if threshold not in buckets:
            msg = (
                f"metric {name!r}: {threshold:g} is compared with but is no bucket boundary, so it cannot be seen: "
                f"write buckets={tuple(sorted({*buckets, threshold}))}"
            )
            raise CatalogError(msg)
    return tuple(float(bound) for bound in buckets)
