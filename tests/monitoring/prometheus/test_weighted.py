"""The figure of thirty days is that of the events, not of the hours: computed by promtool, and by counting."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from monitoring.case import groups, promtool
from monitoring.series import of

pytestmark = [pytest.mark.servers, pytest.mark.slow]

_HOUR = 60
_DAYS = 31
_NEAR = 0.005
"""Windows of five minutes reach over the edges of hours, and each gap costs one."""


@dataclass(frozen=True)
class Hour:
    """What happens each minute of an hour."""

    good: float
    bad: float
    seen: bool = True
    restarts: bool = False


def _month() -> Iterator[Hour]:
    """Give an outage that is more than thirty days ago, then days of many events and nights of few."""
    for hour in range(_DAYS * 24):
        day, time = divmod(hour, 24)
        if day == 0:
            yield Hour(0, 500)
        elif time < 6:  # noqa: PLR2004 - a night
            # Every second of a handful fails, each night.
            yield Hour(1, 1)
        elif day == 12 and time < 9:  # noqa: PLR2004 - a morning
            # An outage without a single good request.
            yield Hour(0, 300)
        else:
            # Two days of which nothing is known, and processes that begin anew every eleven hours.
            yield Hour(999.5, 0.5, seen=day not in {20, 21}, restarts=hour % 11 == 0)


def _values(kind: str, share: float) -> str:
    """Give the counter of good or bad requests of one replica."""
    value, parts = 0.0, []
    for hour in _month():
        each = (hour.good if kind == "good" else hour.bad) * share
        value = 0.0 if hour.restarts else value
        if hour.seen:
            parts.append(f"{value:.12g}+{each:.12g}x{_HOUR - 1}")
        else:
            parts.append(f"stale _x{_HOUR - 1}")
        value += each * _HOUR
    return " ".join(parts)


def _counted() -> float:
    """Give the share of the events of the last thirty days, as far as they are known, that went wrong."""
    known = [hour for hour in list(_month())[-30 * 24 :] if hour.seen]
    bad = sum(hour.bad for hour in known)
    return bad / (bad + sum(hour.good for hour in known))


def test_thirty_days_are_weighted_by_their_events(tmp_path: Path) -> None:
    """Replicas, restarts, gaps, an outage without good events, and what is older than the period."""
    name, budget = "portal-api_availability", 0.0005
    rules = [copy.deepcopy(group) for group in groups() if group["name"].endswith(name)]
    for group in rules:
        group.pop("interval")
    counted = _counted()
    by_hours = [hour.bad / (hour.bad + hour.good) for hour in list(_month())[-30 * 24 :] if hour.seen]
    # The mean of the ratios says something else altogether.
    assert sum(by_hours) / len(by_hours) > 10 * counted
    replicas = {"a": 0.75, "b": 0.25}
    of_slo = f'{{sloth_id="{name}"}}'
    figures = {
        f"slo:sli_error:ratio_rate30d{of_slo}": counted,
        f"slo:period_burn_rate:ratio{of_slo}": counted / budget,
        f"1 - slo:period_error_budget_remaining:ratio{of_slo}": counted / budget,
    }
    document = {
        "rule_files": ["rules.yaml"],
        # As long as the windows of rates, so that each event is in one of them.
        "evaluation_interval": "5m",
        "group_eval_order": [group["name"] for group in rules],
        "tests": [
            {
                "interval": "1m",
                "input_series": [
                    {
                        "series": of("http_requests_total", service="parts-api", instance=instance, status=status),
                        "values": _values(kind, share),
                    }
                    for instance, share in replicas.items()
                    for kind, status in (("good", "200"), ("bad", "503"))
                ],
                "promql_expr_test": [
                    {
                        "expr": f"count(abs(({expr}) / {figure!r} - 1) < {_NEAR})",
                        "eval_time": f"{_DAYS}d",
                        "exp_samples": [{"labels": "{}", "value": 1}],
                    }
                    for expr, figure in figures.items()
                ],
            }
        ],
    }
    for file, content in (("rules.yaml", {"groups": rules}), ("tests.yaml", document)):
        (tmp_path / file).write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    promtool(tmp_path, "test", "rules", "tests.yaml")
