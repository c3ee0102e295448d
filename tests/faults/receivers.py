"""Receivers that go wrong first and then do as they should, and the checks that most faults share."""

from __future__ import annotations

import contextlib
import gzip
import socket
import ssl
import threading
from collections.abc import Iterator

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from cli.sockets import Serve, server
from export.doors import assert_adds_up, delivered, door, dropped, log, metric, span
from faults.clock import Took
from sms_observability.export import Door

ITEMS = 20
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def read(connection: socket.socket) -> tuple[bytes, bytes]:
    """Read one request: its head and its body, uncompressed."""
    received = b""
    while b"\r\n\r\n" not in received:
        more = connection.recv(65536)
        if not more:
            return b"", b""
        received += more
    head, _, body = received.partition(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            while len(body) < int(line.partition(b":")[2]):
                body += connection.recv(65536)
    return head, gzip.decompress(body) if b"gzip" in head.lower() else body


class First:
    """Serves the first connections in one way, all others with an empty 200; keeps the names of delivered spans."""

    def __init__(self, wrong: Serve, times: int = 1) -> None:
        self.names: list[str] = []
        self.heads: list[bytes] = []
        self.served = 0
        self._wrong = wrong
        self._times = times
        self._lock = threading.Lock()

    def __call__(self, connection: socket.socket) -> None:
        with self._lock:
            self.served += 1
            wrong = self.served <= self._times
        if wrong:
            self._wrong(connection)
            return
        head, body = read(connection)
        if head:
            self.heads.append(head)
            if b"/v1/traces" in head:
                self.names += names(body)
            connection.sendall(OK)


def names(body: bytes) -> list[str]:
    """Give the names of the spans of a request."""
    request = ExportTraceServiceRequest.FromString(body)
    return [span.name for one in request.resource_spans for scope in one.scope_spans for span in scope.spans]


def emit(made: Door, items: int = ITEMS) -> None:
    """Emit some spans."""
    for number in range(items):
        made.emit_span(span(number))


def emit_all(made: Door, items: int = ITEMS) -> None:
    """Emit some of all signals."""
    emit(made, items)
    for number in range(items):
        made.emit_log(log(number))
    made.add_metric_source(lambda: [metric()])


@contextlib.contextmanager
def failing_first(wrong: Serve, times: int = 1, tls: ssl.SSLContext | None = None) -> Iterator[tuple[First, str]]:
    """Serve the first connections in one way and the others well; gives what has arrived, and the endpoint."""
    first = First(wrong, times)
    with server(first, tls) as port:
        yield first, f"{'https' if tls else 'http'}://127.0.0.1:{port}"


def is_retried(wrong: Serve, **keywords: object) -> None:
    """Check that a fault of the first request loses nothing."""
    with failing_first(wrong) as (first, endpoint), door(endpoint, **keywords) as made:
        emit(made)
        assert made.flush(30.0)
        assert first.served >= 2
        assert sorted(first.names) == sorted(f"span {number}" for number in range(ITEMS))
        assert delivered(made)["traces"] == ITEMS
        assert dropped(made) == {}


def ends_in_time(made: Door, timeout: float = 0.5) -> None:
    """Check that flush and shutdown keep their promise: on time, and `False` for what is not delivered."""
    emit_all(made)
    for call in (made.flush, made.shutdown):
        with Took() as took:
            assert call(timeout) is False
        assert took.seconds <= timeout + 0.25
    assert_adds_up(made)
    assert delivered(made)["traces"] == 0
