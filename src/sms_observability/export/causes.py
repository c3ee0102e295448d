"""Codes for what goes wrong with a connection, for diagnostics: nothing of an error's text."""

from __future__ import annotations

import socket
import ssl
from typing import Final

from urllib3.exceptions import (
    ConnectTimeoutError,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
    SSLError,
)


class TokenFileError(OSError):
    """The token file cannot be read, or holds no token."""


_CAUSES: Final[tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...]] = (
    (TokenFileError, "token_file"),
    ((NameResolutionError, socket.gaierror), "dns"),
    (ConnectionRefusedError, "connection_refused"),
    ((SSLError, ssl.SSLError), "tls"),
    ((ReadTimeoutError, TimeoutError), "timeout"),
    ((ConnectionError, ProtocolError), "connection_lost"),
    # The library's own two come last: the one for any failure to connect is a kind of the one for a time-out.
    (NewConnectionError, "unreachable"),
    (ConnectTimeoutError, "timeout"),
)


def cause_of(error: BaseException) -> str:
    """Give a code for what went wrong with a connection; nothing of the error's text."""
    chain = _chain(error)
    for kinds, cause in _CAUSES:
        if any(isinstance(each, kinds) for each in chain):
            return cause
    return type(error).__name__


def _chain(error: BaseException) -> list[BaseException]:
    """Give an error and what it wraps: libraries put the cause into arguments, `reason` or `__cause__`."""
    found: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting and len(found) < 10:  # noqa: PLR2004  # no chain of a library is longer
        each = waiting.pop(0)
        if isinstance(each, BaseException) and all(each is not known for known in found):
            found.append(each)
            waiting += [*each.args, getattr(each, "reason", None), each.__cause__, each.__context__]
    return found
