"""Sending by OTLP/HTTP: one connection, nothing ambient, every request ends."""

from __future__ import annotations

import contextlib
import gzip
import os
import socket
import ssl
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
    SSLError,
)

from sms_observability.export.answer import MAX_ANSWER, Answer, http_answer

if TYPE_CHECKING:
    from sms_observability.export.endpoint import Endpoint

_USER_AGENT: Final = "sms-observability-otlp-python"
_GZIP_LEVEL: Final = 1
_GZIP_FROM: Final = 512
_MAX_TOKEN: Final = 64 * 1024


class _TokenFileError(OSError):
    """The token file cannot be read, or holds no token."""


class HttpTransport:
    """Sends the requests of one signal. Used by one thread, but for `abort`.

    Args:
        endpoint: Where to, and with what.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._pool: urllib3.HTTPConnectionPool | None = None
        # A second handle on the connection's socket: the pool has none to give while it waits.
        self._socket: socket.socket | None = None
        self._used = False

    def send(self, body: bytes, timeout: float) -> Answer:
        """Send one request; never raises for what the network or the receiver does.

        Args:
            body: The encoded request.
            timeout: Seconds for each wait; the whole is bounded by whoever calls `abort`.
        """
        reused = self._used
        answer = self._try(body, timeout)
        if answer.cause == "connection_lost" and reused:
            # The receiver closed an idle connection just now; a fresh one tells how things are.
            answer = self._try(body, timeout)
        return answer

    def abort(self) -> None:
        """Break off the request that is under way, from another thread."""
        handle = self._socket
        if handle is not None:
            with contextlib.suppress(OSError):
                handle.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the connection."""
        pool, self._pool, self._used = self._pool, None, False
        handle, self._socket = self._socket, None
        for each in (pool, handle):
            if each is not None:
                with contextlib.suppress(Exception):
                    each.close()

    def _try(self, body: bytes, timeout: float) -> Answer:
        try:
            headers, content = self._prepared(body)
            pool = self._pool
            if pool is None:
                pool = self._pool = self._connect(timeout)
            parts = urlsplit(self._endpoint.url)
            response: Any = pool.urlopen(
                "POST",
                f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}",
                body=content,
                headers=headers,
                retries=False,
                redirect=False,
                assert_same_host=False,
                timeout=urllib3.Timeout(connect=timeout, read=timeout),
                preload_content=False,
                decode_content=False,
            )
            start = response.read(MAX_ANSWER + 1, decode_content=False)
            answer = http_answer(self._endpoint.signal, response.status, response.headers, start, now=time.time())
            if len(start) > MAX_ANSWER:
                self.close()
            else:
                response.release_conn()
                self._used = True
            return answer
        except KeyboardInterrupt:
            raise
        except (HTTPError, OSError, ValueError) as error:
            # A fresh context too: a certificate may have been replaced on disk.
            self.close()
            return Answer("retry", cause_of(error))

    def _prepared(self, body: bytes) -> tuple[dict[str, str], bytes]:
        endpoint = self._endpoint
        headers = {"Content-Type": "application/x-protobuf", "User-Agent": _USER_AGENT}
        for name, secret in endpoint.headers:
            headers[name] = secret.reveal()
        if endpoint.token_file is not None:
            headers["Authorization"] = f"Bearer {_token(endpoint.token_file)}"
        if endpoint.compression == "gzip" and len(body) >= _GZIP_FROM:
            headers["Content-Encoding"] = "gzip"
            body = gzip.compress(body, _GZIP_LEVEL, mtime=0)
        return headers, body

    def _connect(self, timeout: float) -> urllib3.HTTPConnectionPool:
        parts = urlsplit(self._endpoint.url)
        host = parts.hostname or ""
        keep = self._keep_socket

        class Plain(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                made = super()._new_conn()
                keep(made)
                return made

        class Secure(HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                made = super()._new_conn()
                keep(made)
                return made

        common: dict[str, Any] = {"maxsize": 1, "block": False, "timeout": timeout}
        if parts.scheme == "https":
            secure = urllib3.HTTPSConnectionPool(host, parts.port, ssl_context=self._context(), **common)
            secure.ConnectionCls = cast("Any", Secure)
            return secure
        plain = urllib3.HTTPConnectionPool(host, parts.port, **common)
        plain.ConnectionCls = cast("Any", Plain)
        return plain

    def _context(self) -> ssl.SSLContext:
        endpoint = self._endpoint
        context = ssl.create_default_context(cafile=endpoint.certificate)
        if endpoint.client_certificate is not None:
            context.load_cert_chain(endpoint.client_certificate, endpoint.client_key)
        return context

    def _keep_socket(self, made: socket.socket) -> None:
        # Wrapping in TLS takes the descriptor away from `made`, so the handle has one of its own.
        handle, self._socket = self._socket, socket.socket(fileno=os.dup(made.fileno()))
        if handle is not None:
            handle.close()


def _token(path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            token = file.read(_MAX_TOKEN).decode("ascii").strip()
    except (OSError, ValueError):
        raise _TokenFileError from None
    if not token.isprintable() or not token:
        raise _TokenFileError
    return token


_CAUSES: Final[tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...]] = (
    (_TokenFileError, "token_file"),
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
