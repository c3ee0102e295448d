"""Receivers that go wrong in one way each, on real sockets."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from email.utils import formatdate

Serve = Callable[[socket.socket], None]


def http_answer(
    status: str, body: bytes = b"", kind: str = "application/x-protobuf", date: float | None = None
) -> bytes:
    """Give the bytes of an HTTP answer."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n"
    return f"{head}Date: {formatdate(date, usegmt=True)}\r\n".encode() + b"\r\n" + body


def says(answer: bytes) -> Serve:
    """Read a request and say this."""

    def serve(connection: socket.socket) -> None:
        received = b""
        while b"\r\n\r\n" not in received:
            more = connection.recv(65536)
            if not more:
                return
            received += more
        head, _, body = received.partition(b"\r\n\r\n")
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                missing = int(line.partition(b":")[2]) - len(body)
                while missing > 0:
                    missing -= len(connection.recv(65536))
        connection.sendall(answer)

    return serve


def hangs(connection: socket.socket) -> None:
    """Take everything and say nothing until the other side hangs up."""
    while connection.recv(65536):
        pass


@contextlib.contextmanager
def server(serve: Serve, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """Serve each connection on a thread of its own; gives the port."""
    listening = socket.create_server(("127.0.0.1", 0))

    def one(connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            connection.settimeout(20)
            if tls is None:
                serve(connection)
                return
            with tls.wrap_socket(connection, server_side=True) as secured:
                serve(secured)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listening.accept()
                threading.Thread(target=one, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        # Closing alone does not wake `accept`.
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


@contextlib.contextmanager
def black_hole() -> Iterator[int]:
    """Give a port on which no connection gets through: its queue of waiting ones is full."""
    with contextlib.ExitStack() as stack:
        listening = stack.enter_context(socket.socket())
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        for _ in range(8):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listening.getsockname())
        yield listening.getsockname()[1]
