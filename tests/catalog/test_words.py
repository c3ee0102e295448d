"""Names that give something away."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms_observability.catalog import is_personal, reveals
from sms_observability.catalog.words import HARMLESS_PATTERN, RESTRICTED_TEXT_PATTERN


@pytest.mark.parametrize(
    "name",
    [
        *("markup", "sms.parts.markup.realized", "MarkupService.calculatePrice", "mark_up", "gross_margin", "cogs"),
        *("supplier_cost", "supplierCost", "vendor.quote", "unit_cost", "price_band", "discount_percent", "payout"),
    ],
)
def test_a_name_that_tells_of_the_markup_is_found(name: str) -> None:
    """Any spelling of it."""
    assert reveals(name)


@pytest.mark.parametrize(
    "name",
    ["sms.parts.order.value.dollars", "urgency", "quote_id", "price", "http.route", "Database.saveQuote", "supplier"],
)
def test_an_ordinary_name_is_left_alone(name: str) -> None:
    """The customer's price and quotes are the portal's daily bread."""
    assert reveals(name) is None


@pytest.mark.parametrize(
    "name",
    [
        *("user_id", "userid", "user", "user.id", "username", "user_name", "email", "e_mail", "contact_email", "ip"),
        *("ip_address", "client.ip_address", "client.address", "phone", "first_name", "passport", "password"),
        *("session_id", "api_key", "access_token", "enduser.id", "remote_addr"),
    ],
)
def test_a_name_of_personal_data_is_found(name: str) -> None:
    """The plan forbids them as labels."""
    assert is_personal(name)


@pytest.mark.parametrize(
    "name",
    [
        *("user_role", "role", "company_id", "vessel_id", "platform", "endpoint", "server.address", "token_type"),
        *("tier", "status", "shipment", "equipment_type", "recipe", "phone_model"),
    ],
)
def test_a_name_of_something_else_is_no_personal_data(name: str) -> None:
    """A role is not a person."""
    assert not is_personal(name)


@pytest.mark.parametrize(
    "text", ["See supplier price", "The vendor quotes, as asked", "unit costs", "A pay out is due"]
)
def test_a_sentence_that_tells_is_found_wherever_it_ends(text: str) -> None:
    """At the end of a text, before a mark, or in the middle."""
    assert re.search(RESTRICTED_TEXT_PATTERN, text)


_PIECES = [
    *"cmpqeoagrsuykt ._-",
    *("mark", "up", "margin", "cogs", "pay", "out", "discount", "price", "band", "supplier", "vendor", "wholesale"),
    *("purchase", "landed", "unit", "cost", "costs", "quote", "invoice", "parts", "port", "map", "MARK", "Cost", "\n"),
]


@given(st.lists(st.sampled_from(_PIECES), max_size=8).map("".join) | st.text(max_size=20))
def test_nothing_that_tells_is_taken_for_harmless(text: str) -> None:
    """The cheap look lets through only what the thorough one would."""
    if re.search(HARMLESS_PATTERN.replace("$", r"\Z"), text):
        assert not re.search(RESTRICTED_TEXT_PATTERN, text)


@pytest.mark.parametrize(
    "text", ["v-42", "GET", "http", "parts_ordering_flow", "postgresql", "parts-api", "TimeoutError"]
)
def test_most_values_are_harmless_at_the_first_look(text: str) -> None:
    """Or it would save nothing."""
    assert re.search(HARMLESS_PATTERN, text)
