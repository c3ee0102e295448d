"""`sms-observability dashboards preview`: one page from the files and a Prometheus, opened in a real browser."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
import urllib3

from dashboards.browser import Browser
from dashboards.conftest import Servers
from servers import otlp
from servers.process import Server, free_ports, http_get
from servers.programs import binary
from sms_observability.catalog import SMS_CATALOG
from sms_observability.cli import main
from sms_observability.cli.dashboards.page_file import page as made_page

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(300)]

ROOT = Path(__file__).parents[2]
FILES = ROOT / "monitoring" / "grafana"
AT = "2026-11-12T15:00:00Z"
DRAWN = "document.body && document.body.dataset.drawn"
PUBLIC = [uid for uid, dashboard in SMS_CATALOG.dashboards.items() if not dashboard.restricted]


def preview(*arguments: str, capsys: pytest.CaptureFixture[str], status: int = 0) -> Any:
    """Run the command with `--json`, and give what it says."""
    assert main(["dashboards", "preview", "--folder", str(FILES), "--interval", "120", "--json", *arguments]) == status
    return json.loads(capsys.readouterr().out)


def data_of(page: Path) -> Any:
    """Give the data in a page."""
    found = re.search(r'id="data">(.*?)</script>', page.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def test_every_panel_has_data_and_a_browser_draws_it_without_complaint(
    servers: Servers, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each panel of each dashboard is drawn; the console stays empty, and nothing is fetched from anywhere."""
    file = tmp_path / "page.html"
    told = preview(
        *("--prometheus", servers.public, "--restricted-prometheus", servers.restricted),
        *("--at", AT, "--output", str(file)),
        capsys=capsys,
    )
    without = {(each["dashboard"], each["panel"]): each["why"] for each in told["panels"] if each["state"] != "data"}
    # Log lines come from a log store, which was not given.
    assert set(without) == {("sms-operations", "Recent Errors"), ("sms-security", "Security Log")}
    assert all("--logs" in why for why in without.values())
    with Browser() as browser:
        browser.open(file, when=DRAWN)
        drawn = browser.evaluate(
            "[...document.querySelectorAll('article')].map(panel => ({uid: panel.closest('section').id,"
            " title: panel.querySelector('.title').textContent, state: panel.dataset.state, kind: panel.dataset.kind,"
            " text: panel.querySelector('.body').textContent, marks: panel.querySelectorAll('svg path, i, td, .stat,"
            " svg rect').length}))"
        )
        assert browser.evaluate("window.previewProblems") == []
        assert browser.complaints() == []
        assert [url for url in browser.asked() if not url.startswith(("file:", "data:"))] == []
    assert {(each["uid"], each["title"]) for each in drawn} == {
        (uid, panel.title) for uid, dashboard in SMS_CATALOG.dashboards.items() for panel in dashboard.panels()
    }
    for each in drawn:
        assert each["text"].strip(), each
        assert each["marks"] or each["state"] != "data", each
    shown = {(each["uid"], each["title"]): each["text"] for each in drawn}
    assert "$1.5K" in shown["sms-executive", "Monthly Recurring Revenue"]
    assert "cmp_south" in shown["sms-executive", "Churn Risk Indicators"]
    assert "72 %" in shown["sms-operations", "CPU Usage"]
    assert "19.5 %" in shown["sms-revenue", "Realized Markup %"]


