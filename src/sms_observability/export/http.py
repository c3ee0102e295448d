"""Sending by OTLP/HTTP: one connection, nothing ambient, every request ends."""

from __future__ import annotations

import contextlib
import gzip
import os
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import HTTPError

from sms_observability.export.answer import MAX_ANSWER, Answer, http_answer
from sms_observability.export.causes import TokenFileError, cause_of
from sms_observability.export.connection import make_pool

if TYPE_CHECKING:
    from sms_observability.export.endpoint import Endpoint

_USER_AGENT: Final = "sms-observability-otlp-python"
_GZIP_LEVEL: Final = 1
_GZIP_FROM: Final = 512
_MAX_TOKEN: Final = 64 * 1024


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
        self._used = self._aborted = False

    def send(self, body: bytes, timeout: float) -> Answer:
        """Send one request; never raises for what the network or the receiver does.

        Args:
            body: The encoded request.
            timeout: Seconds for each wait; the whole is bounded by whoever calls `abort`.
        """
        reused, self._aborted = self._used, False
        answer = self._try(body, timeout)
        if answer.cause == "connection_lost" and reused:
            # The receiver closed an idle connection just now; a fresh one tells how things are.
            answer = self._try(body, timeout)
        return answer

    def abort(self) -> None:
        """Break off the request that is under way, from another thread."""
        self._aborted = True
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
                pool = self._pool = make_pool(self._endpoint, timeout, self._keep_socket)
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
            if self._aborted or _is_cut(response.headers.get("Content-Length"), len(start)):
                # An end that was not announced looks like a short answer.
                raise ConnectionResetError
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
            return Answer("retry", "timeout" if self._aborted else cause_of(error))

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

    def _keep_socket(self, made: socket.socket) -> None:
        # Wrapping in TLS takes the descriptor away from `made`, so the handle has one of its own.
        handle, self._socket = self._socket, socket.socket(fileno=os.dup(made.fileno()))
        if handle is not None:
            handle.close()


def _is_cut(announced: str | None, arrived: int) -> bool:
    """Say whether less has arrived than was announced."""
    return (
        announced is not None
        and announced.isascii()
        and announced.isdigit()
        and arrived < min(int(announced[:18]), MAX_ANSWER)
    )


def _token(path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            token = file.read(_MAX_TOKEN).decode("ascii").strip()
    except (OSError, ValueError):
        raise TokenFileError from None
    if not token.isprintable() or not token:
        raise TokenFileError
    return token
