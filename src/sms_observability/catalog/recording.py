"""A recording rule: a question that is answered once for all who ask it."""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Any

from sms_observability.catalog.errors import CatalogError

if TYPE_CHECKING:
    from collections.abc import Mapping

_is_record = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*").fullmatch
_is_group = re.compile(r"[a-z][a-z0-9-]{1,62}").fullmatch
_is_restricted = re.compile(r"(?<![a-zA-Z0-9_])_sms_\w+").search


@dataclass(frozen=True, slots=True)
class RecordingRule:
    """A series that Prometheus computes from others.

    Args:
        record: The name of the new series: level, metric and operations with colons between them
            (`instance:node_cpu_usage:percent`), or a name that a plan has promised.
        expr: PromQL; durations as in `Alert`.
        group: Rules of a group run in their order, one after the other: what is recorded first can be used below.
        labels: Labels that are added.
        restricted: It tells of a restricted figure: it lives in the restricted Prometheus only.
        interval: How often its group is computed, such as `"5m"`; as often as others if left out.
        description: What it tells, in one sentence.

    Raises:
        CatalogError: A name cannot be used, or a public rule asks for restricted figures.

    Example:
        >>> RecordingRule(
        ...     "service:refunds:increase1h", "sum by (service) (increase(sms_parts_refunds_total[1h]))", "sms-refunds"
        ... ).key
        'service:refunds:increase1h'
    """

    record: str
    expr: str
    group: str
    _: KW_ONLY
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    restricted: bool = False
    interval: str = ""
    description: str = ""

    def __post_init__(self) -> None:
        if not _is_record(self.record):
            msg = f"{self.record!r} is no name of a series: write words with underscores and colons"
            raise CatalogError(msg)
        if not _is_group(self.group):
            msg = f"rule {self.record!r}: group={self.group!r} is no name of a group: write lower-case words and dashes"
            raise CatalogError(msg)
        if not self.expr.strip():
            msg = f"rule {self.record!r} has no expression: write PromQL"
            raise CatalogError(msg)
        if not self.restricted and (found := _is_restricted(f"{self.record} {self.expr}")):
            msg = f"rule {self.record!r} has {found.group()}, of the restricted Prometheus: write restricted=True"
            raise CatalogError(msg)

    @property
    def key(self) -> str:
        """What tells it from all others: the name of the series, with the labels that the rule adds."""
        labels = ",".join(f'{name}="{value}"' for name, value in sorted(self.labels.items()))
        return f"{self.record}{{{labels}}}" if labels else self.record

    def to_json(self) -> dict[str, Any]:
        """Give the declaration as plain data."""
        return {
            "record": self.record,
            "expr": self.expr,
            "group": self.group,
            "labels": dict(self.labels),
            "restricted": self.restricted,
            "description": self.description,
        }
