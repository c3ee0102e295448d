"""Why a trace is kept or dropped: the Collector's sampling rules, read from its own file and explained.

The rules that :mod:`sms_observability.render` writes are understood; a rule of another form is refused by name, so that
an explanation is never a guess.
"""

from __future__ import annotations

from sms_observability.sampling.explain import Decision, Verdict, explain
from sms_observability.sampling.rules import Rule, UnsupportedRuleError, read_rules
from sms_observability.sampling.trace import SampledSpan, TraceError, from_attributes, from_otlp_json

__all__ = [
    "Decision",
    "Rule",
    "SampledSpan",
    "TraceError",
    "UnsupportedRuleError",
    "Verdict",
    "explain",
    "from_attributes",
    "from_otlp_json",
    "read_rules",
]
