"""The page on cardinality counts what a fleet makes."""

from __future__ import annotations

from sms_observability.catalog import SMS_CATALOG, Field, Metric
from sms_observability.render.cardinality_page import MOST_SERIES, PATH, cardinality, render_cardinality


def test_a_metric_by_ship_grows_with_the_fleet() -> None:
    """A gauge has one series for each ship; a histogram one for each bucket, and three more."""
    ship = SMS_CATALOG.fields["vessel_id"]
    gauge = cardinality(Metric.gauge("sms.anchor.depth", labels=(ship,)))
    assert (gauge.series, gauge.of_a_ship, gauge.most_ships) == (1000, 1, MOST_SERIES)
    histogram = cardinality(Metric.histogram("sms.anchor.time", unit="s", labels=(ship,), buckets=(1, 2, 5)))
    assert (histogram.series, histogram.most_ships) == (6000, 1666)


def test_closed_labels_multiply() -> None:
    """Both replicas, all values."""
    closed = Field("side", values=("port", "starboard"))
    found = cardinality(Metric.counter("sms.anchor.drops", unit="{drop}", labels=(closed,)))
    assert (found.series, found.of_a_ship, found.most_ships) == (4, 0, None)


def test_what_is_above_the_limit_stands_first_and_is_named() -> None:
    """With the size of a fleet at which it would keep it; nothing restricted is on the page."""
    page = render_cardinality(SMS_CATALOG)[PATH]
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    over = [row.split("`")[1] for row in rows if "| no |" in row]
    assert over == ["sms_offline_sync_duration_seconds", "sms_parts_order_value_dollars"]
    assert [row.split("`")[1] for row in rows[:2]] == over
    assert "_sms_" not in page
