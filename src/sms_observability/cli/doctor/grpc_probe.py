"""One export over gRPC, and what came back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sms_observability.cli.doctor.finding import FaultError, Finding
from sms_observability.receiver.decode import UndecodableError, read_response
from sms_observability.receiver.line import shown

if TYPE_CHECKING:
    from sms_observability.cli.doctor.target import Target
    from sms_observability.export.records import Signal

_METHODS: Final[dict[Signal, str]] = {
    "traces": "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    "logs": "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
    "metrics": "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
}
_CODES: Final = {
    "UNAUTHENTICATED": (
        "unauthorized",
        "the receiver does not know us",
        "give it credentials: OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20<token>, or renew the token",
    ),
    "PERMISSION_DENIED": (
        "forbidden",
        "the receiver knows us, but does not let us in",
        "ask its operator to allow these credentials to write telemetry",
    ),
    "UNIMPLEMENTED": (
        "not_found",
        "the receiver speaks gRPC, but takes no OTLP for this signal",
        "correct the address, or add a pipeline for this signal to the receiver",
    ),
    "RESOURCE_EXHAUSTED": (
        "overloaded",
        "the receiver has too much to do",
        "give it more resources, or send less; the library retries while its buffer lasts",
    ),
}


def call(target: Target, body: bytes, timeout: float) -> Finding | None:
    """Send an export request.

    Args:
        target: Where to.
        body: The request.
        timeout: Seconds for the whole exchange.

    Returns:
        What is wrong, or `None` if the item was accepted.

    Raises:
        FaultError: gRPC is not installed.
    """
    try:
        import grpc  # type: ignore[import-untyped]
    except ImportError:
        raise FaultError(
            "grpc_missing",
            "the protocol is grpc, but grpcio is not installed",
            'pip install "sms-observability[grpc]", or use http/protobuf',
        ) from None
    module: Any = grpc
    channel = _channel(module, target)
    try:
        export = channel.unary_unary(_METHODS[target.signal])
        metadata = [(name.lower(), secret.reveal()) for name, secret in target.endpoint.headers]
        answer: bytes = export(body, timeout=timeout, metadata=metadata)
    except module.RpcError as error:
        return _judge(target, error.code().name)
    finally:
        channel.close()
    try:
        rejected, message = read_response(target.signal, answer)
    except UndecodableError:
        return Finding("not_otlp", "the receiver's answer is not OTLP", f"correct {target.source}")
    if not rejected:
        return None
    said = f': "{shown(message, 200)}"' if message else ""
    return Finding(
        "partial_success",
        f"the receiver answers well, but refuses the item{said}",
        "look into the receiver's configuration: a limit, a filter or a missing pipeline for this signal",
    )


def _channel(grpc: Any, target: Target) -> Any:
    address = target.endpoint.address
    # No ambient proxy, as the exporter: telemetry goes where it was told to.
    options = (("grpc.enable_http_proxy", 0),)
    if not target.endpoint.secure:
        return grpc.insecure_channel(address, options)
    credentials = grpc.ssl_channel_credentials(
        _content(target.endpoint.certificate),
        _content(target.endpoint.client_key),
        _content(target.endpoint.client_certificate),
    )
    return grpc.secure_channel(address, credentials, options)


def _content(path: str | None) -> bytes | None:
    return None if path is None else Path(path).read_bytes()


def _judge(target: Target, code: str) -> Finding:
    if code in _CODES:
        word, what, remedy = _CODES[code]
        return Finding(word, f"{what} (gRPC status {code})", remedy)
    if code in ("UNAVAILABLE", "DEADLINE_EXCEEDED"):
        return Finding(
            "no_grpc",
            f"what answers at {target.host} port {target.port} does not speak gRPC (status {code})",
            f"correct {target.source} (OTLP over gRPC usually listens on 4317), or set "
            "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
        )
    return Finding("server_error", f"the receiver fails (gRPC status {code})", "look into the receiver's log")
