"""The value guard: what was restricted in a request is known for it, in any form, and for nobody else."""

from __future__ import annotations

import asyncio
import contextvars
import copy
import pickle
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms_observability.privacy import PLACEHOLDER, Restricted, ValueGuard, current_guard, declassify, guard_scope
from sms_observability.privacy.guard import MAX_COMPARED, MAX_VALUES, close_scope, job_guard, open_scope
from sms_observability.sanitise import sanitise_value

SECRET = 4711.08
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def knowing(*secrets: Any) -> ValueGuard:
    with guard_scope() as guard:
        for secret in secrets:
            Restricted(secret)
    return guard


def test_without_restricted_values_there_is_nothing_to_do() -> None:
    """Not armed, and every value is given back as it is."""
    with guard_scope() as guard:
        assert not guard.armed
        assert guard.size == 0
        value = {"a": [1234.5, "4711.08"]}
        assert guard.clean(value) is value


@given(values)
def test_what_holds_nothing_stays_the_same_object(value: Any) -> None:
    """A guard that knows one figure leaves all others alone; it never raises."""
    safe = sanitise_value(value)
    guard = knowing(SECRET)
    cleaned = guard.clean(safe)
    assert cleaned is safe or "4711" in repr(safe) or "471" in repr(safe) or len(repr(safe)) > MAX_COMPARED


@pytest.mark.parametrize(
    ("value", "clean"),
    [
        (SECRET, PLACEHOLDER),
        (-SECRET, PLACEHOLDER),
        (471108, PLACEHOLDER),
        ("was 4,711.08 now", f"was {PLACEHOLDER} now"),
        ("4711.08 and 4711.08", f"{PLACEHOLDER} and {PLACEHOLDER}"),
        ("quote 3 711.5 and 3,4711.08,711.5", f"quote 3 711.5 and 3,{PLACEHOLDER},711.5"),
        ("[4711.08,4711.08]", f"[{PLACEHOLDER},{PLACEHOLDER}]"),
        ("4711.09", "4711.09"),
        (["a", SECRET, 7], ["a", PLACEHOLDER, 7]),
        ({"a": {"b": [SECRET]}, "c": 1}, {"a": {"b": [PLACEHOLDER]}, "c": 1}),
        ({"cost 4711.08": 1}, {f"cost {PLACEHOLDER}": 1}),
        (b"it is 4711.08", PLACEHOLDER),
        (b"nothing", b"nothing"),
        (True, True),
        (None, None),
    ],
)
def test_a_figure_is_masked_wherever_it_is(value: Any, clean: Any) -> None:
    """Alone, in texts, lists, mappings and their keys, and in bytes; its neighbours stay."""
    assert knowing(SECRET).clean(value) == clean


def test_a_structure_that_is_deeper_than_a_safe_one_can_be_is_replaced() -> None:
    """Nobody is sent down without an end."""
    deep: Any = "4711.08"
    for _ in range(50):
        deep = [deep]
    assert "4711" not in repr(knowing(SECRET).clean(deep))


@pytest.mark.parametrize(
    ("comparison", "value", "is_masked"),
    [
        ("fractions", 471108, False),
        ("fractions", "471108", False),
        ("fractions", "ord-4711.08", True),
        ("fractions", SECRET, True),
        ("texts", SECRET, False),
        ("texts", 471108, False),
        ("texts", "4711.08", True),
    ],
)
def test_what_ids_and_measurements_hold_is_compared_with_care(comparison: Any, value: Any, is_masked: bool) -> None:  # noqa: FBT001
    """Whole numbers of ids are left alone, and so is what the library measured."""
    assert (knowing(SECRET).clean(value, comparison) is not value) is is_masked


def test_amounts_and_labels_are_asked_for_as_they_are() -> None:
    """Before they are sanitised, as a metric gets them."""
    from decimal import Decimal

    guard = knowing(SECRET)
    assert guard.knows(Decimal("4711.08"))
    assert guard.knows("x 4711.08")
    assert not guard.knows(7)
    assert not guard.knows(object())
    assert guard.matches({"a": SECRET})
    assert not guard.matches({"a": 1})


class Single:
    """A number of a class of its own, as numpy has them."""

    def __init__(self, value: float) -> None:
        self._value = value

    def __float__(self) -> float:
        return self._value

    def __str__(self) -> str:
        return f"about {self._value}"


def test_an_amount_of_somebody_else_s_class_is_known_by_what_will_be_recorded() -> None:
    """Its number as an amount, its text as a label."""
    guard = knowing(SECRET)
    assert guard.knows(Single(SECRET))
    assert guard.knows(complex(SECRET, 1))
    assert guard.knows([SECRET])
    assert not guard.knows(Single(1234.56))
    assert not guard.knows(Restricted(SECRET))
    assert not guard.knows(float("nan"))


