"""Every query and variable of every dashboard on the running portal; the portal's own books say what is right.

What the portal's services do not report is listed here, each name; the same panels are shown with values in
`tests/dashboards`, on series in the shape of their exporters.
"""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from servers.process import http_get
from sms_observability.catalog import SMS_CATALOG
from sms_observability.cli.dashboards.answers import Answers
from sms_observability.cli.dashboards.prometheus import Prometheus
from sms_observability.cli.dashboards.span import span
from stack.running import RunningStack, wait_for

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(900)]

FILES = Path(__file__).parents[2] / "monitoring" / "grafana"
INTERVAL = 5.0
WITHIN = 200.0

NOT_OF_THE_PORTAL = re.compile(
    # Hosts, probes, CI: other programs report them, and no such program runs here.
    r"node_|instance:|instance_mountpoint:|probe_|cicd_|vcs_|sms_delivery_"
    # Subscriptions, customers, scans: no service of the example knows them.
    r"|sms_(mrr|ltv|churn|customer|compliance|campaign|parts_ordered|parts_stock|security_(score|vuln|inc)|api_key)"
    r"|sms_(session_duration|page_views|users_active|time_to_complete)|_sms_markup_recommended"
    # These are there when something has gone wrong.
    r"|sms_telemetry_(export_failures|measurements_dropped)|otelcol_processor_tail_sampling_sampling_late_span"
    r"|ALERTS$"
)
UNMET = {
    ("sms-business", "Failed Orders by Reason"): "no order has failed",
    ("sms-business", "Support Tickets"): "nobody has opened a ticket",
    ("sms-business", "New Customers by Channel"): "nobody has become a customer",
    ("sms-executive", "Revenue Against Yesterday"): "there was no yesterday",
    ("sms-operations", "Failing Calls Between Services"): "no call has failed",
    ("sms-security", "Security Events"): "nobody has tried anything",
    ("sms-security", "Data Exports"): "nobody has exported anything",
    ("sms-security", "Privacy Requests"): "nobody has asked",
    ("sms-telemetry", "Dropped by Reason"): "nothing was dropped",
    ("sms-telemetry", "Withheld"): "the restricted door takes what the public one withholds",
    ("sms-users", "Declining Companies"): "it takes two weeks",
}
LOGS = {("sms-operations", "Recent Errors"), ("sms-security", "Security Log")}
"""The small stack has no log store."""


def shown(stack: RunningStack, *, restricted: bool = False) -> dict[tuple[str, str], Any]:
    """Ask all that the dashboards ask, now, and give the panels."""
    server = "prometheus-restricted" if restricted else "prometheus"
    prometheus = Prometheus(stack.base(server))
    ((clock,),) = (each["values"] for each in prometheus.instant("time()", _now(stack, server)))
    answers = Answers(prometheus, None, now=float(clock[0]), interval=INTERVAL, since="now-15m")
    folder = FILES / "restricted" / "dashboards" if restricted else FILES / "dashboards"
    panels = {}
    for file in sorted(folder.glob("*.json")):
        made = answers.dashboard(json.loads(file.read_text(encoding="utf-8")))
        for variable in made["variables"]:
            panels[made["uid"], f"${variable['name']}"] = variable
        panels |= {(made["uid"], panel["title"]): panel for panel in made["panels"] if panel["type"] != "row"}
    return panels


def _now(stack: RunningStack, server: str) -> float:
    status, text = http_get(f"{stack.base(server)}/api/v1/query?query=time()")
    assert status == 200, text
    return float(json.loads(text)["data"]["result"][1])


def unexplained(panels: dict[tuple[str, str], Any]) -> dict[tuple[str, str], str]:
    """Give the panels that have no data, and for a reason that is none of those above."""
    left = {}
    for key, panel in panels.items():
        if key[1].startswith("$"):
            if not panel["values"] and key[1] != "$instance":
                left[key] = str(panel)
            continue
        why = panel.get("error") or panel.get("why")
        if why is None or key in LOGS or (key in UNMET and "error" not in panel):
            continue
        named = re.match(r"nothing reports (.*) in this time", why)
        if not named or not all(NOT_OF_THE_PORTAL.match(name) for name in named[1].split(", ")):
            left[key] = why
    return left


def number(panels: dict[tuple[str, str], Any], uid: str, title: str) -> float:
    """Give the one number that a panel shows."""
    (series,) = panels[uid, title]["series"]
    value = series["values"][-1][1]
    assert value is not None
    return float(value)


