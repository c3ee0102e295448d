"""How the items of a container are taken: at once where that is possible, and never more than there is room for."""

from __future__ import annotations

import types
from array import array
from collections import deque
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias

from sms_observability.sanitise.classes import class_of, mro_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Value: TypeAlias = "bool | int | float | str | bytes | list[Value] | dict[str, Value] | None"

Take: TypeAlias = "Callable[[Any, int], list[Any]]"

MAX_ITEMS = 1024

# The builtin methods, not those that a subclass puts in their place.
_list_slice: Callable[[Any, slice[int, int, None]], Any] = list[Any].__getitem__
_tuple_slice: Callable[[Any, slice[int, int, None]], Any] = tuple[Any, ...].__getitem__
_dict_items: Callable[[Any], Any] = dict[Any, Any].items


def collect(iterable: Iterable[Any], room: int) -> list[Any]:
    """Take items until there is no room, or until the iteration raises."""
    items: list[Any] = []
    try:
        items.extend(islice(iterable, room))
    except KeyboardInterrupt:
        raise
    except BaseException:
        if not items:
            raise
    return items


def take_list(value: Any, room: int) -> list[Any]:
    """Take items of a list; a slice is taken at once, no other thread can change the list meanwhile."""
    items: list[Any] = _list_slice(value, slice(0, room))
    return items


def take_pairs(value: Any, room: int) -> list[tuple[Any, Any]]:
    """Take the pairs of a mapping; what is no mapping has none."""
    for base in mro_of(class_of(value)):
        if base is dict:
            return collect(_dict_items(value), room)
        if base is Mapping or base is types.MappingProxyType:
            return [pair for pair in collect(value.items(), room) if class_of(pair) is tuple and len(pair) == 2]  # noqa: PLR2004
    return []


def _take_tuple(value: Any, room: int) -> list[Any]:
    return list(_tuple_slice(value, slice(0, room)))


def _iterated_by(kind: Any) -> Take:
    """Iterate as `kind` does, not as a subclass does."""
    return lambda value, room: collect(kind.__iter__(value), room)


_EMPTY: dict[str, str] = {}
_KINDS: list[tuple[Any, Take]] = [
    (list, take_list),
    (tuple, _take_tuple),
    (set, _iterated_by(set)),
    (frozenset, _iterated_by(frozenset)),
    (deque, _iterated_by(deque)),
    (array, _iterated_by(array)),
    (class_of(_EMPTY.keys()), collect),
    (class_of(_EMPTY.values()), collect),
    (class_of(_EMPTY.items()), collect),
    (dict, take_pairs),
    (types.MappingProxyType, take_pairs),
    (Mapping, take_pairs),
    (Sequence, collect),
    (AbstractSet, collect),
]
TAKES: dict[int, Take] = {id(kind): take for kind, take in _KINDS}
