"""A text that prints as nothing: header values and tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable


class Secret:
    """Hides a text from `repr`, `str`, `vars` and pickle; whoever sends it calls `reveal`.

    Args:
        text: What to hide.

    Example:
        >>> token = Secret("Bearer 1234")
        >>> token, f"{token}", token.reveal()
        (Secret(…), 'Secret(…)', 'Bearer 1234')
    """

    __slots__ = ("reveal",)

    def __init__(self, text: str) -> None:
        # A closure, so that no attribute holds the text.
        self.reveal: Callable[[], str] = lambda: text

    def __repr__(self) -> str:
        return "Secret(…)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self.reveal() == other.reveal()

    def __hash__(self) -> int:
        return hash(self.reveal())

    def __reduce__(self) -> NoReturn:
        msg = "a secret cannot be pickled"
        raise TypeError(msg)