def test_without_the_restricted_address_nothing_restricted_is_in_the_page(
    servers: Servers, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither a dashboard nor a word of one; the page says that they are left out."""
    file = tmp_path / "page.html"
    told = preview("--prometheus", servers.public, "--at", AT, "--output", str(file), capsys=capsys)
    assert {each["dashboard"] for each in told["panels"]} == set(PUBLIC)
    data = json.dumps(data_of(file))
    assert "_sms_" not in data
    assert "arkup" not in data
    assert "Restricted dashboards are left out" in data


def test_an_empty_panel_says_why(servers: Servers, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A metric that nothing reports is named; a condition that nothing meets is called one."""
    file = tmp_path / "page.html"
    # Finance's server has no public series at all.
    told = preview("--prometheus", servers.restricted, "--at", AT, "--output", str(file), capsys=capsys)
    why = {(each["dashboard"], each["panel"]): each.get("why") for each in told["panels"]}
    assert why["sms-executive", "Churn Risk Indicators"] == "nothing reports sms_churn_risk_score in this time"
    told = preview(
        *("--prometheus", servers.public, "--at", AT, "--output", str(file), "--only", "sms-business"),
        *("--set", "company_id=cmp_nowhere"),
        capsys=capsys,
    )
    why = {(each["dashboard"], each["panel"]): each.get("why") for each in told["panels"]}
    assert "none meets the panel's condition" in why["sms-business", "Quotes by Urgency"]
    assert why["sms-business", "Churn Rate"] is None


def test_hostile_labels_stay_text(tmp_path: Path) -> None:
    """What somebody puts into a label is shown as it is, and runs nowhere."""
    evil = "</script><script>window.owned=1</script><img src=x onerror=window.owned=1>"
    series = {
        "name": evil,
        "labels": {"company_id": evil},
        "values": [[0, 1.0], [60, 2.0]],
        "step": 60,
        "buckets": False,
    }
    base = {
        "description": evil, "options": {}, "links": [], "renamed": {"company_id": "Company", "Value": "Value"},
        "from": 0, "to": 60, "over": "", "series": [series], "dots": [{"at": 30, "value": 1.5, "trace": evil}],
        "field": {"unit": "short", "mappings": [], "thresholds": {"steps": []}, "custom": {}},
    }  # fmt: skip
    kinds = ("timeseries", "table", "bargauge", "piechart", "gauge", "state-timeline", "stat")
    panels = [
        {**base, "id": place, "title": evil, "type": kind, "box": {"x": 0, "y": 8 * place, "w": 24, "h": 8}}
        for place, kind in enumerate(kinds)
    ]
    dashboard = {
        "uid": "sms-evil", "title": evil, "description": evil, "restricted": False, "from": 0, "to": 60,
        "variables": [{"name": "a", "label": evil, "chosen": "All", "values": [evil]}], "panels": panels,
    }  # fmt: skip
    file = tmp_path / "page.html"
    file.write_text(made_page([dashboard], about=evil), encoding="utf-8")
    with Browser() as browser:
        browser.open(file, when=DRAWN)
        assert browser.evaluate("window.owned") is None
        assert browser.evaluate("document.images.length") == 0
        assert browser.evaluate("document.querySelector('td').textContent") == evil
        assert browser.complaints() == []


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (("--prometheus", "URL", "--only", "sms-nothing"), 2, "no dashboard of that name"),
        (("--prometheus", "URL", "--since", "yesterday"), 2, "write now-6h"),
        (("--prometheus", "URL", "--at", "noon"), 2, "write 2026-11-12T15:00:00Z"),
        (("--prometheus", "URL", "--set", "environment"), 2, "NAME=VALUE"),
        (("--prometheus", "http://127.0.0.1:1"), 1, "cannot be reached"),
        ((), 2, "--prometheus"),
    ],
)
def test_a_mistake_is_explained(
    arguments: tuple[str, ...], status: int, told: str, servers: Servers, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was wrong, and what to write."""
    given = [servers.public if each == "URL" else each for each in arguments]
    assert main(["dashboards", "preview", "--folder", str(FILES), *given]) == status
    assert told in capsys.readouterr().err


def test_an_unreachable_log_store_is_an_error_of_its_panels_only(
    servers: Servers, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The others are drawn; the command ends with 1."""
    (port,) = free_ports(1)
    told = preview(
        *("--prometheus", servers.public, "--at", AT, "--only", "sms-operations"),
        *("--logs", f"http://127.0.0.1:{port}", "--output", str(tmp_path / "page.html")),
        capsys=capsys,
        status=1,
    )
    failed = [each for each in told["panels"] if each["state"] == "error"]
    assert [each["panel"] for each in failed] == ["Recent Errors"]
    assert "cannot be reached" in failed[0]["why"]


def test_the_charting_library_is_the_locked_one() -> None:
    """The kept file is the one of the locked release, and its licences are beside it."""
    kept = ROOT / "src" / "sms_observability" / "cli" / "dashboards" / "page"
    text = (kept / "echarts.min.js").read_bytes()
    assert hashlib.sha256(text).hexdigest() == "b66b25aeb4df84e33199dc21694014d336d222cbd9deb0e5a7c14bd6aa0d0fd0"
    lock = json.loads((ROOT / "tools" / "echarts" / "package-lock.json").read_text(encoding="utf-8"))
    version = lock["packages"]["node_modules/echarts"]["version"]
    assert f'"{version}"'.encode() in text
    assert "Apache License" in (kept / "ECHARTS-LICENSE").read_text(encoding="utf-8")
    assert "Apache Software Foundation" in (kept / "ECHARTS-NOTICE").read_text(encoding="utf-8")
    for name in ("ECHARTS-LICENSE-d3", "ZRENDER-LICENSE"):
        assert "Redistribution and use" in (kept / name).read_text(encoding="utf-8")


def test_lines_of_a_real_log_store_are_shown(
    servers: Servers, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Panels of log lines ask VictoriaLogs: errors on one, refused logins on the other, all else not."""
    failed = otlp.log("Quote failed", {"exception.type": "KeyError"})
    failed.severity_text, failed.severity_number = "ERROR", 17
    refused = otlp.log("Login refused", {"logger": "security.login"})
    request = otlp.logs([failed, refused, otlp.log("Quote ready")]).SerializeToString()
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    with Server(
        [
            binary("victoria-logs"), f"-storageDataPath={tmp_path / 'logs'}", f"-httpListenAddr=127.0.0.1:{port}",
            "-memory.allowedBytes=64MiB", "-loggerLevel=ERROR",
        ],
        ready=f"{url}/health",
    ):  # fmt: skip
        sent = urllib3.request(
            "POST", f"{url}/insert/opentelemetry/v1/logs", body=request,
            headers={"Content-Type": "application/x-protobuf"},
        )  # fmt: skip
        assert sent.status == 200
        assert http_get(f"{url}/internal/force_flush")[0] == 200
        file = tmp_path / "page.html"
        preview(
            *("--prometheus", servers.public, "--logs", url, "--output", str(file)),
            *("--only", "sms-operations", "--only", "sms-security"),
            capsys=capsys,
        )
    lines = {
        panel["title"]: [line["_msg"] for line in panel["lines"]]
        for dashboard in data_of(file)["dashboards"]
        for panel in dashboard["panels"]
        if panel["type"] == "logs"
    }
    assert lines == {"Recent Errors": ["Quote failed"], "Security Log": ["Login refused"]}
    with Browser() as browser:
        browser.open(file, when=DRAWN)
        assert "Quote failed" in browser.evaluate("document.querySelector('.lines').textContent")
        assert browser.complaints() == []
