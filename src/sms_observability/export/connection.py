"""One connection: verified by what the endpoint says and nothing ambient, and ended only by an answer that is whole."""

from __future__ import annotations

import codecs
import ssl
from http.client import HTTPResponse
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from sms_observability.export.endpoint import Endpoint

    Keep = Callable[[socket.socket], None]

# Connecting loads this codec. Python does not renew the locks of imports in a child: one that was forked while the
# parent's worker loaded it would wait for it for ever. So it is loaded here: for this module a fork waits.
codecs.lookup("idna")


class _Whole:
    """A stream whose lines do not just end: `http.client` takes the end of the stream for the end of a header."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def readline(self, limit: int = -1) -> bytes:
        line: bytes = self._stream.readline(limit)
        if not line.endswith(b"\n") and len(line) != limit:
            raise ConnectionResetError
        return line

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class _Response(HTTPResponse):
    """An answer that is whole, or none."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.fp: Any = _Whole(self.fp)


def make_pool(endpoint: Endpoint, timeout: float, keep: Keep) -> urllib3.HTTPConnectionPool:
    """Make a pool of one connection; proxies, `netrc` and bundles of the environment have no part in it.

    Args:
        endpoint: Where to, and which certificates.
        timeout: Seconds for each wait.
        keep: Told of each socket as soon as it is connected, TLS or not.

    Raises:
        OSError: A certificate cannot be read or used.
    """

    class Plain(HTTPConnection):
        response_class = _Response

        def _new_conn(self) -> socket.socket:
            made = super()._new_conn()
            keep(made)
            return made

    class Secure(HTTPSConnection):
        response_class = _Response

        def _new_conn(self) -> socket.socket:
            made = super()._new_conn()
            keep(made)
            return made

    parts = urlsplit(endpoint.url)
    host = parts.hostname or ""
    common: dict[str, Any] = {"maxsize": 1, "block": False, "timeout": timeout}
    if parts.scheme == "https":
        secure = urllib3.HTTPSConnectionPool(host, parts.port, ssl_context=_context(endpoint), **common)
        secure.ConnectionCls = cast("Any", Secure)
        return secure
    plain = urllib3.HTTPConnectionPool(host, parts.port, **common)
    plain.ConnectionCls = cast("Any", Plain)
    return plain


def _context(endpoint: Endpoint) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=endpoint.certificate)
    if endpoint.client_certificate is not None:
        context.load_cert_chain(endpoint.client_certificate, endpoint.client_key)
    return context
