"""Others who configure logging after us: uvicorn by `dictConfig`, Alembic by `fileConfig`, an application by either."""

from __future__ import annotations

import logging.config
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_FUNCTIONS: Final = ("dictConfig", "fileConfig")


class Configurations:
    """Calls somebody after each configuration of logging.

    Args:
        afterwards: Called when a configuration has taken effect.
    """

    def __init__(self, afterwards: Callable[[], None]) -> None:
        self._afterwards = afterwards
        self._theirs: dict[str, Any] = {}
        self._ours: dict[str, Any] = {}

    def install(self) -> None:
        """Take the place of the functions that configure logging."""
        for name in _FUNCTIONS:
            self._theirs[name] = theirs = getattr(logging.config, name)
            self._ours[name] = ours = self._followed(theirs)
            setattr(logging.config, name, ours)

    def remove(self) -> None:
        """Give it back, where nobody has come on top meanwhile."""
        for name, ours in self._ours.items():
            if getattr(logging.config, name) is ours:
                setattr(logging.config, name, self._theirs[name])
        self._ours.clear()

    def _followed(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def configure(*arguments: Any, **keywords: Any) -> Any:
            result = function(*arguments, **keywords)
            self._afterwards()
            return result

        return configure
