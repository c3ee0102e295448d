"""Faults of the answer: status codes, portals, partial success, bodies that are none."""

from __future__ import annotations

import socket
import time

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from cli.sockets import http_answer, says, server
from export.doors import delivered, door, dropped, metric, span
from faults.receivers import ITEMS, OK, emit, failing_first, is_retried, names, read
from faults.table import fault
from sms_observability.receiver import Answer, Batch, Receiver

STATUSES = "Answers that say nothing about the data"
DATA = "Answers about the data"
BODIES = "Answers that are none"

_RETRIED = {
    301: "moved",
    302: "a portal's redirection",
    307: "a redirection",
    401: "the token is wrong or has expired",
    403: "not allowed",
    404: "a wrong path, or a proxy",
    405: "a wrong method",
    408: "time-out at the receiver",
    415: "a wrong content type",
    429: "overloaded",
    500: "an error in the receiver",
    501: "not implemented",
    502: "a proxy without a receiver",
    503: "overloaded or starting",
    504: "a proxy's time-out",
    507: "no storage left",
}


def _add(status: int, meaning: str) -> None:
    answer = http_answer(f"{status} x", b"no", "text/plain")
    fault(STATUSES, f"HTTP {status}: {meaning}")(lambda: is_retried(says(answer)))


for _status, _meaning in _RETRIED.items():
    _add(_status, _meaning)


@fault(
    STATUSES, "`Retry-After`", "nothing is lost: the next try waits as long as the receiver asks, five minutes at most"
)
def retry_after() -> None:
    """The wait is kept, though the back-off would be shorter."""
    times: list[float] = []

    def answer(batch: Batch) -> Answer | None:
        times.append(time.monotonic())
        return Answer(status=503, retry_after=2) if len(times) == 1 else None

    with Receiver(on_receive=answer) as receiver, door(receiver.endpoint, {"OTEL_BSP_SCHEDULE_DELAY": "50"}) as made:
        emit(made)
        assert receiver.wait_for(lambda r: len(r.spans) == ITEMS, 40.0)
        assert times[1] - times[0] >= 1.9


@fault(DATA, "HTTP 200 without a body", "delivered")
def empty_success() -> None:
    """An empty answer is how some receivers say yes."""
    with failing_first(says(OK)) as (_, endpoint), door(endpoint) as made:
        emit(made)
        assert made.flush(30.0)
        assert delivered(made)["traces"] == ITEMS


@fault(DATA, "HTTP 204", "delivered")
def no_content() -> None:
    """So is one that says that there is none."""
    with failing_first(says(b"HTTP/1.1 204 No Content\r\n\r\n")) as (first, endpoint), door(endpoint) as made:
        emit(made)
        assert made.flush(30.0)
        assert (first.served, delivered(made)["traces"]) == (1, ITEMS)


@fault(DATA, "an answer in JSON", "delivered")
def json_answer() -> None:
    """A receiver behind a gateway may answer in JSON."""
    with (
        failing_first(says(http_answer("200 OK", b'{"partialSuccess":{}}', "application/json"))) as (first, endpoint),
        door(endpoint) as made,
    ):
        emit(made)
        assert made.flush(30.0)
        assert first.served == 1


@fault(
    DATA,
    "partial success",
    "what was rejected is dropped as `rejected`, the rest is delivered; `flush` says `False`, one line says so",
)
def partial_success() -> None:
    """The number in the answer is believed, for each signal."""
    with Receiver(on_receive=lambda _: Answer(rejected=3)) as receiver, door(receiver.endpoint) as made:
        emit(made)
        made.add_metric_source(lambda: [metric(points=5)])
        assert made.flush(30.0) is False
        assert delivered(made) == {"traces": ITEMS - 3, "logs": 0, "metrics": 2}
        assert dropped(made) == {"rejected": 3}
        assert dropped(made, "metrics") == {"rejected": 3}


