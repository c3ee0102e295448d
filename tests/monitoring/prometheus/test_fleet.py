"""All rules on a real Prometheus that holds a fleet's series: each works, none reads more than it should."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml

from monitoring.case import groups
from monitoring.fleet import Prometheus, Series, blocks, history, ranges, series, write
from servers.waiting import wait_until

pytestmark = [pytest.mark.servers, pytest.mark.slow]

STEP = 30
_DAY = 86_400
MOST_SAMPLES = 3_000_000
"""A query of Prometheus may read 50 million; a tenth of a second is about this many."""
SERIES_OF_A_METRIC = 10_000


@dataclass(frozen=True)
class Fleet:
    """A Prometheus with a fleet's series, and the moment at which they end."""

    prometheus: Prometheus
    end: int
    ships: int
    samples: int


def filled(folder: Path, ships: int, most: int, *, minutes: int, days: float, within: float) -> int:
    """Make the blocks: the last minutes of all series, and what rules would have recorded for days before."""
    end = int(time.time()) // STEP * STEP
    text = folder / "series.om"
    count = write(text, series(ships, most), range(end - minutes * 60, end + 1, STEP))
    blocks(folder, text, within)
    past = folder / "history.om"
    for start in range(end - int(days * _DAY), end, _DAY):
        with past.open("w", encoding="utf-8") as page:
            for each in history(ships):
                # The last minutes of what no rule records are there already.
                until = end if ":" in each.selector.partition("{")[0] else end - minutes * 60
                first = max(start, end - int(each.back) // each.step * each.step)
                count += each.write(page, first, min(start + _DAY, until))
            page.write("# EOF\n")
        blocks(folder, past, within)
    text.unlink()
    past.unlink()
    return count


def rule_files(folder: Path) -> str:
    """Write the public rules and give their pattern."""
    # Each as often as the server's own interval says: a group that is due in five minutes would be waited for.
    public = [{"name": group["name"], "rules": group["rules"]} for group in groups(public_only=True)]
    (folder / "rules").mkdir()
    (folder / "rules" / "all.yaml").write_text(yaml.safe_dump({"groups": public}), encoding="utf-8")
    return "rules/*.yaml"


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """Fifty ships, and a quarter of a day of objectives."""
    folder = tmp_path_factory.mktemp("fleet")
    ships = 50
    end = int(time.time()) // STEP * STEP
    count = filled(folder, ships, 4, minutes=11, days=0.25, within=110)
    with Prometheus(folder, rule_files(folder)) as running:
        yield Fleet(running, end, ships, count)


def evaluated(prometheus: Prometheus, within: float = 60) -> list[Mapping[str, Any]]:
    """Wait until every group has been evaluated, and give all rules."""

    def all_were() -> bool:
        every = prometheus.ask("rules")["groups"]
        return bool(every) and all(not each["lastEvaluation"].startswith("0001") for each in every)

    wait_until(all_were, "the evaluation of every group", within)
    return [rule for group in prometheus.ask("rules")["groups"] for rule in group["rules"]]


def test_every_rule_can_be_evaluated(fleet: Fleet) -> None:
    """On series with all labels that the catalogue knows, each group with its real neighbours."""
    rules = evaluated(fleet.prometheus, 90)
    assert {rule["health"] for rule in rules} == {"ok"}, [rule["lastError"] for rule in rules if rule.get("lastError")]
    assert len(rules) == sum(len(group["rules"]) for group in groups(public_only=True))


def test_no_rule_reads_too_much(fleet: Fleet) -> None:
    """What a rule reads grows with the fleet: a thousand ships are twenty times these."""
    for group in groups(public_only=True):
        for rule in group["rules"]:
            samples, _ = fleet.prometheus.cost(rule["expr"], fleet.end)
            assert samples * 1000 / fleet.ships < MOST_SAMPLES, (rule.get("alert") or rule["record"], samples)


def test_recording_rules_answer(fleet: Fleet) -> None:
    """Those of hosts, ships and objectives give the plan's names."""
    for name in (
        *("node_cpu_usage_percent", "node_memory_usage_percent", "node_disk_io_rate_bytes"),
        *("node_network_throughput_bytes", "node_network_errors_total", "company:user_sessions:increase5m"),
    ):
        rule = next(each for group in groups() for each in group["rules"] if each.get("record") == name)
        found = fleet.prometheus.ask(f"query?time={fleet.end}&query={quote(rule['expr'])}")["result"]
        assert found, name
        assert all("environment" in each["metric"] for each in found), name


@pytest.mark.soak
def test_a_thousand_ships_for_thirty_days(tmp_path: Path) -> None:
    """No rule takes a tenth of a second; how many series each metric has is told, beside the plan's limits."""
    ships = 1000
    end = int(time.time()) // STEP * STEP
    count = filled(tmp_path, ships, 60, minutes=16, days=30, within=7200)
    with Prometheus(tmp_path, rule_files(tmp_path)) as running:
        rules = evaluated(running, 600)
        assert {rule["health"] for rule in rules} == {"ok"}
        assert looked_back_at(running, end) == {}
        costs = []
        for group in groups(public_only=True):
            for rule in group["rules"]:
                samples, seconds = running.cost(rule["expr"], end)
                if seconds > 0.02:
                    seconds = running.processor_seconds(rule["expr"], end)
                costs.append((seconds, samples, rule.get("alert") or f"{rule['record']} {rule.get('labels', {})}"))
        costs.sort(reverse=True)
        every = quote('count({__name__!=""})')
        (held,) = running.ask(f"query?time={end}&query={every}")["result"]
        report = {
            "samples": count,
            "slowest": costs[:15],
            "all rules, seconds": sum(each[0] for each in costs),
            "all rules, samples": sum(each[1] for each in costs),
            "series": int(held["value"][1]),
            "by metric": cardinality(ships),
        }
        print(json.dumps(report, indent=1))  # noqa: T201 - it is what the soak is for
        slow = [each for each in costs if each[0] >= 0.1]
        assert not slow, slow


def looked_back_at(prometheus: Prometheus, end: int) -> dict[str, int]:
    """Give what some rule looks back at for longer than there are samples, and for how many seconds."""
    lacking: dict[str, int] = {}
    for group in groups(public_only=True):
        for rule in group["rules"]:
            for name, seconds in ranges(rule["expr"]):
                held = quote(f"count(last_over_time({name}[{min(seconds, 600)}s]))")
                now, then = (
                    prometheus.ask(f"query?time={moment}&query={held}")["result"]
                    # The first window of a rate reaches to where the samples begin, or a little less far.
                    for moment in (end, end - seconds + min(seconds, 600))
                )
                if now and not then:
                    lacking[name] = max(seconds, lacking.get(name, 0))
    return lacking


def cardinality(ships: int) -> dict[str, int]:
    """Give how many series each metric has that is above the plan's limit."""
    counts: dict[str, int] = {}
    each: Series
    for each in series(ships):
        name = each.selector.partition("{")[0]
        counts[name] = counts.get(name, 0) + 1
    return {name: count for name, count in counts.items() if count > SERIES_OF_A_METRIC}
