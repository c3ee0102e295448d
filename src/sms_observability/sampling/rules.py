"""The rules of `policy/sampling.yaml`, in the forms that are rendered; each decides as the Collector does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sms_observability.sampling.trace import SampledSpan

DEFAULT_SALT = "default-hash-seed"
_LARGEST = 2**64 - 1
_FNV_OFFSET, _FNV_PRIME = 0xCBF29CE484222325, 0x100000001B3
_MS = 1_000_000

_IS_TRUE = re.compile(r'attributes\["([^"\\]+)"\] == true')
_NAME_MATCHES = re.compile(r'IsMatch\(name, "((?:[^"\\]|\\.)*)"\)')


class UnsupportedRuleError(ValueError):
    """The file has a rule of a form that is not rendered, so nothing can be said of it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says of a trace.

    Attributes:
        matches: Whether it keeps the trace; `None` if that hangs on the trace id and there is none.
        why: A sentence for people.
        share: What part of such traces it keeps.
    """

    matches: bool | None
    why: str
    share: Fraction = Fraction(1)


class Rule(Protocol):
    """One rule; a trace is kept if any rule matches."""

    @property
    def name(self) -> str:
        """Its name in the file."""
        ...

    def judge(self, trace_id: bytes | None, spans: Sequence[SampledSpan]) -> Finding:
        """Say whether it keeps a trace."""
        ...


@dataclass(frozen=True, slots=True)
class StatusCode:
    """Keeps a trace with an error."""

    name: str

    def judge(self, trace_id: bytes | None, spans: Sequence[SampledSpan]) -> Finding:  # noqa: ARG002
        """Look for a span whose status is ERROR."""
        failed = next((span for span in spans if span.error), None)
        if failed is None:
            return Finding(matches=False, why="no span has the status ERROR")
        return Finding(matches=True, why=f"span {failed.name!r} has the status ERROR")


@dataclass(frozen=True, slots=True)
class Latency:
    """Keeps a trace that took longer than this, cut to whole milliseconds."""

    name: str
    threshold_ms: int

    def judge(self, trace_id: bytes | None, spans: Sequence[SampledSpan]) -> Finding:  # noqa: ARG002
        """Compare from the first start to the last end."""
        took = (max(span.end_ns for span in spans) - min(span.start_ns for span in spans)) // _MS
        relation = "more" if took > self.threshold_ms else "not more"
        why = f"it took {took} ms from first start to last end, {relation} than {self.threshold_ms} ms"
        return Finding(matches=took > self.threshold_ms, why=why)


@dataclass(frozen=True, slots=True)
class IsTrue:
    """Keeps a trace in which an attribute of a span or resource is true."""

    name: str
    key: str

    def judge(self, trace_id: bytes | None, spans: Sequence[SampledSpan]) -> Finding:  # noqa: ARG002
        """Look for the attribute; the text "true" is not the boolean."""
        for span in spans:
            if span.attributes.get(self.key) is True or span.resource.get(self.key) is True:
                return Finding(matches=True, why=f"{self.key} is true on span {span.name!r}")
        texts = any(span.attributes.get(self.key) not in (None, True, False) for span in spans)
        hint = " (there it is no boolean)" if texts else ""
        return Finding(matches=False, why=f"{self.key} is true on no span{hint}")


@dataclass(frozen=True, slots=True)
class Conditions:
    """Keeps a trace in which a span meets one of several conditions."""

    name: str
    flags: tuple[str, ...]
    patterns: tuple[re.Pattern[str], ...]

    def judge(self, trace_id: bytes | None, spans: Sequence[SampledSpan]) -> Finding:  # noqa: ARG002
        """Look for such a span."""
        for span in spans:
            for flag in self.flags:
                if span.attributes.get(flag) is True:
                    return Finding(matches=True, why=f"{flag} is true on span {span.name!r}")
            for pattern in self.patterns:
                if pattern.search(span.name):
                    return Finding(matches=True, why=f"the name of span {span.name!r} matches {pattern.pattern}")
        return Finding(matches=False, why=f"no span has {' or '.join(self.flags)} true, or a name that is meant")


@dataclass(frozen=True, slots=True)
class Share:
    """Keeps a part of all traces, chosen by a hash of the trace id: alike on every replica."""

    name: str
    percent: float
    salt: str

    def judge(self, trace_id: bytes | None, spans: Sequence[SampledSpan]) -> Finding:  # noqa: ARG002
        """Compare the hash of the trace id with the rate."""
        share = Fraction(self.percent) / 100
        if trace_id is None:
            return Finding(None, f"the trace id decides: {self.percent:g} % are kept", share)
        kept = _fnv1a(self.salt.encode() + trace_id) <= share * _LARGEST
        where = "within" if kept else "above"
        return Finding(kept, f"the hash of the trace id is {where} the lowest {self.percent:g} %", share)


@dataclass(frozen=True, slots=True)
class All:
    """Keeps what each of its rules keeps."""

    name: str
    parts: tuple[Rule, ...]

    def judge(self, trace_id: bytes | None, spans: Sequence[SampledSpan]) -> Finding:
        """Ask every part; the first that says no has the word."""
        findings = [part.judge(trace_id, spans) for part in self.parts]
        refused = next((found for found in findings if found.matches is False), None)
        if refused is not None:
            return refused
        why = ", and ".join(found.why for found in findings)
        undecided = any(found.matches is None for found in findings)
        return Finding(None if undecided else True, why, min(found.share for found in findings))


def read_rules(document: object) -> list[Rule]:
    """Read the rules of the Collector.

    Args:
        document: `policy/sampling.yaml`, parsed; other parts of a configuration may stand beside it.

    Raises:
        UnsupportedRuleError: It has no rules, or one of a form that is not rendered.
    """
    try:
        policies = cast("Any", document)["processors"]["tail_sampling"]["policies"]
        rules = [_rule(policy) for policy in policies]
    except (KeyError, TypeError):
        msg = "there are no rules in it: processors.tail_sampling.policies is missing, or not what is rendered"
        raise UnsupportedRuleError(msg) from None
    if not rules:
        msg = "its list of rules is empty: the Collector would drop every trace"
        raise UnsupportedRuleError(msg)
    return rules


def _rule(policy: Mapping[str, Any]) -> Rule:
    name, kind = str(policy["name"]), str(policy["type"])
    # What a rule says beyond what is read here could change its meaning.
    match kind, policy.get(kind):
        case "status_code", {"status_codes": ["ERROR"], **more} if not more:
            return StatusCode(name)
        case "latency", {"threshold_ms": int(milliseconds), **more} if not more:
            return Latency(name, milliseconds)
        case "boolean_attribute", {"key": str(key), "value": True, **more} if not more:
            return IsTrue(name, key)
        case "probabilistic", {"sampling_percentage": int() | float() as percent, **more} if not more.keys() - {
            "hash_salt"
        }:
            return Share(name, float(percent), str(more.get("hash_salt") or DEFAULT_SALT))
        case "ottl_condition", {"span": [*conditions], **more} if not more.keys() - {"error_mode"}:
            return _conditions(name, conditions)
        case "and", {"and_sub_policy": [*parts], **more} if parts and not more:
            return All(name, tuple(_rule(part) for part in parts))
        case _:
            msg = f"rule {name!r} of type {kind} has a form that is not rendered: nothing can be said of it"
            raise UnsupportedRuleError(msg)


def _conditions(name: str, conditions: Sequence[object]) -> Conditions:
    flags: list[str] = []
    patterns: list[re.Pattern[str]] = []
    for condition in conditions:
        if flag := _IS_TRUE.fullmatch(str(condition)):
            flags.append(flag[1])
        elif found := _NAME_MATCHES.fullmatch(str(condition)):
            patterns.append(re.compile(re.sub(r"\\(.)", r"\1", found[1])))
        else:
            msg = f"rule {name!r} has a condition of a form that is not rendered: {condition}"
            raise UnsupportedRuleError(msg)
    return Conditions(name, tuple(flags), tuple(patterns))


def _fnv1a(data: bytes) -> int:
    digest = _FNV_OFFSET
    for byte in data:
        digest = ((digest ^ byte) * _FNV_PRIME) & _LARGEST
    return digest
