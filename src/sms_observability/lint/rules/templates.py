"""The texts and labels around an alert's expression: do they show what is there, and may they?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sms_observability.catalog.errors import nearest

if TYPE_CHECKING:
    from sms_observability.lint.rules.inspection import Inspection
    from sms_observability.lint.rules.shape import Shape

_labels_of = re.compile(r"\$labels\.(\w+)|\.Labels\.(\w+)|index\s+(?:\$labels|\.Labels)\s+\"(\w+)\"").finditer
_shows_value = re.compile(r"\$value\b|\.Value\b").search
_ADDED = frozenset(("alertname", "alertgroup", "alertstate"))


def check_rule(inspection: Inspection, shape: Shape) -> None:
    """Check what stands beside the expression of a rule.

    Args:
        inspection: The rule.
        shape: What its expression gives.
    """
    query = inspection.query
    for key in query.unknown_keys:
        inspection.say(
            "rule-key",
            f"a rule has no key {key}, and Prometheus refuses the whole file",
            "write it under labels" if key in ("severity", "team", "service") else "write it under annotations",
        )
    if query.kind == "record":
        return
    for name, text in {**query.annotations, **query.labels}.items():
        _check_labels(inspection, shape, name, text)
        if query.restricted and _shows_value(text):
            inspection.say(
                "restricted-value",
                f"{name} shows the value of a restricted alert, and goes to phones, mail and chat",
                "say without a figure that it happened, and link to the restricted dashboard",
            )
    if query.kind == "alert":
        _check_runbook(inspection)
        if not query.labels.get("severity"):
            inspection.say(
                "severity",
                "the alert has no label severity, so it is routed to whoever gets the rest",
                "write severity: critical, warning or info under labels",
            )


def _check_labels(inspection: Inspection, shape: Shape, name: str, text: str) -> None:
    if shape.is_open or shape.is_scalar:
        return
    there = shape.labels | frozenset(inspection.query.labels) | _ADDED
    for found in _labels_of(text):
        label = str(found.group(1) or found.group(2) or found.group(3))
        if label not in there:
            inspection.say(
                "template-label",
                f"{name} shows the label {label}, which the expression does not keep: it is always empty",
                f"keep it, sum by (…, {label}) (…), or show one that is there{nearest(label, sorted(there - _ADDED))}",
            )


def _check_runbook(inspection: Inspection) -> None:
    url = inspection.query.annotations.get("runbook_url", "")
    if not url:
        inspection.say(
            "runbook",
            "the alert has no runbook_url, so who is called at night has to guess",
            "write the address of its page under annotations as runbook_url",
            "advice",
        )
        return
    slug = url.partition("#")[0].rstrip("/").rpartition("/")[2].removesuffix(".md").removesuffix(".html")
    runbooks = inspection.options.runbooks
    if runbooks is not None and slug not in runbooks:
        inspection.say(
            "runbook",
            f"runbook_url leads to {slug}, and there is no such page",
            f"write the page{nearest(slug, sorted(runbooks))}",
        )
