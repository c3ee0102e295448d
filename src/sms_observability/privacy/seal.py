"""A place inside an object to which no attribute leads: only this room can put something there and take it out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class Sealed:
    """Holds one thing that `vars`, `dir`, `getattr`, `pickle` and the displays of debuggers do not find."""

    __slots__ = ("_content",)


# The slot stays in each object; its name goes, so that nothing which walks the attributes of an object comes across it.
_slot: Any = Sealed.__dict__["_content"]
del Sealed._content  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
del Sealed.__slots__

seal: Callable[[Sealed, Any], None] = _slot.__set__
"""Put a thing into a sealed object."""

unseal: Callable[[Sealed], Any] = _slot.__get__
"""Take the thing out; raises `AttributeError` if nothing was put in."""
