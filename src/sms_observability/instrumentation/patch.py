"""Replacing a method of a library, and putting it back."""

from __future__ import annotations

import functools
import logging
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_logger = logging.getLogger("sms_observability.instrumentation")

_MARK: Final = "_sms_observability_original"


class Patches:
    """The replacements that one instrumentation made; `undo` takes them back."""

    def __init__(self) -> None:
        self._undo: list[Callable[[], None]] = []

    def replace(self, owner: Any, name: str, make: Callable[[Any], Any]) -> None:
        """Replace `owner.name` by what `make` builds around the original; nothing if that has been done already.

        Args:
            owner: A class or module.
            name: The name of a function in it.
            make: Is given the original, gives the replacement.

        Raises:
            AttributeError: There is no such function in this version of the library.
        """
        original = getattr(owner, name)
        if hasattr(original, _MARK):
            return
        replacement = functools.update_wrapper(make(original), original)
        setattr(replacement, _MARK, original)
        setattr(owner, name, replacement)

        def restore() -> None:
            # Where somebody has replaced the replacement since, theirs stays.
            if getattr(owner, name) is replacement:
                setattr(owner, name, original)

        self._undo.append(restore)

    def on_undo(self, call: Callable[[], None]) -> None:
        """Add something else that has to be taken back.

        Args:
            call: Called once; what it raises is swallowed.
        """
        self._undo.append(call)

    def undo(self) -> None:
        """Take everything back, the last first; a second time does nothing."""
        while self._undo:
            call = self._undo.pop()
            try:
                call()
            except Exception as error:  # noqa: BLE001 - one that fails must not keep the others
                _logger.debug("could not take an instrumentation back: %s", type(error).__name__)
