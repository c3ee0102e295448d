"""What asks Prometheus something: rules, panels, variables, or named expressions, as they stand in files."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from sms_observability.catalog.durations import seconds
from sms_observability.catalog.errors import CatalogError
from sms_observability.lint.rules.plain import items, mapping, text, texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

QueryKind = Literal["alert", "record", "panel", "variable", "expression"]

_RULE_KEYS = frozenset(
    ("alert", "record", "expr", "for", "keep_firing_for", "labels", "annotations", "name", "debug", "description")
)
_OTHER_LANGUAGES = frozenset(
    ("loki", "elasticsearch", "tempo", "jaeger", "zipkin", "influxdb", "graphite", "mysql", "postgres", "cloudwatch")
)
_MOST_NODES = 200_000
_MOST_LEVELS = 60

_variable_query = re.compile(r"(label_values|query_result|label_names|metrics)\s*\((.*)\)\s*$", re.DOTALL).match
_last_argument = re.compile(r"(.*),\s*([A-Za-z_]\w*|\$\w+|\$\{\w+\}|\[\[\w+\]\])\s*$", re.DOTALL).match


@dataclass(frozen=True, slots=True)
class Query:
    """One expression, and what is known of it.

    Attributes:
        file: Where it stands.
        name: The alert, record, panel, or the name that it was given.
        expr: PromQL, as it is written.
        kind: What it is.
        restricted: It belongs to the restricted side.
        labels: Labels that the rule adds.
        annotations: Texts of an alert.
        grouped_by: A label that a variable takes the values of.
        unknown_keys: Keys of the rule that Prometheus does not know.
    """

    file: str
    name: str
    expr: str
    kind: QueryKind = "expression"
    restricted: bool = False
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    annotations: Mapping[str, str] = field(default_factory=dict[str, str])
    grouped_by: str = ""
    unknown_keys: tuple[str, ...] = ()


class TooLargeError(ValueError):
    """A document has more in it than anybody wrote by hand or rendered."""


def queries_in(document: object, file: str, *, restricted: bool) -> list[Query] | None:
    """Give what a document asks.

    Args:
        document: What was read of YAML or JSON.
        file: Where it stands.
        restricted: It belongs to the restricted side.

    Returns:
        The queries; `None` if it is neither a rule file, nor a dashboard, nor a list of expressions.

    Raises:
        TooLargeError: It is nested without an end, or has far too much in it.
    """
    _measure(document)
    content = mapping(document)
    if content.get("kind") == "PrometheusRule":
        content = mapping(content.get("spec"))
    if isinstance(content.get("groups"), list):
        return list(_rules(items(content["groups"]), file, restricted=restricted))
    inner = mapping(content.get("dashboard")) or content
    if _is_dashboard(inner):
        return list(_panels(inner, file, restricted=restricted))
    entries = [mapping(each) for each in items(document)]
    if entries and all("expr" in each for each in entries):
        return [_rule(each, file, "expression", restricted=restricted) for each in entries]
    return None


def scraped_jobs(document: object) -> frozenset[str]:
    """Give the jobs that a configuration of Prometheus scrapes."""
    jobs = map(mapping, items(mapping(document).get("scrape_configs")))
    return frozenset(text(job["job_name"]) for job in jobs if "job_name" in job)


def kept_seconds(document: object) -> float | None:
    """Give how long a Prometheus keeps by its configuration; `None` if it does not say so, or not so that it works."""
    storage = mapping(mapping(mapping(document).get("storage")).get("tsdb"))
    try:
        return seconds(text(mapping(storage.get("retention")).get("time")))
    except CatalogError:
        return None


def says_no_environment(document: object) -> bool:
    """Say that a configuration of Prometheus reads rules and gives their alerts no environment of its own."""
    content = mapping(document)
    own = mapping(mapping(content.get("global")).get("external_labels"))
    return bool(items(content.get("rule_files"))) and not text(own.get("environment"))


def _measure(document: object) -> None:
    """Refuse what anchors have made endless, before anybody walks through it."""
    nodes = [(document, 0)]
    seen = 0
    while nodes:
        node, level = nodes.pop()
        seen += 1
        if seen > _MOST_NODES or level > _MOST_LEVELS:
            raise TooLargeError(f"it has more than {_MOST_NODES} values or {_MOST_LEVELS} levels")
        nodes.extend((each, level + 1) for each in (*mapping(node).values(), *items(node)))


def _is_dashboard(content: dict[str, Any]) -> bool:
    keys = ("panels", "elements", "rows")
    return any(isinstance(content.get(key), (list, dict)) for key in keys) or "elements" in mapping(content.get("spec"))


def _rules(groups: list[Any], file: str, *, restricted: bool) -> Iterator[Query]:
    for group in map(mapping, groups):
        for rule in filter(None, map(mapping, items(group.get("rules")))):
            kind: QueryKind = "record" if "record" in rule else "alert"
            yield _rule(rule, file, kind, restricted=restricted)


def _rule(rule: dict[str, Any], file: str, kind: QueryKind, *, restricted: bool) -> Query:
    return Query(
        file,
        next((text(rule[key]) for key in ("alert", "record", "name") if rule.get(key)), ""),
        text(rule.get("expr")),
        kind,
        restricted=restricted,
        labels=texts(rule.get("labels")),
        annotations=texts(rule.get("annotations")),
        unknown_keys=() if kind == "expression" else tuple(sorted(rule.keys() - _RULE_KEYS)),
    )


def _panels(dashboard: dict[str, Any], file: str, *, restricted: bool) -> Iterator[Query]:
    title = text(dashboard.get("title") or mapping(dashboard.get("spec")).get("title") or "dashboard")
    yield from _walk(dashboard, file, (title,), "", restricted=restricted)


def _walk(node: object, file: str, titles: tuple[str, ...], source: str, *, restricted: bool) -> Iterator[Query]:
    """Find every expression below a node, of whatever version of Grafana's schema it is."""
    for each in items(node):
        yield from _walk(each, file, titles, source, restricted=restricted)
    content = mapping(node)
    source = _data_source(content) or source
    if source in _OTHER_LANGUAGES:
        return
    title = content.get("title")
    if isinstance(title, str) and title and title != titles[-1]:
        titles = (*titles[:1], title)
    if isinstance(content.get("expr"), str):
        yield Query(file, " / ".join(titles), content["expr"], "panel", restricted=restricted)
    if content.get("type") == "query" and isinstance(content.get("name"), str) and "query" in content:
        yield from _variable(content, file, titles[0], restricted=restricted)
    for key, each in content.items():
        if key != "expr":
            yield from _walk(each, file, titles, source, restricted=restricted)


def _data_source(content: dict[str, Any]) -> str:
    if isinstance(content.get("datasource"), dict):
        return text(mapping(content["datasource"]).get("type")).lower()
    group = content.get("group")
    return group.lower() if isinstance(group, str) and content.get("kind") == "DataQuery" else ""


def _variable(content: dict[str, Any], file: str, title: str, *, restricted: bool) -> Iterator[Query]:
    asked = content["query"]
    query = text(mapping(asked).get("query")) or text(asked)
    found = _variable_query(query.strip())
    name = f"{title} / variable {content['name']}"
    if found is None or found.group(1) in ("metrics", "label_names"):
        return
    inner = found.group(2).strip()
    if found.group(1) == "query_result":
        yield Query(file, name, inner, "variable", restricted=restricted)
    elif parts := _last_argument(inner):
        yield Query(file, name, parts.group(1), "variable", restricted=restricted, grouped_by=parts.group(2))
