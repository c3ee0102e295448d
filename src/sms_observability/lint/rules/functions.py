"""A function: is it the right one for this kind of metric, over a window that holds enough samples?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sms_observability.lint.rules.promql import CHOSEN, CHOSEN_STEP
from sms_observability.lint.rules.selectors import matchers
from sms_observability.lint.rules.shape import ANYTHING, NUMBER, Rate, Shape

if TYPE_CHECKING:
    from sms_observability.lint.rules.inspection import Inspection

_OF_COUNTERS = frozenset(("rate", "irate", "increase"))
_OF_GAUGES = frozenset(("delta", "idelta", "deriv", "predict_linear", "double_exponential_smoothing", "holt_winters"))
_COUNT_SAMPLES = frozenset(
    ("count_over_time", "present_over_time", "changes", "resets", "last_over_time", "first_over_time", "timestamp")
)
_ABSENCES = frozenset(("absent", "absent_over_time"))
_NUMBERS = frozenset(("time", "pi", "scalar"))
_DATES = frozenset(
    ("day_of_month", "day_of_week", "day_of_year", "days_in_month", "hour", "minute", "month", "year", "vector")
)
_SAMPLES_IN_A_WINDOW = 4


def call(inspection: Inspection, node: Any) -> Shape:
    """Give what a function gives, and say what is wrong with its use."""
    name = str(node.func.name)
    if name in _ABSENCES:
        return _absence(inspection, node)
    if name in _OF_COUNTERS:
        return _rate(inspection, name, node)
    if name == "histogram_quantile":
        return _quantile(inspection, node)
    shapes = [_argument(inspection, name, each) for each in node.args]
    if name in _NUMBERS:
        return NUMBER
    shape = next((each for each in shapes if not each.is_scalar), Shape() if name in _DATES else NUMBER)
    if name in ("label_replace", "label_join"):
        made = next((str(each.val) for each in node.args if type(each).__name__ == "StringLiteral"), "")
        return replace(shape, labels=shape.labels | {made}, raw=None)
    if name == "info":
        return ANYTHING
    if name in _OF_GAUGES:
        return _gauge(inspection, name, shape)
    return replace(shape, raw=None) if name.startswith("sort") else shape.computed()


def _argument(inspection: Inspection, name: str, node: Any) -> Shape:
    shape = inspection.shape(node)
    if name not in _COUNT_SAMPLES and name not in _OF_GAUGES and name not in ("label_replace", "label_join"):
        inspection.refuse_bare(shape)
    return shape


def _gauge(inspection: Inspection, name: str, shape: Shape) -> Shape:
    raw = shape.raw
    if raw is not None and raw.kind == "counter":
        inspection.say(
            "gauge-function",
            f"{name} is for gauges, and {raw.name} is a counter: it only grows, and each restart of a process looks "
            "like a fall",
            f"compare sum by (…) (increase({raw.name}[7d])) with the same expression offset 7d",
        )
    return shape.computed()


def _absence(inspection: Inspection, node: Any) -> Shape:
    """The labels of what is absent are those that were asked for by name."""
    inspection.watches_absence = True
    argument = node.args[0]
    inspection.shape(argument)
    selected = getattr(argument, "vector_selector", argument)
    if type(selected).__name__ != "VectorSelector":
        return Shape()
    return Shape(
        labels=frozenset(label for label, op, _ in matchers(selected) if op == "Equal" and label != "__name__")
    )


def _rate(inspection: Inspection, name: str, node: Any) -> Shape:
    argument = node.args[0]
    kind = type(argument).__name__
    if kind == "SubqueryExpr" and _is_sum_of_counters(inspection, argument.expr):
        inspection.say(
            "rate-of-sum",
            f"{name} of a sum: when one of many instances restarts, the sum falls, and {name} takes that for a reset "
            "of all",
            f"write sum({name}(…[5m])): first the {name}, then the sum",
        )
        return replace(inspection.shape(argument), raw=None, rate=None)
    shape = inspection.shape(argument)
    raw = shape.raw
    if raw is not None and raw.kind == "gauge" and raw.metric is not None:
        inspection.say(
            "counter-function",
            f"{name} is for counters, and {raw.name} is a gauge: each fall would count as a restart",
            f"write deriv({raw.name}[…]) for how fast it changes, delta for by how much, or ask for it as it is",
        )
    elif shape.rate is not None and kind == "SubqueryExpr":
        inspection.say(
            "counter-function",
            f"{name} of what is a rate already",
            f"leave one of them out, or write avg_over_time or max_over_time around the rate, not {name}",
        )
    seconds = float(argument.range.total_seconds()) if kind in ("MatrixSelector", "SubqueryExpr") else 0.0
    _check_window(inspection, name, seconds)
    shape = replace(shape, raw=None, rate=None)
    if name != "increase" and raw is not None:
        shape = replace(shape, rate=Rate(raw, None if seconds in CHOSEN else seconds))
    return shape


def _is_sum_of_counters(inspection: Inspection, node: Any) -> bool:
    while type(node).__name__ == "ParenExpr":
        node = node.expr
    if type(node).__name__ != "AggregateExpr":
        return False
    kept = list(inspection.findings)
    try:
        raw = inspection.shape(node.expr).raw
    finally:
        inspection.findings[:] = kept
    return raw is not None and raw.kind == "counter"


def _check_window(inspection: Inspection, name: str, seconds: float) -> None:
    if seconds == CHOSEN_STEP:
        inspection.say(
            "window",
            f"{name} over $__interval: zoomed in, the window is shorter than the time between two samples and the "
            "panel is empty",
            "write $__rate_interval",
        )
    elif 0 < seconds < (needed := _SAMPLES_IN_A_WINDOW * inspection.options.interval):
        inspection.say(
            "window",
            f"{name} over {seconds:g} s holds too few samples: one is sent every {inspection.options.interval:g} s, "
            "and one that is late makes a gap",
            f"write a window of at least {needed:g} s, or $__rate_interval in a panel",
        )


def _quantile(inspection: Inspection, node: Any) -> Shape:
    quantile, buckets = inspection.shape(node.args[0]), inspection.value(node.args[1])
    if quantile.number is not None and not 0 <= quantile.number <= 1:
        inspection.say(
            "quantile",
            f"the quantile {quantile.number:g} is not between 0 and 1, so the result is infinite",
            f"write {quantile.number / 100:g}" if quantile.number <= 100 else "write 0.95",  # noqa: PLR2004 - percent
        )
    series = buckets.series
    is_native = series is not None and series.kind == "histogram"
    if buckets.is_closed and "le" not in buckets.labels and not is_native:
        inspection.say(
            "quantile",
            "histogram_quantile needs the label le of the buckets, and it is not there",
            "write histogram_quantile(0.95, sum by (le, …) (rate(…_bucket[5m])))",
        )
    return Shape(
        buckets.labels - {"le"}, is_open=buckets.is_open, is_mixed=buckets.is_mixed, series=series, quantile=series
    )
