"""An operation on two sides: do their labels meet, and is a threshold one that the value can reach?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sms_observability.catalog.errors import nearest
from sms_observability.lint.rules.promql import VARIABLE, has_variable
from sms_observability.lint.rules.selectors import matchers
from sms_observability.lint.rules.shape import Shape

if TYPE_CHECKING:
    from sms_observability.lint.rules.inspection import Inspection
    from sms_observability.lint.rules.series import Series

_SETS = frozenset(("and", "or", "unless"))
_COMPARISONS = frozenset(("==", "!=", ">", "<", ">=", "<="))
_FEW_PER_SECOND = 1.0
"""From here on a limit on a rate is so high that its author may have counted per window."""


def operation(inspection: Inspection, node: Any) -> Shape:
    """Give what an operation gives, and say what is wrong with it."""
    operator = str(node.op).lower()
    # What only chooses among series does not use their values.
    look = inspection.shape if operator in _SETS else inspection.value
    left, right = look(node.lhs), look(node.rhs)
    is_filter = operator in _COMPARISONS and not (node.modifier is not None and node.modifier.return_bool)
    if left.is_scalar and right.is_scalar:
        return Shape(is_scalar=True)
    if left.is_scalar or right.is_scalar:
        return _with_number(inspection, operator, node, left, right, is_filter=is_filter)
    if operator == "or":
        return left.or_else(right)
    _check_matching(inspection, operator, node, left, right)
    if operator in _SETS:
        return left
    if operator == "/":
        _check_raw_ratio(inspection, node, left, right)
    shape = _matched(node, left, right)
    return replace(shape, over_services=left.over_services and right.over_services)


def _with_number(
    inspection: Inspection, operator: str, node: Any, left: Shape, right: Shape, *, is_filter: bool
) -> Shape:
    vector, number = (right, left) if left.is_scalar else (left, right)
    if operator in _COMPARISONS:
        _check_threshold(inspection, vector, number.number)
        is_up = vector.series is not None and vector.series.name == "up"
        if operator == "==" and number.number == 0 and is_up and inspection.query.kind not in ("panel", "variable"):
            inspection.jobs_asked_up |= _jobs(node.lhs if vector is left else node.rhs)
    if is_filter:
        return replace(vector, raw=None)
    computed = vector.computed()
    return replace(computed, over_services=vector.over_services)


def _jobs(node: Any) -> set[str]:
    """Give the jobs that a selector somewhere below names one by one."""
    while type(node).__name__ != "VectorSelector":
        inner = getattr(node, "expr", None)
        if inner is None:
            return set()
        node = inner
    asked = (value for label, op, value in matchers(node) if label == "job" and op in ("Equal", "Re"))
    jobs = (value.removeprefix("(.+/)?") for value in asked if not has_variable(value))
    return {job for value in jobs for job in value.split("|")}


def _check_threshold(inspection: Inspection, vector: Shape, threshold: float | None) -> None:
    if vector.over_services:
        inspection.say(
            "all-services",
            "it puts all services into one number: a small one that fails altogether is hidden by a big one, and "
            "nobody learns which it is",
            "keep the service on each side: sum by (job) (…)",
            "advice",
        )
    if threshold is None:
        return
    rate = vector.rate
    if rate is not None and abs(threshold) >= _FEW_PER_SECOND and not _is_per_second(rate.series.name):
        over = f"{threshold * (rate.seconds or 300):,.0f} in {_time(rate.seconds or 300)}"
        each = "" if rate.summed else ", and each instance is compared on its own"
        inspection.say(
            "threshold-per-second",
            f"rate counts per second: a limit of {threshold:,.10g} is {over}{each}",
            f"write sum by (…) (increase({rate.series.name}[…])) against the number for the whole window",
            "advice",
        )
    if vector.quantile is not None and vector.quantile.metric is not None:
        _check_reach(inspection, vector, threshold)


def _is_per_second(name: str) -> bool:
    """Say whether people think of it per second: cores, and bytes on a wire."""
    return name.endswith(("_seconds_total", "_seconds_sum", "_bytes_total", "_cpu_seconds"))


def _check_reach(inspection: Inspection, vector: Shape, threshold: float) -> None:
    series = vector.quantile
    buckets = series.metric.buckets if series is not None and series.metric is not None else ()
    if series is None or not buckets or threshold in buckets:
        return
    if threshold > buckets[-1]:
        inspection.say(
            "no-such-bucket",
            f"a quantile of {series.name} is never above its last bucket, {buckets[-1]:g}, so {threshold:g} is never "
            "reached",
            f"use a limit below {buckets[-1]:g}, or declare the threshold with the metric",
        )
    else:
        inspection.say(
            "no-such-bucket",
            f"{threshold:g} is no boundary of the buckets of {series.name}, so the quantile near it is a guess",
            f"use one of {', '.join(f'{bound:g}' for bound in buckets)}, or declare the threshold with the metric",
            "advice",
        )


def _check_raw_ratio(inspection: Inspection, node: Any, left: Shape, right: Shape) -> None:
    above, below = left.raw, right.raw
    if above is None or below is None or (node.modifier is not None and node.modifier.matching is not None):
        return
    if above.is_ours and below.is_ours and above.name != below.name:
        own = ", ".join(sorted({"job", "instance"} | _own_labels(above) & _own_labels(below)))
        inspection.say(
            "unaggregated-ratio",
            f"{above.name} / {below.name} divides series as they come: with one label more on one side, such as a "
            "scope's or a state's, nothing matches and the result is empty",
            f"write max by ({own}) ({above.name}) / max by ({own}) ({below.name})",
            "advice",
        )


def _own_labels(series: Series) -> frozenset[str]:
    return (series.labels or frozenset[str]()) - {"service", "version", "environment"}


def _check_matching(inspection: Inspection, operator: str, node: Any, left: Shape, right: Shape) -> None:
    matching = node.modifier.matching if node.modifier is not None else None
    consequence = "nothing is ever taken away" if operator == "unless" else "the result is always empty"
    if matching is not None and str(matching.type).endswith("Include"):
        for label in map(str, matching.labels):
            for side, shape in (("left", left), ("right", right)):
                if shape.is_closed and label not in shape.labels and not label.startswith(VARIABLE):
                    inspection.say(
                        "label-sets",
                        f"the {side} side of {operator!r} has no label {label}, so {consequence}",
                        f"match on a label of both sides{nearest(label, sorted(left.labels & right.labels))}",
                    )
        return
    if not (left.is_closed and right.is_closed):
        return
    ignored = frozenset(map(str, matching.labels)) if matching is not None else frozenset[str]()
    above, below = left.labels - ignored, right.labels - ignored
    if above != below:
        both = ", ".join(sorted(above & below))
        inspection.say(
            "label-sets",
            f"the sides of {operator!r} have different labels ({_only(above - below, 'left')}"
            f"{'; ' if above - below and below - above else ''}{_only(below - above, 'right')}), so {consequence}",
            f"aggregate both sides by the same labels, or write {operator} on ({both})",
        )


def _only(labels: frozenset[str], side: str) -> str:
    return f"only {side}: {', '.join(sorted(labels))}" if labels else ""


def _matched(node: Any, left: Shape, right: Shape) -> Shape:
    """Give the labels of a result that takes one series of each side."""
    modifier = node.modifier
    if modifier is None or modifier.matching is None:
        return left.computed() if left.is_closed else replace(left.computed(), labels=left.labels & right.labels)
    labels = frozenset(map(str, modifier.matching.labels))
    card = str(modifier.card)
    if "ManyToOne" in card or "OneToMany" in card:
        many = left if "ManyToOne" in card else right
        taken = frozenset(map(str, modifier.group_labels or ()))
        return replace(many.computed(), labels=many.labels | taken)
    if str(modifier.matching.type).endswith("Include"):
        return Shape(labels=labels)
    return replace(left.computed(), labels=left.labels - labels)


def _time(seconds: float) -> str:
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s"