def test_what_is_declassified_is_no_longer_masked() -> None:
    """In none of its forms; the others stay."""
    with guard_scope() as guard:
        declassify(Restricted(SECRET), reason="customer price")
        Restricted(1234.56)
        assert guard.clean(["4711.08", "4,711.08", 471108, 4711.1]) == ["4711.08", "4,711.08", 471108, 4711.1]
        assert guard.clean("1234.56") == PLACEHOLDER


def test_requests_do_not_know_of_each_other() -> None:
    """Each task has its own memory; what was restricted outside of all is known in all."""

    async def request(secret: float) -> list[Any]:
        with guard_scope() as guard:
            Restricted(secret)
            await asyncio.sleep(0)
            return [guard.clean(each) for each in (4711.08, 1234.56, 9876.54)]

    def outside() -> list[list[Any]]:
        Restricted(9876.54)

        async def both() -> list[list[Any]]:
            return list(await asyncio.gather(request(4711.08), request(1234.56)))

        return asyncio.run(both())

    assert contextvars.copy_context().run(outside) == [
        [PLACEHOLDER, 1234.56, PLACEHOLDER],
        [4711.08, PLACEHOLDER, PLACEHOLDER],
    ]


def test_a_guard_that_is_full_masks_every_telling_number() -> None:
    """Rather than letting one pass that it could not remember; small round ones still pass."""
    guard = knowing(*(100_000.01 + number for number in range(MAX_VALUES + 1)))
    assert guard.clean([77.1234, "came to 9,999.99", 12, "7 parts"]) == [
        PLACEHOLDER,
        f"came to {PLACEHOLDER}",
        12,
        "7 parts",
    ]


def test_the_memory_of_the_process_forgets_the_oldest() -> None:
    """It never fills up, so that a job without a scope does not mask everything in the end."""
    process = ValueGuard()
    for number in range(3 * MAX_VALUES):
        with guard_scope():
            secret = Restricted(100_000.01 + number)
        process.remember(secret)
        if number % 1000 == 0:
            process.knows(1)
    assert process.clean(77.1234) == 77.1234
    assert process.clean(100_000.01 + 3 * MAX_VALUES - 1) == PLACEHOLDER
    assert process.clean(100_000.01) == 100_000.01


def test_a_hostile_amount_of_numbers_is_masked_unread() -> None:
    """A text and a list longer than anybody reads cost no more than their beginning."""
    guard = knowing(SECRET)
    text = "12345.67 " * (MAX_COMPARED * 2)
    assert guard.clean(text) == "12345.67 " * MAX_COMPARED + PLACEHOLDER
    for run in ("1,", "000,", "1.5,", "1 000 "):
        text = run * 8000
        clean = guard.clean(text)
        assert clean == text[: len(clean) - len(PLACEHOLDER)] + PLACEHOLDER
        assert len(clean) < len(text)
    listed = guard.clean([12345.67] * (MAX_COMPARED * 2))
    assert listed == [12345.67] * MAX_COMPARED + [PLACEHOLDER] * MAX_COMPARED
    mixed = guard.clean(["plain"] * 1000 + ["9.99"])
    assert mixed == ["plain"] * 1000 + ["9.99"]


def test_many_threads_may_use_one_guard() -> None:
    """What each of them has restricted is known at the end."""
    with guard_scope() as guard:
        context = contextvars.copy_context()

        def work(first: int, inner: contextvars.Context) -> None:
            for number in range(100):
                inner.run(Restricted, 100_000.01 + first + number)
                guard.knows("5.55")

        threads = [threading.Thread(target=work, args=(first, context.copy())) for first in range(0, 800, 100)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert guard.size == 800
    assert all(guard.knows(100_000.01 + number) for number in range(800))


def test_nothing_shows_what_a_guard_knows() -> None:
    """Neither its text, nor its attributes, nor a pickle."""
    guard = knowing(SECRET)
    guard.knows(1)
    shown = [guard, *(getattr(guard, name) for name in ValueGuard.__slots__), vars(ValueGuard)]
    assert "4711.08" not in f"{shown}{guard}"
    with pytest.raises(TypeError, match="stays in its process"):
        pickle.dumps(guard)
    with pytest.raises(TypeError):
        copy.deepcopy(guard)


def test_a_job_within_a_request_shares_its_memory() -> None:
    """Only outside of one, a job has a guard of its own."""
    own = contextvars.copy_context().run(job_guard)
    assert own is not None
    with guard_scope():
        assert job_guard() is None


def test_a_scope_that_is_closed_elsewhere_changes_nothing() -> None:
    """As when a generator is closed in another task than its own."""
    token = contextvars.copy_context().run(open_scope)
    before = current_guard()
    close_scope(token)
    assert current_guard() is before


def test_a_block_in_a_request_knows_what_is_restricted_around_it() -> None:
    """What it learns itself is forgotten with it."""
    with guard_scope() as request:
        Restricted(SECRET)
        with guard_scope() as block:
            Restricted(1234.56)
            assert block.clean(["4711.08", "1234.56"]) == [PLACEHOLDER, PLACEHOLDER]
        assert request.clean(["4711.08", "1234.56"]) == [PLACEHOLDER, "1234.56"]
