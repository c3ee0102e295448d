"""Rules, dashboards and expressions held against the catalogue: `check_rules`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sms_observability.lint.rules.aggregations import aggregation
from sms_observability.lint.rules.documents import read_documents
from sms_observability.lint.rules.functions import call
from sms_observability.lint.rules.inspection import Inspection, RuleOptions
from sms_observability.lint.rules.operators import operation
from sms_observability.lint.rules.queries import Query
from sms_observability.lint.rules.selectors import selector
from sms_observability.lint.rules.series import KnownSeries
from sms_observability.lint.rules.shape import ANYTHING, Shape
from sms_observability.lint.rules.templates import check_rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from sms_observability.catalog import Catalog
    from sms_observability.lint.rules.finding import RuleFinding
    from sms_observability.lint.rules.inspection import Check

# Each knows the inspection, which walks on into the parts inside; that it knows none of them keeps the house in floors.
_CHECKS: Final[Mapping[str, Check]] = {
    "VectorSelector": selector,
    "AggregateExpr": aggregation,
    "BinaryExpr": operation,
    "Call": call,
}


def check_rules(
    paths: Iterable[Path],
    catalog: Catalog,
    options: RuleOptions = RuleOptions(),  # noqa: B008 - frozen
) -> list[RuleFinding]:
    """Hold rules, dashboards and expressions against the catalogue.

    Args:
        paths: Files, or folders whose `.yaml`, `.yml`, `.rules` and `.json` files are read. What has `restricted` in
            its path belongs to the restricted Prometheus.
        catalog: What is measured.
        options: What the expressions will run on.

    Returns:
        What is wrong, in the order of the files; empty if nothing is.

    Raises:
        ModuleNotFoundError: The extra `lint` is not installed.

    Example:
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> from sms_observability.catalog import SMS_CATALOG
        >>> with TemporaryDirectory() as folder:
        ...     file = Path(folder, "rules.yaml")
        ...     _ = file.write_text("- {name: Sessions, expr: sum(sms_user_sessions_total)}")
        ...     print([finding.check for finding in check_rules([file], SMS_CATALOG)])
        ['bare-counter']
    """
    documents = read_documents(paths)
    options = replace(
        options,
        scraped_jobs=options.scraped_jobs | documents.scraped_jobs,
        retention=max(options.retention, documents.retention),
    )
    return [*documents.findings, *check_queries(documents.queries, catalog, options)]


def check_queries(queries: Sequence[Query], catalog: Catalog, options: RuleOptions) -> list[RuleFinding]:
    """Hold queries that were read already against the catalogue.

    Args:
        queries: The expressions; what recording rules among them make is known to all.
        catalog: What is measured.
        options: What the expressions will run on.

    Returns:
        What is wrong, in the order of the queries.
    """
    series = KnownSeries(catalog)
    recorded = _Recorded([*_declared(catalog), *queries], series, options)
    findings: list[RuleFinding] = []
    for query in queries:
        inspection = Inspection(query, series, options, _CHECKS, recorded)
        _count_for_counters(inspection)
        shape = inspection.run()
        check_rule(inspection, shape)
        if query.grouped_by and shape.is_closed and query.grouped_by not in shape.labels:
            inspection.say(
                "unknown-label",
                f"the variable takes the values of {query.grouped_by}, which is no label of what it asks",
                "use a label that is there",
            )
        findings += inspection.findings
    return findings


def _declared(catalog: Catalog) -> Iterator[Query]:
    """Give the recording rules of the catalogue: they run, whichever files are looked at."""
    for rule in catalog.recordings.values():
        yield Query("", rule.record, rule.expr, "record", restricted=rule.restricted, labels=rule.labels)


def _count_for_counters(inspection: Inspection) -> None:
    inspection.counters_are_wanted = inspection.query.kind == "variable" or (
        inspection.query.kind == "record" and inspection.query.name.endswith("_total")
    )


class _Recorded(dict[str, Shape]):
    """What recording rules make: the shape of each is found out when it is first asked for."""

    def __init__(self, queries: Iterable[Query], series: KnownSeries, options: RuleOptions) -> None:
        super().__init__()
        self._series = series
        self._options = options
        self._rules: dict[str, list[Query]] = {}
        for query in queries:
            if query.kind == "record" and query.name:
                self._rules.setdefault(query.name, []).append(query)

    def __contains__(self, name: object) -> bool:
        return name in self._rules

    def __missing__(self, name: str) -> Shape:
        # A rule may ask for itself, or for one that asks for it.
        self[name] = ANYTHING
        shapes = [self._shape(query, self) for query in self._rules[name]]
        whole = shapes[0]
        for shape in shapes[1:]:
            whole = whole.or_else(shape)
        self[name] = whole
        return whole

    def _shape(self, query: Query, recorded: Mapping[str, Shape]) -> Shape:
        inspection = Inspection(query, self._series, self._options, _CHECKS, recorded)
        shape = inspection.run()
        return Shape(shape.labels | frozenset(query.labels), is_open=shape.is_open, is_mixed=shape.is_mixed)
