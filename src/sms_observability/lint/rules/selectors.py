"""A selector: does its metric exist, may it be seen here, are its labels and their values real?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sms_observability.catalog.errors import nearest
from sms_observability.lint.rules.promql import VARIABLE, has_variable
from sms_observability.lint.rules.shape import ANYTHING, Shape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sms_observability.lint.rules.inspection import Inspection
    from sms_observability.lint.rules.series import Series

_is_plain_choice = re.compile(r"[A-Za-z0-9_\-]+(?:\|[A-Za-z0-9_\-]+)*").fullmatch
_NOT_OF_THE_SET = frozenset(("", "other"))


def selector(inspection: Inspection, node: Any) -> Shape:
    """Give what a selector selects, and say what is wrong with it."""
    name = _name(node)
    if name is None or name.startswith(VARIABLE):
        return ANYTHING
    if name in inspection.recorded:
        return _recorded(inspection, name, node)
    series = inspection.series.find(name)
    # Whoever has the same exporter with other labels says that it is known.
    if (series is None or series.labels_of_targets) and inspection.is_known(name):
        return ANYTHING
    if series is None:
        _say_unknown(inspection, name)
        return ANYTHING
    if series.is_restricted:
        _refuse_in_public(inspection, name)
    if series.kind == "histogram" and not inspection.options.native_histograms:
        _say_family(inspection, series)
    _check_labels(inspection, series, node)
    if series.labels is None:
        return Shape(is_open=True, raw=series, series=series)
    return Shape(labels=series.labels, is_open=bool(series.labels_of_targets), raw=series, series=series)


def matchers(node: Any) -> Iterator[tuple[str, str, str]]:
    """Give label, operator and value of each condition."""
    for group in (node.matchers.matchers, *node.matchers.or_matchers):
        for each in group:
            yield str(each.name), str(each.op).rpartition(".")[2], str(each.value)


def _name(node: Any) -> str | None:
    if node.name:
        return str(node.name)
    return next((value for label, op, value in matchers(node) if label == "__name__" and op == "Equal"), None)


def _recorded(inspection: Inspection, name: str, node: Any) -> Shape:
    shape = inspection.recorded[name]
    series = inspection.series.find(name)
    if name.startswith("_sms_") or (series is not None and series.is_restricted):
        _refuse_in_public(inspection, name)
    if shape.is_closed:
        for label, op, value in matchers(node):
            if label not in shape.labels and label != "__name__" and not _asks_for_absence(op, value):
                _say_label(inspection, f"the recorded {name}", label, shape.labels)
    kept = series if series is not None and series.kind == "gauge" else None
    return Shape(shape.labels, is_open=shape.is_open, is_mixed=shape.is_mixed, raw=kept, series=kept)


def _say_unknown(inspection: Inspection, name: str) -> None:
    if name.startswith("_sms_"):
        _refuse_in_public(inspection, name)
    inspection.say("unknown-metric", f"nobody makes a metric {name}", inspection.series.instead_of(name))


def _refuse_in_public(inspection: Inspection, name: str) -> None:
    if not inspection.query.restricted:
        inspection.say(
            "restricted-metric",
            f"{name} tells of the hidden markup, and this file is public: who reads it, or ALERTS in the common "
            "Prometheus, learns of it",
            "move it below a folder named restricted, for the restricted Prometheus and its own dashboards",
        )


def _say_family(inspection: Inspection, series: Series) -> None:
    name = series.name
    inspection.say(
        "histogram-family",
        f"{name} is a histogram and has no series of its own: only {name}_bucket, {name}_sum and {name}_count",
        f"write increase({name}_sum[…]) for the total, rate({name}_sum[…]) / rate({name}_count[…]) for the mean, or "
        f"histogram_quantile(0.95, sum by (le, …) (rate({name}_bucket[…])))",
    )


def _check_labels(inspection: Inspection, series: Series, node: Any) -> None:
    for label, op, value in matchers(node):
        if label == "__name__":
            continue
        known = None if series.labels is None else series.labels | series.labels_of_targets
        if known is not None and label not in known and not _asks_for_absence(op, value):
            _say_label(inspection, series.name, label, series.labels or known)
        elif label == "le":
            _check_bound(inspection, series, op, value)
        elif op in ("Equal", "Re") and not has_variable(value):
            _check_value(inspection, series, label, op, value)


def _asks_for_absence(op: str, value: str) -> bool:
    """`{label=""}` is how one asks for series without the label."""
    return op == "Equal" and value == ""


def _say_label(inspection: Inspection, name: str, label: str, labels: frozenset[str]) -> None:
    inspection.say(
        "unknown-label",
        f"{name} has no label {label}, so nothing is ever selected",
        inspection.series.instead_of_label(label, labels),
    )


def _check_value(inspection: Inspection, series: Series, label: str, op: str, value: str) -> None:
    known = series.values.get(label)
    if known is None or (op == "Re" and not _is_plain_choice(value)):
        return
    for choice in value.split("|") if op == "Re" else (value,):
        if choice not in known and choice not in _NOT_OF_THE_SET:
            inspection.say(
                "unknown-value",
                f"the label {label} of {series.name} is never {choice!r}",
                f"use one of its values{nearest(choice, known)}",
            )


def _check_bound(inspection: Inspection, series: Series, op: str, value: str) -> None:
    metric = series.metric
    if metric is None or not metric.buckets or has_variable(value) or op not in ("Equal", "Re"):
        return
    spellings = {f"{bound:g}": bound for bound in metric.buckets} | {"+Inf": float("inf")}
    spellings |= {f"{bound:g}.0": bound for bound in metric.buckets if float(bound).is_integer()}
    if op == "Equal":
        if value not in spellings:
            _say_bound(inspection, series, value)
        elif value != "+Inf" and float(value).is_integer():
            inspection.say(
                "bucket-spelling",
                f'le="{value}" is found by one way of storing only: Prometheus 3 writes {float(value):.1f} for what it '
                f"scrapes and {float(value):g} for what is sent to it",
                f'write le=~"{float(value):g}(\\\\.0)?"',
            )
        return
    try:
        matches = re.compile(value).fullmatch
    except re.error:
        return
    if not any(map(matches, spellings)):
        _say_bound(inspection, series, value)


def _say_bound(inspection: Inspection, series: Series, value: str) -> None:
    bounds = ", ".join(f"{bound:g}" for bound in series.metric.buckets) if series.metric else ""
    inspection.say(
        "no-such-bucket",
        f"{series.name} has no bucket that ends at {value}, so nothing is ever selected",
        f"use one of {bounds}, or declare the threshold with the metric",
    )
