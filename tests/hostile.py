"""Values that break telemetry: every class of them that was seen to raise, hang or lose its neighbours elsewhere."""

from __future__ import annotations

import datetime as dt
import enum
import uuid
from collections import OrderedDict, UserDict, UserList, UserString, defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any, NamedTuple

from hypothesis import strategies as st


class RaisingStr:
    def __str__(self) -> str:
        raise ValueError("no text")


class RaisingRepr:
    def __repr__(self) -> str:
        raise RuntimeError("no text")


class Exits:
    def __str__(self) -> str:
        raise SystemExit(3)


class Recursive:
    def __str__(self) -> str:
        return str(self)


class LyingClass:
    @property
    def __class__(self) -> Any:
        raise ValueError("no class")

    @__class__.setter
    def __class__(self, value: Any) -> None: ...


class RaisingGetattr:
    def __getattribute__(self, name: str) -> Any:
        raise SystemExit(name)


class Meta(type):
    def __hash__(cls) -> int:
        raise ValueError("no hash")

    def __eq__(cls, other: object) -> bool:
        raise ValueError("no equality")

    __name__ = property(lambda cls: 1 / 0)
    __mro__ = property(lambda cls: 1 / 0)


class HostileMeta(metaclass=Meta): ...


class RaisingMapping(Mapping[str, int]):
    def __getitem__(self, key: str) -> int:
        raise SystemExit

    def __iter__(self) -> Iterator[str]:
        yield "first"
        raise ValueError("no more")

    def __len__(self) -> int:
        raise ValueError("no length")


class EndlessMapping(Mapping[str, int]):
    def __getitem__(self, key: str) -> int:
        return 1

    def __iter__(self) -> Iterator[str]:
        number = 0
        while True:
            number += 1
            yield f"key{number}"

    def __len__(self) -> int:
        return 2**62


class EndlessList(UserList[int]):
    def __iter__(self) -> Iterator[int]:
        while True:
            yield 1


class RaisingList(list[int]):
    def __iter__(self) -> Iterator[int]:
        raise ValueError("no items")

    def __len__(self) -> int:
        raise ValueError("no length")

    def __getitem__(self, key: Any) -> Any:
        raise ValueError("no items")


class RaisingDict(dict[str, int]):
    def items(self) -> Any:
        raise ValueError("no items")

    def __iter__(self) -> Iterator[str]:
        raise ValueError("no keys")


class LoudStr(str):
    __slots__ = ()

    def __str__(self) -> str:
        raise ValueError("no text")

    def encode(self, *args: Any, **kwargs: Any) -> bytes:
        raise ValueError("no bytes")

    def isascii(self) -> bool:
        raise ValueError("no idea")


class LoudInt(int):
    def __int__(self) -> int:
        raise ValueError("no number")

    def __index__(self) -> int:
        raise ValueError("no number")

    def __str__(self) -> str:
        raise ValueError("no text")


class LoudFloat(float):
    def __float__(self) -> float:
        raise ValueError("no number")


class RaisingFloat:
    def __float__(self) -> float:
        raise SystemExit


class RaisingError(Exception):
    def __str__(self) -> str:
        raise ValueError("no text")


class Colour(enum.Enum):
    RED = "red"
    PAIR = (1, "two")


class Level(enum.IntEnum):
    HIGH = 3


class Word(enum.StrEnum):
    YES = "yes"


class Pair(NamedTuple):
    left: int
    right: Any


class Zone(dt.tzinfo):
    def utcoffset(self, moment: dt.datetime | None) -> dt.timedelta | None:
        raise ValueError("no zone")

    dst = utcoffset

    def tzname(self, moment: dt.datetime | None) -> str:
        raise ValueError("no name")


def deep(levels: int) -> list[Any]:
    nested: list[Any] = []
    for _ in range(levels):
        nested = [nested]
    return nested


def cyclic_dict() -> dict[str, Any]:
    cycle: dict[str, Any] = {}
    cycle["self"] = cycle
    return cycle


def branching_cycle() -> list[Any]:
    cycle: list[Any] = []
    cycle.extend([cycle] * 1000)
    return cycle


def wide_tree() -> list[Any]:
    tree: list[Any] = ["leaf" * 100] * 20
    for _ in range(10):
        tree = [tree] * 20
    return tree


def released() -> memoryview:
    view = memoryview(b"abc")
    view.release()
    return view


def chained() -> list[Any]:
    link: Any = Exits()
    for _ in range(50):
        link = MappingProxyType({"next": link, 3: [link]})
    return [link] * 50


