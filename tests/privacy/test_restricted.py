"""What a restricted value does, and what it refuses."""

from __future__ import annotations

import copy
import json
import math
import operator
import pickle
import re
import sys
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms_observability.privacy import Restricted, RestrictedValueError, declassify, on_reveal, reveal_counts
from sms_observability.privacy.reveals import Reveal

COST = Decimal("4711.0815")


def plain(value: Restricted[Any]) -> Any:
    assert type(value) is Restricted
    return value.reveal(reason="test")


@pytest.mark.parametrize("name", ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow"])
def test_arithmetic_keeps_a_value_restricted(name: str) -> None:
    """With plain and restricted operands, on both sides, the result is that of the plain numbers, restricted."""
    operation = getattr(operator, name)
    for kind in (Decimal, float, Fraction):
        left, right = kind(7), kind(3)
        expected = operation(left, right)
        assert plain(operation(Restricted(left), right)) == expected
        assert plain(operation(left, Restricted(right))) == expected
        assert plain(operation(Restricted(left), Restricted(right))) == expected


def test_the_other_operations_keep_a_value_restricted() -> None:
    """Signs, rounding and division with a rest."""
    value = Restricted(Decimal("-7.256"))
    assert plain(-value) == Decimal("7.256")
    assert plain(+value) == Decimal("-7.256")
    assert plain(abs(value)) == Decimal("7.256")
    assert plain(round(value, 2)) == Decimal("-7.26")
    assert plain(round(value)) == -7
    assert plain(math.floor(value)) == -8
    assert plain(math.ceil(value)) == -7
    assert plain(math.trunc(value)) == -7
    assert [plain(part) for part in divmod(Restricted(7), 3)] == [2, 1]
    assert [plain(part) for part in divmod(7, Restricted(3))] == [2, 1]
    total = Restricted(1)
    total += 2
    assert plain(total) == 3


def test_sum_min_max_and_sorted_work_among_restricted_values() -> None:
    """The cheapest quote is found without showing one."""
    quotes = [Restricted(Decimal(number)) for number in (30, 10, 20)]
    assert plain(sum(quotes)) == 60
    assert plain(min(quotes)) == 10
    assert plain(max(quotes)) == 30
    assert [plain(quote) for quote in sorted(quotes)] == [10, 20, 30]
    assert quotes[1] < quotes[0] <= quotes[0]
    assert quotes[0] > quotes[1]
    assert not quotes[0] >= Restricted(Decimal(31))


def test_equality_holds_among_restricted_values_only() -> None:
    """A plain value is never equal, whatever it is."""
    assert Restricted(1) == Restricted(Decimal("1.0"))
    assert Restricted(1) != Restricted(2)
    assert Restricted(1) != 1
    assert Restricted(1) != 1
    assert Decimal(1) != Restricted(Decimal(1))
    assert Restricted("[RESTRICTED]") != "[RESTRICTED]"


@pytest.mark.parametrize("name", ["lt", "le", "gt", "ge"])
def test_ordering_against_a_plain_value_is_refused(name: str) -> None:
    """A comparison with chosen plain values would find the figure in a few steps."""
    for pair in ((Restricted(COST), COST), (COST, Restricted(COST)), (Restricted(COST), "x"), (None, Restricted(COST))):
        with pytest.raises(RestrictedValueError, match="not ordered against"):
            getattr(operator, name)(*pair)


@pytest.mark.parametrize(
    "attempt",
    [
        float,
        int,
        bool,
        complex,
        bytes,
        operator.index,
        range,
        math.sqrt,
        pickle.dumps,
        lambda value: "%.2f" % value,
        lambda value: [1][value],
        lambda value: value.__reduce__(),
        lambda value: value.__getstate__(),
        lambda value: 1 if value else 0,
    ],
)
def test_what_would_show_the_value_is_refused(attempt: Any) -> None:
    """The error is ours, and says how to do it openly."""
    with pytest.raises(RestrictedValueError, match="declassify") as caught:
        attempt(Restricted(COST))
    assert "4711" not in str(caught.value)
    assert isinstance(caught.value, TypeError)


@pytest.mark.parametrize(
    "attempt", [json.dumps, lambda value: "%d" % value, list, len, lambda value: value[0], lambda value: value.quantize]
)
def test_where_python_answers_the_error_tells_nothing(attempt: Any) -> None:
    """There the message is Python's own."""
    with pytest.raises((TypeError, AttributeError)) as caught:
        attempt(Restricted(COST))
    assert "4711" not in str(caught.value)


def test_a_copy_within_the_process_is_the_value_itself() -> None:
    """Copies are made by dataclasses.asdict and pydantic; a restricted value does not change."""
    value = Restricted([COST])
    assert copy.copy(value) is value
    assert copy.deepcopy({"cost": value})["cost"] is value


def test_wrapping_twice_is_wrapping_once() -> None:
    """There is never a restricted value within another."""
    value = Restricted(COST)
    assert Restricted(value) is value
    assert Restricted[Decimal](COST) == value


def test_a_subclass_is_refused_when_it_is_written() -> None:
    """It could show the value."""
    with pytest.raises(TypeError, match="put a Restricted into your own class"):

        class _Open(Restricted[Decimal]):  # type: ignore[misc]
            pass


def test_nothing_can_be_changed_or_added() -> None:
    """A restricted value is immutable."""
    with pytest.raises(AttributeError):
        Restricted(COST).value = 1  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        Restricted(COST)._content = 1  # type: ignore[attr-defined]


def test_hashes_agree_with_equality_and_are_keyed() -> None:
    """Values can be keys of a dictionary, and the hash of a price cannot be looked up."""
    assert hash(Restricted(1)) == hash(Restricted(Decimal("1.0")))
    assert hash(Restricted(COST)) not in {hash(COST), hash((COST,))}
    assert {Restricted(1): "a"}[Restricted(1)] == "a"
    with pytest.raises(TypeError) as caught:
        hash(Restricted([COST]))
    assert "4711" not in str(caught.value)


def test_errors_of_arithmetic_lose_message_context_and_frames_with_the_value() -> None:
    """A division by zero is still one, but neither it nor its traceback knows the figure."""

    class Talkative:
        def __radd__(self, other: object) -> object:
            text = f"cannot add {other}"
            raise ValueError(text)

    attempts: list[tuple[Any, type[Exception]]] = [
        (lambda: Restricted(COST) / 0, ZeroDivisionError),
        (lambda: Restricted(COST) + "x", RestrictedValueError),
        (lambda: Restricted("4711") + 1, RestrictedValueError),
        (lambda: Restricted(Decimal("sNaN4711")) + 1, InvalidOperation),
        (lambda: 2 ** Restricted("4711"), RestrictedValueError),
        (lambda: Restricted(COST) + Talkative(), RestrictedValueError),
        (lambda: Restricted(COST) < Restricted("4711"), RestrictedValueError),
        (lambda: round(Restricted("4711"), 2), RestrictedValueError),
        (lambda: -Restricted("4711"), RestrictedValueError),
    ]
    for attempt, kind in attempts:
        with pytest.raises(kind) as caught:
            attempt()
        error = caught.value
        assert "4711" not in str(error)
        assert error.__context__ is None
        traceback = error.__traceback__
        while traceback is not None:
            names = traceback.tb_frame.f_locals
            if traceback.tb_frame.f_code.co_filename.endswith("arithmetic.py"):
                assert not any("4711" in re.sub(r"0x[0-9a-f]+", "", repr(value)) for value in names.values())
            traceback = traceback.tb_next


def test_reveal_and_declassify_are_counted_and_told_without_the_value() -> None:
    """Kind, reason and place of the call; a callback that fails or that has ended disturbs nobody."""
    told: list[Reveal] = []

    def broken(_: Reveal) -> None:
        raise RuntimeError

    before = reveal_counts()
    ends = [on_reveal(broken), on_reveal(told.append)]
    try:
        line = sys._getframe().f_lineno + 1
        assert Restricted(COST).reveal(reason="restricted metric") == COST
        assert declassify(Restricted(COST), reason="customer price") == COST
        assert declassify(COST, reason="  ") == COST
    finally:
        for end in (*ends, *ends):
            end()
    Restricted(COST).reveal(reason="nobody listens")
    assert [(one.kind, one.reason) for one in told] == [
        ("reveal", "restricted metric"),
        ("declassify", "customer price"),
        ("declassify", "unstated"),
    ]
    assert told[0].location == f"{__file__}:{line}"
    assert "4711" not in repr(told)
    after = reveal_counts()
    assert (after["reveal"] - before["reveal"], after["declassify"] - before["declassify"]) == (2, 2)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9))
def test_taking_out_gives_what_was_put_in(number: Decimal) -> None:
    """Wrapping loses nothing."""
    assert Restricted(number).reveal(reason="test") is number
