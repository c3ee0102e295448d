"""What only rendering and checking need: declared in the catalogue, loaded when somebody asks for it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

from sms_observability.catalog.errors import CatalogError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_T = TypeVar("_T")

Source: TypeAlias = "Iterable[_T] | Callable[[], Iterable[_T]]"
"""The things themselves, or a function that imports and gives them."""


class Later(Generic[_T]):
    """Named things that no service pays for at its start.

    Args:
        what: What they are, for messages.
        name: Gives the name of one.
        source: The things, or a function that gives them.

    Example:
        >>> Later("numbers", str, lambda: [1, 2, 3]).all()["3"]
        3
    """

    __slots__ = ("_all", "_name", "_source", "_what")

    def __init__(self, what: str, name: Callable[[_T], str], source: Source[_T]) -> None:
        self._source = _kept(source)
        self._what = what
        self._name = name
        self._all: Mapping[str, _T] | None = None

    def all(self) -> Mapping[str, _T]:
        """Give all by their name.

        Raises:
            CatalogError: Two have the same name.
        """
        if self._all is None:
            self._all = MappingProxyType(by_name(self._what, self._name, self._source()))
        return self._all

    def and_then(self, further: Source[_T]) -> Callable[[], Iterable[_T]]:
        """Give a source of these things and further ones, which is asked no earlier than this one."""
        kept = _kept(further)
        return lambda: (*self.all().values(), *kept())

    def preceded_by(self, further: Source[_T]) -> Callable[[], Iterable[_T]]:
        """Give a source of further things and then these, for things that are asked in their order."""
        kept = _kept(further)
        return lambda: (*kept(), *self.all().values())


def by_name(what: str, name_of: Callable[[_T], str], things: Iterable[_T]) -> dict[str, _T]:
    """Give things by their name.

    Args:
        what: What they are, for messages.
        name_of: Gives the name of one.
        things: The things.

    Raises:
        CatalogError: Two have the same name.
    """
    named: dict[str, _T] = {}
    for thing in things:
        name = name_of(thing)
        if name in named:
            msg = f"{what}: {name!r} is declared twice: give the second another name, or drop it"
            raise CatalogError(msg)
        named[name] = thing
    return named


def _kept(source: Source[_T]) -> Callable[[], Iterable[_T]]:
    if callable(source):
        return source
    # An iterator can be read once only, and catalogues may be extended twice.
    things = tuple(source)
    return lambda: things
