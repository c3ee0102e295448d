"""Sampling decisions explained: what is read, what is refused, and the command."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from sms_observability.catalog import SMS_CATALOG
from sms_observability.cli import main
from sms_observability.render import render
from sms_observability.sampling import (
    SampledSpan,
    TraceError,
    UnsupportedRuleError,
    explain,
    from_attributes,
    from_otlp_json,
    read_rules,
)

SHIPPED: Any = yaml.safe_load(render(SMS_CATALOG)["collector-config/policy/sampling.yaml"])
POLICIES = "processors", "tail_sampling", "policies"


def shipped() -> list[dict[str, Any]]:
    document: Any = copy.deepcopy(SHIPPED)
    for key in POLICIES:
        document = document[key]
    return list(document)


def document(policies: list[dict[str, Any]]) -> dict[str, Any]:
    return {"processors": {"tail_sampling": {"policies": policies}}}


@pytest.mark.parametrize(
    ("words", "kept", "rule"),
    [
        ("name=technician_sync_flow error", True, "errors"),
        ("name=technician_sync_flow duration_ms=1000", True, "slow"),
        ("name=technician_sync_flow sms.sla.breached=true", True, "sla"),
        ("name=technician_sync_flow duration_ms=999", None, "rest-10"),
        ("name=parts_ordering_flow duration_ms=5", None, "revenue-50"),
        ("name=crew_change sms.journey.revenue=true", None, "revenue-50"),
        ("name=crew_change sms.journey.revenue=TRUE", None, "rest-10"),
        # The hash of ids 1, 2, 3 … is high: such ids are no test of rates.
        (f"name=parts_ordering_flow trace_id={1:032x}", False, ""),
        (f"name=parts_ordering_flow error trace_id={1:032x}", True, "errors"),
    ],
)
def test_the_shipped_rules_decide_as_the_plan_says(words: str, kept: bool | None, rule: str) -> None:
    """All errors, all slow ones, all that broke their SLA, half of the revenue, a tenth of the rest."""
    decision = explain(read_rules(SHIPPED), *from_attributes(words.split()))
    assert (decision.kept, decision.rule) == (kept, rule)
    assert decision.percent == {"revenue-50": 50.0, "rest-10": 10.0}.get(rule)
    assert len(decision.verdicts) == len(shipped())
    assert all(verdict.why for verdict in decision.verdicts)


@pytest.mark.parametrize(
    "change",
    [
        {"type": "string_attribute", "string_attribute": {"key": "x", "values": ["y"]}},
        {"type": "latency", "latency": {"threshold_ms": 999, "upper_threshold_ms": 2000}},
        {"type": "status_code", "status_code": {"status_codes": ["ERROR", "UNSET"]}},
        {"type": "boolean_attribute", "boolean_attribute": {"key": "x", "value": False}},
        {"type": "ottl_condition", "ottl_condition": {"span": ["true"]}},
        {"type": "ottl_condition", "ottl_condition": {"span": [], "spanevent": ["true"]}},
        {"type": "and", "and": {"and_sub_policy": [{"name": "inner", "type": "always_sample"}]}},
        {"type": "drop", "drop": {"drop_sub_policy": []}},
    ],
    ids=lambda change: change["type"],
)
def test_a_rule_of_another_form_is_refused_by_name(change: dict[str, Any]) -> None:
    """No explanation is better than a guess."""
    with pytest.raises(UnsupportedRuleError, match=r"odd one|inner"):
        read_rules(document([*shipped(), {"name": "odd one", **change}]))


@pytest.mark.parametrize("nothing", [None, {}, [], "x", {"processors": {}}, document([])])
def test_a_file_without_rules_is_refused(nothing: object) -> None:
    """Whatever was read instead."""
    with pytest.raises(UnsupportedRuleError):
        read_rules(nothing)


@pytest.mark.parametrize("nothing", [None, {}, [], 1, {"resourceSpans": []}, {"resourceSpans": [{"scopeSpans": [1]}]}])
def test_what_is_no_trace_is_refused(nothing: object) -> None:
    """With a sentence, not with a KeyError."""
    with pytest.raises(TraceError):
        from_otlp_json(nothing)


def test_otlp_json_is_read_by_trace() -> None:
    """Spans of one trace come together; times are texts, as the format has it."""
    span = {
        "traceId": "AB" * 16,
        "name": "quote",
        "startTimeUnixNano": "5",
        "endTimeUnixNano": "7",
        "status": {"code": 2},
    }
    other = {**span, "traceId": "cd" * 16, "status": {}, "attributes": [{"key": "a", "value": {"boolValue": True}}]}
    traces = from_otlp_json({"resourceSpans": [{"scopeSpans": [{"spans": [span, other, span]}]}]})
    first = SampledSpan("quote", error=True, start_ns=5, end_ns=7)
    assert traces == [
        (b"\xab" * 16, [first, first]),
        (b"\xcd" * 16, [SampledSpan("quote", start_ns=5, end_ns=7, attributes={"a": True})]),
    ]


def test_the_command_explains_what_is_typed(capsys: pytest.CaptureFixture[str]) -> None:
    """For people, rule by rule; for programs, as JSON."""
    assert main(["explain-sampling", "name=parts_ordering_flow", "duration_ms=200"]) == 0
    said = capsys.readouterr().out
    assert "50 % are kept, by revenue-50" in said
    assert "slow: it took 200 ms from first start to last end, not more than 999 ms" in said

    assert main(["explain-sampling", "--json", "error"]) == 0
    (decision,) = json.loads(capsys.readouterr().out)
    assert (decision["kept"], decision["rule"]) == (True, "errors")


def test_the_command_reads_a_trace_and_other_rules(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The file that the Collector runs with decides, not the catalogue."""
    trace, policy = tmp_path / "trace.json", tmp_path / "rules.yaml"
    span = {"traceId": "ab" * 16, "name": "quote", "startTimeUnixNano": "0", "endTimeUnixNano": "20000000"}
    trace.write_text(json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}), encoding="utf-8")
    quick = {"name": "all but the quick", "type": "latency", "latency": {"threshold_ms": 10}}
    policy.write_text(yaml.safe_dump(document([quick])), encoding="utf-8")
    assert main(["explain-sampling", str(trace), "--policy", str(policy)]) == 0
    assert f"{'ab' * 16}: kept, by all but the quick" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["nonsense"], ["a=b", "nonsense"], ["trace_id=12"], ["duration_ms=long"], []])
def test_the_command_says_what_is_wrong(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 2 and a sentence."""
    assert main(["explain-sampling", *words]) == 2
    assert "Error: " in capsys.readouterr().err
