"""The body of an HTTP request: how long it may be, how it is framed and compressed."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO

_GZIP = 16 + zlib.MAX_WBITS


class RefusedError(Exception):
    """A request that gets an error for an answer.

    Args:
        status: The HTTP status.
        message: What is wrong with it, for the sender's log.
        unread: Whether bytes of it are still in the connection, which can then not be used again.
    """

    def __init__(self, status: int, message: str, *, unread: bool = False) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.unread = unread


def read_body(stream: BinaryIO, headers: Mapping[str, str], limit: int) -> tuple[bytes, int]:
    """Read a body and decompress it.

    Args:
        stream: Where the connection stands after the headers.
        headers: Names in lower case.
        limit: Bytes that it may have, before and after decompression.

    Returns:
        The body, and how many bytes it had on the wire.

    Raises:
        RefusedError: It is too large, cut short, or in an encoding that is not known.
    """
    if headers.get("transfer-encoding", "").strip().lower() == "chunked":
        sent = _read_chunks(stream, limit)
    else:
        sent = _read_exactly(stream, _content_length(headers), limit)
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding in ("identity", ""):
        return sent, len(sent)
    if encoding != "gzip":
        raise RefusedError(415, "the content encoding must be gzip or identity")
    return _gunzip(sent, limit), len(sent)


def _content_length(headers: Mapping[str, str]) -> int:
    text = headers.get("content-length")
    if text is None:
        raise RefusedError(411, "the request has no Content-Length", unread=True)
    if not (text.isascii() and text.isdigit()):
        raise RefusedError(400, "the Content-Length is no number", unread=True)
    return int(text[:20])


def _read_exactly(stream: BinaryIO, length: int, limit: int) -> bytes:
    if length > limit:
        raise RefusedError(413, f"the body is larger than {limit} bytes", unread=True)
    data = stream.read(length)
    if len(data) < length:
        raise RefusedError(400, "the body is cut short", unread=True)
    return data


def _read_chunks(stream: BinaryIO, limit: int) -> bytes:
    parts: list[bytes] = []
    left = limit
    while True:
        line = stream.readline(1024)
        try:
            length = int(line.split(b";", 1)[0].strip(), 16)
        except ValueError:
            raise RefusedError(400, "the chunks cannot be read", unread=True) from None
        if length == 0:
            break
        parts.append(_read_exactly(stream, length, left))
        left -= length
        stream.readline(1024)
    while stream.readline(1024) not in (b"\r\n", b"\n", b""):
        pass
    return b"".join(parts)


def _gunzip(sent: bytes, limit: int) -> bytes:
    decompressor = zlib.decompressobj(_GZIP)
    try:
        data = decompressor.decompress(sent, limit + 1)
    except zlib.error:
        raise RefusedError(400, "the body is no gzip") from None
    if len(data) > limit:
        raise RefusedError(413, f"the decompressed body is larger than {limit} bytes")
    if not decompressor.eof:
        raise RefusedError(400, "the gzip body is cut short")
    return data
