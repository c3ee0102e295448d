"""Messages of exceptions that may leave, because the catalogue allows their class."""

from __future__ import annotations

from typing import Final

from sms_observability.privacy.names import REDACTED

KEY: Final = "exception.message"

_MOST_KEPT: Final = 1024
# The attribute alone does not tell of which class it is, and others write it too: what we have allowed is noted.
_allowed: Final[dict[str, None]] = {}


def allow_message(text: str) -> str:
    """Note a message that may leave, and give it; of many, the latest are known."""
    while len(_allowed) >= _MOST_KEPT:
        _allowed.pop(next(iter(_allowed), ""), None)
    _allowed[text] = None
    return text


def held_message(text: str) -> str:
    """Give a message that was allowed; in the place of any other the placeholder."""
    return text if text in _allowed else REDACTED
