"""An OTLP/HTTP receiver inside the process, for the demo, tests, benchmarks, and a look at what a service sends."""

from __future__ import annotations

import logging
import socket
import socketserver
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final, cast

from sms_observability.receiver.body import RefusedError, read_body
from sms_observability.receiver.decode import UndecodableError, count, decode, parse, response
from sms_observability.receiver.items import Answer, Batch
from sms_observability.receiver.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

    from sms_observability.receiver.items import Log, MetricPoint, Signal, Span

_logger = logging.getLogger("sms_observability.receiver")

_PATHS: Final[dict[str, Signal]] = {"/v1/traces": "traces", "/v1/logs": "logs", "/v1/metrics": "metrics"}
_JSON: Final = "application/json"
_PROTOBUF: Final = "application/x-protobuf"
_MAX_BODY: Final = 64 * 1024 * 1024
_INVALID_ARGUMENT, _UNAVAILABLE = 3, 14
_ACCEPTED: Final = Answer()


class Receiver:
    """Takes traces, logs and metrics by OTLP over HTTP, as protobuf or JSON, and keeps the newest.

    Args:
        host: The address to listen on; loopback, because nobody has to authenticate.
        port: The port; 0 takes a free one.
        on_receive: Called with each `Batch`, on the thread of its connection and before it is kept. It may return an
            `Answer` to refuse all or part of it. If it raises, the sender gets a 500.
        keep: How many items of each signal are kept; the oldest go first.
        decode: `False` only counts items and bytes, for benchmarks.
        max_body: Bytes that a body may have, before and after decompression.

    Example:
        >>> with Receiver() as receiver:
        ...     receiver.endpoint.startswith("http://127.0.0.1:"), receiver.spans
        (True, [])
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        on_receive: Callable[[Batch], Answer | None] | None = None,
        keep: int = 20_000,
        decode: bool = True,
        max_body: int = _MAX_BODY,
    ) -> None:
        self._address = (host, port)
        self._on_receive = on_receive
        self._store = Store(keep)
        self._decode = decode
        self._max_body = max_body
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> Self:
        """Listen, on a thread of its own.

        Raises:
            OSError: The port is in use, or the address is not this machine's.
        """
        if self._server is None:
            self._server = server = _Server(self._address, self)
            self._thread = threading.Thread(
                target=server.serve_forever, args=(0.05,), name="sms-observability-receiver", daemon=True
            )
            self._thread.start()
        return self

    def close(self) -> None:
        """Stop listening and end all connections; what has arrived can still be read."""
        server, self._server = self._server, None
        if server is None:
            return
        self._address = cast("tuple[str, int]", server.server_address[:2])
        server.shutdown()
        server.server_close()
        server.end_connections()
        if self._thread is not None:
            self._thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def port(self) -> int:
        """The port that it listens on, or, closed, last listened on."""
        return self._server.server_address[1] if self._server is not None else self._address[1]

    @property
    def endpoint(self) -> str:
        """What `OTEL_EXPORTER_OTLP_ENDPOINT` must be set to."""
        host = self._address[0]
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def spans(self) -> list[Span]:
        """The newest spans, in the order of their arrival."""
        return self._store.snapshot("traces")

    @property
    def logs(self) -> list[Log]:
        """The newest log records, in the order of their arrival."""
        return self._store.snapshot("logs")

    @property
    def metrics(self) -> list[MetricPoint]:
        """The newest data points, in the order of their arrival; each export sends every point again."""
        return self._store.snapshot("metrics")

    def totals(self) -> dict[Signal, dict[str, int]]:
        """Give how many `items`, `requests` and `wire_bytes` of each signal were accepted, kept or not."""
        return self._store.totals()

    def clear(self) -> None:
        """Forget everything that has arrived."""
        self._store.clear()

    def wait_for(self, predicate: Callable[[Receiver], object], timeout: float = 5.0) -> bool:
        """Wait until what has arrived fulfils a condition.

        Args:
            predicate: Gets this receiver; asked at once, and again whenever something has arrived.
            timeout: Seconds to wait at most.

        Returns:
            Whether it was fulfilled in time.

        Example:
            >>> with Receiver() as receiver:
            ...     receiver.wait_for(lambda r: r.spans, timeout=0.01)
            False
        """
        return self._store.wait_for(lambda: bool(predicate(self)), timeout)

    def _take(self, signal: Signal, body: bytes, wire_bytes: int, headers: dict[str, str], *, is_json: bool) -> Answer:
        request = parse(signal, body, is_json=is_json)
        total = count(signal, request)
        items = decode(signal, request) if self._decode else ()
        answer = _ACCEPTED
        if self._on_receive is not None:
            answer = self._on_receive(Batch(signal, total, items, body, wire_bytes, headers)) or _ACCEPTED
        if answer.status == 200:  # noqa: PLR2004
            accepted = max(0, total - max(0, answer.rejected))
            self._store.add(signal, items[:accepted], accepted, wire_bytes)
        return answer


class _Server(ThreadingHTTPServer):
    """The listening socket, and the connections that are open."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], receiver: Receiver) -> None:
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.receiver = receiver
        self._connections: set[Any] = set()
        self._lock = threading.Lock()
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        # HTTPServer's own looks the host's name up, which can take seconds.
        socketserver.TCPServer.server_bind(self)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def end_connections(self) -> None:
        """Wake the threads that wait for the next request of a connection."""
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        _logger.debug("a connection was lost")


