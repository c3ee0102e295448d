"""Regular expressions in RE2's dialect (the Collector is Go), and OTTL conditions made of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_SPECIAL = re.compile(r"([\\.+*?()\[\]{}|^$])")


def literal(text: str) -> str:
    r"""Escape a text so that it matches itself.

    >>> literal("PartsService.getSupplierQuotes")
    'PartsService\\.getSupplierQuotes'
    """
    return _SPECIAL.sub(r"\\\1", text)


def any_of(texts: Iterable[str]) -> str:
    """Give an expression that finds one of the texts, longest first, so that no text hides a longer one."""
    ordered = sorted(set(texts), key=lambda text: (-len(text), text))
    return "|".join(literal(text) for text in ordered)


def exactly(texts: Iterable[str]) -> str:
    """Give an expression that matches one of the texts and nothing else."""
    return f"^({any_of(texts)})$"


def quoted(text: str) -> str:
    """Write a text as an OTTL string literal."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def is_match(target: str, pattern: str) -> str:
    """Write the OTTL condition that an expression matches somewhere in a target."""
    return f"IsMatch({target}, {quoted(pattern)})"
