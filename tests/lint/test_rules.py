"""What is wrong with rules, dashboards and expressions, held against the catalogue."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from sms_observability.catalog import SMS_CATALOG, Counter, Field, Metric
from sms_observability.lint.rules import RuleFinding, RuleOptions, check_rules
from sms_observability.lint.rules.check import check_queries
from sms_observability.lint.rules.queries import Query

ROOT = Path(__file__).parents[2]
PLAN = Path(__file__).parent / "plan"
MISTAKES = yaml.safe_load((Path(__file__).parent / "mistakes.yaml").read_text(encoding="utf-8"))
OPTIONS = RuleOptions()

# What each wrong expression of the plan is found by, and a piece of what is to be written instead.
WRONG = {
    "A1": ("up", "absent(up"),
    "A2": ("unknown-metric", "sms_parts_orders_completed_total"),
    "A3": ("up", "absent(up"),
    "A4": ("restricted-metric", "restricted"),
    "A6": ("unaggregated-ratio", "max by (instance, job, pool_name) (db_connection_pool_used)"),
    "A7": ("all-services", "sum by (job)"),
    "A8": ("threshold-per-second", "increase(sms_login_failures_total"),
    "A9": ("threshold-per-second", "increase(http_requests_total"),
    "A10": ("threshold-per-second", "increase(http_response_size_bytes_sum"),
    "A11": ("threshold-per-second", "increase(sms_user_sessions_total"),
    "A12": ("unknown-metric", "sms_onboarding_started_timestamp_seconds"),
    "A13": ("gauge-function", "offset 7d"),
    "P1": ("counted-per-replica", "sum(max by (company_id, tier) (sms_mrr_dollars))"),
    "P2": ("counts-series", "(sms_vessel_active) == 1) or vector(0)"),
    "P3": ("histogram-family", "increase(sms_parts_order_value_dollars_sum["),
    "P4": ("unknown-label", "use one of its labels"),
    "P5": ("counts-series", "count(max by (company_id) (sms_company_active) == 1)"),
    "P6": ("unknown-metric", "sms_parts_order_value_dollars_sum"),
    "P8": ("up", "max by (job, instance) (up)"),
    "P9": ("histogram-family", "sum by (le, …) (rate(http_request_duration_seconds_bucket"),
    "P10": ("unknown-metric", "http_requests_total"),
    "P11": ("syntax", "log.level:ERROR"),
    "P14": ("average-of-shares", "as it is"),
    "P15": ("restricted-metric", "restricted"),
    "P16": ("unknown-metric", "_sms_supplier_cost_dollars_sum"),
    "P17": ("unknown-metric", "_sms_parts_markup_realized_dollars_sum"),
    "P18": ("syntax", "sum by"),
    "P19": ("unknown-metric", "_sms_markup_recommended_percent"),
    "P20": ("unknown-metric", "sms_users_active"),
    "P22": ("unknown-label", "_sms_equipment_documented_total"),
    "P23": ("unknown-label", "task_type"),
    "P24": ("histogram-family", "rate(sms_quality_score_bucket"),
}
ACCEPTABLE = {"A5", "P7", "P12", "P13", "P21", "P25"}


def found(expr: str, options: RuleOptions = OPTIONS, **query: Any) -> list[str]:
    """Give which checks find something in one expression."""
    return [each.check for each in check_queries([Query("f", "n", expr, **query)], SMS_CATALOG, options)]


# -- the plan ---------------------------------------------------------------------------------------------------------


def test_each_wrong_expression_of_the_plan_is_found() -> None:
    """All 32 are found, each by the check that is about its mistake, and the six that work are not."""
    findings: dict[str, list[RuleFinding]] = {}
    for each in check_rules([PLAN / "original.yaml"], SMS_CATALOG):
        findings.setdefault(each.name.split()[0], []).append(each)
    assert len(yaml.safe_load((PLAN / "original.yaml").read_text(encoding="utf-8"))) == 38
    assert len(WRONG) == 32
    assert findings.keys() == WRONG.keys()
    for name, (check, write) in WRONG.items():
        assert any(each.check == check and write in each.write for each in findings[name]), findings[name]


def test_the_corrected_expressions_are_right() -> None:
    """Nothing is found in them, neither on the public side nor on the restricted one."""
    assert check_rules([PLAN / "corrected.yaml", PLAN / "restricted"], SMS_CATALOG) == []
    names = {
        each["name"].split()[0]
        for file in (PLAN / "corrected.yaml", PLAN / "restricted" / "corrected.yaml")
        for each in yaml.safe_load(file.read_text(encoding="utf-8"))
    }
    assert names == (WRONG.keys() | ACCEPTABLE) - {"P11"}, "P11 is a query of logs"


def test_our_own_monitoring_is_right() -> None:
    """Every rendered rule, panel and variable passes, on what it will run on, and every runbook is there."""
    runbooks = frozenset(page.stem for page in (ROOT / "docs" / "runbooks").glob("*.md"))
    options = RuleOptions(runbooks=runbooks)
    findings = check_rules([ROOT / "monitoring"], SMS_CATALOG, options)
    assert "\n".join(map(str, findings)) == ""


# -- one check each ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda each: f"{each['check']}: {each['wrong']}"[:60])
def test_a_mistake_is_found_and_its_correction_is_not(mistake: dict[str, str]) -> None:
    """Each check finds what it is for, and is silent about what is right."""
    assert mistake["check"] in found(mistake["wrong"])
    assert mistake["check"] not in found(mistake["right"])


def test_what_scrapes_are_there_decides_about_up() -> None:
    """A configuration of Prometheus among the files says whose `up` exists."""
    assert found('up{job="node"} == 0') == ["up"]
    scraped = RuleOptions(scraped_jobs=frozenset({"node", "otelcol"}))
    assert found('up{job="node"} == 0', scraped) == []
    assert found('max by (job) (up{job=~"node|otelcol"}) == 0', scraped) == []
    assert found('up{job=~"node|parts-api"} == 0', scraped) == ["up"]
    assert found('count(up{job="node"} == 0)', kind="panel") == []


@pytest.mark.parametrize(
    ("kept", "checks"),
    [(["40d"], []), (["40d", "20d"], ["retention"]), (["1d"], ["retention"]), (["long", None, 7], ["retention"])],
)
def test_a_configuration_says_how_long_it_keeps(tmp_path: Path, kept: list[Any], checks: list[str]) -> None:
    """The one that keeps the least decides; one that does not say it, or is wrong, changes nothing."""
    for place, time in enumerate(kept):
        config = {"storage": {"tsdb": {"retention": {"time": time}}}}
        (tmp_path / f"prometheus-{place}.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    file = tmp_path / "rules.yaml"
    file.write_text("- {name: a, expr: 'sum(increase(sms_user_sessions_total[30d]))'}", encoding="utf-8")
    assert [finding.check for finding in check_rules([tmp_path], SMS_CATALOG)] == checks


def test_a_server_with_rules_says_where_it_is(tmp_path: Path) -> None:
    """Alerts about what is absent have their environment from there; who reads no rules needs none."""
    place = {"external_labels": {"environment": "production"}}
    right = ({"rule_files": ["rules/*.yaml"], "global": place}, {"scrape_configs": []})
    wrong = (
        {"rule_files": ["rules/*.yaml"]},
        {"rule_files": ["a.yaml"], "global": {"external_labels": {"cluster": "x", "environment": ""}}},
    )
    file = tmp_path / "prometheus.yaml"
    for config in right:
        file.write_text(yaml.safe_dump(config), encoding="utf-8")
        assert check_rules([tmp_path], SMS_CATALOG) == []
    for config in wrong:
        file.write_text(yaml.safe_dump(config), encoding="utf-8")
        (finding,) = check_rules([tmp_path], SMS_CATALOG)
        assert (finding.check, finding.name) == ("environment", "global")
        assert "external_labels: {environment: production}" in finding.write


def test_native_histograms_are_asked_for_by_their_family() -> None:
    """What is wrong for classic ones is right for those."""
    expr = "histogram_quantile(0.95, sum by (endpoint) (rate(http_request_duration_seconds[5m])))"
    assert found(expr) == ["histogram-family", "quantile"] or found(expr) == ["histogram-family"]
    assert found(expr, RuleOptions(native_histograms=True)) == []


def test_names_of_others_can_be_made_known() -> None:
    """Somebody else's exporter needs no declaration to be left alone."""
    assert found("sum by (namespace) (kube_pod_info)") == ["unknown-metric"]
    assert found("sum by (namespace) (kube_pod_info)", RuleOptions(known=("kube_.*",))) == []
    filesystem = 'max by (fstype) (node_filesystem_avail_bytes{fstype!=""})'
    assert found(filesystem) == ["unknown-label", "unknown-label"]
    assert found(filesystem, RuleOptions(known=("node_.*",))) == []


