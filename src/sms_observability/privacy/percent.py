"""`%` formatting for log messages that survives a restricted value under a numeric conversion."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sms_observability.privacy.restricted import is_restricted

_conversions = re.compile(
    r"%(?:\((?P<key>[^)]*)\))?[#0\- +]*(?P<width>\*|\d+)?(?:\.(?P<precision>\*|\d+))?[hlL]?(?P<type>.)"
)


def format_percent(message: str, arguments: Any) -> str:
    """Format a message as logging does; `%d` or `%.2f` of a restricted value gives `[RESTRICTED]`.

    Args:
        message: A text with `%` conversions.
        arguments: A tuple, or a mapping for `%(name)s`.

    Returns:
        The text.

    Raises:
        TypeError: The message does not fit its arguments, as with `%` itself.
        ValueError: The message has a broken conversion, as with `%` itself.

    Example:
        >>> format_percent("%s costs %.2f", ("bolt", Restricted(1.25)))
        'bolt costs [RESTRICTED]'
    """
    # A lone mapping is the argument of %(name)s conversions, anything else that is no tuple is the only argument.
    placed: tuple[Any, ...] = arguments if type(arguments) is tuple else (arguments,)  # pyright: ignore[reportUnknownVariableType]
    named: Any = placed[0] if len(placed) == 1 and isinstance(placed[0], Mapping) else {}  # pyright: ignore[reportUnknownVariableType]
    if any(is_restricted(value) for value in placed) or any(is_restricted(named[name]) for name in named):
        position = 0

        def shown(match: re.Match[str]) -> str:
            nonlocal position
            if match["type"] == "%":
                return match.group()
            # Width and precision go, but what a star takes from the arguments must still be taken.
            stars = (match["width"] == "*") + (match["precision"] == "*")
            if match["key"] is not None:
                return f"%({match['key']})s" if is_restricted(named.get(match["key"])) else match.group()
            position += stars + 1
            restricted = position <= len(placed) and is_restricted(placed[position - 1])
            return "%.0s" * stars + "%s" if restricted else match.group()

        message = _conversions.sub(shown, message)
    text: str = message % arguments
    return text
