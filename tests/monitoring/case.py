"""Situations in which an alert must fire or must not, as data, and how promtool is asked about them."""

from __future__ import annotations

import copy
import re
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from servers.programs import binary
from sms_observability.catalog import SMS_CATALOG
from sms_observability.render.prometheus_rules import render_prometheus_rules

Labels = Mapping[str, str]
Group = dict[str, Any]

_words = re.compile(r"[a-zA-Z_][\w:]*").findall

SITUATIONS = ("fire", "not fire", "no data", "restart", "replica", "low traffic")
"""What every alert is tried in; further cases may have any name."""


ROUTED_BY = ("severity", "team", "service", "environment")
"""What every alert that fires must carry."""


@dataclass(frozen=True)
class Case:
    """One situation.

    Attributes:
        situation: One of `SITUATIONS`, or another name.
        series: Selector -> values in promtool's notation, one a minute.
        fires: Labels of the alerts that fire at `at`, as far as they matter; empty for none.
        at: When to look.
        evaluation: How often rules are evaluated.
        needed: Beginnings of the names of groups of recording rules that are evaluated with it.
    """

    situation: str
    series: Mapping[str, str] = field(default_factory=dict[str, str])
    fires: tuple[Labels, ...] = ()
    at: str = "40m"
    evaluation: str = "1m"
    needed: tuple[str, ...] = ()


@cache
def groups(*, public_only: bool = False) -> tuple[Group, ...]:
    """Give every rendered group of rules, of both sides or of the public one."""
    found: list[Group] = []
    for path, text in render_prometheus_rules(SMS_CATALOG).items():
        if public_only and "/restricted/" in path:
            continue
        found += yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))["groups"]
    return tuple(found)


def stood_on(exprs: Iterable[str]) -> set[str]:
    """Give the names of the records that expressions are made of, directly or through others."""
    recorded = [rule for group in groups() for rule in group["rules"] if "record" in rule]
    found: set[str] = set()
    asked = list(exprs)
    while asked:
        words = set(_words(asked.pop())) - found
        new = [rule for rule in recorded if rule["record"] in words]
        found |= {rule["record"] for rule in new}
        asked += [rule["expr"] for rule in new]
    return found


def rules_of(alert: str, needed: Iterable[str]) -> list[Group]:
    """Give the alert's own rule alone, behind what it is made of in the groups of recording rules that it needs.

    Args:
        alert: Its name.
        needed: Beginnings of names of groups.
    """
    own = [rule for group in groups() for rule in group["rules"] if rule.get("alert") == alert]
    records = stood_on(rule["expr"] for rule in own)
    chosen = [
        {**group, "rules": [rule for rule in group["rules"] if rule.get("record") in records]}
        for group in groups()
        if any(group["name"].startswith(name) for name in needed)
    ]
    chosen = copy.deepcopy([*chosen, *({"name": f"alone-{alert}", "rules": [rule]} for rule in own)])
    for group in chosen:
        # The tests' own step decides, or promtool would evaluate each minute of three days.
        group.pop("interval", None)
        if any(rule.get("for") == "1d" for rule in group["rules"]):
            group["interval"] = "1h"
    return chosen


def promtool(folder: Path, *arguments: str, within: float = 110) -> str:
    """Run promtool and give what it says; what it says of a failure is the failure."""
    done = subprocess.run(
        [binary("promtool"), *arguments], capture_output=True, text=True, check=False, cwd=folder, timeout=within
    )
    said = f"{done.stdout}\n{done.stderr}"
    assert done.returncode == 0, said[:20_000]
    return said


def check(folder: Path, alert: str, cases: Iterable[Case], needed: Iterable[str] = ()) -> None:
    """Let promtool evaluate an alert in every situation.

    Args:
        folder: Where its files may lie.
        alert: The alert's name.
        cases: The situations.
        needed: Groups of recording rules that it stands on.
    """
    alike: dict[tuple[str, tuple[str, ...]], list[Case]] = {}
    for case in cases:
        alike.setdefault((case.evaluation, case.needed), []).append(case)
    for some in alike.values():
        check_document(folder, alert, some[0], needed, some)
        promtool(folder, "test", "rules", "tests.yaml")


def check_document(
    folder: Path, alert: str, case: Case, needed: Iterable[str] = (), alike: Iterable[Case] = ()
) -> dict[str, Any]:
    """Write and give promtool's test of one situation, and of others that are evaluated alike."""
    rules = rules_of(alert, case.needed or needed)
    document = {
        "rule_files": ["rules.yaml"],
        "evaluation_interval": case.evaluation,
        "group_eval_order": [group["name"] for group in rules],
        "tests": [_test(alert, each) for each in alike or (case,)],
    }
    for name, content in (("rules.yaml", {"groups": rules}), ("tests.yaml", document)):
        (folder / name).write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return document


def _test(alert: str, case: Case) -> dict[str, Any]:
    fixed = SMS_CATALOG.alerts[alert].all_labels
    wanted = {name for labels in case.fires for name in labels}
    asked = sorted({"severity", "team"} | wanted)
    expected = [
        {
            "labels": _selector({**{k: v for k, v in fixed.items() if k in asked and "$" not in v}, **labels}),
            "value": 1,
        }
        for labels in case.fires
    ]
    firing = f'ALERTS{{alertname="{alert}",alertstate="firing"}}'
    complete = "ALERTS{" + ", ".join(f'{name}!=""' for name in ROUTED_BY) + "}"
    return {
        "name": f"{alert}: {case.situation}",
        "interval": "1m",
        # As the configuration of the server says it; only what is absent takes it from there.
        "external_labels": {"environment": "production"},
        "input_series": [{"series": series, "values": values} for series, values in case.series.items()],
        "promql_expr_test": [
            {"expr": f"count by ({', '.join(asked)}) ({firing})", "eval_time": case.at, "exp_samples": expected},
            {"expr": f"{firing} unless {complete}", "eval_time": case.at, "exp_samples": []},
        ],
    }


def _selector(labels: Labels) -> str:
    return "{" + ", ".join(f'{name}="{value}"' for name, value in sorted(labels.items()) if value) + "}"
