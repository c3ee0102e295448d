"""Any Python value becomes a safe OTLP value, whatever it does when it is looked at."""

from __future__ import annotations

import array
import datetime as dt
import doctest
import enum
import gc
import math
import threading
import time
import uuid
from collections import UserString, deque
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import sms_observability.sanitise.amounts
import sms_observability.sanitise.values
from hostile import (
    HOSTILE,
    Colour,
    EndlessMapping,
    Exits,
    HostileMeta,
    Level,
    LoudFloat,
    LoudInt,
    LoudStr,
    Pair,
    Plan,
    RaisingMapping,
    RaisingStr,
    Recursive,
    Word,
    Zone,
    branching_cycle,
    cyclic_dict,
    deep,
    hostile,
    summon,
)
from sms_observability.sanitise import (
    MAX_CHARACTERS,
    MAX_DEPTH,
    MAX_INT,
    MAX_ITEMS,
    MAX_TEXT,
    MIN_INT,
    sanitise_attributes,
    sanitise_key,
    sanitise_number,
    sanitise_text,
    sanitise_timestamp,
    sanitise_value,
)
from sms_observability.sanitise.classes import short_name

EXACT = (type(None), bool, int, float, str, bytes, list, dict)


def assert_safe(value: Any, depth: int = 0) -> None:
    """Check that a value is what OTLP can carry, and nothing but that."""
    assert type(value) in EXACT
    assert depth <= MAX_DEPTH
    if type(value) is int:
        assert MIN_INT <= value <= MAX_INT
    elif type(value) is str:
        assert len(value.encode()) >= len(value) <= MAX_TEXT
    elif type(value) is bytes:
        assert len(value) <= MAX_TEXT
    elif type(value) is list:
        for item in value:
            assert_safe(item, depth + 1)
    elif type(value) is dict:
        for key, item in value.items():
            assert type(key) is str
            assert key
            assert_safe(key)
            assert_safe(item, depth + 1)


def count_items(value: Any) -> int:
    """Count everything in a value."""
    if isinstance(value, dict):
        return 1 + sum(count_items(item) for item in value.values())
    return 1 + sum(count_items(item) for item in value) if isinstance(value, list) else 1


def named(cases: list[tuple[Any, Any]]) -> list[Any]:
    """Name cases by type, because pytest would ask the hostile values for their text."""
    return [pytest.param(*case, id=f"{number}-{short_name(type(case[0]))}") for number, case in enumerate(cases)]


class Quote:
    def __init__(self) -> None:
        self.asked = 0

    def __str__(self) -> str:
        self.asked += 1
        return LoudStr("quote \ud800")


class Silent: ...


