"""`lint-rules`, as a person types it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., tuple[int, str, str]]

PLAN = Path(__file__).parents[1] / "lint" / "plan"


def test_what_is_right_ends_with_0(run: Run) -> None:
    """And says so."""
    assert run("lint-rules", str(PLAN / "corrected.yaml"))[:2] == (0, "Nothing is wrong.\n")


def test_findings_are_one_line_each_and_end_with_1(run: Run) -> None:
    """File, name, what is wrong, what to write; nothing is wrapped."""
    status, out, _ = run("lint-rules", str(PLAN / "original.yaml"))
    lines = out.splitlines()
    assert status == 1
    assert all(line.startswith(f"{(PLAN / 'original.yaml').as_posix()}: ") and "; " in line for line in lines)
    assert len({line.split(": ")[1] for line in lines}) == 32


def test_errors_only_leaves_out_advice(run_json: Callable[..., tuple[int, Any]], tmp_path: Path) -> None:
    """And does not fail for it."""
    file = tmp_path / "a.yaml"
    file.write_text("- {name: Logins, expr: 'sum(rate(sms_login_failures_total[5m])) > 10'}", encoding="utf-8")
    status, found = run_json("lint-rules", str(file))
    assert (status, [(each["level"], each["name"], each["check"]) for each in found["findings"]]) == (
        1,
        [("advice", "Logins", "threshold-per-second")],
    )
    assert run_json("lint-rules", str(file), "--errors-only") == (0, {"findings": []})


def test_what_it_runs_on_can_be_said(run: Run, tmp_path: Path) -> None:
    """Retention, interval, other exporters' names and the runbooks."""
    file = tmp_path / "a.yaml"
    file.write_text(
        "- {name: a, expr: 'sum(increase(sms_login_failures_total[20d])) + max(other_gauge)'}", encoding="utf-8"
    )
    assert run("lint-rules", str(file))[0] == 1
    assert run("lint-rules", str(file), "--retention", "4w", "--known", "other_.*")[0] == 0
    assert run("lint-rules", str(file), "--retention", "4w", "--known", "other_.*", "--interval", "7d")[0] == 1


@pytest.mark.parametrize(
    "arguments", [(), ("no-such-file",), (str(PLAN), "--retention", "long"), (str(PLAN), "--known", "(")]
)
def test_wrong_use_ends_with_2(run: Run, arguments: tuple[str, ...]) -> None:
    """Nothing to read, or an option that cannot be read."""
    assert run("lint-rules", *arguments)[:2] == (2, "")
