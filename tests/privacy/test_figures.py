"""Numbers as people and programs write them: which forms a figure has, and where a text holds one."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms_observability.privacy.figures import UNIT, figure_of, figures_in, forms_of, is_telling

telling = (
    st.integers(100_000, 10**11)
    .filter(lambda cents: cents % 10 and cents % 100)
    .map(lambda cents: Decimal(cents) / 100)
)


def found(text: str) -> set[int]:
    """Give all figures that a text may hold."""
    return {figure for _, _, figures in figures_in(text) for figure in figures}


def pieces(text: str) -> list[str]:
    """Give the parts of a text that are numbers."""
    return [text[first:last] for first, last, _ in figures_in(text)]


@pytest.mark.parametrize("number", [18.5, Decimal("18.50"), Fraction(37, 2), -18.5, Decimal("-1.85e1")])
def test_a_figure_is_an_amount_in_millionths_without_its_sign(number: Any) -> None:
    """Whatever its class."""
    assert figure_of(number) == 18_500_000


@pytest.mark.parametrize(
    "value",
    [True, None, "18.5", float("nan"), float("inf"), Decimal("NaN"), Decimal("1e999999"), 10**15, -(10**15), object()],
)
def test_what_is_no_number_or_too_large_is_no_figure(value: object) -> None:
    """A truth value, a text, an infinity, an exponent that would fill the memory."""
    assert figure_of(value) is None


def test_a_number_with_a_tiny_exponent_is_nothing() -> None:
    """It is rounded, not calculated digit by digit."""
    assert figure_of(Decimal("1e-999999")) == 0


@given(st.floats() | st.integers() | st.decimals() | st.text() | st.binary() | st.none() | st.booleans())
def test_every_question_has_an_answer(value: Any) -> None:
    """No class of value, and no text, raises."""
    figure_of(value)
    list(forms_of(value))
    list(forms_of([value, {"a": value}]))


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    """Places hold digits, and overlap only where they are parts of a run, which come after it."""
    end = 0
    for first, last, figures in figures_in(text):
        assert first >= end or last <= end
        assert 0 <= first < last <= len(text)
        assert figures or first < end
        assert any(each.isdigit() for each in text[first:last])
        end = max(end, last)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Decimal("4711.08"), ["4711.08", "4,711.08", "4.711,08", "4'711.08", "4 711,08", "471108", "4711.1"]),
        (Decimal("12345.678"), ["12345.678", "12345.68", "12345.67", "12345.7", "12346", "12345", "1234567.8"]),
        (0.1873, ["0.1873", "18.73", ".1873", "0,1873", "1.873e-1"]),
        (18.73, ["18.73", "0.1873", "1873"]),
        (1250, ["1250", "1,250", "1_250", "1.25e3"]),
        ("it costs 4711.08 today", ["4711.08"]),
        ([4711.08, {"x": "1250"}], ["4711.08", "1250"]),
    ],
)
def test_a_figure_is_known_in_the_forms_in_which_people_write_it(value: object, written: list[str]) -> None:
    """Rounded, in cents, in percent, with thousands separators of several countries."""
    forms = set(forms_of(value))
    assert [text for text in written if not found(f"it was {text} then") & forms] == []


@pytest.mark.parametrize("value", [0, 1, 12, 100, 999, 1_200, 5_000, 0.5, 0.18, 1.2, 20_000, Decimal("12.0")])
def test_small_round_numbers_have_no_form(value: Any) -> None:
    """They are everywhere: whole ones below 1,000 or with fewer than three digits that matter, short fractions."""
    assert list(forms_of(value)) == []


@pytest.mark.parametrize(
    ("figure", "telling"), [(18.5, True), (0.185, True), (1_250, True), (0.18, False), (999, False)]
)
def test_what_tells(figure: float, telling: bool) -> None:  # noqa: FBT001
    """Three digits that matter, and 1,000 of a whole number."""
    assert is_telling(round(figure * UNIT)) is telling


@given(telling, st.sampled_from(["{}", "{:,}", "${:,.2f}", "EUR {:.2f}", "({:.2f})", "price={:.2f};"]))
def test_any_amount_is_found_in_a_text(amount: Decimal, form: str) -> None:
    """In front of and behind other words and marks."""
    text = f"quote: {form.format(amount)} for part PUMP-100"
    assert found(text) & set(forms_of(amount))


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-24T10:30:45.123Z",
        "550e8400-e29b-41d4-a716-446655440000",
        "f2951b3543917db545829c0fcc864371",
        "192.168.100.231",
    ],
)
def test_dates_addresses_and_ids_are_no_figures(text: str) -> None:
    """They have digits, and mean nothing."""
    assert pieces(f"at {text} now") == []


def test_several_numbers_are_several_places() -> None:
    """Each can be masked alone."""
    assert pieces("4711.08 of 9999.99 and .185 or 7") == ["4711.08", "9999.99", ".185", "7"]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "3,118.25",
            "3 118.25",
            "3'118.25",
            "12 118.25 3",
            "100.00,118.25",
            "[3,118.25,2]",
            "1000,118.25",
            "x,3,118.25",
        ),
        *("2026-11-25,118.25", "10.1.2.3,118.25", "quotes.118.25", "quotes.0.118.25", "deadbeefdeadbeef118.25"),
        *("118.25,100.00", "118,25 100", "1.5,118.25,7.5", "5,11825", "1.1825e+002"),
    ],
)
def test_a_number_is_found_beside_others_that_only_a_mark_parts_from_it(text: str) -> None:
    """As lists are written without blanks: by `csv`, by compact JSON, in texts such as `3 118.25`."""
    assert found(text) & set(forms_of(Decimal("118.25")))


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("1234567.89", "12,34,567.89"),
        ("1234567.89", "1\u2009234\u2009567,89"),
        ("118.2537", "118.254"),
    ],
)
def test_a_number_is_found_as_other_countries_and_formats_write_it(amount: str, text: str) -> None:
    """In lakhs, with thin blanks, to six digits that matter as `%g` does."""
    assert found(text) & set(forms_of(Decimal(amount)))
