"""Dashboards, panels and targets as they are declared: what is refused, what follows, and who pays for it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from sms_observability.catalog import SMS_CATALOG, CatalogError, Dashboard, Panel, Query, Row, Target, Variable

ORDERS = Panel("Orders", "stat", "Orders of today.", queries=(Query("sum(increase(x_total[1d]))", "orders"),))


def dashboard(*panels: Panel, uid: str = "sms-parts", variables: tuple[Variable, ...] = ()) -> Dashboard:
    return Dashboard(uid, "Parts", "For the parts team.", rows=(Row("Now", panels),), variables=variables)


def test_no_service_loads_what_only_rendering_needs() -> None:
    """Importing the library imports neither the dashboards nor what they are made of."""
    loaded = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from sms_observability import SMS_CATALOG, init_observability; print(*sys.modules, sep='\\n')",
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout.split()
    assert "sms_observability.catalog" in loaded
    ours = [name for name in loaded if name.startswith("sms_observability.catalog.")]
    assert not [name for name in ours if "dashboard" in name or name.endswith((".panel", ".target"))]


def test_a_service_adds_a_dashboard_of_its_own() -> None:
    """The portal's stay beside it, and the portal's own catalogue stays as it is."""
    catalog = SMS_CATALOG.extend(dashboards=[dashboard(ORDERS)])
    assert set(catalog.dashboards) == {*SMS_CATALOG.dashboards, "sms-parts"}
    assert "sms-parts" not in SMS_CATALOG.dashboards


def test_two_dashboards_of_one_uid_are_refused() -> None:
    """Grafana would load the second in the place of the first."""
    with pytest.raises(CatalogError, match="'sms-slo' is declared twice"):
        assert SMS_CATALOG.extend(dashboards=[dashboard(ORDERS, uid="sms-slo")]).dashboards


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda: dashboard(ORDERS, uid="SMS Parts"), "lower-case letters"),
        (lambda: dashboard(ORDERS, ORDERS), "two panels 'Orders'"),
        (lambda: dashboard(), "has no panels"),
        (lambda: dashboard(ORDERS).panel("Order"), "did you mean 'Orders'"),
        (
            lambda: dashboard(Panel("A", "stat", "A figure.", queries=(Query('x{a="$company"}', "a"),))),
            r"asks for \$company",
        ),
        (lambda: Query("  ", "x"), "without expression"),
        (lambda: Query("x", ""), "no legend"),
        (lambda: Query("sum(x_bucket)", "x", buckets=True), "drops them"),
    ],
)
def test_what_could_not_work_is_refused(wrong: object, told: str) -> None:
    """With what to write instead."""
    assert callable(wrong)
    with pytest.raises(CatalogError, match=told):
        wrong()


def test_a_variable_is_known_in_both_of_its_spellings() -> None:
    """`$name` and `${name:regex}`; what begins with two underscores is Grafana's."""
    asked = Query('sum(rate(x{a=~"$role", b=~"${role:regex}"}[$__rate_interval]))', "x")
    panel = Panel("A", "timeseries", "A figure.", queries=(asked,))
    assert dashboard(panel, variables=(Variable("role", "Role", "x"),)).panel_id("A") == 1


def test_the_number_of_a_panel_is_its_place() -> None:
    """Addresses of alerts hold it."""
    other = Panel("Quotes", "stat", "Quotes of today.", queries=ORDERS.queries)
    assert [dashboard(ORDERS, other).panel_id(title) for title in ("Orders", "Quotes")] == [1, 2]


@pytest.mark.parametrize(
    ("target", "bands"),
    [
        (Target("a", 80, better="lower"), ((None, "good"), (80, "bad"))),
        (Target("a", 80, better="lower", warn=70), ((None, "good"), (70, "warning"), (80, "bad"))),
        (Target("a", 95, better="higher"), ((None, "bad"), (95, "good"))),
        (Target("a", 95, better="higher", warn=97), ((None, "bad"), (95, "warning"), (97, "good"))),
    ],
)
def test_a_target_has_a_good_side(target: Target, bands: object) -> None:
    """And a zone where it is nearly missed, on that side."""
    assert target.bands == bands


@pytest.mark.parametrize(
    ("value", "better", "warn", "told"),
    [
        (80, "lower", 90, "below 80"),
        (80, "higher", 70, "above 80"),
        (float("nan"), "lower", None, "no finite number"),
        (80, "less", None, "neither 'lower' nor 'higher'"),
    ],
)
def test_a_target_that_makes_no_sense_is_refused(value: float, better: str, warn: float | None, told: str) -> None:
    """With the side on which the warning has to lie."""
    with pytest.raises(CatalogError, match=told):
        Target("a", value, better=better, warn=warn)  # type: ignore[arg-type]


def test_shares_have_a_whole() -> None:
    """A gauge of percent goes from 0 to 100, one of shares from 0 to 1."""
    for unit, whole in (("percent", 100), ("percentunit", 1)):
        panel = Panel("A", "gauge", "A share.", unit=unit, queries=ORDERS.queries)  # type: ignore[arg-type]
        assert (panel.minimum, panel.maximum) == (0, whole)
