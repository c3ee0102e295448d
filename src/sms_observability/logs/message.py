"""A message with its arguments put in, whatever they are."""

from __future__ import annotations

import re
from typing import Any, Final, cast

from sms_observability.privacy.restricted import is_restricted
from sms_observability.sanitise import sanitise_text

_CONVERSION: Final = re.compile(r"%(\(\w*\))?[-#0 +]*(?:\d+|\*)?(?:\.(?:\d+|\*))?[hlL]?[diouxXeEfFgGcrsa]")
_URL: Final = re.compile(r"(\w+://)(?:[^@/\s\"']*@)?([^/\s\"'?#]+)[^\s\"']*")
_PATH: Final = re.compile(r'"([A-Z]+) /[^\s"]*( HTTP/[\d.]+)?"')
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
    if not arguments:
        return text
    named: dict[Any, Any] | None = arguments if isinstance(arguments, dict) else None  # pyright: ignore[reportUnknownVariableType]
    given: tuple[Any, ...] = tuple(named.values() if named is not None else cast("Any", arguments))
    if not any(map(is_restricted, given)):
        try:
            return str(text % arguments)
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001, S110  # an argument's own code, or one that does not fit
            pass
    # A conversion such as %.2f cannot be done with everything; text always can.
    safe: Any = (
        tuple(map(sanitise_text, given))
        if named is None
        else {sanitise_text(key): sanitise_text(value) for key, value in named.items()}
    )
    try:
        return str(_CONVERSION.sub(r"%\1s", text) % safe)
    except (TypeError, ValueError, KeyError):
        return text


def without_urls(logger: str, message: str) -> str:
    """Cut the URLs that HTTP clients log to scheme and host: paths and queries hold ids, words and tokens.

    Example:
        >>> without_urls("httpx", 'HTTP Request: GET https://a.example/quotes?cost=12 "HTTP/1.1 200 OK"')
        'HTTP Request: GET https://a.example "HTTP/1.1 200 OK"'
        >>> without_urls("urllib3.connectionpool", 'https://a.example:443 "GET /quotes?cost=12 HTTP/1.1" 200 None')
        'https://a.example:443 "GET HTTP/1.1" 200 None'
    """
    if not logger.startswith(_SAY_URLS):
        return message
    return _PATH.sub(r'"\1\2"', _URL.sub(r"\1\2", message))
