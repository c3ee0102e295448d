"""The error of a wrong declaration, and the words that help to correct it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class CatalogError(ValueError):
    """A declaration or a name in the code is wrong; the message says what to write instead.

    It is raised while modules are imported or things are declared, never while a request is served.
    """


def nearest(name: str, known: Iterable[str]) -> str:
    """Give the end of an error message that names what was probably meant.

    Args:
        name: What was written.
        known: What could have been written.

    Returns:
        Words to append to a message: the nearest name, or, when nothing is near, a short list of what there is; empty
        when there is nothing to choose from.

    Example:
        >>> "no such journey" + nearest("parts_order_flow", ["parts_ordering_flow", "vessel_onboarding_flow"])
        "no such journey; did you mean 'parts_ordering_flow'?"
    """
    # Only a mistake needs it, so that no service pays for its import.
    from difflib import get_close_matches

    names = {candidate.lower(): candidate for candidate in known}
    close = get_close_matches(name.lower(), names, n=1, cutoff=0.5)
    if close:
        return f"; did you mean {names[close[0]]!r}?"
    if not names:
        return ""
    shown = sorted(names.values())
    rest = f" and {len(shown) - 8} more" if len(shown) > 8 else ""
    return f"; there are {', '.join(shown[:8])}{rest}"
