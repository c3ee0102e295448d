"""Nobody is called without need: thirty ordinary days, evaluated by promtool."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitoring.case import Group, groups, promtool, stood_on
from monitoring.healthy import DAYS, Month

pytestmark = [pytest.mark.servers, pytest.mark.slow]

# The second adds up what is recorded every 5 minutes, which a step of hours leaves out; it calls nobody in any case.
_EXPECTED = 'alertname!~"Watchdog|LowUserEngagement"'


def alarms(
    folder: Path, evaluation: str, days: int, seed: int, within: float, chosen: Callable[[Group], bool] = lambda _: True
) -> str:
    """Evaluate rules over the days, and let promtool complain of any alert that fired."""
    # The tests' own step decides, not the groups' intervals.
    rules = [
        {"name": group["name"], "rules": [rule for rule in group["rules"] if chosen(rule)]}
        for group in groups(public_only=True)
    ]
    fired = f'count_over_time(ALERTS{{alertstate="firing",{_EXPECTED}}}[{days}d])'
    document: dict[str, Any] = {
        "rule_files": ["rules.yaml"],
        "evaluation_interval": evaluation,
        "group_eval_order": [group["name"] for group in rules],
        "tests": [
            {
                "interval": "1m",
                "input_series": [
                    {"series": name, "values": values} for name, values in Month(days, seed).series().items()
                ],
                "promql_expr_test": [
                    {
                        "expr": f"count by (alertname, environment, service) ({fired})",
                        "eval_time": f"{days}d",
                        "exp_samples": [],
                    }
                ],
            }
        ],
    }
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    for name, content in (("rules.yaml", {"groups": rules}), ("tests.yaml", document)):
        (folder / name).write_text(yaml.dump(content, Dumper=dumper, sort_keys=False, width=10**9), encoding="utf-8")
    return promtool(folder, "test", "rules", "tests.yaml", within=within)


def matters() -> Callable[[Group], bool]:
    """Choose alerts, and the records that they are made of."""
    records = stood_on(rule["expr"] for group in groups(public_only=True) for rule in group["rules"] if "alert" in rule)
    return lambda rule: "alert" in rule or rule["record"] in records


@pytest.mark.timeout(400)
def test_thirty_ordinary_days_call_nobody(tmp_path: Path) -> None:
    """Noise, nights, deploys, restarts and ships out of reach: no alert fires.

    Rules are evaluated on the hour, which is when replicas are deployed.
    """
    alarms(tmp_path, "2h", DAYS, seed=7, within=390)


@pytest.mark.soak
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_thirty_ordinary_days_minute_by_minute(tmp_path: Path, seed: int) -> None:
    """The same with other noise, and a look each minute as in production.

    What is recorded for dashboards only is left out: no alert hears of it.
    """
    alarms(tmp_path, "1m", DAYS, seed=seed, within=7200, chosen=matters())
