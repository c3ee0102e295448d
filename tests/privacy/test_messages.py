"""What an exception says leaves only if the catalogue allows its class."""

from __future__ import annotations

import json
from typing import Any

import pytest
from opentelemetry import trace

from sms_observability import SMS_CATALOG, Catalog, CatalogError, get_logger, init_observability
from sms_observability.privacy import CataloguePolicy
from sms_observability.render import render


class OutOfStockError(Exception):
    """Says a constant text."""


class QuoteError(Exception):
    """Says too much."""


ALLOWED = SMS_CATALOG.extend(messages=[f"{__name__}.OutOfStockError"])


def fail(error: Exception) -> None:
    """Let an exception end a span, and log it."""
    try:
        with trace.get_tracer("portal").start_as_current_span("GET"):
            raise error
    except Exception:  # noqa: BLE001
        get_logger().exception("Failed")


@pytest.mark.parametrize(("catalog", "says"), [(ALLOWED, True), (SMS_CATALOG, False)], ids=["allowed", "not allowed"])
def test_the_message_of_an_allowed_class_leaves(catalog: Catalog, says: bool, telemetry: Any) -> None:  # noqa: FBT001
    """In the event, the status, the log record and the line; without being allowed, in none of them."""
    init_observability("parts-api", catalog=catalog)
    fail(OutOfStockError("The shelf is empty"))
    (span,) = telemetry.spans
    (log,) = telemetry.logs
    (line,) = map(json.loads, telemetry.lines)
    (event,) = span["events"]
    for attributes in (event["attributes"], log["attributes"]):
        assert attributes.get("exception.message") == ("The shelf is empty" if says else None)
        assert attributes["exception.type"] == f"{__name__}.OutOfStockError"
    assert span["status_text"] == ("OutOfStockError: The shelf is empty" if says else "OutOfStockError")
    assert ("The shelf is empty" in json.dumps(line)) is says


def test_the_message_of_another_class_stays(telemetry: Any) -> None:
    """Nor does one that somebody writes into the attribute by himself, and no figure even of an allowed class."""
    from sms_observability import Restricted

    init_observability("parts-api", catalog=ALLOWED)
    fail(QuoteError("ACME wants too much"))
    span = trace.get_tracer("portal").start_span("GET")
    span.add_event("exception", {"exception.message": "ACME wants too much"})
    span.set_status(trace.StatusCode.ERROR, "QuoteError: ACME wants too much")
    span.end()
    fail(OutOfStockError(f"none at {Restricted(48611.37).reveal(reason='test')}"))
    seen = f"{telemetry.spans}{telemetry.logs}{telemetry.lines}"
    assert "ACME" not in seen
    assert "48611" not in seen


@pytest.mark.parametrize("wrong", [["OutOfStockError"], ["portal.parts."], [QuoteError], "portal.QuoteError", [""]])
def test_a_wrong_declaration_fails_with_its_remedy(wrong: Any) -> None:
    """At import, where it is written."""
    with pytest.raises(CatalogError, match="write"):
        SMS_CATALOG.extend(messages=wrong)


def test_the_second_net_lets_through_what_the_catalogue_allows() -> None:
    """And the portal's own, which allows none, lets through none."""
    allowed = "        - exception.message\n".strip()
    path = "collector-config/policy/redaction.yaml"
    assert allowed in render(ALLOWED)[path]
    assert allowed not in render(SMS_CATALOG)[path]
    assert CataloguePolicy(ALLOWED, unknown_fields="drop").key("exception.message")
    assert not CataloguePolicy(SMS_CATALOG, unknown_fields="drop").key("exception.message")
