"""The rendered dashboards: what Grafana needs, what the monitoring plan asks of a dashboard, and nothing restricted."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import yaml

from sms_observability.catalog import RESTRICTED_PATTERN, SMS_CATALOG, CatalogError, Dashboard, Panel
from sms_observability.catalog.panel import INSTANT
from sms_observability.render import Site
from sms_observability.render.grafana import dashboard_json, render_dashboards, render_provisioning

RUNBOOKS = Site().runbook_url
DASHBOARDS = SMS_CATALOG.dashboards
RENDERED = {uid: dashboard_json(SMS_CATALOG, dashboard, RUNBOOKS) for uid, dashboard in DASHBOARDS.items()}
UIDS = sorted(DASHBOARDS)
PUBLIC = [uid for uid in UIDS if not DASHBOARDS[uid].restricted]
RESTRICTED = [uid for uid in UIDS if DASHBOARDS[uid].restricted]

PAGES = {page.stem for page in (Path(__file__).parents[2] / "docs" / "runbooks").glob("*.md")}

each_dashboard = pytest.mark.parametrize("uid", UIDS)


def panels(uid: str, *, rows: bool = False) -> Iterator[dict[str, Any]]:
    """Give the panels of a rendered dashboard, those in closed rows too."""
    for panel in RENDERED[uid]["panels"]:
        if panel["type"] != "row" or rows:
            yield panel
        yield from panel.get("panels", ())


def declared(uid: str) -> list[Panel]:
    return list(DASHBOARDS[uid].panels())


# What Grafana needs


def test_all_the_dashboards_of_the_issue_are_there() -> None:
    """Both plan documents' dashboards, and those that watch the watchers."""
    assert set(UIDS) >= {
        *("sms-executive", "sms-operations", "sms-revenue", "sms-users", "sms-business", "sms-security"),
        *("sms-vessels", "sms-slo", "sms-telemetry", "sms-collector", "sms-environments"),
    }


@each_dashboard
def test_ids_are_unique(uid: str) -> None:
    """Grafana drops what has the number of another."""
    ids = [panel["id"] for panel in panels(uid, rows=True)]
    assert len(ids) == len(set(ids))
    assert min(ids) == 1
    for panel in panels(uid):
        letters = [target["refId"] for target in panel.get("targets", ())]
        assert len(letters) == len(set(letters)), panel["title"]


@each_dashboard
def test_no_panel_lies_on_another(uid: str) -> None:
    """In 24 columns, and without a gap at the end of a line."""
    taken: dict[tuple[int, int], str] = {}
    widths: dict[int, int] = {}
    for panel in RENDERED[uid]["panels"]:
        box = panel["gridPos"]
        assert 0 <= box["x"] < box["x"] + box["w"] <= 24
        widths[box["y"]] = widths.get(box["y"], 0) + box["w"]
        for x in range(box["x"], box["x"] + box["w"]):
            for y in range(box["y"], box["y"] + box["h"]):
                assert (x, y) not in taken, (panel["title"], taken[x, y])
                taken[x, y] = panel["title"]
    assert set(widths.values()) == {24}


@each_dashboard
def test_every_query_asks_the_chosen_source(uid: str) -> None:
    """No panel is bound to the data source of one place."""
    for panel in panels(uid):
        for target in panel.get("targets", ()):
            assert target["datasource"]["uid"] in ("${datasource}", "sms-logs"), panel["title"]


# What the monitoring plan asks of a dashboard (10.2)


@each_dashboard
def test_the_most_important_is_at_the_top(uid: str) -> None:
    """The first row tells the key figures; trends, lists and details stand below."""
    first = DASHBOARDS[uid].rows[0].panels
    if uid == "sms-technicians":
        return
    assert {panel.kind for panel in first} <= {"stat", "gauge", "timeseries"}
    assert first[0].kind in ("stat", "gauge")


@each_dashboard
def test_related_panels_are_grouped(uid: str) -> None:
    """Each panel stands under a heading, and a group is not one panel."""
    headings = [panel["title"] for panel in RENDERED[uid]["panels"] if panel["type"] == "row"]
    assert len(headings) == len(set(headings)) == len(DASHBOARDS[uid].rows) + 1
    assert all(len(row.panels) >= 2 for row in DASHBOARDS[uid].rows)
    assert RENDERED[uid]["panels"][0]["type"] == "row"


