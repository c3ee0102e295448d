"""One expression under inspection: a walk over its tree that knows each part's shape and says what cannot work."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from sms_observability.lint.rules.finding import RuleFinding
from sms_observability.lint.rules.promql import CHOSEN, PromqlError, parse
from sms_observability.lint.rules.shape import ANYTHING, NUMBER, Shape

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sms_observability.lint.rules.finding import Level
    from sms_observability.lint.rules.queries import Query
    from sms_observability.lint.rules.series import KnownSeries

    Check: TypeAlias = "Callable[[Inspection, Any], Shape]"
    """Gives the shape of one kind of part, and says what is wrong with it; asks the inspection for the parts inside."""


@dataclass(frozen=True, slots=True)
class RuleOptions:
    """What the expressions will run on.

    Attributes:
        retention: Seconds that Prometheus keeps; 15 days is its default. A configuration among the files that keeps
            longer counts.
        interval: Seconds between two exports or scrapes.
        native_histograms: Histograms are stored as native ones, so that they are asked for by their family's name.
        known: Names that exist although the catalogue does not declare them, as regular expressions.
        scraped_jobs: Jobs that Prometheus scrapes itself, so that `up` tells of them.
        runbooks: Slugs of the runbooks that exist; `None` if nobody knows.
    """

    retention: float = 15 * 86400.0
    interval: float = 15.0
    native_histograms: bool = False
    known: tuple[str, ...] = ()
    scraped_jobs: frozenset[str] = frozenset()
    runbooks: frozenset[str] | None = None


@dataclass(slots=True)
class Inspection:
    """What is known while one expression is walked through.

    Attributes:
        query: The expression, and where it stands.
        series: What the catalogue knows.
        options: What it will run on.
        checks: What looks at selectors, aggregations, operators and functions, by the parser's name of the part.
        recorded: The shapes of names that recording rules make.
        findings: What was found so far.
        jobs_asked_up: Jobs whose `up` is compared with zero.
        watches_absence: Something in the expression notices when series vanish.
        counters_are_wanted: A recording rule that makes a counter of counters.
    """

    query: Query
    series: KnownSeries
    options: RuleOptions
    checks: Mapping[str, Check]
    recorded: Mapping[str, Shape] = field(default_factory=dict[str, Shape])
    findings: list[RuleFinding] = field(default_factory=list)
    jobs_asked_up: set[str] = field(default_factory=set)
    watches_absence: bool = False
    counters_are_wanted: bool = False
    _behind: float = 0.0

    def say(self, check: str, wrong: str, write: str, level: Level = "error") -> None:
        """Note what is wrong; the same thing is noted once."""
        finding = RuleFinding(self.query.file, self.query.name, level, check, wrong, write)
        if finding not in self.findings:
            self.findings.append(finding)

    def is_known(self, name: str) -> bool:
        """Say whether a name was said to exist."""
        return any(re.fullmatch(pattern, name) for pattern in self.options.known)

    def run(self) -> Shape:
        """Walk through the whole expression, and give what its result looks like."""
        try:
            tree = parse(self.query.expr).tree
            shape = self.value(tree)
        except PromqlError as error:
            self.say("syntax", error.wrong, error.write)
            return ANYTHING
        except RecursionError:
            self.say("syntax", "the expression is nested too deeply", "divide it into recording rules")
            return ANYTHING
        self._check_up(shape)
        return shape

    def value(self, node: Any) -> Shape:
        """Give the shape of a part whose number is used, which a counter's own number should not be."""
        shape = self.shape(node)
        self.refuse_bare(shape)
        return shape

    def refuse_bare(self, shape: Shape) -> None:
        """Say that a counter's own number tells nothing."""
        raw = shape.raw
        if raw is not None and raw.kind == "counter" and not self.counters_are_wanted and not _tells_a_time(raw.name):
            self.say(
                "bare-counter",
                f"{raw.name} is a counter: its own value is what was counted since the process started, and falls to 0 "
                "at each restart",
                f"write increase({raw.name}[…]) or rate({raw.name}[…])",
            )

    def shape(self, node: Any) -> Shape:
        """Give the shape of a part."""
        kind = type(node).__name__
        if kind in ("NumberLiteral", "StringLiteral"):
            return replace(NUMBER, number=node.val if kind == "NumberLiteral" else None)
        if kind == "ParenExpr":
            return self.shape(node.expr)
        if kind == "UnaryExpr":
            inner = self.value(node.expr)
            return replace(inner.computed(), number=None if inner.number is None else -inner.number)
        if kind == "VectorSelector":
            self._reach(seconds(node.offset))
            return self.checks[kind](self, node)
        if kind == "MatrixSelector":
            self._reach(seconds(node.range) + seconds(node.vector_selector.offset))
            return self.checks["VectorSelector"](self, node.vector_selector)
        return self._composed(kind, node)

    def _composed(self, kind: str, node: Any) -> Shape:
        if kind == "SubqueryExpr":
            behind = seconds(node.range) + seconds(node.offset)
            self._reach(behind)
            self._behind += behind
            try:
                return self.shape(node.expr)
            finally:
                self._behind -= behind
        check = self.checks.get(kind)
        return ANYTHING if check is None else check(self, node)

    def _reach(self, behind: float) -> None:
        """Say that what is asked for has been deleted by then."""
        total = self._behind + behind
        if total in CHOSEN or total <= self.options.retention:
            return
        self.say(
            "retention",
            f"it reaches {total / 86400:.3g} days back, and Prometheus keeps {self.options.retention / 86400:.3g}",
            "ask for less ($__range in a panel), record it with a rule, or keep more and say --retention",
        )

    def _check_up(self, shape: Shape) -> None:
        jobs = sorted(self.jobs_asked_up - self.options.scraped_jobs)
        if jobs and not self.watches_absence:
            job = jobs[0]
            self.say(
                "up",
                f'up{{job="{job}"}} is 0 only while a scraped target refuses: behind a Collector the series never '
                "exists, when the target vanishes it is no more, and one of two replicas is enough to fire",
                f'write (max by (job) (up{{job=~"(.+/)?{job}"}}) == 0) or absent(up{{job=~"(.+/)?{job}"}}), or '
                f'absent_over_time(target_info{{job=~"(.+/)?{job}"}}[3m]) where the service sends',
            )
        if shape.raw is not None and shape.raw.name == "up":
            self.say(
                "up",
                "up shows what Prometheus scrapes, which behind a Collector is the Collector, and each instance alone",
                "write max by (job, instance) (up), and target_info for the services that send",
                "advice",
            )


def _tells_a_time(name: str) -> bool:
    """Say whether a counter is one by its type only: how long something has been up is read as it is."""
    return "_uptime" in name


def seconds(delta: Any) -> float:
    """Give the seconds of a duration of the parser; one that looks ahead counts as none."""
    return 0.0 if delta is None else max(0.0, float(delta.total_seconds()))
