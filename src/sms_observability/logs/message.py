"""A message with its arguments put in, whatever they are."""

from __future__ import annotations

import re
from decimal import Decimal
from types import NoneType
from typing import Any, Final

from sms_observability.sanitise import sanitise_text, sanitise_value

_CONVERSION: Final = re.compile(r"%(\(\w*\))?[-#0 +]*(\d+|\*)?(?:\.(\d+|\*))?[hlL]?[diouxXeEfFgGcrsa]")
_URL: Final = re.compile(r"(\w+://)(?:[^@/\s\"']*@)?([^/\s\"'?#]+)[^\s\"']*")
_PATH: Final = re.compile(r'"([A-Z]+) /[^\s"]*( HTTP/[\d.]+)?"')
_PLAIN: Final = frozenset((str, int, float, bool, NoneType, Decimal))
_BARE_PATH: Final = re.compile(r"(?<![\w./:])/[^\s\"',;)]*")
_SAY_URLS: Final = ("httpx", "httpcore", "urllib3", "requests", "aiohttp")


def formatted(template: object, arguments: Any) -> str:
    """Put arguments into a message as `logging` does; where they do not fit, the message stands alone.

    Args:
        template: The message; what is no text is made one.
        arguments: A tuple, a mapping, or nothing.

    Example:
        >>> formatted("%d parts", (3,)), formatted("%d parts", ("three",))
        ('3 parts', 'three parts')
    """
    text = template if type(template) is str else sanitise_text(template)
    items: list[Any] = list(arguments) if type(arguments) is tuple else [arguments]  # pyright: ignore[reportUnknownArgumentType]
    if not items or arguments is None:
        return text
    given: Any = tuple(map(_argument, items))
    if len(given) == 1 and type(given[0]) is dict:
        given = given[0]  # one mapping is for `%(name)s`
    try:
        return str(text % given)
    except (TypeError, ValueError, KeyError, OverflowError):
        pass
    try:
        # A conversion such as %.2f cannot be done with everything; text always can.
        return str(_CONVERSION.sub(_as_text, text) % _texts(given))
    except (TypeError, ValueError, KeyError, OverflowError):
        return text


def _as_text(conversion: re.Match[str]) -> str:
    # Width and precision go, but what a star takes from the arguments must still be taken.
    stars = (conversion[2] == "*") + (conversion[3] == "*")
    return "%.0s" * stars + f"%{conversion[1] or ''}s"


def _argument(value: Any) -> Any:
    """Make an argument one whose text is short and runs nobody's code."""
    if type(value) in _PLAIN:
        return value
    safe = sanitise_value(value)
    return sanitise_text(safe) if isinstance(safe, bytes) else safe


def _texts(given: Any) -> Any:
    if type(given) is tuple:
        return tuple(map(sanitise_text, given))  # pyright: ignore[reportUnknownArgumentType]
    return {key: sanitise_text(value) for key, value in given.items()}


def without_urls(logger: str, message: str) -> str:
    """Cut the URLs that HTTP clients log to scheme and host: paths and queries hold ids, words and tokens.

    Example:
        >>> without_urls("httpx", 'HTTP Request: GET https://a.example/quotes?cost=12 "HTTP/1.1 200 OK"')
        'HTTP Request: GET https://a.example "HTTP/1.1 200 OK"'
        >>> without_urls("urllib3.connectionpool", 'https://a.example:443 "GET /quotes?cost=12 HTTP/1.1" 200 None')
        'https://a.example:443 "GET HTTP/1.1" 200 None'
        >>> without_urls("urllib3.util.retry", "Incremented Retry for (url='/quotes?cost=12'): Retry(total=0)")
        "Incremented Retry for (url=''): Retry(total=0)"
    """
    if not logger.startswith(_SAY_URLS):
        return message
    return _BARE_PATH.sub("", _PATH.sub(r'"\1\2"', _URL.sub(r"\1\2", message)))