FORMS: list[tuple[Any, Any]] = [
    (None, None),
    (True, True),
    (7, 7),
    (MAX_INT, MAX_INT),
    (MIN_INT, MIN_INT),
    (MAX_INT + 1, "9223372036854775808"),
    (-(2**63) - 1, "-9223372036854775809"),
    (10**5000, "<int of 16610 bits>"),
    (1.5, 1.5),
    (math.inf, math.inf),
    ("quote", "quote"),
    ("é" * 5000, "é" * MAX_TEXT),
    ("a\ud800b", "a\ufffdb"),
    ("\ud83d\ude00", "\U0001f600"),
    (UserString("text"), "text"),
    (b"x" * 5000, b"x" * MAX_TEXT),
    (bytearray(b"abc"), b"abc"),
    (memoryview(b"abcdef")[::2], b"ace"),
    (Colour.RED, "red"),
    (Colour.PAIR, [1, "two"]),
    (Level.HIGH, 3),
    (Word.YES, "yes"),
    (Decimal("9.50"), "9.50"),
    (Fraction(1, 3), "1/3"),
    (1 + 2j, "(1+2j)"),
    (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    (dt.datetime(2024, 2, 29, tzinfo=dt.UTC), "2024-02-29T00:00:00+00:00"),
    (dt.date(2024, 2, 29), "2024-02-29"),
    (dt.time(12, 30), "12:30:00"),
    (dt.timedelta(minutes=1.5), 90.0),
    ((1, (2,)), [1, [2]]),
    (Pair(1, 2), [1, 2]),
    ({1}, [1]),
    (deque([1, 2]), [1, 2]),
    (array.array("d", [1.0]), [1.0]),
    ({"a": 1}.values(), [1]),
    ({"a": 1}.items(), [["a", 1]]),
    ({None: 1, 2: 3, "": 4}, {"None": 1, "2": 3, "<empty>": 4}),
    (MappingProxyType({"a": (1,)}), {"a": [1]}),
    (ValueError("no stock"), "ValueError: no stock"),
    (KeyError(), "KeyError"),
    (Silent, f"<class {__name__}.Silent>"),
    (print, "<function builtins.print>"),
    (deep, "<function hostile.deep>"),
    (Quote().__str__, f"<function {__name__}.Quote.__str__>"),
    ("".upper, "<function>"),
    (enum, "<module>"),
    (Silent(), f"<{__name__}.Silent>"),
    (iter([1]), "<list_iterator>"),
    (range(3), "range(0, 3)"),
    (LoudStr("loud"), "loud"),
    (LoudInt(7), 7),
    (LoudFloat(1.5), 1.5),
    (RaisingStr(), "<unprintable RaisingStr>"),
    (Exits(), "<unprintable Exits>"),
    (Recursive(), "<unprintable Recursive>"),
    (dt.datetime(2024, 2, 29, tzinfo=Zone()), "<unprintable datetime>"),
    (HostileMeta(), "<hostile.HostileMeta>"),
    ([RaisingStr(), 1], ["<unprintable RaisingStr>", 1]),
    (RaisingMapping(), "<unprintable RaisingMapping>"),
    (cyclic_dict(), {"self": "<cyclic dict>"}),
]


@pytest.mark.parametrize(("given_value", "form"), named(FORMS))
def test_each_type_takes_its_declared_form(given_value: Any, form: Any) -> None:
    """The table of the package's documentation holds, line by line."""
    safe = sanitise_value(given_value)
    assert safe == form
    assert type(safe) is type(form)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_value_becomes_a_safe_one(name: str) -> None:
    """No value of the gallery raises, takes long, or gets through unsafe; its neighbours stay as they were."""
    make = HOSTILE[name]
    started = time.monotonic()
    assert_safe(sanitise_value(make()))
    assert_safe(sanitise_text(make()))
    assert 1 <= len(sanitise_key(make())) <= 256
    assert sanitise_attributes({"before": 1, "bad": make(), "after": 2}).items() >= {"before": 1, "after": 2}.items()
    assert_safe(sanitise_attributes(make()))
    number = sanitise_number(make())
    assert number is None or type(number) in (int, float)
    assert 0 <= sanitise_timestamp(make(), 5) <= MAX_INT
    assert time.monotonic() - started < 5


@example([Plan("bytes"), Plan("branching cycle")])
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.recursive(
        hostile | st.floats() | st.integers() | st.text(st.characters(exclude_categories=())) | st.binary(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner) | st.tuples(inner),
    )
)
def test_any_nesting_of_hostile_values_becomes_a_safe_one(planned: Any) -> None:
    """Whatever is put into whatever, the result is safe and bounded."""
    safe = sanitise_value(summon(planned))
    assert_safe(safe)
    assert count_items(safe) <= MAX_ITEMS + 1
    assert sanitise_value(safe) == safe or "nan" in repr(safe)


