"""A class of log lines: which lines belong to it, and how long they are kept."""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass
from typing import Any, Literal, get_args

from sms_observability.catalog.errors import CatalogError, nearest

LogSeverity = Literal["error", "warning", "info", "debug"]
LOG_SEVERITIES: tuple[str, ...] = get_args(LogSeverity)

_is_name = re.compile(r"[a-z][a-z0-9]*(?:[._][a-z0-9]+)*").fullmatch
_is_duration = re.compile(r"[1-9][0-9]*[hd]").fullmatch


@dataclass(frozen=True, slots=True)
class LogClass:
    """Log lines that are kept together, and as long as each other.

    A line belongs to the first class, in the order of the catalogue, whose loggers and severities it has.

    Args:
        name: Words with dots, such as `application.error`; the data stream has it in its name.
        retention_days: How long a line is kept.
        store: Which instance keeps it where retention belongs to a whole instance: `application`, `year` or `audit`.
        loggers: Names of loggers, with all below them; any if left out.
        severities: `error` (also critical), `warning`, `info`, `debug`; any if left out.
        rollover: After how long a new index begins; an index is deleted as a whole, so a line lives up to that much
            longer.
        warm_days: From here on it is packed.
        cold_days: From here on it is rarely read.
        frozen_days: From here on it may lie in a repository of snapshots only.
        kept_percent: How much of it is kept, by whole traces.
        after_snapshot: It is deleted only when a snapshot has it.
        description: What it is, in one sentence.

    Raises:
        CatalogError: The class contradicts itself; the message says what to write.

    Example:
        >>> LogClass("integration", 30, loggers=("integration",), description="What other systems said").stream
        'logs-sms.integration'
    """

    name: str
    retention_days: int
    _: KW_ONLY
    store: Literal["application", "year", "audit"] = "application"
    loggers: tuple[str, ...] = ()
    severities: tuple[LogSeverity, ...] = ()
    rollover: str = "1d"
    warm_days: int = 0
    cold_days: int = 0
    frozen_days: int = 0
    kept_percent: int = 100
    after_snapshot: bool = False
    description: str

    def __post_init__(self) -> None:
        if not _is_name(self.name):
            msg = f"{self.name!r} is no name of a log class: write words with dots, such as 'application.error'"
            raise CatalogError(msg)
        for severity in self.severities:
            if severity not in LOG_SEVERITIES:
                msg = f"log class {self.name!r}: {severity!r} is no severity{nearest(str(severity), LOG_SEVERITIES)}"
                raise CatalogError(msg)
        for logger in self.loggers:
            if not _is_name(logger):
                msg = f"log class {self.name!r}: {logger!r} is no logger: write a name such as 'security'"
                raise CatalogError(msg)
        if not _is_duration(self.rollover):
            msg = f"log class {self.name!r}: write rollover as hours or days, such as '12h' or '1d'"
            raise CatalogError(msg)
        phases = [days for days in (self.warm_days, self.cold_days, self.frozen_days) if days]
        if self.retention_days < 1 or phases != sorted(set(phases)) or (phases and phases[-1] >= self.retention_days):
            msg = f"log class {self.name!r}: each phase begins later than the one before, and the last before the end"
            raise CatalogError(msg)
        if not 1 <= self.kept_percent <= 100:  # noqa: PLR2004 - percent
            msg = f"log class {self.name!r}: kept_percent is from 1 to 100"
            raise CatalogError(msg)

    @property
    def stream(self) -> str:
        """The first part of its data streams' names; exporter and environment complete it."""
        return f"logs-sms.{self.name}"

    def to_json(self) -> dict[str, Any]:
        """Give the declaration as plain data."""
        return {
            "name": self.name,
            "retention_days": self.retention_days,
            "store": self.store,
            "loggers": list(self.loggers),
            "severities": list(self.severities),
            "rollover": self.rollover,
            "warm_days": self.warm_days,
            "cold_days": self.cold_days,
            "frozen_days": self.frozen_days,
            "kept_percent": self.kept_percent,
            "after_snapshot": self.after_snapshot,
            "description": self.description,
        }
