"""An aggregation: do its labels exist, and does the number that comes out mean anything?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sms_observability.lint.rules.promql import VARIABLE

if TYPE_CHECKING:
    from sms_observability.lint.rules.inspection import Inspection
    from sms_observability.lint.rules.shape import Shape

_COUNTS_SERIES = frozenset(("count", "group", "limitk", "limit_ratio"))
_PICKS = frozenset(("topk", "bottomk", "limitk", "limit_ratio"))
_OF_A_SERVICE = frozenset(("job", "service", "instance"))


def aggregation(inspection: Inspection, node: Any) -> Shape:
    """Give what an aggregation gives, and say what is wrong with it."""
    operator = str(node.op).lower()
    if node.param is not None:
        inspection.shape(node.param)
    counts_series = operator in _COUNTS_SERIES
    inner = _counted(inspection, node.expr) if counts_series else inspection.value(node.expr)
    labels, by = _grouping(inspection, node, inner)
    if operator == "count_values" and type(node.param).__name__ == "StringLiteral":
        labels |= {str(getattr(node.param, "val", ""))}
    _check_levels(inspection, operator, inner, labels)
    if operator in _PICKS:
        return replace(inner, raw=None)
    shape = inner.keeping(labels)
    # What is grouped by names has these names at most, however many the series have.
    shape = replace(shape, is_open=inner.is_open and by is False, is_mixed=False)
    if shape.rate is not None:
        shape = replace(shape, rate=replace(shape.rate, summed=operator == "sum"))
    if operator == "sum" and by is None and inner.labels & _OF_A_SERVICE and _is_of_all_services(inspection, inner):
        shape = replace(shape, over_services=True)
    return shape if operator in ("sum", "avg", "max", "min") else shape.computed()


def _counted(inspection: Inspection, node: Any) -> Shape:
    """Give what is counted: of an aggregation inside only the groups matter, not their values."""
    while type(node).__name__ == "ParenExpr":
        node = node.expr
    before = inspection.counters_are_wanted
    is_grouped = type(node).__name__ == "AggregateExpr"
    is_joined = type(node).__name__ == "BinaryExpr" and str(node.op) in ("*", "and", "or", "unless")
    inspection.counters_are_wanted = before or is_grouped or is_joined
    try:
        return inspection.shape(node)
    finally:
        inspection.counters_are_wanted = before


def _grouping(inspection: Inspection, node: Any, inner: Shape) -> tuple[frozenset[str], bool | None]:
    """Give the labels that stay, and whether they were named (`by`), excluded (`without`), or neither."""
    if node.modifier is None:
        return frozenset(), None
    named = frozenset(map(str, node.modifier.labels))
    if str(node.modifier.type).endswith("By"):
        known = _known_labels(inner)
        for label in sorted(named):
            if known is not None and label not in known and not label.startswith(VARIABLE):
                inspection.say(
                    "unknown-label",
                    f"what is grouped by {label} has no such label, so all of it falls into one group",
                    inspection.series.instead_of_label(label, inner.labels),
                )
        return (named if inner.is_open else named & inner.labels), True
    return inner.labels - named, False


def _known_labels(inner: Shape) -> frozenset[str] | None:
    """Give every label that may be there; nothing if nobody knows them."""
    if inner.is_closed:
        return inner.labels
    series = inner.series
    return None if series is None or series.labels is None else inner.labels | series.labels_of_targets


def _is_of_all_services(inspection: Inspection, inner: Shape) -> bool:
    series = inner.series
    if series is None or series.metric is None or series.metric.source != "semconv":
        return False
    # Whoever names one service has chosen it.
    text = inspection.query.expr
    return "job" not in text and "service" not in text


def _check_levels(inspection: Inspection, operator: str, inner: Shape, labels: frozenset[str]) -> None:
    series = inner.raw
    if series is None:
        return
    name = series.name
    if series.is_a_level_of_all_replicas and "instance" not in labels:
        own = ", ".join(sorted(label.name for label in series.metric.labels)) if series.metric is not None else ""
        if operator == "sum":
            inspection.say(
                "counted-per-replica",
                f"{name} is a level that each replica sets: with two of them the sum is twice as much",
                f"write sum(max by ({own}) ({name}))",
            )
        elif operator == "count":
            inspection.say(
                "counts-series",
                f"count counts the series of {name}, one for each replica, those that are 0 too",
                f"write count(max by ({own}) ({name}) == 1) or vector(0)",
            )
    if operator == "avg" and series.metric is not None and series.metric.unit == "%":
        inspection.say(
            "average-of-shares",
            f"{name} is a share already: an average of shares is none, because each has another whole",
            f"ask for {name} as it is, or divide the sum of the parts by the sum of the wholes",
            "advice",
        )