HOSTILE: dict[str, Callable[[], Any]] = {
    "raising __str__": RaisingStr,
    "raising __repr__": RaisingRepr,
    "SystemExit from __str__": Exits,
    "recursive __str__": Recursive,
    "lying __class__": LyingClass,
    "raising __getattribute__": RaisingGetattr,
    "hostile metaclass": HostileMeta,
    "hostile class": lambda: HostileMeta,
    "plain object": object,
    "raising mapping": RaisingMapping,
    "endless mapping": EndlessMapping,
    "endless sequence": EndlessList,
    "raising list": lambda: RaisingList([1, 2]),
    "raising dict": lambda: RaisingDict(a=1),
    "loud str": lambda: LoudStr("loud"),
    "loud int": lambda: LoudInt(7),
    "loud float": lambda: LoudFloat(1.5),
    "raising float": RaisingFloat,
    "raising exception": RaisingError,
    "exception": lambda: ValueError("text \ud800"),
    "enum": lambda: Colour.RED,
    "nested enum": lambda: Colour.PAIR,
    "int enum": lambda: Level.HIGH,
    "str enum": lambda: Word.YES,
    "namedtuple": lambda: Pair(1, RaisingStr()),
    "lone surrogate": lambda: "a\ud800b",
    "nested surrogate": lambda: {"\udfff": ["\ud800"]},
    "long text": lambda: "é" * 1_000_000,
    "nul": lambda: "\x00",
    "int 2**63": lambda: 2**63,
    "int -2**63-1": lambda: -(2**63) - 1,
    "int 10**5000": lambda: 10**5000,
    "nested 2**64": lambda: [2**64],
    "nan": lambda: float("nan"),
    "inf": lambda: float("-inf"),
    "bool": lambda: True,
    "none": lambda: None,
    "decimal": lambda: Decimal("9.50"),
    "signalling decimal": lambda: Decimal("sNaN"),
    "fraction": lambda: Fraction(1, 3),
    "complex": lambda: 1 + 2j,
    "datetime": lambda: dt.datetime(2024, 2, 29, tzinfo=dt.UTC),
    "datetime without zone offset": lambda: dt.datetime(2024, 2, 29, tzinfo=Zone()),
    "timedelta": lambda: dt.timedelta(seconds=1.5),
    "uuid": lambda: uuid.UUID(int=1),
    "bytes": lambda: b"\xff" * 5000,
    "bytearray": lambda: bytearray(b"abc"),
    "memoryview": lambda: memoryview(b"abcdef")[::2],
    "released memoryview": released,
    "set": lambda: {1, "a", None},
    "frozenset": lambda: frozenset([frozenset()]),
    "deque": lambda: deque([1, RaisingStr()]),
    "user list": lambda: UserList([1]),
    "user dict": lambda: UserDict({"a": 1}),
    "user string": lambda: UserString("text"),
    "ordered dict": lambda: OrderedDict(a=1),
    "defaultdict": lambda: defaultdict(list, a=[1]),
    "dict view": lambda: {"a": 1}.keys(),
    "odd keys": lambda: {None: 1, 1: 2, (1,): 3, RaisingStr(): 4, "": 5},
    "generator": lambda: (number for number in range(3)),
    "iterator": lambda: iter([1]),
    "function": lambda: deep,
    "builtin": lambda: print,
    "lambda": lambda: lambda: None,
    "method": lambda: "text".upper,
    "module": lambda: enum,
    "range": lambda: range(10**9),
    "5000 deep list": lambda: deep(5000),
    "48 deep list": lambda: deep(48),
    "cyclic dict": cyclic_dict,
    "branching cycle": branching_cycle,
    "wide tree": wide_tree,
    "chained proxies": chained,
    "mixed list": lambda: [1, "a", None, 1.5, b"x", True],
    "empty containers": lambda: [[], {}, ()],
}


class Plan(NamedTuple):
    """Stands for a hostile value while hypothesis looks at it, which the value itself would not let it do."""

    name: str


hostile = st.builds(Plan, st.sampled_from(list(HOSTILE)))
"""The plan of one hostile value, for `summon`."""


def summon(planned: Any) -> Any:
    """Make the hostile values that are planned, at any depth of lists, tuples and dictionaries."""
    if type(planned) is Plan:
        return HOSTILE[planned.name]()
    if type(planned) is list:
        return [summon(item) for item in planned]
    if type(planned) is tuple:
        return tuple(summon(item) for item in planned)
    if type(planned) is dict:
        return {key: summon(item) for key, item in planned.items()}
    return planned