def test_time_ranges_are_consistent() -> None:
    """Hours where things are operated, a day where they are judged, a week where people are led."""
    assert {dashboard.range for dashboard in DASHBOARDS.values()} <= {"now-6h", "now-24h", "now-7d"}
    assert {panel.over for uid in UIDS for panel in declared(uid)} <= {"", "now/d", "now/w", "now/M"}
    assert {dashboard["timezone"] for dashboard in RENDERED.values()} == {"browser"}


@each_dashboard
def test_there_is_help(uid: str) -> None:
    """Each panel says in a sentence of its own what it tells; the dashboard says whom it is for."""
    texts = [panel["description"] for panel in panels(uid)]
    assert all(len(text.split()) >= 5 for text in texts)
    assert len(set(texts)) == len(texts)
    assert len(RENDERED[uid]["description"].split()) >= 10
    assert any(panel["type"] == "text" for panel in panels(uid))


@each_dashboard
def test_each_kind_is_used_for_what_it_is_for(uid: str) -> None:
    """Stat for key figures, time series for trends, gauge for shares, heatmap for distributions, table for lists."""
    for panel in declared(uid):
        assert panel.instant == (panel.kind in INSTANT)
        for query in panel.queries:
            if panel.kind == "gauge":
                assert panel.unit == "percent", panel.title
                assert panel.maximum is not None
            if panel.kind == "heatmap":
                assert "_bucket" in query.expr, panel.title
            if panel.kind == "stat":
                assert "{{" not in query.legend, f"{panel.title}: a key figure is one number"
            if panel.kind in ("table", "piechart", "bargauge") and len(panel.queries) == 1:
                assert "{{" in query.legend, f"{panel.title}: a list needs names"
            if panel.kind == "timeseries":
                assert "$__range" not in query.expr, f"{panel.title}: a trend over the whole range is no trend"


@each_dashboard
def test_a_reader_can_drill_down(uid: str) -> None:
    """Every panel leads to its runbook and to the logs; all but money and restricted figures to traces."""
    for panel, made in zip(declared(uid), (p for p in panels(uid) if "Key figures" not in p["title"]), strict=False):
        links = {link["title"].partition(":")[0]: link["url"] for link in made["links"]}
        assert links["Runbook"].removeprefix(f"{RUNBOOKS}/") in PAGES, panel.title
        assert links["Logs"].startswith("/explore?"), panel.title
        money = any(
            metric.money and any(name in query.expr for name in metric.prometheus_names for query in panel.queries)
            for metric in SMS_CATALOG.metrics.values()
        )
        assert ("Traces" in links) == (not money and uid in PUBLIC), panel.title
        if panel.details:
            assert panel.details in DASHBOARDS
    assert RENDERED[uid]["links"][0]["keepTime"]


@pytest.mark.parametrize("uid", PUBLIC)
def test_a_reader_can_narrow_it_down(uid: str) -> None:
    """Variables beside the data source, all of which some panel uses, each with "All"."""
    variables = [each for each in RENDERED[uid]["templating"]["list"] if each["name"] != "datasource"]
    assert variables
    asked = " ".join(
        [
            *(query.expr for panel in declared(uid) for query in panel.queries),
            *(each["query"]["query"] for each in variables),
        ]
    )
    for variable in variables:
        assert f"${variable['name']}" in asked, variable["name"]
        assert variable["includeAll"]
        assert variable["multi"]
        assert variable["allValue"] in (".+", ".*")


@each_dashboard
def test_time_can_be_controlled_and_figures_exported(uid: str) -> None:
    """The time picker is shown, and the key figures stand in a table, as words and numbers."""
    made = RENDERED[uid]
    assert not made["timepicker"].get("hidden")
    assert made["refresh"] in made["timepicker"]["refresh_intervals"]
    if any(panel.kind in ("stat", "gauge") and not panel.over for panel in declared(uid)):
        (table,) = (panel for panel in panels(uid) if panel["title"] == "Key figures")
        assert table["type"] == "table"
        assert len(table["targets"]) >= 1


