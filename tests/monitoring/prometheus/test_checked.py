"""What is rendered is what Prometheus takes, at any pace; and what people are told is readable."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from monitoring.case import check_document, promtool
from monitoring.prometheus.alert_cases import CASES, NEEDED
from monitoring.prometheus.long_cases import LONG
from servers.programs import binary
from sms_observability.catalog import SMS_CATALOG
from sms_observability.render import Site
from sms_observability.render.prometheus_config import render_prometheus_config
from sms_observability.render.prometheus_rules import render_prometheus_rules

pytestmark = [pytest.mark.servers, pytest.mark.slow]

EVERY = {**CASES, **LONG}


@pytest.mark.parametrize("site", [Site(), Site(time_scale=60, shortest=5)], ids=["usual", "sixty times faster"])
def test_promtool_takes_configuration_and_rules(site: Site, tmp_path: Path) -> None:
    """Of both servers; the rules are those that the configuration names."""
    files = {**render_prometheus_config(SMS_CATALOG, site), **render_prometheus_rules(SMS_CATALOG, site)}
    for path, text in files.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    for path, rules in (("prometheus.yaml", 3), ("restricted/prometheus.yaml", 2)):
        said = promtool(tmp_path / "monitoring" / "prometheus", "check", "config", path)
        assert f"SUCCESS: {rules} rule files found" in said


TOLD = {
    "PartsOrderFailureRate": "10% of the orders of the last 5 minutes failed; above 5 % is too many.",
    "VesselSilent": "Nothing has come from v1 for 1d 1h 57m 0s, longer than it may be offline.",
    "DataExfiltrationAttempt": "vessels-api has sent 1.863GiB within 5 minutes; usual is far below 1 GB.",
    "CertificateExpiring": "The certificate of https://x is valid for 23h 20m 0s only.",
    "HighErrorRate": "2% of the requests to vessels-api fail by our fault; above 1 % is too many.",
    "MarkupMarginBelowTarget": "A figure of the internal revenue dashboard has been outside its range for an hour.",
    "ErrorBudgetBurnFast": (
        "portal breaks its promise api_availability: 1% of the events go wrong, and a month's error budget is used up "
        "within days."
    ),
}
"""A few of the descriptions as people read them."""


@pytest.mark.parametrize("alert", sorted(EVERY))
def test_people_read_values_in_human_units(alert: str, tmp_path: Path) -> None:
    """No label is missing, no template fails, no number has sixteen digits."""
    fires = next(case for case in EVERY[alert] if case.situation == "fire")
    (told,) = _annotations(tmp_path, alert, fires)
    for text in (told["summary"], told["description"]):
        assert not re.search(r"<no value>|error (expanding|executing)|[{}]|%!", text), text
        assert not re.search(r"\d\.\d{5,}", text), text
    assert "{{" not in " ".join(told.values())
    if alert in TOLD:
        assert told["description"] == TOLD[alert]


def _annotations(folder: Path, alert: str, case: object) -> list[dict[str, str]]:
    """Give what promtool says that an alert tells, by expecting that it does not fire."""
    document = check_document(folder, alert, case, NEEDED.get(alert, ()))  # type: ignore[arg-type]
    (test,) = document["tests"]
    at = test.pop("promql_expr_test")[0]["eval_time"]
    test["alert_rule_test"] = [{"eval_time": at, "alertname": alert, "exp_alerts": []}]
    (folder / "tests.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
    done = subprocess.run(
        [binary("promtool"), "test", "rules", "tests.yaml"],
        cwd=folder, capture_output=True, text=True, check=False, timeout=110,
    )  # fmt: skip
    said = f"{done.stdout}\n{done.stderr}".partition("got:")[2]
    found = [
        {name: text.replace('\\"', '"') for name, text in re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', each)}
        for each in re.findall(r"Annotations:\{(.*)\}", said)
    ]
    assert found, f"{done.stdout}\n{done.stderr}"
    return found[:1]
