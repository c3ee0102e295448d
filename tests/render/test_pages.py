"""The reference pages: every setting and every declared thing has its row, and what they say of variables is so."""

from __future__ import annotations

import re

import pytest
from opentelemetry.sdk.trace import SpanLimits

from sms_observability.catalog import SMS_CATALOG
from sms_observability.export.schedule import schedules
from sms_observability.render.pages import CATALOG_PATH, SETTINGS_PATH, render_catalog, render_settings
from sms_observability.settings import SETTINGS
from sms_observability.variables import VARIABLES, refused

SETTINGS_PAGE = render_settings(SMS_CATALOG)[SETTINGS_PATH]
CATALOG_PAGE = render_catalog(SMS_CATALOG)[CATALOG_PATH]


def test_each_setting_has_a_row_with_its_variables() -> None:
    """Keyword, variables, default and meaning."""
    rows = {line.split("`")[1]: line for line in SETTINGS_PAGE.splitlines() if line.startswith("| `")}
    for setting in SETTINGS:
        row = rows[setting.keyword]
        assert setting.meaning.replace("|", "\\|") in row
        assert setting.shown_default in row
        for variable in setting.variables:
            assert f"`{variable}`" in row


def test_each_declared_thing_has_a_row() -> None:
    """Metrics under both names, journeys, fields."""
    for metric in SMS_CATALOG.metrics.values():
        assert f"| `{metric.otel_name}` | `{metric.prometheus_name}`" in CATALOG_PAGE
    for name in (*SMS_CATALOG.journeys, *SMS_CATALOG.fields):
        assert f"\n| `{name}` |" in CATALOG_PAGE


def test_internal_steps_are_shown_under_their_neutral_names() -> None:
    """The page is public."""
    hidden = [step.name for step in SMS_CATALOG.steps.values() if step.access == "internal"]
    assert hidden
    assert not any(name in CATALOG_PAGE for name in hidden)


@pytest.mark.parametrize("page", [SETTINGS_PAGE, CATALOG_PAGE], ids=["settings", "catalog"])
def test_every_row_has_as_many_cells_as_its_table(page: str) -> None:
    """A bar inside a cell is escaped."""
    columns = 0
    for line in page.splitlines():
        if not line.startswith("|"):
            columns = 0
            continue
        cells = len(re.findall(r"(?<!\\)\|", line))
        columns = columns or cells
        assert cells == columns, line


@pytest.mark.parametrize(
    "name", [each.name for each in VARIABLES if re.match(r"OTEL_(BSP|BLRP|METRIC_EXPORT)_", each.name)]
)
def test_a_batch_variable_that_is_said_to_be_honoured_is(name: str) -> None:
    """It changes the schedule of a signal, and its stated default is the one that holds."""
    unset, _ = schedules({})
    changed, problems = schedules({name: "77"})
    assert problems == []
    assert changed != unset
    default = next(each.default for each in VARIABLES if each.name == name)
    if default.isdigit():
        assert schedules({name: default})[0] == unset


@pytest.mark.parametrize("name", [each.name for each in VARIABLES if each.name.startswith("OTEL_SPAN_")])
def test_a_limit_of_spans_that_is_said_to_be_honoured_is(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tracer provider reads the SDK's limits."""
    before = vars(SpanLimits())
    monkeypatch.setenv(name, "7")
    assert vars(SpanLimits()) != before


def test_no_variable_is_stated_twice() -> None:
    """Neither here nor among the settings."""
    names = [each.name for each in VARIABLES] + [name for each in SETTINGS for name in each.variables]
    assert len(set(names)) == len(names)


def test_only_refused_variables_that_are_set_are_named() -> None:
    """An empty one counts as not set."""
    environ = {"OTEL_LOG_LEVEL": "debug", "OTEL_CONFIG_FILE": " ", "OTEL_BSP_SCHEDULE_DELAY": "100"}
    assert [each.name for each in refused(environ)] == ["OTEL_LOG_LEVEL"]
