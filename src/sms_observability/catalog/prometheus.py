"""What Prometheus makes of an OpenTelemetry metric's name.

This is the translation strategy `UnderscoreEscapingWithSuffixes`, the one that the shipped Collector states. The
catalogue declares the resulting names and refuses a metric whose translation is another.
"""

from __future__ import annotations

import re
from typing import Literal

MetricKind = Literal["counter", "histogram", "gauge", "updowncounter"]

_UNITS = {
    "d": "days",
    "h": "hours",
    "min": "minutes",
    "s": "seconds",
    "ms": "milliseconds",
    "us": "microseconds",
    "ns": "nanoseconds",
    "By": "bytes",
    "KiBy": "kibibytes",
    "MiBy": "mebibytes",
    "GiBy": "gibibytes",
    "TiBy": "tibibytes",
    "KBy": "kilobytes",
    "MBy": "megabytes",
    "GBy": "gigabytes",
    "TBy": "terabytes",
    "m": "meters",
    "V": "volts",
    "A": "amperes",
    "J": "joules",
    "W": "watts",
    "g": "grams",
    "Cel": "celsius",
    "Hz": "hertz",
    "1": "",
    "%": "percent",
}
_PER_UNITS = {"s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week", "mo": "month", "y": "year"}

_tokens = re.compile(r"[A-Za-z0-9:]+").findall
_not_a_token = re.compile(r"[^A-Za-z0-9:]+")


def prometheus_name(name: str, unit: str, kind: MetricKind, *, namespace: str = "") -> str:
    """Give the name of a metric in Prometheus (of a histogram: its family name).

    Args:
        name: The OpenTelemetry name, such as `sms.offline.sync.duration`.
        unit: The UCUM unit; a unit in braces is an annotation and leaves no trace.
        kind: The kind of instrument.
        namespace: What the exporter puts in front; the restricted one uses `_sms`.

    Example:
        >>> prometheus_name("sms.parts.quotes.requested", "{quote}", "counter")
        'sms_parts_quotes_requested_total'
        >>> prometheus_name("parts.markup.realized", "dollars", "histogram", namespace="_sms")
        '_sms_parts_markup_realized_dollars'
    """
    parts = _tokens(name)
    main, _, per = unit.partition("/")
    word, per_word = _unit_word(main, _UNITS), _unit_word(per, _PER_UNITS).removesuffix("_")
    if word and word not in parts:
        parts.append(word.removesuffix("_") if per_word else word)
    if per_word:
        parts.append(f"per_{per_word}")
    if kind == "counter":
        parts = [part for part in parts if part != "total"] + ["total"]
    elif kind == "gauge" and unit == "1":
        parts = [part for part in parts if part != "ratio"] + ["ratio"]
    if namespace:
        parts.insert(0, namespace)
    joined = "_".join(parts)
    return f"_{joined}" if joined[:1].isdigit() else joined


def prometheus_series(name: str, kind: MetricKind) -> tuple[str, ...]:
    """Give all names under which a metric's series are queried: a histogram has three besides its family name.

    Example:
        >>> prometheus_series("sms_quality_score", "histogram")[1:]
        ('sms_quality_score_bucket', 'sms_quality_score_sum', 'sms_quality_score_count')
    """
    if kind == "histogram":
        return (name, f"{name}_bucket", f"{name}_sum", f"{name}_count")
    return (name,)


def is_known_unit(unit: str) -> bool:
    """Say whether a unit is translated, so that it is not copied into the name as it stands."""
    return unit in _UNITS or unit == "dollars" or (unit.startswith("{") and unit.endswith("}"))


def _unit_word(unit: str, words: dict[str, str]) -> str:
    unit = unit.strip()
    if "{" in unit or "}" in unit:
        return ""
    return _not_a_token.sub("_", words.get(unit, unit)).lstrip("_")
