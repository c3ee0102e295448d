"""The decision on a trace, and what each rule says of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sms_observability.sampling.rules import Rule
    from sms_observability.sampling.trace import SampledSpan


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one rule says.

    Attributes:
        rule: Its name.
        keeps: Whether it keeps the trace; `None` if that hangs on the trace id and there is none.
        why: A sentence for people.
        percent: How many in a hundred of such traces it keeps.
    """

    rule: str
    keeps: bool | None
    why: str
    percent: float


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a trace.

    Attributes:
        kept: Whether it is kept; `None` if that hangs on the trace id and there is none.
        rule: The first rule that keeps it (without a trace id: the one most likely to), else empty.
        percent: How many in a hundred such traces are kept, if `kept` is `None`; else nothing.
        verdicts: What every rule says, in the order of the file.
    """

    kept: bool | None
    rule: str
    percent: float | None
    verdicts: tuple[Verdict, ...]


def explain(rules: Sequence[Rule], trace_id: bytes | None, spans: Sequence[SampledSpan]) -> Decision:
    """Decide on a trace as the Collector does, and say why.

    Args:
        rules: Those of the Collector, from `read_rules`.
        trace_id: 16 bytes; without it, rates can only be stated.
        spans: All spans of the trace that arrive in time; at least one.

    Example:
        >>> from sms_observability.sampling.rules import Latency
        >>> from sms_observability.sampling.trace import SampledSpan
        >>> explain([Latency("slow", 999)], None, [SampledSpan("quote", end_ns=2_000_000_000)]).rule
        'slow'
    """
    findings = [(rule.name, rule.judge(trace_id, spans)) for rule in rules]
    verdicts = tuple(Verdict(name, each.matches, each.why, float(each.share * 100)) for name, each in findings)
    for name, found in findings:
        if found.matches:
            return Decision(kept=True, rule=name, percent=None, verdicts=verdicts)
    open_ones = [(found.share, name) for name, found in findings if found.matches is None]
    if not open_ones:
        return Decision(kept=False, rule="", percent=None, verdicts=verdicts)
    # One hash and one salt decide on all rates, so the smaller set lies within the larger one.
    share, name = max(open_ones, key=lambda each: each[0])
    return Decision(kept=None, rule=name, percent=float(share * 100), verdicts=verdicts)
