"""Replacing a method of a library, and putting it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_MARK = "_sms_observability_original"


class Patches:
    """The replacements that one instrumentation made; `undo` takes them back."""

    def __init__(self) -> None:
        self._made: list[tuple[Any, str, Any, Any]] = []
        self._undo: list[Callable[[], None]] = []

    def replace(self, owner: Any, name: str, make: Callable[[Any], Any]) -> None:
        """Replace `owner.name` by what `make` builds around the original.

        Args:
            owner: A class or module.
            name: The name of a function in it.
            make: Is given the original, gives the replacement.
        """
        original = getattr(owner, name)
        if hasattr(original, _MARK):
            return
        replacement = make(original)
        replacement.__name__ = getattr(original, "__name__", name)
        replacement.__qualname__ = getattr(original, "__qualname__", name)
        replacement.__doc__ = getattr(original, "__doc__", None)
        replacement.__wrapped__ = original
        setattr(replacement, _MARK, original)
        setattr(owner, name, replacement)
        self._made.append((owner, name, original, replacement))

    def on_undo(self, call: Callable[[], None]) -> None:
        """Add something else that has to be taken back."""
        self._undo.append(call)

    def undo(self) -> None:
        """Put the originals back, except where somebody has replaced the replacement since."""
        for owner, name, original, replacement in reversed(self._made):
            if getattr(owner, name) is replacement:
                setattr(owner, name, original)
        self._made.clear()
        for call in reversed(self._undo):
            call()
        self._undo.clear()
