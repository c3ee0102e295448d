"""An alert: what is asked of Prometheus, for how long it must be true, who is called, and what they are told."""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

from sms_observability.catalog.errors import CatalogError, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

Severity = Literal["critical", "warning", "info"]
SEVERITIES: tuple[str, ...] = get_args(Severity)

_is_name = re.compile(r"[A-Z][A-Za-z0-9]{2,63}").fullmatch
_is_slug = re.compile(r"[a-z][a-z0-9-]{2,79}").fullmatch
_is_duration = re.compile(r"(?:0s|(?:[1-9][0-9]*(?:ms|[smhdw]))+)").fullmatch
_is_restricted = re.compile(r"(?<![a-zA-Z0-9_])_sms_\w+").search
_words = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+").findall
_RENDERED = frozenset({"severity", "team", "restricted", "alertname"})


@dataclass(frozen=True, slots=True)
class Alert:
    """A condition that somebody must do something about.

    Durations in the expression stand in brackets (`[5m]`), after `offset`, or as `* 60`, `* 3600` or `* 86400`, so that
    tests can render the same alert with time compressed.

    Args:
        name: In CamelCase, such as `"PartsOrderFailureRate"`; the name under which people are called.
        expr: PromQL; its result's labels are the alert's, so it keeps `environment` and `service`.
        for_: How long it must be true without a pause, such as `"5m"`.
        severity: `critical` wakes people up, `warning` is for working hours, `info` for whoever looks.
        team: Who is told.
        summary: One line; may show labels of the expression, such as `{{ $labels.service }}`.
        description: What is wrong, with the value in human units: `{{ $value | humanizePercentage }}`.
        rationale: Why it has this severity.
        dashboard: The panel that shows it: the dashboard's uid and the panel's title.
        owner: Who keeps the alert itself in order; the team if left out.
        dependencies: What it stands on, such as services, exporters or metrics; without them it cannot fire.
        runbook: The page's slug; the name in kebab-case if left out.
        restricted: It tells of a restricted figure: it lives in the restricted Prometheus only.
        keep_firing_for: How long it stays when the condition has gone, such as `"30m"`.
        interval: How often it is looked at, such as `"5m"`; as often as others if left out.
        labels: Further labels, such as `{"service": "parts-api"}` where the expression has none to keep.

    Raises:
        CatalogError: It could not fire, be routed or be understood; the message says what to write.

    Example:
        >>> alert = Alert(
        ...     "RefundsPilingUp",
        ...     "sum by (environment, service) (increase(sms_parts_refunds_total[1h])) > 20",
        ...     "10m",
        ...     severity="warning",
        ...     team="revenue",
        ...     summary="Many refunds in {{ $labels.service }}",
        ...     description="{{ $value | humanize }} refunds within the last hour; usual are less than five.",
        ...     rationale="Money is lost, but nobody is kept from working.",
        ...     dashboard=("sms-business", "Refunds"),
        ... )
        >>> alert.runbook
        'refunds-piling-up'
    """

    name: str
    expr: str
    for_: str = "0s"
    _: KW_ONLY
    severity: Severity
    team: str
    summary: str
    description: str
    rationale: str
    dashboard: tuple[str, str]
    owner: str = ""
    dependencies: tuple[str, ...] = ()
    runbook: str = ""
    restricted: bool = False
    keep_firing_for: str = ""
    interval: str = ""
    labels: Mapping[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        if not _is_name(self.name):
            msg = f"{self.name!r} is no name of an alert: write words in CamelCase, such as 'PartsOrderFailureRate'"
            raise CatalogError(msg)
        if self.severity not in SEVERITIES:
            msg = (
                f"alert {self.name!r}: severity={self.severity!r} is not known{nearest(str(self.severity), SEVERITIES)}"
            )
            raise CatalogError(msg)
        for what in ("expr", "team", "summary", "description", "rationale"):
            if not getattr(self, what).strip():
                msg = f"alert {self.name!r} has no {what}: who is called at night needs it"
                raise CatalogError(msg)
        if not all(map(_is_duration, (self.for_, self.keep_firing_for or "0s", self.interval or "0s"))):
            msg = f"alert {self.name!r}: for_, keep_firing_for and interval are Prometheus' durations, such as '5m'"
            raise CatalogError(msg)
        if len(self.dashboard) != 2 or not all(self.dashboard):  # noqa: PLR2004 - uid and title
            msg = f"alert {self.name!r}: dashboard is the uid and the title of a panel: ('sms-slo', 'Burn rate')"
            raise CatalogError(msg)
        object.__setattr__(self, "owner", self.owner or self.team)
        object.__setattr__(self, "runbook", self.runbook or slug_of(self.name))
        if not _is_slug(self.runbook):
            msg = f"alert {self.name!r}: runbook={self.runbook!r} is no slug: write {slug_of(self.name)!r}"
            raise CatalogError(msg)
        if clash := _RENDERED.intersection(self.labels):
            msg = f"alert {self.name!r}: the label {min(clash)!r} is made from its own argument: leave it out of labels"
            raise CatalogError(msg)
        self._check_restricted()

    @property
    def all_labels(self) -> dict[str, str]:
        """The labels that the rule adds to those of its expression."""
        restricted = {"restricted": "true", "access": "restricted"} if self.restricted else {}
        return {"severity": self.severity, "team": self.team, **restricted, **self.labels}

    def to_json(self) -> dict[str, Any]:
        """Give the declaration as plain data."""
        return {
            "name": self.name,
            "expr": self.expr,
            "for": self.for_,
            "keep_firing_for": self.keep_firing_for,
            "severity": self.severity,
            "team": self.team,
            "owner": self.owner,
            "summary": self.summary,
            "description": self.description,
            "rationale": self.rationale,
            "dependencies": list(self.dependencies),
            "runbook": self.runbook,
            "dashboard": list(self.dashboard),
            "restricted": self.restricted,
            "labels": self.all_labels,
        }

    def _check_restricted(self) -> None:
        if not self.restricted and (found := _is_restricted(self.expr)):
            msg = (
                f"alert {self.name!r} asks for {found.group()}, which only the restricted Prometheus has: "
                "write restricted=True"
            )
            raise CatalogError(msg)
        if self.restricted and any("$value" in text for text in (self.summary, self.description)):
            msg = f"alert {self.name!r} is restricted: its texts reach phones and mail, so they cannot show $value"
            raise CatalogError(msg)


def slug_of(name: str) -> str:
    """Give the name of an alert's page.

    Example:
        >>> slug_of("APIHighLatency"), slug_of("SLITelemetryAbsent")
        ('api-high-latency', 'sli-telemetry-absent')
    """
    return "-".join(_words(name)).lower()
