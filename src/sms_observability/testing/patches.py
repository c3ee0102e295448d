"""Replacing names inside this library for the time of a test: its clocks, its random ids, its doors."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import ModuleType

_PACKAGE: Final = "sms_observability."
_ABSENT: Final = object()


class Patches:
    """Replacements that are all taken back together."""

    def __init__(self) -> None:
        self._before: list[tuple[Any, str, Any]] = []

    def set(self, owner: Any, name: str, value: object) -> None:
        """Replace one attribute."""
        self._before.append((owner, name, getattr(owner, name, _ABSENT)))
        setattr(owner, name, value)

    def replace_globals(self, rooms: Iterable[str], replacements: Mapping[object, object]) -> None:
        """Replace objects wherever the modules of some rooms hold them, under whatever name.

        Args:
            rooms: Names below the package, such as `providers`; their modules count, too.
            replacements: What is replaced by what, compared by identity.
        """
        by_identity = {id(old): new for old, new in replacements.items()}
        for module in _modules(tuple(rooms)):
            for name, held in list(vars(module).items()):
                if id(held) in by_identity:
                    self.set(module, name, by_identity[id(held)])

    def undo(self) -> None:
        """Put everything back."""
        while self._before:
            owner, name, value = self._before.pop()
            if value is _ABSENT:
                delattr(owner, name)
            else:
                setattr(owner, name, value)


def _modules(rooms: tuple[str, ...]) -> list[ModuleType]:
    wanted = tuple(_PACKAGE + room for room in rooms)
    return [
        module
        for name, module in list(sys.modules.items())
        if name.startswith(_PACKAGE) and any(name == each or name.startswith(f"{each}.") for each in wanted)
    ]


class TimeModule:
    """Stands for the module `time` where a module of ours imported it whole."""

    def __init__(self, functions: Mapping[str, object]) -> None:
        self.__dict__.update(functions)

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)