def test_what_scraping_adds_is_no_mistake() -> None:
    """No catalogue knows by what labels a cluster tells its targets apart; a misspelt one is found."""
    assert found('sum by (cluster, namespace) (rate(node_cpu_seconds_total{pod=~"x.*"}[5m])) > 3') == []
    assert found("sum by (clustre) (rate(node_cpu_seconds_total[5m]))") == ["unknown-label"]
    assert found("sum by (cluster) (rate(sms_user_sessions_total[5m]))") == ["unknown-label"]


def test_a_service_finds_its_own_metrics() -> None:
    """The catalogue that it extends is the one that counts."""
    catalog = SMS_CATALOG.extend(
        metrics=[Metric.counter("sms.parts.refunds", unit="{refund}", labels=[Field("depot")])]
    )
    query = Query("f", "n", "sum by (depot) (increase(sms_parts_refunds_total[1h]))")
    assert check_queries([query], catalog, RuleOptions()) == []
    assert found(query.expr) == ["unknown-metric"]


# -- recording rules --------------------------------------------------------------------------------------------------


def rules(folder: Path, *entries: dict[str, Any], name: str = "rules.yaml") -> Path:
    """Write a rule file."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(yaml.safe_dump({"groups": [{"name": "g", "rules": list(entries)}]}), encoding="utf-8")
    return file


ALERT = {"alert": "A", "labels": {"severity": "info"}, "annotations": {"runbook_url": "https://r.example.com/a"}}


def test_what_is_recorded_in_one_file_is_known_in_all(tmp_path: Path) -> None:
    """Its labels too: those of its expression and those that the rule adds."""
    rules(
        tmp_path,
        {"record": "role:sessions:rate5m", "expr": "sum by (role) (rate(sms_user_sessions_total[5m]))",
         "labels": {"window": "5m"}},
        name="b.yaml",
    )  # fmt: skip
    good = {**ALERT, "expr": 'max by (role, window) (role:sessions:rate5m{window="5m"}) < 1'}
    rules(tmp_path, good, {**ALERT, "expr": 'role:sessions:rate5m{tier="free"} < 1'}, name="a.yaml")
    (finding,) = check_rules([tmp_path], SMS_CATALOG)
    assert (finding.check, finding.level) == ("unknown-label", "error")
    assert "tier" in finding.wrong


def test_rules_that_ask_for_each_other_end(tmp_path: Path) -> None:
    """A circle of recording rules is looked at once."""
    rules(tmp_path, {"record": "a:b:c", "expr": "d:e:f"}, {"record": "d:e:f", "expr": "a:b:c or a:b:c"})
    assert check_rules([tmp_path], SMS_CATALOG) == []


def test_a_counter_may_be_recorded_as_one(tmp_path: Path) -> None:
    """What ends in `_total` stays a counter; the same under another name would be a sum of counters."""
    relabelled = 'label_replace(sms_user_sessions_total, "a", "b", "", "")'
    assert check_rules([rules(tmp_path, {"record": "sms_copied_total", "expr": relabelled})], SMS_CATALOG) == []
    (finding,) = check_rules(
        [rules(tmp_path, {"record": "a:sessions:sum", "expr": "sum(sms_user_sessions_total)"})], SMS_CATALOG
    )
    assert finding.check == "bare-counter"


# -- alerts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ({"annotations": {**ALERT["annotations"], "summary": "{{ $labels.company }}"}}, "template-label"),  # type: ignore[dict-item]
        ({"annotations": {**ALERT["annotations"], "summary": '{{ index $labels "company" }}'}}, "template-label"),  # type: ignore[dict-item]
        ({"annotations": {}}, "runbook"),
        ({"annotations": {"runbook_url": "https://r.example.com/elsewhere"}}, "runbook"),
        ({"labels": {}}, "severity"),
        ({"severity": "warning"}, "rule-key"),
    ],
)
def test_what_stands_beside_the_expression_is_checked(changes: dict[str, Any], check: str, tmp_path: Path) -> None:
    """Labels that are shown exist, runbooks exist, somebody is called, Prometheus reads the rule."""
    options = RuleOptions(runbooks=frozenset({"a"}))
    good = {**ALERT, "expr": "sum by (role) (increase(sms_user_sessions_total[1h])) < 5"}
    good["annotations"] = {**ALERT["annotations"], "summary": "{{ $labels.role }}: {{ $value }}"}  # type: ignore[dict-item]
    assert check_rules([rules(tmp_path, good)], SMS_CATALOG, options) == []
    (finding,) = check_rules([rules(tmp_path, {**good, **changes})], SMS_CATALOG, options)
    assert finding.check == check


def test_a_restricted_alert_shows_no_value(tmp_path: Path) -> None:
    """Its text goes to phones and mail; what it asks is right where it stands."""
    alert = {**ALERT, "expr": "_sms_parts_markup_realized_percent < 18"}
    assert check_rules([rules(tmp_path, alert, name="restricted/a.yaml")], SMS_CATALOG) == []
    alert["annotations"] = {**ALERT["annotations"], "description": "now {{ $value }}"}  # type: ignore[dict-item]
    (finding,) = check_rules([rules(tmp_path, alert, name="restricted/a.yaml")], SMS_CATALOG)
    assert finding.check == "restricted-value"


def test_a_kubernetes_rule_is_a_rule(tmp_path: Path) -> None:
    """The groups of a `PrometheusRule` are found, among other documents of one file."""
    rule = {"alert": "A", "expr": "sum(sms_user_sessions_total) > 5", **ALERT}
    documents = [{"kind": "Service"}, {"kind": "PrometheusRule", "spec": {"groups": [{"name": "g", "rules": [rule]}]}}]
    (tmp_path / "all.yaml").write_text(yaml.safe_dump_all(documents), encoding="utf-8")
    assert [each.check for each in check_rules([tmp_path], SMS_CATALOG)] == ["bare-counter"]


# -- dashboards -------------------------------------------------------------------------------------------------------


def dashboard(folder: Path, *expressions: str, source: str = "prometheus", **more: Any) -> Path:
    """Write a dashboard with one row that holds a panel of each expression."""
    panels = [
        {"id": n, "title": f"Panel {n}", "datasource": {"type": source}, "targets": [{"expr": expr, "refId": "A"}]}
        for n, expr in enumerate(expressions, 1)
    ]
    file = folder / "dashboard.json"
    content = {"title": "Board", "panels": [{"type": "row", "title": "Row", "panels": panels}], **more}
    file.write_text(json.dumps(content), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    "expr",
    [
        'sum by (role) (increase(sms_user_sessions_total{job=~"$job", role=~"${role:regex}"}[$__range]))',
        'sum by ($by) (rate(sms_user_sessions_total{environment="[[environment]]"}[$__rate_interval]))',
        "sum(rate(sms_user_sessions_total[$window] offset $ago))",
        "histogram_quantile($quantile, sum by (le) (rate(http_request_duration_seconds_bucket[${window}])))",
        "topk($n, sum by (role) (increase(sms_user_sessions_total[1h])))",
        "sum(rate($metric[5m])) > $threshold",
        "max_over_time(sum(rate(sms_user_sessions_total[$__rate_interval]))[$__range:$__interval])",
    ],
)
def test_variables_of_grafana_are_no_mistake(expr: str, tmp_path: Path) -> None:
    """Whatever they may become is not held against the panel."""
    assert check_rules([dashboard(tmp_path, expr)], SMS_CATALOG) == []


def test_a_panel_is_found_by_its_title(tmp_path: Path) -> None:
    """A finding names dashboard and panel; panels in rows count too."""
    (finding,) = check_rules([dashboard(tmp_path, "max(sms_users_active)", "sms_user_sessions_total")], SMS_CATALOG)
    assert (finding.name, finding.check) == ("Board / Panel 2", "bare-counter")


def test_queries_of_other_sources_are_left_alone(tmp_path: Path) -> None:
    """A panel of Loki or Elasticsearch asks in another language."""
    assert check_rules([dashboard(tmp_path, '{level="error"} |= "x"', source="loki")], SMS_CATALOG) == []
    assert len(check_rules([dashboard(tmp_path, '{level="error"} |= "x"')], SMS_CATALOG)) == 1


def test_variables_that_ask_are_checked(tmp_path: Path) -> None:
    """`label_values(metric, label)` needs a metric and a label that exist."""

    def variable(name: str, query: object) -> dict[str, object]:
        return {"type": "query", "name": name, "datasource": {"type": "prometheus"}, "query": query}

    good = [
        variable("role", "label_values(sms_user_sessions_total, role)"),
        variable("job", {"query": "label_values(job)", "refId": "A"}),
        variable("top", "query_result(topk(5, sum by (role) (increase(sms_user_sessions_total[1h]))))"),
    ]
    bad = [
        variable("tier", "label_values(sms_user_sessions_total{role='crew'}, tier)"),
        variable("x", "label_values(nothing, x)"),
    ]
    assert check_rules([dashboard(tmp_path, templating={"list": good})], SMS_CATALOG) == []
    findings = check_rules([dashboard(tmp_path, templating={"list": bad})], SMS_CATALOG)
    assert [(each.name, each.check) for each in findings] == [
        ("Board / variable tier", "unknown-label"),
        ("Board / variable x", "unknown-metric"),
    ]


# -- hostile input ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        b"groups: [{",
        b"\xff\xfe\x00groups",
        b"&a [*a]",
        b"a: &a [x, x, x, x, x, x, x, x, x]\n" + b"".join(
            b"%c: &%c [%s]\n" % (c + 1, c + 1, b", ".join([b"*%c" % c] * 9)) for c in range(97, 106)
        ),
        b"[" * 5000,
        b"when: 2025-13-45",
        b"!!python/object/apply:os.system ['true']",
        b"- {name: x, expr: }\n- 5",
        b"",
        b"just a text",
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_a_finding(content: bytes, tmp_path: Path) -> None:
    """Broken, endless, foreign or empty: one finding, no exception, and the next file is looked at."""
    (tmp_path / "a.yaml").write_bytes(content)
    (tmp_path / "b.yaml").write_text("- {name: n, expr: sum(sms_user_sessions_total)}", encoding="utf-8")
    findings = check_rules([tmp_path / "a.yaml", tmp_path / "b.yaml"], SMS_CATALOG)
    assert [each.check for each in findings] == ["file", "bare-counter"]


def test_what_asks_nothing_is_passed_over_in_a_folder(tmp_path: Path) -> None:
    """A folder holds other configurations too; JSON that is broken is found all the same."""
    (tmp_path / "other.yaml").write_text("route: {receiver: x}", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("groups: [", encoding="utf-8")
    assert check_rules([tmp_path], SMS_CATALOG) == []
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    assert [each.check for each in check_rules([tmp_path], SMS_CATALOG)] == ["file"]


@pytest.mark.parametrize(
    "expr",
    [
        "(" * 20000 + "1" + ")" * 20000,
        "+".join(["sms_users_active"] * 15000),
        "abs(" * 5000,
        "-" * 9000 + "1",
        "x" * 90000,
        "sms_users_active" + "[5m:1m]" * 4000,
    ],
)
def test_an_expression_without_an_end_is_refused(expr: str) -> None:
    """The parser is compiled, and would end the process."""
    assert found(expr) == ["syntax"]


def test_expressions_of_usual_size_are_read() -> None:
    """Long alternatives in a label's value, and fifty operands, are nothing unusual."""
    many = "|".join(f"vessel-{n}" for n in range(400))
    assert found(f'sum(rate(sms_photos_uploaded_total{{vessel_id=~"{many}"}}[5m]))') == []
    assert found(" + ".join(["sum(sms_users_active)"] * 50)) == []


