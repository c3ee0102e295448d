"""Durations as Prometheus and Alertmanager write them: `30s`, `1h30m`, `15d`."""

from __future__ import annotations

import re
from typing import Final

from sms_observability.catalog.errors import CatalogError

DURATION: Final = r"(?:[0-9]+(?:ms|[smhdwy]))+"
"""A regular expression for one, without groups."""

_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0, "y": 31536000.0}
_is_duration = re.compile(DURATION).fullmatch
_parts_of = re.compile(r"([0-9]+)(ms|[smhdwy])").findall


def seconds(duration: str) -> float:
    """Give the seconds of a duration.

    Raises:
        CatalogError: It is no duration.

    Example:
        >>> seconds("1h30m")
        5400.0
    """
    if not _is_duration(duration):
        raise CatalogError(f"{duration!r} is no duration: write '30s', '5m' or '4h'")
    return float(sum(int(number) * _UNITS[unit] for number, unit in _parts_of(duration)))
