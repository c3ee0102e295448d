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
        # An iterator can be read once only.
        self._source: Source[_T] = source if callable(source) else tuple(source)
        self._what = what
        self._name = name
        self._all: Mapping[str, _T] | None = None

    def all(self) -> Mapping[str, _T]:
        """Give all by their name.

        Raises:
            CatalogError: Two have the same name.
        """
        if self._all is None:
            named: dict[str, _T] = {}
            for thing in self._source() if callable(self._source) else self._source:
                name = self._name(thing)
                if name in named:
                    msg = f"{self._what}: {name!r} is declared twice: give the second another name, or drop it"
                    raise CatalogError(msg)
                named[name] = thing
            self._all = MappingProxyType(named)
        return self._all

    def and_then(self, further: Source[_T]) -> Callable[[], Iterable[_T]]:
        """Give a source of these things and further ones, which is asked no earlier than this one."""
        # An iterator can be read once only, and catalogues may be extended twice.
        kept = further if callable(further) else tuple(further)
        return lambda: (*self.all().values(), *(kept() if callable(kept) else kept))
