"""Fields and their class."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms_observability.catalog import CatalogError, Field


def test_a_field_is_public_text_unless_it_says_otherwise() -> None:
    """The defaults are those of most attributes."""
    field = Field("order_id")
    assert (field.access, field.type, field.values, field.identifier, field.personal) == (
        "public",
        "string",
        None,
        False,
        False,
    )


def test_a_field_cannot_be_changed() -> None:
    """The class of a field is decided once."""
    with pytest.raises(FrozenInstanceError):
        Field("order_id").access = "restricted"  # type: ignore[misc]


@pytest.mark.parametrize("name", ["", " ", "a b", "1st", "_hidden", "a..b", "ü", "a" * 129, None, 7])
def test_a_name_that_is_no_identifier_is_refused(name: Any) -> None:
    """The message says what a name looks like."""
    with pytest.raises(CatalogError, match="is no field name: write words"):
        Field(name)


@pytest.mark.parametrize(
    ("options", "remedy"),
    [
        ({"access": "secret"}, "is none of 'public', 'internal', 'restricted'"),
        ({"type": "text"}, "is none of 'string'"),
        ({"values": "low"}, "values=\\('low', 'high'\\)"),
        ({"values": ()}, "values=\\('low', 'high'\\)"),
        ({"values": ("low", 1)}, "values=\\('low', 'high'\\)"),
        ({"values": ("low", "low")}, "differ from each other"),
        ({"values": ("1",), "type": "int"}, "type='string'"),
    ],
)
def test_a_declaration_that_contradicts_itself_is_refused_with_its_remedy(options: dict[str, Any], remedy: str) -> None:
    """Each message says what to write instead."""
    with pytest.raises(CatalogError, match=remedy):
        Field("urgency_level", **options)


def test_a_name_that_tells_of_the_markup_cannot_be_public() -> None:
    """The remedy is its class."""
    with pytest.raises(CatalogError, match="write access='restricted'"):
        Field("markup_hint")
    assert Field("markup_hint", access="restricted").access == "restricted"


@given(st.one_of(st.text(), st.binary(), st.none(), st.integers(), st.floats(), st.lists(st.text())))
def test_no_name_raises_anything_but_a_catalog_error(name: Any) -> None:
    """A wrong declaration has one kind of error."""
    try:
        field = Field(name)
    except CatalogError:
        return
    assert field.name == name
