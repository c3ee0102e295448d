"""Metrics, which are instruments."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from sms_observability.catalog import SMS_CATALOG, CatalogError, Counter, Field, Gauge, Histogram, Metric


class Hostile:
    """A value whose own code fails."""

    def __str__(self) -> str:
        raise RuntimeError

    __repr__ = __str__

    def __float__(self) -> float:
        raise SystemExit

    def __hash__(self) -> int:
        raise MemoryError


def test_the_constructors_return_the_instrument_to_record_on() -> None:
    """What is declared is what is used."""
    assert isinstance(Metric.counter("sms.a.b"), Counter)
    assert isinstance(Metric.histogram("sms.a.b"), Histogram)
    assert isinstance(Metric.gauge("sms.a.b"), Gauge)


@pytest.mark.parametrize("amount", [1, -1, 0.5, float("nan"), 10**400, Decimal("1.5"), None, "x", Hostile(), [], b""])
def test_recording_before_init_does_nothing_whatever_it_is_given(amount: Any) -> None:
    """A library may be imported in a test or a script that never starts telemetry."""
    Metric.counter("sms.a.b").add(amount, anything=Hostile())
    Metric.histogram("sms.a.b").record(amount, self=1, amount=2)
    Metric.gauge("sms.a.b").set(amount, **{"dotted.label": Hostile()})


def test_a_connected_instrument_hands_on_amount_and_labels_until_it_is_disconnected() -> None:
    """The recorder is a port; the catalogue does not know who listens."""
    seen: list[tuple[object, object]] = []
    counter, histogram, gauge = Metric.counter("sms.a.b"), Metric.histogram("sms.c.d"), Metric.gauge("sms.e.f")
    for metric in (counter, histogram, gauge):
        metric.connect(lambda amount, labels: seen.append((amount, labels)))
    counter.add()
    counter.add(2, self="me", urgency="high")
    histogram.record(0.5)
    gauge.set(7, tier="free")
    for metric in (counter, histogram, gauge):
        metric.disconnect()
    counter.add(3)
    assert seen == [(1, {}), (2, {"self": "me", "urgency": "high"}), (0.5, {}), (7, {"tier": "free"})]


def test_names_follow_from_the_declaration() -> None:
    """Python, OpenTelemetry and Prometheus names are one decision."""
    metric = Metric.histogram("sms.parts.order.value.dollars", unit="{USD}")
    assert metric.python_name == "parts_order_value_dollars"
    assert metric.prometheus_names == tuple(
        f"sms_parts_order_value_dollars{suffix}" for suffix in ("", "_bucket", "_sum", "_count")
    )
    assert metric.money


def test_a_restricted_metric_is_named_by_the_restricted_exporter() -> None:
    """It is recognised in Prometheus by the underscore in front."""
    metric = Metric.histogram("parts.markup.realized", unit="dollars", access="restricted")
    assert metric.prometheus_name == "_sms_parts_markup_realized_dollars"
    assert metric.python_name == "parts_markup_realized"


@pytest.mark.parametrize(
    ("name", "options", "remedy"),
    [
        ("SmsOrders", {}, "lower-case words joined by dots"),
        ("sms_orders", {}, "lower-case words joined by dots"),
        ("_sms.orders", {}, "lower-case words joined by dots"),
        ("sms.orders placed", {}, "lower-case words joined by dots"),
        ("sms." + "a" * 255, {}, "lower-case words joined by dots"),
        (None, {}, "lower-case words joined by dots"),
        ("sms.orders.placed", {"prometheus": "sms_orders_total"}, "becomes 'sms_orders_placed_total'"),
        ("sms.orders.placed", {"unit": "1"}, "what is counted in braces"),
        ("sms.orders.value", {"unit": "USD"}, "'dollars'"),
        ("sms.orders.value", {"unit": "$"}, "'dollars'"),
        ("sms.markup.realized", {}, "write access='restricted'"),
        ("sms.markup.realized", {"access": "restricted"}, "write 'markup.realized'"),
        ("sms.orders.placed", {"access": "internal"}, "neither 'public' nor 'restricted'"),
        ("sms.orders.placed", {"labels": ["user_id"]}, "personal data.*count by 'role' or 'company_id'"),
        ("sms.orders.placed", {"labels": ["email"]}, "personal data"),
        ("sms.orders.placed", {"labels": ["ip_address"]}, "personal data"),
        ("sms.orders.placed", {"labels": [Field("buyer", personal=True)]}, "personal data"),
        ("orders.placed", {"labels": ["user_id"], "access": "restricted"}, "personal data"),
        ("sms.orders.placed", {"labels": ["tech_id"]}, r"Field\('tech_id', access='restricted'\)"),
        ("sms.orders.placed", {"labels": [Field("tech_id", access="restricted")]}, "drop it, or declare a restricted"),
        ("sms.orders.placed", {"labels": [Field("zone", access="restricted")]}, "drop the label"),
        ("sms.orders.placed", {"labels": [Field("zone", access="internal")]}, "drop the label"),
        ("sms.orders.placed", {"labels": ["zone", "zone"]}, "twice: drop one"),
        ("sms.orders.placed", {"labels": [3]}, "Field objects or names"),
        ("sms.orders.placed", {"labels": ["a__b"]}, "changes its name in Prometheus"),
        ("sms.orders.placed", {"initialise": [{"zone": "a"}]}, r"\['zone'\], which is no label"),
    ],
)
def test_a_wrong_declaration_is_refused_with_its_remedy(name: Any, options: dict[str, Any], remedy: str) -> None:
    """At import, where the developer sees it."""
    with pytest.raises(CatalogError, match=remedy):
        Metric.counter(name, **options)


@pytest.mark.parametrize(
    ("options", "remedy"),
    [
        ({"buckets": (1, 1)}, r"write \(1,\)"),
        ({"buckets": (2, 1)}, r"write \(1, 2\)"),
        ({"buckets": (1, float("inf"))}, "without the last \\+Inf"),
        ({"buckets": ("1",)}, "finite numbers"),
        ({"buckets": (1, 2), "thresholds": (1.5,)}, r"write buckets=\(1, 1.5, 2\)"),
    ],
)
def test_buckets_that_cannot_work_are_refused(options: dict[str, Any], remedy: str) -> None:
    """A threshold that is no boundary can never be compared with."""
    with pytest.raises(CatalogError, match=remedy):
        Metric.histogram("sms.wait", unit="s", **options)


def test_a_restricted_metric_may_be_split_by_technician() -> None:
    """Who did how much is for those who are allowed to know."""
    metric = Metric.counter("visits.made", labels=[Field("tech_id", access="restricted")], access="restricted")
    assert metric.labels[0].name == "tech_id"


def test_a_histogram_without_boundaries_gets_those_of_its_unit() -> None:
    """Seconds and dollars have different scales; the SDK's default knows milliseconds only."""
    seconds = Metric.histogram("sms.wait", unit="s").buckets
    assert seconds[0] < 0.01
    assert {0.5, 1.0, 3.0, 5.0, 10.0} <= set(seconds)
    assert Metric.histogram("sms.price", unit="dollars").buckets[-1] >= 100_000


def test_replicas_of_a_gauge_agree_unless_each_knows_a_part() -> None:
    """Two replicas that both say 1,000 do not make 2,000."""
    assert Metric.gauge("sms.a.b").across_replicas == "max"
    assert Metric.gauge("sms.a.b", across_replicas="sum").across_replicas == "sum"
    assert Metric.counter("sms.a.b").across_replicas == "sum"


def test_a_metric_can_be_weakly_referenced_and_printed() -> None:
    """It says what it is, and nothing it has measured."""
    assert repr(SMS_CATALOG.metrics["sms.mrr.dollars"]) == "<Gauge sms.mrr.dollars [{USD}]>"
