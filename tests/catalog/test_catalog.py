"""The catalogue as a whole."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from sms_observability.catalog import SMS_CATALOG, Catalog, CatalogError, Field, Journey, Metric, Step, nearest


def test_extending_leaves_the_original_as_it_is() -> None:
    """A service adds to its own copy."""
    refunds = Metric.counter("sms.parts.refunds", labels=["company_size"])
    extended = SMS_CATALOG.extend(
        metrics=[refunds],
        journeys=[Journey("parts_refund_flow", sla_ms=2000, steps=(Step("Payment.refund"),))],
        steps=[Step("Mail.send")],
        fields=[Field("refund_id")],
    )
    assert extended.metrics["sms.parts.refunds"] is refunds
    assert extended.metrics["sms.mrr.dollars"] is SMS_CATALOG.metrics["sms.mrr.dollars"]
    assert {"Payment.refund", "Mail.send", "Database.saveQuote"} <= set(extended.steps)
    assert {"refund_id", "company_size", "urgency"} <= set(extended.fields)
    assert not {"sms.parts.refunds", "refund_id", "company_size"} & {*SMS_CATALOG.metrics, *SMS_CATALOG.fields}


def test_an_extended_catalogue_can_be_extended_again() -> None:
    """Nothing that was added is lost."""
    twice = SMS_CATALOG.extend(steps=[Step("Mail.send")], fields=[Field("refund_id")]).extend(fields=[Field("memo")])
    assert "Mail.send" in twice.steps
    assert {"refund_id", "memo"} <= set(twice.fields)


@pytest.mark.parametrize("mapping", ["metrics", "journeys", "steps", "fields"])
def test_the_mappings_cannot_be_changed(mapping: str) -> None:
    """What was checked stays as it was."""
    with pytest.raises(TypeError):
        getattr(SMS_CATALOG, mapping)["x"] = None


@pytest.mark.parametrize(
    ("more", "remedy"),
    [
        ({"metrics": [Metric.counter("sms.parts.quotes.requested")]}, "'sms.parts.quotes.requested' is declared twice"),
        (
            {"metrics": [Metric.counter("sms.parts.quotes_requested")]},
            "would both be 'sms_parts_quotes_requested_total'",
        ),
        ({"metrics": [Metric.counter("node.network.errors")]}, "would both be 'node_network_errors_total'"),
        ({"metrics": [Metric.counter("sms.a.b"), Metric.counter("sms.a.b")]}, "declared twice"),
        ({"journeys": [Journey("parts_ordering_flow", sla_ms=5000)]}, "'parts_ordering_flow' is declared twice"),
        (
            {
                "steps": [
                    Step("MarkupX", access="internal", public_name="X"),
                    Step("MarkupX", access="internal", public_name="X"),
                ]
            },
            "declared twice",
        ),
        ({"steps": [Step("MarkupService.calculatePrice", access="internal", public_name="Other")]}, "in two ways"),
        ({"fields": [Field("urgency"), Field("urgency")]}, "'urgency' is declared twice"),
        ({"fields": [Field("company_id", access="restricted")]}, "'company_id' is declared twice"),
        ({"metrics": [Metric.counter("sms.a.b", labels=["company_id"])]}, r"use catalog.fields\['company_id'\]"),
        ({"metrics": ["sms.a.b"]}, "metrics takes Metric objects, not str"),
        ({"journeys": [Step("A.b")]}, "journeys takes Journey objects, not Step"),
        ({"fields": ["a"]}, "fields takes Field objects, not str"),
        ({"steps": [None]}, "steps takes Step objects, not NoneType"),
    ],
)
def test_an_extension_passes_the_same_checks(more: dict[str, Any], remedy: str) -> None:
    """A service cannot break what the portal has promised."""
    with pytest.raises(CatalogError, match=remedy):
        SMS_CATALOG.extend(**more)


def test_the_json_form_has_what_the_command_line_prints() -> None:
    """It is plain data, and it says everything."""
    data = json.loads(json.dumps(SMS_CATALOG.to_json()))
    assert {"metrics", "journeys", "fields"} <= set(data)
    value = next(metric for metric in data["metrics"] if metric["otel_name"] == "sms.parts.order.value.dollars")
    assert value["prometheus_names"][1] == "sms_parts_order_value_dollars_bucket"
    assert (value["kind"], value["unit"], value["access"]) == ("histogram", "{USD}", "public")
    assert value["labels"] == ["vessel_id", "company_id"]
    journey = next(journey for journey in data["journeys"] if journey["name"] == "parts_ordering_flow")
    assert journey["sla_ms"] == 3000
    assert journey["steps"][3]["public_name"] == "QuoteService.prepareQuote"
    assert next(field for field in data["fields"] if field["name"] == "markup")["access"] == "restricted"


def test_an_empty_catalogue_is_a_catalogue() -> None:
    """The checks need nothing to be there."""
    assert Catalog().to_json() == {"metrics": [], "journeys": [], "steps": [], "fields": []}


@pytest.mark.parametrize(
    ("name", "known", "words"),
    [
        ("parts_order_flow", SMS_CATALOG.journeys, "; did you mean 'parts_ordering_flow'?"),
        ("database.savequote", SMS_CATALOG.steps, "; did you mean 'Database.saveQuote'?"),
        ("zzz", ["a", "b"], "; there are a, b"),
        ("zzz", [f"a{n}" for n in range(10)], "; there are a0, a1, a2, a3, a4, a5, a6, a7 and 2 more"),
        ("zzz", [], ""),
    ],
)
def test_the_nearest_name_is_suggested(name: str, known: Any, words: str) -> None:
    """An error about a name says which one was meant."""
    assert nearest(name, known) == words


def test_importing_the_catalogue_brings_no_telemetry_along() -> None:
    """It is pure data: tools read it without an SDK."""
    code = (
        "import sys, sms_observability.catalog as c; "
        "print(sorted({m.partition('.')[0] for m in sys.modules} & {'opentelemetry', 'structlog', 'urllib3', 'yaml'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("what", "given"),
    [
        ("metrics", Metric.counter("sms.parts.refunds")),
        ("metrics", None),
        ("journeys", Journey("parts_refund_flow", sla_ms=2000)),
        ("steps", Step("Mail.send")),
        ("fields", Field("refund_id")),
        ("messages", "ValueError"),
    ],
)
def test_one_thing_is_no_list(what: str, given: Any) -> None:
    """The message says what to write."""
    with pytest.raises(CatalogError, match=rf"{what}=… takes a list, not a {type(given).__name__}: write {what}=\["):
        SMS_CATALOG.extend(**{what: given})
