"""What reads the value of a setting, given by keyword or as the text of a variable.

Each raises `ValueError` with what the value must be, never with the value: it may be a secret.
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_NOT_IN_HEADER = re.compile(r"[^\t\x20-\x7e\x80-\xff]")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def a_text(value: Any) -> str:
    """Read a text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        msg = "must be a text that is not empty"
        raise ValueError(msg)
    return value.strip()


def a_url(value: Any) -> str:
    """Read a URL by HTTP."""
    text = a_text(value)
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        msg = "must be a URL such as http://127.0.0.1:4318"
        raise ValueError(msg)
    return text


def one_of(*names: str) -> Callable[[Any], str]:
    """Give what reads one of some names."""

    def read(value: Any) -> str:
        text = value.strip().lower() if isinstance(value, str) else value
        if text not in names:
            import difflib  # for a mistake only

            near = difflib.get_close_matches(str(text), names, n=1)
            hint = f" (did you mean {near[0]!r}?)" if near else ""
            msg = f"must be one of {', '.join(names)}{hint}"
            raise ValueError(msg)
        return cast("str", text)

    return read


def a_flag(value: Any) -> bool:
    """Read a yes or no."""
    if isinstance(value, bool):
        return value
    text = value.strip().lower() if isinstance(value, str) else None
    if text in ("true", "1", "yes", "on"):
        return True
    if text in ("false", "0", "no", "off", ""):
        return False
    msg = "must be true or false"
    raise ValueError(msg)


def some_seconds(value: Any) -> float:
    """Read a number of seconds."""
    try:
        seconds = float(value)
    except (TypeError, ValueError, OverflowError):
        seconds = -1.0
    if isinstance(value, bool) or not 0 <= seconds < 86_400:  # noqa: PLR2004
        msg = "must be a number of seconds from 0 to a day"
        raise ValueError(msg)
    return seconds


def some_bytes(value: Any) -> int:
    """Read a number of bytes."""
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        number = -1
    if isinstance(value, bool) or number < 65_536:  # noqa: PLR2004
        msg = "must be a whole number of bytes, 65536 or more"
        raise ValueError(msg)
    return number


def some_names(value: Any) -> tuple[str, ...]:
    """Read a list of texts."""
    if isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, (list, tuple, set, frozenset)):
        msg = "must be a list of texts (in the environment: separated by commas)"
        raise ValueError(msg)  # noqa: TRY004 - one kind of error for every wrong setting
    items: tuple[Any, ...] = tuple(cast("Any", value))
    if not all(isinstance(item, str) for item in items):
        msg = "must be a list of texts"
        raise ValueError(msg)
    return tuple(item.strip() for item in items if item.strip())


def some_libraries(value: Any) -> tuple[str, ...]:
    """Read a list of libraries; `none` is the word for an empty one, since an empty variable is one that is not set."""
    names = some_names(value)
    return () if [name.lower() for name in names] == ["none"] else names


def some_networks(value: Any) -> tuple[str, ...]:
    """Read a list of networks."""
    names = some_names(value)
    for name in names:
        try:
            ipaddress.ip_network(name, strict=False)
        except ValueError:
            msg = "must be networks such as 10.0.0.0/8 or addresses"
            raise ValueError(msg) from None
    return names


def a_level(value: Any) -> str:
    """Read a level of log lines."""
    text = value.strip().upper() if isinstance(value, str) else ""
    text = {"WARN": "WARNING", "FATAL": "CRITICAL"}.get(text, text)
    if text not in LEVELS:
        msg = f"must be one of {', '.join(LEVELS)}"
        raise ValueError(msg)
    return text


def some_pairs(value: Any) -> tuple[tuple[str, str], ...]:
    """Read names with their texts."""
    if isinstance(value, str):
        pairs = [item.partition("=") for item in value.split(",") if item.strip()]
        if not all(separator and key.strip() for key, separator, _ in pairs):
            msg = "must be pairs such as name=value, separated by commas"
            raise ValueError(msg)
        return tuple((key.strip(), unquote(text.strip())) for key, _, text in pairs)
    try:
        return tuple((str(key), str(text)) for key, text in dict(value).items())
    except (TypeError, ValueError):
        msg = "must be a mapping of texts"
        raise ValueError(msg) from None


def some_headers(value: Any) -> tuple[tuple[str, str], ...]:
    """Read headers of HTTP."""
    pairs = some_pairs(value)
    for name, text in pairs:
        if not _HEADER_NAME.fullmatch(name) or _NOT_IN_HEADER.search(text):
            msg = "must be headers: names of letters, digits and hyphens, values without line breaks"
            raise ValueError(msg)
    return pairs


def some_levels(value: Any) -> tuple[tuple[str, str], ...]:
    """Read levels of single loggers."""
    return tuple((name, a_level(level)) for name, level in some_pairs(value))
