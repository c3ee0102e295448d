"""The keys that a service used and no catalogue declares, as its log lines tell of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.text import Text

from sms_observability.privacy import declaration

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

_told = re.compile(r"the key ([A-Za-z][A-Za-z0-9_.]{0,60}) is in no catalogue").search


def undeclared_in(lines: Iterable[str]) -> list[str]:
    """Give the keys that log lines of this library call undeclared, each once, in their order.

    Args:
        lines: Lines of a service's standard output, as JSON or for people.

    Example:
        >>> undeclared_in(['{"message":"the key supplier_region is in no catalogue and is dropped: …"}'])
        ['supplier_region']
    """
    return list(dict.fromkeys(found[1] for line in lines if (found := _told(line))))


def show_undeclared(screen: Console, keys: Iterable[str]) -> None:
    """Print undeclared keys, each with the line that declares it."""
    for key in keys:
        screen.print(Text.assemble(("! ", "yellow"), (key, "bold"), " is in no catalogue: production drops it"))
        screen.print(Text.assemble(("  → ", "yellow"), declaration(key)))
