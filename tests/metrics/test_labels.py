"""Labels: known names, closed sets, ids from the context, and a bounded number of values and series."""

from __future__ import annotations

from typing import Any

import pytest

from sms_observability import metrics
from sms_observability.catalog import SMS_CATALOG, Field, Metric
from sms_observability.context import bind_context, unbind_context
from sms_observability.metrics import MAX_LABEL_VALUES, MAX_SERIES
from sms_observability.privacy import PLACEHOLDER, Restricted, guard_scope, guarded

DROPPED = SMS_CATALOG.metrics["sms.telemetry.measurements.dropped"]
COUNTED = "sms.test.counted"


def counter(*labels: Any) -> Any:
    return Metric.counter(COUNTED, unit="{thing}", labels=labels)


def gauge(*labels: Any) -> Any:
    return Metric.gauge("sms.test.level", unit="{thing}", labels=labels)


def test_an_unknown_label_is_dropped_and_counted(recorded: Any) -> None:
    """The measurement itself is kept."""
    counted = counter("cause")
    cells = recorded(counted, DROPPED)
    counted.add(1, cause="a", user_id="usr_1", more=2)
    counted.add(1, user_id="usr_1")
    assert cells.values(COUNTED) == {(("cause", "a"),): 1, (): 1}
    assert cells.dropped == {(COUNTED, "unknown_label"): 3}
    assert cells.values(DROPPED.otel_name) == {(("metric", COUNTED), ("reason", "unknown_label")): 3}


def test_every_measurement_that_is_not_kept_as_given_is_counted(recorded: Any) -> None:
    """The hundredth as the first, though the label set is known by then."""
    metric = counter(Field("urgency", values=("low", "high")))
    cells = recorded(metric)
    for _ in range(100):
        metric.add(1, urgency="very")
    assert cells.values(COUNTED) == {(("urgency", "other"),): 100}
    assert cells.dropped == {(COUNTED, "label_value"): 100}


def test_ids_come_from_the_context_unless_given(recorded: Any) -> None:
    """An explicit id beats the bound one; one that is in neither is left out; other labels are never taken."""
    cells = recorded(*SMS_CATALOG.metrics.values())
    quotes = metrics.parts_quotes_requested
    quotes.add(1, urgency="low")
    bind_context(company_id="bound", urgency="high", user_id="usr_1")
    quotes.add(1)
    quotes.add(1, company_id=None)
    quotes.add(1, company_id="given")
    unbind_context("company_id", "urgency", "user_id")
    quotes.add(1)
    assert cells.values("sms.parts.quotes.requested") == {
        (("urgency", "low"),): 1,
        (("company_id", "bound"),): 2,
        (("company_id", "given"),): 1,
        (): 1,
    }


def test_a_bound_number_is_the_same_series_as_its_text(recorded: Any) -> None:
    """Ids are texts in the end."""
    metric = counter(Field("vessel_id", identifier=True))
    cells = recorded(metric)
    bind_context(vessel_id=7)
    metric.add()
    unbind_context("vessel_id")
    metric.add(1, vessel_id="7")
    metric.add(1, vessel_id=7)
    assert cells.values(COUNTED) == {(("vessel_id", "7"),): 3}


def test_types_do_not_run_into_each_other(recorded: Any) -> None:
    """`1`, `True` and `1.0` are equal to Python and are different texts."""
    metric = counter("cause")
    cells = recorded(metric)
    for value in (1, True, 1.0, "1"):
        metric.add(1, cause=value)
    assert cells.values(COUNTED) == {(("cause", "1"),): 2, (("cause", "True"),): 1, (("cause", "1.0"),): 1}


def test_labels_of_other_types_keep_them(recorded: Any) -> None:
    """A status code is a number for everybody who reads it."""
    metric = Metric.counter(COUNTED, unit="{thing}", labels=[Field("code", type="int"), Field("ok", type="bool")])
    cells = recorded(metric)
    metric.add(1, code=200, ok=True)
    metric.add(1, code=2**70, ok="yes")
    metric.add(1, code="odd")
    assert cells.values(COUNTED) == {
        (("code", 200), ("ok", True)): 1,
        (("code", 2**63 - 1), ("ok", "yes")): 1,
        (("code", "odd"),): 1,
    }


def test_a_restricted_label_shows_nothing(recorded: Any) -> None:
    """Whoever puts a hidden figure into a label gets the mark."""
    metric = counter("cause")
    cells = recorded(metric)
    metric.add(1, cause=Restricted("12.50"))
    assert cells.values(COUNTED) == {(("cause", "[RESTRICTED]"),): 1}


def test_long_and_broken_texts_are_made_fit(recorded: Any) -> None:
    """Cut at the declared length, lone surrogates replaced."""
    metric = counter(Field("cause", max_length=5))
    cells = recorded(metric)
    metric.add(1, cause="abcdefgh")
    metric.add(1, cause="abcdexyz")
    metric.add(1, cause="a\ud800")
    assert cells.values(COUNTED) == {(("cause", "abcde"),): 2, (("cause", "a\ufffd"),): 1}


