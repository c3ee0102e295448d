"""A dashboard: panels in rows, the variables that narrow them down, and who may see it."""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

from sms_observability.catalog.errors import CatalogError, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sms_observability.catalog.panel import Panel

_is_uid = re.compile(r"[a-z][a-z0-9-]{2,39}").fullmatch
_variables = re.compile(r"\$(?:\{(\w+)[^}]*\}|(?!__)(\w+))").findall
_is_restricted = re.compile(r"(?<![a-zA-Z0-9_])_sms_\w+").search
BUILT_IN = frozenset({"datasource"})


@dataclass(frozen=True, slots=True)
class Variable:
    """Something a reader may narrow a dashboard down by.

    Args:
        name: As it stands in expressions, after the `$`.
        label: What people read.
        metric: The series whose label gives the choice, with a selector where another variable narrows it down.
        of: The label; the variable's name if left out.
        every: The regular expression that stands for "All": `.+`, or `.*` where series without the label count too.

    Example:
        >>> Variable("service", "Service", 'sms_telemetry_emitted_total{environment=~"$environment"}').query
        'label_values(sms_telemetry_emitted_total{environment=~"$environment"}, service)'
    """

    name: str
    label: str
    metric: str
    _: KW_ONLY
    of: str = ""
    every: str = ".+"

    @property
    def query(self) -> str:
        """The variable's query, as Grafana writes it."""
        return f"label_values({self.metric}, {self.of or self.name})"


@dataclass(frozen=True, slots=True)
class Row:
    """Panels that belong together, under one heading.

    Args:
        title: The heading.
        panels: From left to right, from top to bottom; the most important first.
    """

    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Panels in rows, and who may see them.

    Args:
        uid: Fixed and short; addresses of alerts hold it.
        title: What people call it.
        description: Who it is for and what they do with it.
        folder: The folder in Grafana; of a restricted dashboard one that only those people may open.
        rows: The most important first.
        variables: What it may be narrowed down by, besides the data source.
        restricted: It asks the restricted Prometheus, and nobody else may see it.
        range: The time it shows when it is opened.
        refresh: How often it is drawn anew.
        tags: Words to find it by.
        runbook: The slug of the page that helps where a panel looks wrong and no alert names it.

    Raises:
        CatalogError: Titles are not unique, a variable is unknown, or a public dashboard asks for restricted figures.

    Example:
        >>> from sms_observability.catalog import Panel, Query
        >>> refunds = Panel(
        ...     "Refunds",
        ...     "stat",
        ...     "Refunds of this month so far.",
        ...     queries=(Query("sum(increase(sms_parts_refunds_total[$__range]))", "refunds"),),
        ... )
        >>> Dashboard("sms-refunds", "Refunds", "For finance.", rows=(Row("Now", (refunds,)),)).panel("Refunds").kind
        'stat'
    """

    uid: str
    title: str
    description: str
    _: KW_ONLY
    rows: tuple[Row, ...]
    folder: str = "SMS"
    variables: tuple[Variable, ...] = ()
    restricted: bool = False
    range: str = "now-6h"
    refresh: str = "1m"
    tags: tuple[str, ...] = ()
    runbook: str = ""

    def __post_init__(self) -> None:
        if not _is_uid(self.uid):
            msg = f"dashboard {self.uid!r}: a uid is at most 40 lower-case letters, digits and dashes"
            raise CatalogError(msg)
        known = {*BUILT_IN, *(variable.name for variable in self.variables)}
        titles: set[str] = set()
        for panel in self.panels():
            if panel.title in titles:
                msg = f"dashboard {self.uid!r} has two panels {panel.title!r}: alerts could not tell them apart"
                raise CatalogError(msg)
            titles.add(panel.title)
            for query in panel.queries:
                self._check_query(panel.title, query.expr, known)
        if not titles:
            msg = f"dashboard {self.uid!r} has no panels: give it rows"
            raise CatalogError(msg)

    def panels(self) -> Iterator[Panel]:
        """Give all panels, in the order in which they are seen."""
        for row in self.rows:
            yield from row.panels

    def panel(self, title: str) -> Panel:
        """Give the panel with a title.

        Raises:
            CatalogError: There is none; the message names the nearest.
        """
        titles = {panel.title: panel for panel in self.panels()}
        if title not in titles:
            msg = f"dashboard {self.uid!r} has no panel {title!r}{nearest(title, titles)}"
            raise CatalogError(msg)
        return titles[title]

    def panel_id(self, title: str) -> int:
        """Give the number of a panel, which addresses of it hold: its place on the dashboard, from 1.

        Raises:
            CatalogError: There is no such panel; the message names the nearest.
        """
        return list(self.panels()).index(self.panel(title)) + 1

    def to_json(self) -> dict[str, Any]:
        """Give the declaration as plain data."""
        return {
            "uid": self.uid,
            "title": self.title,
            "description": self.description,
            "folder": self.folder,
            "restricted": self.restricted,
            "panels": [panel.to_json() for panel in self.panels()],
        }

    def _check_query(self, title: str, expr: str, known: set[str]) -> None:
        for braced, bare in _variables(expr):
            name = braced or bare
            if not name.startswith("__") and name not in known:
                msg = f"panel {title!r} of {self.uid!r} asks for ${name}, which is no variable of the dashboard: add it"
                raise CatalogError(msg)
        if not self.restricted and (found := _is_restricted(expr)):
            msg = (
                f"panel {title!r} of {self.uid!r} asks for {found.group()}, which only the restricted Prometheus "
                "has: move it to a dashboard with restricted=True"
            )
            raise CatalogError(msg)
