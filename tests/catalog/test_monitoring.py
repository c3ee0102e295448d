"""Alerts, objectives and recording rules as declarations: what cannot work is refused, with what to write instead."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from sms_observability.catalog import SMS_CATALOG, Alert, Catalog, CatalogError, RecordingRule, Slo
from sms_observability.catalog.slo import le


def alert(name: str = "RefundsPilingUp", **changes: Any) -> Alert:
    """Give an alert that is all right but for the changes."""
    given: dict[str, Any] = {
        "expr": "sum by (environment, service) (increase(sms_parts_refunds_total[1h])) > 20",
        "for_": "10m",
        "severity": "warning",
        "team": "revenue",
        "summary": "Many refunds",
        "description": "{{ $value }} refunds",
        "rationale": "Money is lost.",
        "dashboard": ("sms-business", "Refunds"),
    }
    return Alert(name, **{**given, **changes})


@pytest.mark.parametrize(
    ("changes", "remedy"),
    [
        ({"name": "refunds"}, "CamelCase"),
        ({"severity": "criticl"}, "did you mean 'critical'"),
        ({"expr": " "}, "has no expr"),
        ({"team": ""}, "has no team"),
        ({"rationale": ""}, "has no rationale"),
        ({"for_": "5 minutes"}, "such as '5m'"),
        ({"keep_firing_for": "30"}, "such as '5m'"),
        ({"dashboard": ("sms-business", "")}, "the title of a panel"),
        ({"runbook": "Refunds!"}, "write 'refunds-piling-up'"),
        ({"labels": {"severity": "critical"}}, "leave it out of labels"),
        ({"expr": "_sms_parts_markup_realized_percent < 18"}, "write restricted=True"),
        ({"restricted": True}, "cannot show $value"),
    ],
)
def test_an_alert_that_could_not_work_is_refused(changes: dict[str, Any], remedy: str) -> None:
    """It says which alert, and what to write."""
    with pytest.raises(CatalogError) as caught:
        alert(**changes)
    assert remedy in str(caught.value)


def test_a_restricted_alert_is_labelled_as_such() -> None:
    """Routing holds on to it."""
    made = alert(expr="_sms_x > 1", restricted=True, description="Look at it.", labels={"service": "parts-api"})
    assert made.all_labels == {
        "severity": "warning",
        "team": "revenue",
        "restricted": "true",
        "access": "restricted",
        "service": "parts-api",
    }


@pytest.mark.parametrize(
    ("objective", "remedy"),
    [("many", "is no number"), (100, "not between"), (0.999, "above 93.06"), (93, "above 93.06"), (0, "not between")],
)
def test_an_objective_that_no_alert_could_watch_is_refused(objective: Any, remedy: str) -> None:
    """A share instead of percent as well: 0.999 leaves nearly everything as budget."""
    with pytest.raises(CatalogError, match=remedy):
        Slo.availability("api_up", objective)


def test_budgets_have_no_rounding_error() -> None:
    """99.95 % leave exactly 0.0005, not 0.0004999."""
    assert str(Slo.availability("api_up", 99.95).budget) == "0.0005"
    assert str(Slo.availability("api_up", "99.995").budget) == "0.00005"


@pytest.mark.parametrize("expr", ["sum by (environment) (rate(x[1m]))", "sum(rate(x[5m]))", "x"])
def test_an_indicator_has_the_window_that_others_are_made_of(expr: str) -> None:
    """And keeps the environment."""
    total = "sum by (environment) (rate(x[5m]))"
    with pytest.raises(CatalogError, match=r"rate over \[5m\] by environment"):
        Slo("api_up", 99, service="parts-api", good=expr, total=total)


def test_names_of_objectives_and_services_are_checked() -> None:
    """They become parts of names of groups."""
    with pytest.raises(CatalogError, match="no name of an SLO"):
        Slo.availability("API up", 99)
    with pytest.raises(CatalogError, match="no name of a service"):
        Slo.availability("api_up", 99, service="Parts API")
    with pytest.raises(CatalogError, match="less than one"):
        Slo.availability("api_up", 99, minimum_events=0)


def test_a_bucket_is_matched_in_both_spellings() -> None:
    """A scrape says 3.0 and OTLP says 3."""
    assert (le(3), le(0.5)) == ('le=~"3(\\\\.0)?"', 'le="0.5"')


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (("a b", "x", "group"), "no name of a series"),
        (("a:b", " ", "group"), "no expression"),
        (("a:b", "x", "A group"), "no name of a group"),
        (("a:b", "_sms_x", "group"), "restricted=True"),
        (("_sms_b", "x", "group"), "restricted=True"),
    ],
)
def test_a_recording_rule_that_could_not_work_is_refused(arguments: tuple[str, str, str], remedy: str) -> None:
    """It says which, and what to write."""
    with pytest.raises(CatalogError, match=remedy):
        RecordingRule(*arguments)


def test_a_service_adds_its_own() -> None:
    """An SLO takes three lines; the portal's catalogue stays as it is."""
    catalog = SMS_CATALOG.extend(
        slos=[Slo.availability("sync_api_availability", 99.9, service="sync-api")],
        alerts=(each for each in [alert()]),
    )
    again = catalog.extend(recordings=[RecordingRule("a:b:c", "x", "sms-refunds")])
    assert set(again.slos) - set(SMS_CATALOG.slos) == {"sync_api_availability"}
    assert set(again.alerts) - set(SMS_CATALOG.alerts) == {"RefundsPilingUp"}
    assert set(again.recordings) - set(SMS_CATALOG.recordings) == {"a:b:c"}


def test_no_alert_is_declared_twice() -> None:
    """The second would hide the first."""
    with pytest.raises(CatalogError, match="declared twice"):
        _ = Catalog(alerts=[alert(), alert()]).alerts


def test_plain_data_of_each() -> None:
    """Everything that pages and tables show."""
    assert alert().to_json()["runbook"] == "refunds-piling-up"
    assert Slo.availability("api_up", 99.9).to_json()["objective"] == 99.9
    assert RecordingRule("a:b", "x", "group", labels={"b": "1", "a": "2"}).key == 'a:b{a="2",b="1"}'


def test_a_service_does_not_load_what_only_rendering_needs() -> None:
    """Its start costs nothing of it."""
    code = (
        "import sys, sms_observability.catalog; "
        "print([name for name in sys.modules if name.startswith('sms_observability.catalog.') "
        "and name.rpartition('.')[2] in {'alert', 'slo', 'recording', 'alerts', 'slos', 'recordings'}])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert said.stdout.strip() == "[]"