@each_dashboard
def test_thresholds_are_those_of_the_catalogue(uid: str) -> None:
    """Each limit of each target is drawn, in colours that everybody can tell apart."""
    made = {panel["title"]: panel["fieldConfig"]["defaults"]["thresholds"]["steps"] for panel in panels(uid)
            if panel.get("targets") and panel["title"] != "Key figures"}  # fmt: skip
    for panel in declared(uid):
        drawn = {step["value"] for step in made[panel.title]}
        assert drawn >= {target.value for target in panel.targets}, panel.title
        assert made[panel.title][0]["value"] is None
        values = [step["value"] for step in made[panel.title][1:]]
        assert values == sorted(values)


def test_units_are_stated() -> None:
    """`short`, a bare number, only where things are counted."""
    measured = re.compile(
        r"(_seconds|_dollars|_bytes|_percent)(_sum)?(?=[{\[\s)]|$)|quantile.*(_seconds|_dollars|_bytes)_bucket"
    )
    for uid in UIDS:
        for panel in declared(uid):
            if panel.unit == "short":
                assert not [query for query in panel.queries if measured.search(query.expr)], f"{uid}: {panel.title}"


# Alerts and panels


@pytest.mark.parametrize("name", sorted(SMS_CATALOG.alerts))
def test_the_panel_that_an_alert_names_exists_and_leads_to_its_runbook(name: str) -> None:
    """Both ends: the alert's address has the number of that panel, and the panel's link the page of that alert."""
    alert = SMS_CATALOG.alerts[name]
    uid, title = alert.dashboard
    number = DASHBOARDS[uid].panel_id(title)
    (panel,) = (panel for panel in panels(uid) if panel["id"] == number)
    assert panel["title"] == title
    assert f"{RUNBOOKS}/{alert.runbook}" in [link["url"] for link in panel["links"]]
    assert alert.restricted == DASHBOARDS[uid].restricted


def test_objectives_are_asked_for_under_sloths_names() -> None:
    """So that Sloth's public dashboards work on the same records."""
    asked = {
        name
        for panel in declared("sms-slo")
        for query in panel.queries
        for name in re.findall(r"\bslo:[a-z0-9_:]+", query.expr)
    }
    assert asked >= {
        "slo:objective:ratio",
        "slo:period_error_budget_remaining:ratio",
        "slo:current_burn_rate:ratio",
        "slo:sli_error:ratio_rate5m",
    }


# What is restricted


def test_restricted_dashboards_lie_apart() -> None:
    """In a folder of their own on disk, asked of a source of their own."""
    files = render_dashboards(SMS_CATALOG)
    assert {Path(path).stem for path in files if "/restricted/" in path} == set(RESTRICTED)
    for uid in UIDS:
        source = RENDERED[uid]["templating"]["list"][0]
        assert source["current"]["value"] == ("sms-prometheus-restricted" if uid in RESTRICTED else "sms-prometheus")


@pytest.mark.parametrize("uid", PUBLIC)
def test_nothing_in_a_public_dashboard_tells_of_the_hidden_figures(uid: str) -> None:
    """Not in a query, a title, a description or a link."""
    text = json.dumps(RENDERED[uid])
    assert "_sms_" not in text
    assert not re.search(RESTRICTED_PATTERN, text), re.search(RESTRICTED_PATTERN, text)


@pytest.mark.parametrize("uid", RESTRICTED)
def test_no_trace_hangs_on_a_restricted_figure(uid: str) -> None:
    """A trace would say whose order it was."""
    for panel in panels(uid):
        assert not any(target.get("exemplar") for target in panel.get("targets", ()))
        assert not any("jaeger" in link["url"] for link in panel.get("links", ()))


def test_no_dot_ties_an_amount_to_a_trace() -> None:
    """Exemplars are asked for on durations, never on money."""
    dotted = {
        (uid, panel["title"])
        for uid in UIDS
        for panel in panels(uid)
        for target in panel.get("targets", ())
        if target.get("exemplar")
    }
    assert ("sms-operations", "Latency by Endpoint") in dotted
    assert not {title for _, title in dotted if "evenue" in title or "alue" in title}


