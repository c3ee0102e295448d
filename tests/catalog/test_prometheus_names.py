"""Names in Prometheus."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms_observability.catalog import SMS_CATALOG, MetricKind, prometheus_name, prometheus_series

KINDS: list[MetricKind] = ["counter", "gauge", "histogram", "updowncounter"]


def test_names_are_those_that_the_real_translator_gives() -> None:
    """The table was written by Prometheus' own otlptranslator 1.0.0: name, unit, kind, namespace, result."""
    table = Path(__file__).with_name("translated_names.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in table]
    wrong = [row for row in rows if prometheus_name(row[0], row[1], row[2], namespace=row[3]) != row[4]]  # type: ignore[arg-type]
    assert len(rows) == 240
    assert wrong == []


@pytest.mark.parametrize(
    ("name", "unit", "kind", "expected"),
    [
        ("sms.parts.quotes.requested", "{quote}", "counter", "sms_parts_quotes_requested_total"),
        ("sms.parts.order.value.dollars", "{USD}", "histogram", "sms_parts_order_value_dollars"),
        ("sms.parts.order.value", "dollars", "histogram", "sms_parts_order_value_dollars"),
        ("sms.parts.order.value", "$", "histogram", "sms_parts_order_value"),
        ("sms.parts.order.value.dollars", "USD", "histogram", "sms_parts_order_value_dollars_USD"),
        ("sms.churn.rate", "%", "gauge", "sms_churn_rate_percent"),
        ("sms.churn.rate.percent", "1", "gauge", "sms_churn_rate_percent_ratio"),
        ("sms.total.orders", "{order}", "counter", "sms_orders_total"),
        ("sms.onboarding.started.timestamp", "s", "gauge", "sms_onboarding_started_timestamp_seconds"),
        ("sms.time_to_complete", "s", "histogram", "sms_time_to_complete_seconds"),
    ],
)
def test_the_traps_of_units_and_suffixes_are_known(name: str, unit: str, kind: MetricKind, expected: str) -> None:
    """Annotations leave no trace, a gauge of unit 1 is a ratio, `total` moves to the end."""
    assert prometheus_name(name, unit, kind) == expected


def test_the_restricted_namespace_starts_with_an_underscore() -> None:
    """Only the restricted exporter can make such a name."""
    name = prometheus_name("parts.markup.realized", "dollars", "histogram", namespace="_sms")
    assert name == "_sms_parts_markup_realized_dollars"


def test_a_histogram_has_three_series_besides_its_family_name() -> None:
    """Rules and panels query the three, never the family."""
    assert prometheus_series("x_seconds", "histogram") == (
        "x_seconds",
        "x_seconds_bucket",
        "x_seconds_sum",
        "x_seconds_count",
    )
    assert prometheus_series("x_total", "counter") == ("x_total",)


@given(st.from_regex(r"[a-z0-9][a-z0-9_.]{0,40}", fullmatch=True), st.text(max_size=8), st.sampled_from(KINDS))
def test_any_name_becomes_one_that_prometheus_accepts(name: str, unit: str, kind: MetricKind) -> None:
    """Whatever the unit is, nothing raises and the result is a legal name."""
    assert re.fullmatch(r"[A-Za-z_:][A-Za-z0-9_:]*", prometheus_name(name, unit, kind))


def test_no_two_metrics_share_a_name_in_prometheus() -> None:
    """Two metrics under one name would be added up."""
    names = [name for metric in SMS_CATALOG.metrics.values() for name in metric.prometheus_names]
    assert len(names) == len(set(names))
