"""Sending by OTLP/gRPC, with grpcio's generic calls and our own bytes (extra `grpc`)."""

from __future__ import annotations

import contextlib
import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from sms_observability.export.answer import Answer, grpc_answer, retry_info
from sms_observability.export.grpc_forks import CALLS
from sms_observability.export.http import HttpTransport

if TYPE_CHECKING:
    from sms_observability.export.endpoint import Endpoint
    from sms_observability.export.records import Signal

_METHODS: Final[dict[Signal, str]] = {
    "traces": "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    "logs": "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
    "metrics": "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
}
_OPTIONS: Final = (
    ("grpc.enable_http_proxy", 0),  # nothing ambient
    ("grpc.enable_retries", 0),  # the door has its own
    ("grpc.max_receive_message_length", 64 * 1024),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
)


class GrpcTransport:
    """Sends the requests of one signal. Used by one thread, but for `abort`.

    Args:
        endpoint: Where to, and with what.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._channel: Any = None
        self._call: Any = None

    def send(self, body: bytes, timeout: float) -> Answer:
        """Send one request; never raises for what the network or the receiver does."""
        grpc: Any = importlib.import_module("grpc")

        try:
            if self._channel is None:
                self._channel = self._connect()
            method = self._channel.unary_unary(_METHODS[self._endpoint.signal])
            compression = grpc.Compression.Gzip if self._endpoint.compression == "gzip" else None
            with CALLS.one():
                response: bytes = method(
                    body, timeout=timeout, metadata=self._metadata(), compression=compression, wait_for_ready=False
                )
            return grpc_answer(self._endpoint.signal, response)
        except KeyboardInterrupt:
            raise
        except grpc.RpcError as error:
            answer = _judge(error)
            if answer.cause in ("grpc_unavailable", "tls", "dns", "connection_refused"):
                # A fresh channel reads certificates anew.
                self.close()
            return answer
        except (OSError, ValueError) as error:
            self.close()
            return Answer("retry", "token_file" if isinstance(error, OSError) else type(error).__name__)

    def abort(self) -> None:
        """Do nothing: a call's time limit is one of the whole call."""

    def close(self) -> None:
        """Close the channel."""
        channel, self._channel = self._channel, None
        if channel is not None:
            with contextlib.suppress(Exception):
                channel.close()

    def _connect(self) -> Any:
        grpc: Any = importlib.import_module("grpc")

        endpoint = self._endpoint
        target = urlsplit(endpoint.url).netloc
        if ":" not in target.rpartition("]")[2]:
            target += ":443" if endpoint.secure else ":80"
        if not endpoint.secure:
            return grpc.insecure_channel(target, options=_OPTIONS)
        credentials = grpc.ssl_channel_credentials(
            root_certificates=_read(endpoint.certificate),
            private_key=_read(endpoint.client_key),
            certificate_chain=_read(endpoint.client_certificate),
        )
        return grpc.secure_channel(target, credentials, options=_OPTIONS)

    def _metadata(self) -> tuple[tuple[str, str], ...]:
        headers, _ = HttpTransport(self._endpoint)._prepared(b"")
        own = ("content-type", "user-agent", "content-encoding")
        return tuple((name.lower(), text) for name, text in headers.items() if name.lower() not in own)


def _read(path: str | None) -> bytes | None:
    return None if path is None else Path(path).read_bytes()


def _judge(error: Any) -> Answer:
    """Judge a call that failed; only INVALID_ARGUMENT and a message that is too large are about the data."""
    try:
        code = str(error.code().name).lower()
        details = str(error.details() or "").lower()
        trailers: dict[str, Any] = dict(error.trailing_metadata() or ())
    except (AttributeError, TypeError, ValueError):
        return Answer("retry", type(error).__name__)
    if code == "invalid_argument" or (code == "resource_exhausted" and "larger than max" in details):
        return Answer("refused", f"grpc_{code}")
    wait = trailers.get("grpc-status-details-bin")
    return Answer("retry", _cause(code, details), retry_info(wait) if isinstance(wait, bytes) else None)


def _cause(code: str, details: str) -> str:
    if code == "deadline_exceeded":
        return "timeout"
    if code == "unavailable":
        for mark, cause in (
            ("connection refused", "connection_refused"),
            ("dns", "dns"),
            ("handshake", "tls"),
            ("certificate", "tls"),
            ("reset", "connection_lost"),
            ("goaway", "connection_lost"),
        ):
            if mark in details:
                return cause
    return f"grpc_{code}"
