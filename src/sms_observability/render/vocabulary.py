"""Which names, keys and texts may pass the Collector's public net: what the catalogue declares, and little else.

The catalogue knows our own names. Beside them pass the shapes that the semantic conventions give to names (an HTTP
method and a route template, an SQL verb and a table), because those cannot all be listed; they admit no number, so that
an amount in the place of a name is caught.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sms_observability.catalog import Catalog

REDACTED = "redacted"
"""What replaces a name or text that may not leave."""

STEPS_MISSING = "sms.journey.steps_missing"
"""The one attribute of ours that is a list."""

IDENTIFIERS = r"^[A-Za-z_]{1,60}(\.[A-Za-z_]{1,60}){0,4}$"
"""A name that somebody wrote as a constant; it admits no number."""

SCOPE_NAMES = (
    r"^(sms|sms_observability|opentelemetry|uvicorn|gunicorn|fastapi|sqlalchemy|celery|asyncio|httpx|py)"
    r"(\.[a-z_]{1,40}){0,6}$"
)

SEVERITIES = r"^(?i)(TRACE|DEBUG|INFO|WARN|WARNING|ERROR|CRITICAL|FATAL)[1-4]?$"
SENTENCES = r"^[A-Z][A-Za-z#',;:.!?()\[\]+/ _-]{0,199}\n?$"
"""A log message after its numbers were masked: a sentence, no key=value, no token."""

NUMBERS_IN_TEXT = r"[0-9]+([.,:][0-9]+)*"

METRIC_NAMES = r"^(http|db|rpc|messaging|dns|process|cpython|system|asgi|otel|sms|traces\.span)\.[a-z0-9_.]{1,100}$"
"""The conventions' and ours, and what a Collector on board has counted of spans."""

STACK_TRACES = (
    r"\A(\s*(Traceback \(most recent call last\):"
    r'|(File )?"?[A-Za-z0-9_./<>-]{1,200}"?(, line |:)[0-9]{1,6}(,? in [A-Za-z0-9_.<>]{1,120})?'
    r"|([A-Za-z_][A-Za-z0-9_]{0,60}\.){0,8}[A-Z][A-Za-z]{0,60}:?)\s*)+\z"
)
"""Frames and types, as our own library writes them: no source lines, no messages."""

SPAN_METRIC_LABELS = ("collector.instance.id", "span.kind", "span.name", "status.code")
"""By what a Collector tells span metrics apart, beside the attributes of spans; a vessel sends them ashore."""

_NESTED: tuple[str, ...] = ("context", "metadata")
"""Objects of the log schema; the net makes their fields dotted keys."""


def declared_names(catalog: Catalog) -> list[str]:
    """Give every name of a journey or step that may be seen outside."""
    return sorted({*catalog.journeys, *(step.shown_name for step in catalog.steps.values())})


def hidden_names(catalog: Catalog) -> dict[str, str]:
    """Give the name of each internal step with the one under which it leaves, longest first."""
    hidden = (step for step in catalog.steps.values() if step.access != "public")
    return {step.name: step.shown_name for step in sorted(hidden, key=lambda step: (-len(step.name), step.name))}


def public_keys(catalog: Catalog) -> list[str]:
    """Give every attribute key, log field and label that may leave, sorted."""
    public = {field.name for field in catalog.fields.values() if field.access == "public"}
    if catalog.messages:
        public.add("exception.message")
    nested = {f"{parent}.{name}" for parent in _NESTED if parent in public for name in public if "." not in name}
    # The net turns a list into one key an element.
    longest = max((len(journey.steps) for journey in catalog.journeys.values()), default=0)
    elements = {f"{STEPS_MISSING}.{index}" for index in range(longest)} if STEPS_MISSING in public else set[str]()
    return sorted({*public, *nested, *elements, *SPAN_METRIC_LABELS})


def hidden_metrics(catalog: Catalog) -> list[str]:
    """Give the names of the metrics that may not leave by the public way."""
    return sorted(metric.otel_name for metric in catalog.metrics.values() if metric.access != "public")


def scraped_metrics(catalog: Catalog) -> list[str]:
    """Give the names, as their programs write them, of what the Collector reads of hosts, databases and the like."""
    return sorted(metric.otel_name for metric in catalog.metrics.values() if metric.source == "scraped")


def money_metrics(catalog: Catalog) -> list[str]:
    """Give the names of the public metrics whose exemplars would tie an amount to a trace."""
    return sorted(metric.otel_name for metric in catalog.metrics.values() if metric.money and metric.access == "public")