@given(
    st.lists(
        st.sampled_from(
            ["sum", "by", "(", ")", "rate", "sms_user_sessions_total", "sms_mrr_dollars", "[5m]", "[5m:1m]", "{", "}",
             "role", "=", "~", '"x"', "and", "or", "on", "group_left", "==", ">", "0", "1e9", "@", "start()", "offset",
             "-", "histogram_quantile", ",", "label_replace", "absent", "$x", "${x:regex}", "[[x]]", "topk", "info",
             "le", "_sms_supplier_cost_dollars_sum", "time()", "vector", "up", "without", "bool", "# a", "\n", "é", "`"]
        ),
        max_size=25,
    )
)  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_any_words_in_any_order_are_looked_at(words: list[str]) -> None:
    """Whatever it is, there are findings or there are none, but never an exception."""
    assert isinstance(found(" ".join(words)), list)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda each: (
            st.lists(each, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "groups",
                        "rules",
                        "expr",
                        "record",
                        "alert",
                        "labels",
                        "annotations",
                        "panels",
                        "targets",
                        "title",
                        "datasource",
                        "type",
                        "templating",
                        "query",
                        "name",
                        "spec",
                        "kind",
                        "elements",
                        "scrape_configs",
                    ]
                ),
                each,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
@settings(max_examples=150, deadline=None)
def test_any_document_is_looked_at(tmp_path_factory: pytest.TempPathFactory, document: object) -> None:
    """Files of any form give findings or none, but never an exception."""
    file = tmp_path_factory.mktemp("any") / "a.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    assert isinstance(check_rules([file], SMS_CATALOG), list)