@pytest.mark.parametrize("restricted", [False, True])
def test_every_panel_shows_the_running_portal_or_names_what_the_portal_does_not_report(
    restricted: bool, stack: RunningStack
) -> None:
    """No query is refused, every variable offers something, and no panel is empty for any other reason."""
    last: dict[tuple[str, str], str] = {}

    def explained() -> bool:
        last.clear()
        last.update(unexplained(shown(stack, restricted=restricted)))
        return not last

    try:
        wait_for(explained, "every panel has data", WITHIN, every=3)
    except AssertionError as error:
        raise AssertionError(f"{error}\n{last}") from None


def test_the_panels_say_what_the_portals_own_books_say(stack: RunningStack) -> None:
    """Vessels, companies, orders, prices, services, objectives: each counted without Prometheus."""

    # The portal goes on while it is looked at, and what it has written arrives a little later.
    def agree() -> bool:
        panels = shown(stack)
        assert number(panels, "sms-environments", "Orders Completed") > 20
        with sqlite3.connect(f"file:{stack.folder / 'stack' / 'portal.db'}?mode=ro", uri=True, timeout=10) as books:
            vessels = {row[0] for row in books.execute("SELECT id FROM vessels")}
            companies = {row[0] for row in books.execute("SELECT company_id FROM vessels")}
            completed, worth = books.execute(
                "SELECT count(*), sum(price) FROM orders JOIN quotes ON quotes.id = quote_id WHERE status = 'completed'"
            ).fetchone()
            quotes = books.execute("SELECT count(*) FROM quotes").fetchone()[0]
        assert number(panels, "sms-executive", "Active Vessels") == len(vessels)
        assert number(panels, "sms-vessels", "Vessels Using the Portal") == len(vessels)
        assert set(panels["sms-executive", "$company_id"]["values"]) == companies
        assert set(panels["sms-vessels", "$vessel_id"]["values"]) == vessels
        # Increases begin at a counter's first sample: what was before it is missing.
        orders = number(panels, "sms-environments", "Orders Completed")
        assert 0 < orders <= 1.1 * completed + 1
        value = number(panels, "sms-executive", "Parts Revenue (Today)")
        assert value / orders == pytest.approx(worth / 100 / completed, rel=0.3)
        assert number(panels, "sms-business", "Conversion Rate") == pytest.approx(100 * completed / quotes, abs=25)
        services = {series["name"] for series in panels["sms-operations", "Service Status"]["series"]}
        assert services >= {"parts-api", "sync-api", "vessels-api", "orders-worker", "vessel-agent"}
        promised = {series["name"]: series["values"][-1][1] for series in panels["sms-slo", "Objective"]["series"]}
        assert promised == {
            f"{slo.service} {slo.name}": pytest.approx(float(slo.objective) / 100) for slo in SMS_CATALOG.slos.values()
        }
        return True

    wait_for(agree, "panels and books agree", WITHIN, every=3)


def test_dots_lead_to_traces_and_none_hangs_on_money(stack: RunningStack) -> None:
    """Where Grafana asks for exemplars the running portal has some, each with a trace; amounts have none."""
    wanted = {("sms-operations", "Latency by Endpoint"), ("sms-operations", "Journey Duration p95")}

    def dotted() -> dict[tuple[str, str], Any]:
        found = {key: panel for key, panel in shown(stack).items() if not key[1].startswith("$") and panel.get("dots")}
        assert wanted <= found.keys()
        return found

    panels = wait_for(dotted, "exemplars", WITHIN, every=3)
    assert all(re.fullmatch("[0-9a-f]{32}", dot["trace"]) for panel in panels.values() for dot in panel["dots"])
    server = Prometheus(stack.base("prometheus"))
    now = _now(stack, "prometheus")
    for metric in SMS_CATALOG.metrics.values():
        if metric.money and metric.kind == "histogram" and metric.access == "public":
            assert server.dots(f"{metric.prometheus_name}_bucket", span("now-1h", now=now, interval=INTERVAL)) == []


def test_the_restricted_panels_say_what_finances_books_say(stack: RunningStack) -> None:
    """Realised markup against the prices and costs of the orders, which only the database has."""

    def agree() -> bool:
        panels = shown(stack, restricted=True)
        with sqlite3.connect(f"file:{stack.folder / 'stack' / 'portal.db'}?mode=ro", uri=True, timeout=10) as books:
            rows = books.execute(
                "SELECT parts_category, sum(price - cost), sum(price) FROM orders JOIN quotes ON quotes.id = quote_id "
                "WHERE status = 'completed' GROUP BY parts_category"
            ).fetchall()
        margins = {
            series["name"]: series["values"][-1][1] for series in panels["sms-revenue", "Margin by Category"]["series"]
        }
        wanted = {category: 100 * gained / price for category, gained, price in rows}
        assert margins
        assert set(margins) <= set(wanted)
        for category, margin in margins.items():
            assert margin == pytest.approx(wanted[category], abs=3), category
        return True

    wait_for(agree, "panels and books agree", WITHIN, every=3)
