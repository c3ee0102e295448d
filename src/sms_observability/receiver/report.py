"""Figures over what has arrived: how the journeys went, and what was dropped, redacted or delivered."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sms_observability.receiver.line import BAD, BOLD, DIM, GOOD, NAME, PLAIN, WARN, shown, table
from sms_observability.receiver.view import breached_by, duration, service

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sms_observability.receiver.items import Span
    from sms_observability.receiver.line import Line, Part


@dataclass(slots=True)
class JourneyFigures:
    """How one journey went.

    Attributes:
        name: The journey.
        service: Where it runs.
        durations_ms: Of each run.
        outcomes: How many runs ended how.
        breaches: How many runs took longer than promised, by their slowest step.
    """

    name: str
    service: str
    durations_ms: list[float] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    breaches: Counter[str] = field(default_factory=Counter)

    def quantile(self, share: float) -> float:
        """Give the duration, in milliseconds, that this share of the runs did not exceed."""
        ordered = sorted(self.durations_ms)
        return ordered[max(0, math.ceil(share * len(ordered)) - 1)]

    def to_json(self) -> dict[str, Any]:
        """Give the figures as plain data."""
        return {
            "journey": self.name,
            "service": self.service,
            "runs": len(self.durations_ms),
            "outcomes": dict(self.outcomes),
            "p50_ms": round(self.quantile(0.5), 1),
            "p95_ms": round(self.quantile(0.95), 1),
            "breaches": dict(self.breaches),
        }


def journeys(spans: Iterable[Span]) -> list[JourneyFigures]:
    """Give the figures of every journey among these spans, sorted by name."""
    found: dict[tuple[str, str], JourneyFigures] = {}
    for span in spans:
        attributes = span["attributes"]
        if "sms.journey.name" not in attributes:
            continue
        name, where = shown(attributes["sms.journey.name"], 120), service(span)
        figures = found.setdefault((name, where), JourneyFigures(name, where))
        took = attributes.get("sms.sla.duration_ms")
        measured = (span["end_ns"] - span["start_ns"]) / 1e6
        figures.durations_ms.append(float(took) if isinstance(took, (int, float)) else measured)
        figures.outcomes[shown(attributes.get("sms.journey.outcome", "unknown"), 40)] += 1
        if attributes.get("sms.sla.breached") is True:
            figures.breaches[breached_by(span) or "unknown"] += 1
    return [found[key] for key in sorted(found)]


def journey_table(figures: Sequence[JourneyFigures]) -> list[Line]:
    """Give a table of journeys: runs, outcomes, p50 and p95, breaches and the steps that caused them."""
    rows: list[list[Part]] = []
    for each in figures:
        outcomes = ", ".join(f"{count} {name}" for name, count in each.outcomes.most_common())
        causes = ", ".join(f"{step} ({count})" for step, count in each.breaches.most_common())
        rows.append(
            [
                (each.name, BOLD),
                (each.service, NAME),
                (str(len(each.durations_ms)), PLAIN),
                (duration(each.quantile(0.5)), PLAIN),
                (duration(each.quantile(0.95)), PLAIN),
                (str(each.breaches.total()), BAD if each.breaches else GOOD),
                (causes or "-", BAD if causes else DIM),
                (outcomes, DIM),
            ]
        )
    header = ("journey", "service", "runs", "p50", "p95", "SLA breaches", "slowest step", "outcomes")
    return table(header, rows, right=frozenset((2, 3, 4, 5)))


def accounting_table(accounting: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> list[Line]:
    """Give a table of what `Observability.accounting()` says, and why items were dropped.

    Args:
        accounting: By service, then by signal.
    """
    rows: list[list[Part]] = []
    for name, signals in accounting.items():
        for signal, figures in signals.items():
            waiting = figures["queued"] + figures["spooled"]
            dropped: Mapping[str, int] = figures["dropped"]
            reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(dropped.items()) if count)
            rows.append(
                [
                    (name, NAME),
                    (signal, PLAIN),
                    (str(figures["emitted"]), PLAIN),
                    (str(figures["delivered"]), GOOD if figures["delivered"] == figures["emitted"] else PLAIN),
                    (str(waiting), WARN if waiting else DIM),
                    (reasons or "-", WARN if reasons else DIM),
                ]
            )
    return table(
        ("service", "signal", "emitted", "delivered", "waiting", "dropped, and why"), rows, right=frozenset((2, 3, 4))
    )