@pytest.mark.parametrize(
    "expr",
    [
        "sum(rate(sms_user_sessions_total[5m] @ end()))",
        "sum(sms_users_active @ 1609746000)",
        "label_replace(sum by (role) (sms_users_active), 'who', '$1', 'role', '(.*)')",
        "sum by (who) (label_replace(sms_users_active, 'who', '$1', 'role', '(.*)'))",
        "label_join(sms_users_active, 'x', '-', 'role', 'job')",
        "sum(sms_users_active) by (role) * on (role) group_right () count_values by (role) ('v', sms_users_active)",
        "max_over_time(deriv(sms_users_active[5m])[1h:5m] offset 1h)",
        "sum by (role) (sms_users_active) or sum by (job) (sms_users_active)",
        "absent(up{job='x'}) * 1",
        "quantile_over_time(0.9, sms_users_active[1h])",
        "clamp_min(sum(sms_users_active), 0)",
        "vector(time()) > 5",
        "sort_desc(topk(3, sum by (role) (sms_users_active)))",
        "sum({__name__=~'sms_.*'})",
        "timestamp(sms_user_sessions_total unless sms_user_sessions_total offset 1h)",
        "count by (job) (sum by (job, instance) (sms_user_sessions_total))",
        "count by (node) (node_cpu_seconds_total * on (instance) group_left (node) max by (instance, node) (up))",
        "max by (job) (otelcol_process_uptime)",
        "rate(sms_user_sessions_total[1h:1m])",
        "hour() > 8 and on () sum(sms_users_active) > 1",
        "ALERTS{alertstate='firing'}",
        "sum(sms_users_active) # don't: " + "-" * 400 + "\n > 1",
        "sum(sms_users_active{job='#x'})",
        "sum by (instance) (rate(node_network_receive_bytes_total[5m])) > 1e8",
        "sum by (pod) (rate(container_cpu_usage_seconds_total[5m])) > 2",
    ],
)
def test_the_whole_language_is_known(expr: str) -> None:
    """Modifiers, matching, subqueries and functions that make labels are no mistakes."""
    assert found(expr) == []


def test_a_finding_is_one_line() -> None:
    """Whatever stands in a name or an expression, the report has one line for it."""
    (finding,) = check_queries([Query("f", "a\nb", "sum(\nsms_user_sessions_total)")], SMS_CATALOG, RuleOptions())
    assert str(finding).count("\n") == 0
    assert str(replace(finding, name="")).startswith("f: error [bare-counter]: ")
    assert isinstance(SMS_CATALOG.metrics["sms.user.sessions"], Counter)
