r"""The pieces of the protobuf wire format that OTLP is made of.

A *field* is a tag, then (for text, bytes and messages) a length, then the content. Tags are written out as byte strings
where they are used: `b"\x0a"` is field 1 with a length, since 1 << 3 | 2 is 0x0a.
"""

from __future__ import annotations

from struct import Struct

_MAX_UINT32 = 2**32 - 1
_LOW = 2**64 - 1
_LENGTH = 2

FIXED32 = Struct("<I").pack
FIXED64 = Struct("<Q").pack
SFIXED64 = Struct("<q").pack
DOUBLE = Struct("<d").pack
_IDS = Struct(">HQQHQ").pack


def _varint(number: int) -> bytes:
    piled = bytearray()
    while number > 0x7F:  # noqa: PLR2004
        piled.append(number & 0x7F | 0x80)
        number >>= 7
    piled.append(number)
    return bytes(piled)


# Nearly every length and status code is in here, which saves the loop.
_SMALL = tuple(_varint(number) for number in range(2048))
_SMALL_SIZE = len(_SMALL)


def ids(trace_tag: int, trace_id: int, span_tag: int, span_id: int) -> bytes:
    """Encode a trace id and a span id, each with the two bytes of its tag and length.

    Raises:
        Exception: They are no integers of 128 and 64 bits.
    """
    # One packing is a third cheaper than two of `to_bytes`, and a stranger's `to_bytes` could give any length.
    return _IDS(trace_tag, trace_id >> 64, trace_id & _LOW, span_tag, span_id)


def size(length: int) -> bytes:
    """Encode a length, which is never negative."""
    return _SMALL[length] if length < _SMALL_SIZE else _varint(length)


def uint32(number: int) -> bytes:
    """Encode a count of 32 bits.

    Raises:
        OverflowError: It does not fit.
    """
    if not 0 <= number <= _MAX_UINT32:
        raise OverflowError
    return size(number)


def uint64(number: int) -> bytes:
    """Encode a count of 64 bits.

    Raises:
        OverflowError: It does not fit.
    """
    if not 0 <= number <= _LOW:
        raise OverflowError
    return size(number)


def int64(number: int) -> bytes:
    """Encode an integer of 64 bits; negative ones take ten bytes.

    Raises:
        OverflowError: It does not fit.
    """
    if 0 <= number < _SMALL_SIZE:
        return _SMALL[number]
    if not -(2**63) <= number < 2**63:
        raise OverflowError
    return _varint(number & _LOW)


def sint32(number: int) -> bytes:
    """Encode an integer of 32 bits that is often negative ("zigzag").

    Raises:
        OverflowError: It does not fit.
    """
    if not -(2**31) <= number < 2**31:
        raise OverflowError
    return size(number << 1 if number >= 0 else ~(number << 1))


def block(tag: bytes, body: bytes) -> bytes:
    """Encode a field with a length: text, bytes, packed numbers or a message."""
    length = len(body)
    return tag + (_SMALL[length] if length < _SMALL_SIZE else _varint(length)) + body


def field(number: int, kind: int, content: int | bytes) -> bytes:
    """Encode a field that was read: number, wire type and content."""
    tag = size(number << 3 | kind)
    if isinstance(content, int):
        return tag + size(content)
    return block(tag, content) if kind == _LENGTH else tag + content


def text(tag: bytes, value: str) -> bytes:
    """Encode a text field; empty text is left out, as it is the default.

    Raises:
        TypeError: It is no exact `str`, whose methods would be somebody else's code.
        UnicodeEncodeError: It holds lone surrogates.
    """
    if type(value) is not str:
        raise TypeError
    return block(tag, value.encode()) if value else b""