def test_a_label_keeps_a_hundred_values(recorded: Any) -> None:
    """What comes after them is folded into `other`, the other labels are kept, and the total is exact."""
    metric = counter("cause", Field("urgency", values=("low", "high")))
    cells = recorded(metric)
    for number in range(150):
        metric.add(1, cause=f"c{number}", urgency="low")
        metric.add(1, cause=f"c{number}", urgency="high")
    values = cells.values(COUNTED)
    causes = {dict(labels)["cause"] for labels in values}
    assert len(causes) == MAX_LABEL_VALUES + 1
    assert values[(("cause", "other"), ("urgency", "low"))] == values[(("cause", "other"), ("urgency", "high"))] == 50
    assert sum(values.values()) == 300
    assert cells.dropped == {(COUNTED, "label_values"): 100}


def test_a_gauge_beyond_the_limit_is_dropped(recorded: Any) -> None:
    """Levels of different things do not add up to one; known ones go on."""
    level = gauge("place")
    cells = recorded(level)
    for number in range(110):
        level.set(number, place=f"p{number}")
    level.set(-1, place="p3")
    values = cells.values("sms.test.level")
    assert len(values) == MAX_LABEL_VALUES
    assert values[(("place", "p3"),)] == -1
    assert (("place", "other"),) not in values
    assert cells.dropped == {("sms.test.level", "label_values"): 10}


def test_a_metric_keeps_ten_thousand_series(recorded: Any) -> None:
    """Ids count against this limit only; beyond it all is one series, totals are exact, gauges are dropped."""
    vessel = Field("vessel_id", identifier=True)
    counted, level = counter(vessel), gauge(vessel)
    cells = recorded(counted, level)
    for number in range(MAX_SERIES + 500):
        counted.add(1, vessel_id=f"v{number}")
        level.set(1, vessel_id=f"v{number}")
    counted.add(1, vessel_id="v5")
    values = cells.values(COUNTED)
    assert len(values) == MAX_SERIES + 1
    assert values[(("vessel_id", "other"),)] == 500
    assert values[(("vessel_id", "v5"),)] == 2
    assert sum(values.values()) == MAX_SERIES + 501
    assert len(cells.values("sms.test.level")) == MAX_SERIES
    assert cells.dropped == {(COUNTED, "series"): 500, ("sms.test.level", "series"): 500}


def test_what_is_remembered_is_bounded(recorded: Any) -> None:
    """Labels that never repeat cost no memory in the end."""
    metric = counter("cause", Field("vessel_id", identifier=True))
    cells = recorded(metric)
    for number in range(3 * MAX_SERIES):
        metric.add(1, cause=f"c{number}", vessel_id=f"v{number}")
    labels = cells.registry[COUNTED].labels
    assert max(len(labels._accepted), len(labels._folded)) <= 2 * MAX_SERIES
    assert sum(cells.values(COUNTED).values()) == 3 * MAX_SERIES


def test_the_count_of_drops_does_not_count_itself(recorded: Any) -> None:
    """Wrong use of it is told by `dropped` only: no drop makes another."""
    cells = recorded(DROPPED)
    cells.registry[DROPPED.otel_name].record(-1, {"nonsense": 1})
    cells.registry[DROPPED.otel_name].record(-1, {})
    assert cells.values(DROPPED.otel_name) == {}
    assert cells.dropped == {(DROPPED.otel_name, "unknown_label"): 1, (DROPPED.otel_name, "negative"): 2}


def test_drops_of_restricted_metrics_are_told_to_nobody_else(recorded: Any) -> None:
    """Their names alone tell; the public count lives among the public metrics only."""
    secret = Metric.counter("rebates.granted", unit="{rebate}", access="restricted")
    told: list[tuple[str, str]] = []
    cells = recorded(secret, on_dropped=lambda name, reason: told.append((name, reason)))
    secret.add(-1)
    assert cells.registry.collect() == []
    assert told == [("rebates.granted", "negative")]


@pytest.mark.parametrize("name", ["unknown", "sms.test.other"])
def test_a_registry_knows_its_metrics_only(recorded: Any, name: str) -> None:
    """What does not leave by this door has no cells."""
    cells = recorded(counter())
    assert cells.registry.get(name) is None
    assert cells.registry.get(COUNTED) is cells.registry[COUNTED]


def test_a_bound_id_that_holds_a_restricted_figure_is_masked(recorded: Any) -> None:
    """What was bound is compared when it becomes a label, as a given one is; an ordinary id stays."""
    cells = recorded(*SMS_CATALOG.metrics.values(), guarded=guarded)
    with guard_scope():
        bind_context(company_id="at 4711.08", vessel_id="IMO471108")
        Restricted(4711.08)
        metrics.parts_quotes_requested.add(1, urgency="low")
        unbind_context("company_id", "vessel_id")
    assert list(cells.values("sms.parts.quotes.requested")) == [
        (("company_id", f"at {PLACEHOLDER}"), ("urgency", "low"), ("vessel_id", "IMO471108"))
    ]
