"""Each query and each variable of each dashboard, on a real Prometheus: the right value, from formulas of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import isnan

import pytest

from dashboards.conftest import Servers
from dashboards.expected import EXPECTED, VARIABLES
from dashboards.portal_data import END
from sms_observability.catalog import SMS_CATALOG, Dashboard, Panel, Query
from sms_observability.cli.dashboards.answers import fill
from sms_observability.cli.dashboards.prometheus import Prometheus
from sms_observability.cli.dashboards.span import span

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(300)]

DASHBOARDS = SMS_CATALOG.dashboards
PANELS = [(uid, panel.title) for uid, dashboard in DASHBOARDS.items() for panel in dashboard.panels() if panel.queries]
INTERVAL = 120.0


def source(dashboard: Dashboard, servers: Servers) -> Prometheus:
    return Prometheus(servers.restricted if dashboard.restricted else servers.public)


def filled(query: Query, dashboard: Dashboard, panel: Panel) -> str:
    """Give the expression as Grafana sends it when everything is chosen."""
    over = span(panel.over or dashboard.range, now=END, interval=INTERVAL)
    return over.fill(fill(query.expr, {each.name: each.every for each in dashboard.variables}))


def named(query: Query, labels: Mapping[str, str]) -> str:
    return re.sub(r"\{\{(\w+)\}\}", lambda found: labels.get(found[1], ""), query.legend).strip()


def test_every_panel_has_an_expected_value_and_no_other_has() -> None:
    """A panel is added together with what it has to show."""
    assert {(uid, title) for uid, titles in EXPECTED.items() for title in titles} == set(PANELS)


@pytest.mark.parametrize(("uid", "title"), PANELS)
def test_a_panel_shows_what_the_formulas_say(uid: str, title: str, servers: Servers) -> None:
    """Series and values, both ways: none is missing, none is too many, none is wrong."""
    dashboard = DASHBOARDS[uid]
    panel = dashboard.panel(title)
    asked = source(dashboard, servers)
    shown = {
        labels["le"] if query.buckets else named(query, labels): float(values[-1][1])
        for query in panel.queries
        for each in asked.instant(filled(query, dashboard, panel), END)
        for labels, values in [(each["metric"], each["values"])]
    }
    expected = EXPECTED[uid][title]
    if title == "Series by Metric":
        assert shown["http_request_duration_seconds_bucket"] == 7 * (3 * 3 + 1)
        assert list(shown.values()) == sorted(shown.values(), reverse=True)
        return
    wanted = dict(expected) if isinstance(expected, Mapping) else {next(iter(shown), "nothing"): expected}
    # Where windows end between two samples, Prometheus guesses the rest.
    assert shown == pytest.approx(wanted, rel=0.02, abs=0.2 if title == "Revenue Against Yesterday" else 0.02)


@pytest.mark.parametrize("uid", sorted(DASHBOARDS))
def test_every_variable_offers_what_there_is(uid: str, servers: Servers) -> None:
    """Each is asked as Grafana asks it, narrowed down by those before it."""
    dashboard = DASHBOARDS[uid]
    asked = source(dashboard, servers)
    every = {each.name: each.every for each in dashboard.variables}
    whole = span(dashboard.range, now=END, interval=INTERVAL)
    for variable in dashboard.variables:
        offered = set(asked.values(variable.of or variable.name, fill(variable.metric, every), whole))
        if dashboard.restricted:
            assert offered == {"vsl_1"}
        else:
            assert offered == VARIABLES.get(variable.name, offered), variable.name
            assert offered, variable.name


@pytest.mark.parametrize("uid", sorted(uid for uid in DASHBOARDS if not DASHBOARDS[uid].restricted))
def test_a_choice_narrows_every_panel_down(uid: str, servers: Servers) -> None:
    """With a value that nothing has, no panel shows what was there before: the variable reaches each query."""
    dashboard = DASHBOARDS[uid]
    asked = source(dashboard, servers)
    for panel in dashboard.panels():
        for query in panel.queries:
            for variable in dashboard.variables:
                if f"${variable.name}" not in query.expr:
                    continue
                every = {each.name: each.every for each in dashboard.variables} | {variable.name: "nothing-like-it"}
                over = span(panel.over or dashboard.range, now=END, interval=INTERVAL)
                found = asked.instant(over.fill(fill(query.expr, every)), END)
                values = {float(each["values"][-1][1]) for each in found if "ALERTS" not in query.expr}
                assert not [value for value in values if value != 0 and not isnan(value)], (panel.title, variable.name)