def test_a_public_dashboard_cannot_ask_for_restricted_figures() -> None:
    """It is refused when it is declared, with what to do instead."""
    from sms_observability.catalog import Query, Row

    panel = Panel("Secret", "stat", "A figure.", queries=(Query("sum(_sms_supplier_cost_dollars_sum)", "cost"),))
    with pytest.raises(CatalogError, match="restricted=True"):
        Dashboard("sms-wrong", "Wrong", "For nobody.", rows=(Row("Now", (panel,)),))


def test_the_restricted_source_is_of_another_organisation() -> None:
    """Explore shows every source of an organisation to all its editors."""
    files = {path: yaml.safe_load(text) for path, text in render_provisioning(SMS_CATALOG).items()}
    public = files["monitoring/grafana/provisioning/datasources/sms.yaml"]
    restricted = files["monitoring/grafana/restricted/provisioning/datasources/restricted.yaml"]
    assert {source["orgId"] for source in public["datasources"]} == {1}
    assert {source["orgId"] for source in restricted["datasources"]} == {2}
    assert not any("restricted" in json.dumps(source) for source in public["datasources"])
    for path, content in files.items():
        for provider in content.get("providers", ()):
            assert provider["disableDeletion"], path
            assert not provider["allowUiUpdates"], path


# Logs

MAPPINGS = json.loads(
    (Path(__file__).parents[2] / "monitoring/elasticsearch/component_templates/sms-log-mappings.json").read_text(
        "utf-8"
    )
)["template"]["mappings"]["properties"]


def fields(properties: dict[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Give the paths of a mapping, and their types."""
    for name, mapped in properties.items():
        yield f"{before}{name}", mapped.get("type", "object")
        yield from fields(mapped.get("properties", {}), f"{before}{name}.")


def test_questions_to_the_log_store_name_its_fields() -> None:
    """In panels and in the links to the logs: every field is one of the index, or a name that stands for one."""
    known = dict(fields(MAPPINGS))
    asked = [
        target["query"]
        for uid in UIDS
        for panel in panels(uid)
        for target in panel.get("targets", ())
        if "query" in target
    ]
    links = [unquote(link["url"]) for uid in UIDS for panel in panels(uid) for link in panel.get("links", ())]
    asked += [text for url in links for text in re.findall(r'"query":"([^"]+)"', url)]
    assert len(asked) > 100
    named = {name for text in asked for name in re.findall(r"(?<![\w$:{])([a-z_]+(?:\.[a-z_]+)*):(?=[^}])", text)}
    assert {"log.level", "service.name", "company_id"} <= named
    assert named <= set(known), named - set(known)


def test_the_log_source_shows_what_is_stored() -> None:
    """A document has no aliases: message, level and trace are read under the names they are stored by."""
    known = dict(fields(MAPPINGS))
    source = yaml.safe_load(render_provisioning(SMS_CATALOG)["monitoring/grafana/provisioning/datasources/sms.yaml"])
    (logs,) = (each["jsonData"] for each in source["datasources"] if each["type"] == "elasticsearch")
    for name in (logs["timeField"], logs["logMessageField"], logs["logLevelField"], logs["dataLinks"][0]["field"]):
        assert known[name] not in ("alias", "object"), name


# What cannot be declared


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"title": " "}, "needs a title"),
        ({"kind": "graph"}, "did you mean|is not known"),
        ({"unit": "dollars"}, "is not known"),
        ({"description": "no sentence"}, "whole sentence"),
        ({"queries": ()}, "nothing to show"),
        ({"kind": "gauge"}, "unit='percent'"),
        ({"kind": "heatmap"}, "buckets=True"),
        ({"kind": "logs"}, "logs=LogQuery"),
        ({"width": 25}, "between 1 and 24"),
    ],
)
def test_a_panel_that_could_tell_nothing_is_refused(arguments: dict[str, Any], told: str) -> None:
    """With what to write instead."""
    from sms_observability.catalog import Query

    whole: dict[str, Any] = {
        "title": "Orders",
        "kind": "stat",
        "description": "Orders of today.",
        "queries": (Query("sum(x)", "orders"),),
        **arguments,
    }
    title, kind, description = whole.pop("title"), whole.pop("kind"), whole.pop("description")
    with pytest.raises(CatalogError, match=told):
        Panel(title, kind, description, **whole)
