"""An old service's Jaeger client: one span in the model's protobuf and in both of Thrift's protocols."""

from __future__ import annotations

import socket
import struct
import time
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from servers.process import loopback

_ONEWAY = 4


@dataclass(frozen=True)
class OldSpan:
    """A span as a Jaeger client of old has it."""

    service: str
    operation: str
    trace_id: bytes
    span_id: bytes
    tags: Mapping[str, str] = field(default_factory=dict)


def send_grpc(address: str, span: OldSpan) -> None:
    """Post a span to ``jaeger.api_v2.CollectorService``."""
    import grpc  # noqa: PLC0415 - takes long, and few tests need it

    seconds = _varint_field(1, int(time.time()) - 1)
    tags = [_bytes_field(8, _bytes_field(1, k.encode()) + _bytes_field(3, v.encode())) for k, v in span.tags.items()]
    encoded = (
        _bytes_field(1, span.trace_id) + _bytes_field(2, span.span_id) + _bytes_field(3, span.operation.encode())
        + _bytes_field(6, seconds) + _bytes_field(7, _varint_field(2, 5_000_000)) + b"".join(tags)
    )  # fmt: skip
    batch = _bytes_field(1, encoded) + _bytes_field(2, _bytes_field(1, span.service.encode()))
    with grpc.insecure_channel(address) as channel:
        post = channel.unary_unary("/jaeger.api_v2.CollectorService/PostSpans", lambda raw: raw, lambda raw: raw)
        post(_bytes_field(1, batch), timeout=60, wait_for_ready=True)


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _bytes_field(number: int, value: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _varint_field(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


# -- Thrift -----------------------------------------------------------------------------------------------------------

Struct = Sequence[tuple[int, str, object]]
"""Fields of a struct in growing order: number, type (``i32``, ``i64``, ``text``, ``struct``, ``list``), value."""


def _batch(span: OldSpan) -> Struct:
    high, low = struct.unpack(">qq", span.trace_id)
    (span_id,) = struct.unpack(">q", span.span_id)
    tags = [[(1, "text", key), (2, "i32", 0), (3, "text", value)] for key, value in span.tags.items()]
    fields = [
        (1, "i64", low), (2, "i64", high), (3, "i64", span_id), (4, "i64", 0), (5, "text", span.operation),
        (7, "i32", 1), (8, "i64", time.time_ns() // 1000 - 10**6), (9, "i64", 5000), (10, "list", tags),
    ]  # fmt: skip
    return [(1, "struct", [(1, "text", span.service)]), (2, "list", [fields])]


class Binary:
    """Thrift's binary protocol."""

    types = {"i32": 8, "i64": 10, "text": 11, "struct": 12, "list": 15}  # noqa: RUF012

    def struct(self, fields: Struct) -> bytes:
        """Encode a struct."""
        return b"".join(struct.pack(">bh", self.types[t], n) + self.value(t, v) for n, t, v in fields) + b"\0"

    def value(self, kind: str, value: object) -> bytes:
        """Encode a value of a type."""
        if isinstance(value, int):
            return struct.pack(">i" if kind == "i32" else ">q", value)
        if isinstance(value, str):
            return struct.pack(">i", len(value.encode())) + value.encode()
        assert isinstance(value, Sequence)
        if kind == "struct":
            return self.struct(value)
        return struct.pack(">bi", 12, len(value)) + b"".join(self.struct(each) for each in value)

    def call(self, name: str, arguments: Struct) -> bytes:
        """Encode a call that nobody answers."""
        head = struct.pack(">I", 0x80010000 | _ONEWAY) + self.value("text", name) + struct.pack(">i", 0)
        return head + self.struct(arguments)


class Compact(Binary):
    """Thrift's compact protocol."""

    types = {"i32": 5, "i64": 6, "text": 8, "list": 9, "struct": 12}  # noqa: RUF012

    def struct(self, fields: Struct) -> bytes:
        out, last = b"", 0
        for number, kind, value in fields:
            out += bytes([number - last << 4 | self.types[kind]]) + self.value(kind, value)
            last = number
        return out + b"\0"

    def value(self, kind: str, value: object) -> bytes:
        if isinstance(value, int):
            return _varint((value << 1 ^ value >> 63) & (1 << 64) - 1)
        if isinstance(value, str):
            return _varint(len(value.encode())) + value.encode()
        assert isinstance(value, Sequence)
        if kind == "struct":
            return self.struct(value)
        assert len(value) < 15
        return bytes([len(value) << 4 | 12]) + b"".join(self.struct(each) for each in value)

    def call(self, name: str, arguments: Struct) -> bytes:
        return bytes([0x82, 1 | _ONEWAY << 5, 0]) + self.value("text", name) + self.struct(arguments)


def send_thrift_http(url: str, span: OldSpan) -> None:
    """Post a span in binary Thrift, as clients do that have no agent."""
    headers = {"Content-Type": "application/vnd.apache.thrift.binary"}
    request = urllib.request.Request(
        f"{url}/api/traces", data=Binary().struct(_batch(span)), headers=headers, method="POST"
    )
    with loopback.open(request, timeout=60):
        return


def send_thrift_udp(port: int, protocol: Binary, span: OldSpan) -> None:
    """Send a span to an agent's port; whether it arrives, nobody says."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(protocol.call("emitBatch", [(1, "struct", _batch(span))]), ("127.0.0.1", port))