@given(st.text(st.characters(exclude_categories=()), max_size=50), st.integers(-3, 60))
def test_text_that_utf8_carries_is_kept_and_the_rest_is_mended(text: str, limit: int) -> None:
    """The limit holds, clean text passes unchanged, and surrogates are mended."""
    safe = sanitise_text(text, limit)
    assert len(safe) <= max(limit, 0)
    safe.encode()
    if not any("\ud800" <= character <= "\udfff" for character in text):
        assert safe == text[: max(limit, 0)]


def test_the_code_of_a_value_runs_once() -> None:
    """A text form may be costly or have effects, so it is asked for once."""
    quote = Quote()
    assert sanitise_value([quote]) == ["quote \ufffd"]
    assert quote.asked == 1


def test_a_generator_is_never_consumed() -> None:
    """Telemetry must not eat what the application is about to read."""
    generator = (number for number in range(3))
    assert sanitise_value({"items": generator}) == {"items": "<generator>"}
    assert list(generator) == [0, 1, 2]


def test_only_keyboard_interrupt_passes() -> None:
    """Ctrl-C belongs to the person at the keyboard; everything else is swallowed."""

    class Interrupts:
        def __str__(self) -> str:
            raise KeyboardInterrupt

        __float__ = __str__

    for function in (sanitise_value, sanitise_text, sanitise_key, sanitise_number):
        with pytest.raises(KeyboardInterrupt):
            function(Interrupts())
    with pytest.raises(KeyboardInterrupt):
        sanitise_attributes({"a": Interrupts()})


def test_a_container_is_bounded_in_depth_items_and_characters() -> None:
    """A value can be no bomb, however it is nested."""
    assert str(sanitise_value(deep(5000))).count("[") == MAX_DEPTH
    assert count_items(sanitise_value(branching_cycle())) <= MAX_ITEMS + 1
    texts = sanitise_value(["x" * 4000] * 500)
    assert isinstance(texts, list)
    assert sum(len(str(text)) for text in texts) == MAX_CHARACTERS
    assert len(sanitise_attributes({f"key{number}": number for number in range(1000)})) == 128
    assert len(sanitise_attributes(EndlessMapping(), limit=5)) == 5


def test_a_mapping_keeps_what_came_before_its_error() -> None:
    """A mapping that breaks half-way loses the second half only."""

    class Breaks(Mapping[str, int]):
        def __getitem__(self, key: str) -> int:
            return {"first": 1, "second": 2}[key]

        def __iter__(self) -> Iterator[str]:
            yield from ("first", "second", "third")

        def __len__(self) -> int:
            return 3

    assert sanitise_value(Breaks()) == {"first": 1, "second": 2}
    assert sanitise_attributes(Breaks()) == {"first": 1, "second": 2}


