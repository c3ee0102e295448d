"""Which classes of exceptions may say something: their messages are constant texts, as their makers vouch."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sms_observability.catalog.errors import CatalogError

if TYPE_CHECKING:
    from collections.abc import Iterable

_is_class = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)+").fullmatch


def check_messages(names: Iterable[object]) -> frozenset[str]:
    """Give the names of classes, each with its module.

    Raises:
        CatalogError: One is no such name.
    """
    if isinstance(names, str):
        msg = f"messages={names!r} is one text: write messages=[{names!r}]"
        raise CatalogError(msg)
    found: list[str] = []
    for name in names:
        if not isinstance(name, str) or not _is_class(name):
            msg = f"{name!r} is no class of exceptions: write its module and its name, 'portal.parts.OutOfStockError'"
            raise CatalogError(msg)
        found.append(name)
    return frozenset(found)