def _refuses(status: int, bad: str) -> None:
    arrived: list[str] = []

    def serve(connection: socket.socket) -> None:
        head, body = read(connection)
        found = names(body) if head else []
        if bad in found:
            connection.sendall(http_answer(f"{status} no"))
            return
        arrived.extend(found)
        connection.sendall(OK)

    with server(serve) as port, door(f"http://127.0.0.1:{port}") as made:
        emit(made)
        assert made.flush(30.0) is False
        assert sorted(arrived) == sorted(f"span {number}" for number in range(ITEMS) if f"span {number}" != bad)
        assert dropped(made) == {"quarantined": 1}
        assert delivered(made)["traces"] == ITEMS - 1


@fault(
    DATA,
    "HTTP 400 for one bad item",
    "the batch is halved until the item is alone; it is dropped as `quarantined`, all others are delivered",
)
def bad_request() -> None:
    """The bad item loses only itself."""
    _refuses(400, "span 13")


@fault(
    DATA,
    "HTTP 413: the request is too large",
    "the batch is halved until it fits; an item that never fits is quarantined",
)
def too_large() -> None:
    """The same for an item that is too large."""
    _refuses(413, "span 0")


@fault(DATA, "HTTP 400 for one bad data point", "only that data point is dropped, not the metric around it")
def bad_point() -> None:
    """A metric is halved by its points."""
    arrived: list[int] = []

    def serve(connection: socket.socket) -> None:
        head, body = read(connection)
        request = ExportMetricsServiceRequest.FromString(body)
        found = [
            point.as_int
            for one in request.resource_metrics
            for scope in one.scope_metrics
            for each in scope.metrics
            for point in each.sum.data_points
        ]
        if 5 in found:
            connection.sendall(http_answer("400 no"))
            return
        if head:
            arrived.extend(found)
            connection.sendall(OK)

    with server(serve) as port, door(f"http://127.0.0.1:{port}") as made:
        made.add_metric_source(lambda: [metric(points=9)])
        assert made.flush(30.0) is False
        assert sorted(arrived) == [0, 1, 2, 3, 4, 6, 7, 8]
        assert dropped(made, "metrics") == {"quarantined": 1}
        assert delivered(made)["metrics"] == 8


_BODIES: tuple[tuple[str, bytes], ...] = (
    ("a portal's page with 200", http_answer("200 OK", b"<html>Pay for WiFi</html>", "text/html")),
    ("a proxy's page with 400", http_answer("400 Bad", b"<html>plain HTTP to HTTPS port</html>", "text/html")),
    ("a page without a content type", http_answer("200 OK", b"<!doctype html><p>hello", "application/x-protobuf")),
    ("200 with garbage", http_answer("200 OK", b"\xff\xfe\xfd\xfc" * 9)),
    ("200 with JSON that is no object", http_answer("200 OK", b"[1]", "application/json")),
    ("a truncated answer", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n\x0a\x00"),
    ("a truncated head", b"HTTP/1.1 200 OK\r\nContent-Le"),
    ("an answer that is no HTTP", b"220 smtp.example.com ESMTP\r\n"),
    ("an answer of binary garbage", bytes(range(256)) * 4),
    ("no answer: the connection is closed", b""),
    ("an endless header", b"HTTP/1.1 200 OK\r\nX: " + b"a" * 200_000),
    ("a huge answer", http_answer("200 OK", b"\x0a\x00" * 2_000_000)),
)


def _add_body(name: str, answer: bytes) -> None:
    fault(BODIES, name)(lambda: is_retried(says(answer)))


for _name, _answer in _BODIES:
    _add_body(_name, _answer)


def _resets(connection: socket.socket) -> None:
    connection.recv(100)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


@fault(BODIES, "the connection is reset in the middle of the request")
def reset() -> None:
    """A reset while the body is still under way."""
    with failing_first(_resets) as (first, endpoint), door(endpoint, compression="none") as made:
        for number in range(ITEMS):
            made.emit_span(span(number, text="x" * 4000))
        assert made.flush(30.0)
        assert len(first.names) == ITEMS