def test_a_mapping_that_changes_meanwhile_is_survived() -> None:
    """Another thread may write into the dictionary that is being read."""
    shared: dict[Any, Any] = {f"key{number}": number for number in range(50)}
    stop = threading.Event()

    def change() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            shared[number % 100] = number
            shared.pop((number * 7) % 100, None)

    thread = threading.Thread(target=change, daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + 0.3
        while time.monotonic() < deadline:
            assert sanitise_attributes(shared)["key7"] == 7
            nested = sanitise_value([shared])
            assert isinstance(nested, list)
            assert isinstance(nested[0], dict)
            assert nested[0]["key7"] == 7
    finally:
        stop.set()
        thread.join()


def test_a_nearly_used_up_stack_is_survived() -> None:
    """Telemetry at the bottom of a deep recursion gives a poorer value, not an error."""

    def dive() -> int:
        try:
            return dive() + 1
        except RecursionError:
            return 0

    def at(depth: int) -> Any:
        return at(depth - 1) if depth else (sanitise_value([[["x"]]]), sanitise_attributes({"a": [[1]]}))

    for spare in range(12, 40):
        value, attributes = at(dive() - spare)
        assert_safe(value)
        assert_safe(attributes)


def test_attributes_are_copied() -> None:
    """What the caller does to the dictionary afterwards does not change the record."""
    given_attributes = {"a": 1, "b": [1]}
    safe = sanitise_attributes(given_attributes)
    given_attributes["a"] = 2
    assert safe == {"a": 1, "b": [1]}
    assert sanitise_attributes(None) == sanitise_attributes([("a", 1)]) == {}


def test_attributes_with_odd_keys_keep_their_neighbours() -> None:
    """A key that is no text is turned into text."""
    safe = sanitise_attributes({"a": 1, RaisingStr(): 2, 3: 4, "k" * 300: 5})
    assert safe == {"a": 1, "<unprintable RaisingStr>": 2, "3": 4, "k" * 256: 5}


@pytest.mark.parametrize(
    ("amount", "number"),
    named(
        [
            (1, 1),
            (True, 1),
            (1.5, 1.5),
            (2**63, MAX_INT),
            (-(10**30), MIN_INT),
            (Decimal("9.5"), 9.5),
            (Decimal("sNaN"), None),
            (Fraction(1, 2), 0.5),
            (Level.HIGH, 3),
            (LoudInt(7), 7),
            (LoudFloat(1.5), 1.5),
            ("1", None),
            (None, None),
            (RaisingStr(), None),
            ([1], None),
        ]
    ),
)
def test_an_amount_is_a_number_or_nothing(amount: Any, number: Any) -> None:
    """A metric gets a number that it can carry, or is told that there is none."""
    assert sanitise_number(amount) == number
    assert type(sanitise_number(amount)) is type(number)


def test_nan_stays_so_that_it_can_be_counted() -> None:
    """Whether NaN is an amount is for the metric to say."""
    assert math.isnan(sanitise_number(math.nan) or 0)


@pytest.mark.parametrize(
    ("ns", "safe"),
    named(
        [(5, 5), (0, 0), (5.7, 5), (Level.HIGH, 3), (LoudInt(7), 7), (MAX_INT, MAX_INT)]
        + [(bad, 9) for bad in (-1, 2**63, 2**70, -1.5, math.nan, math.inf, True, None, "5", RaisingStr())]
    ),
)
def test_a_timestamp_is_in_range_or_the_default(ns: Any, safe: int) -> None:
    """A time that OTLP cannot carry is replaced."""
    assert sanitise_timestamp(ns, 9) == safe


def test_numpy_values_become_numbers_and_lists() -> None:
    """Science code hands out scalars and arrays of its own; they are known by name, numpy is not imported."""

    def numpy_class(name: str, base: type = object, **methods: Any) -> type:
        return type(name, (base,), {"__module__": "numpy", **methods})

    generic = numpy_class("generic")
    ndarray = numpy_class("ndarray", tolist=lambda self: [[1, 2.5]], size=2)
    large = type("ndarray", (ndarray,), {"size": 10**9})
    scalar = numpy_class("int32", generic, item=lambda self: 7)
    long_double = numpy_class("longdouble", generic, item=lambda self: self, __float__=lambda self: 1.5)
    assert sanitise_value([scalar(), long_double()]) == [7, 1.5]
    assert sanitise_value(ndarray()) == [[1, 2.5]]
    assert sanitise_value(large()) == "<ndarray>"


def test_a_sanitised_value_keeps_nothing_alive() -> None:
    """A record in a queue must not hold the objects that it was made from."""

    class Heavy:
        def __str__(self) -> str:
            return "heavy"

    gc.collect()
    safe = sanitise_value({"heavy": Heavy()})
    gc.collect()
    assert not [each for each in gc.get_objects() if type(each) is Heavy]
    assert safe == {"heavy": "heavy"}


@pytest.mark.parametrize("module", [sms_observability.sanitise.values, sms_observability.sanitise.amounts])
def test_the_examples_of_the_documentation_run(module: Any) -> None:
    """What the documentation shows is what happens."""
    outcome = doctest.testmod(module)
    assert outcome.attempted
    assert not outcome.failed