class _Handler(BaseHTTPRequestHandler):
    """Answers the requests of one connection."""

    protocol_version = "HTTP/1.1"
    server_version = "sms-observability-receiver"
    sys_version = ""
    timeout = 300
    # One packet an answer: written in two, the second waits 40 ms for the peer's delayed acknowledgement.
    wbufsize = 65536
    disable_nagle_algorithm = True

    def do_POST(self) -> None:  # noqa: N802 - the name that http.server calls
        """Take an export request."""
        as_json = False
        try:
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver = cast("_Server", self.server).receiver
            body, wire_bytes = read_body(cast("Any", self.rfile), headers, receiver._max_body)
            signal = _PATHS.get(self.path.partition("?")[0])
            if signal is None:
                raise RefusedError(404, f"there is no such path; there are {', '.join(_PATHS)}")
            content_type = headers.get("content-type", "").partition(";")[0].strip().lower()
            as_json = content_type == _JSON
            if content_type not in (_JSON, _PROTOBUF):
                raise RefusedError(415, f"the content type must be {_PROTOBUF} or {_JSON}")
            answer = receiver._take(signal, body, wire_bytes, headers, is_json=as_json)
        except RefusedError as refused:
            self.close_connection = self.close_connection or refused.unread
            self._refuse(refused.status, refused.message, as_json=as_json)
        except UndecodableError as error:
            self._refuse(400, str(error), as_json=as_json)
        except OSError:
            raise
        except Exception as error:  # noqa: BLE001 - a hook that fails must not take the connection down
            self._refuse(500, f"on_receive raised {type(error).__name__}", as_json=as_json)
        else:
            if answer.status == 200:  # noqa: PLR2004
                self._answer(
                    200, response(signal, rejected=answer.rejected, message=answer.message, as_json=as_json), as_json
                )
            else:
                self._refuse(answer.status, answer.message, as_json=as_json, retry_after=answer.retry_after)

    def do_GET(self) -> None:  # noqa: N802
        """Tell a person with a browser what this is."""
        known = self.path.partition("?")[0] in _PATHS
        self.close_connection = True
        self._refuse(405 if known else 404, "this is an OTLP receiver: POST to " + ", ".join(_PATHS), as_json=True)

    def _refuse(self, status: int, message: str, *, as_json: bool, retry_after: int | None = None) -> None:
        code = _UNAVAILABLE if status in (429, 502, 503, 504) else _INVALID_ARGUMENT
        self._answer(status, _status_body(code, message, as_json=as_json), as_json, retry_after)

    def _answer(self, status: int, body: bytes, as_json: bool, retry_after: int | None = None) -> None:  # noqa: FBT001
        self.send_response(status)
        self.send_header("Content-Type", _JSON if as_json else _PROTOBUF)
        self.send_header("Content-Length", str(len(body)))
        if status == 405:  # noqa: PLR2004
            self.send_header("Allow", "POST")
        if retry_after is not None:
            self.send_header("Retry-After", str(retry_after))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that http.server gives
        """Write no access log."""


def _status_body(code: int, message: str, *, as_json: bool) -> bytes:
    """Give a `google.rpc.Status`, with which OTLP tells errors: field 1 is the code, field 2 the message."""
    if as_json:
        import json

        return json.dumps({"code": code, "message": message}).encode()
    text = message.encode("utf-8", "replace")[:127]
    return bytes((0x08, code, 0x12, len(text))) + text
