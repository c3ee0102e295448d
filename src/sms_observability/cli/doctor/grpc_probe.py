"""One export over gRPC, by the door's own transport, and what came back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sms_observability.cli.doctor.finding import Finding
from sms_observability.export.grpc import GrpcTransport

if TYPE_CHECKING:
    from sms_observability.cli.doctor.target import Target

_CAUSES: Final = {
    "grpc_unauthenticated": (
        "unauthorized",
        "the receiver does not know us",
        "give it credentials: OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20<token>, or renew the token",
    ),
    "grpc_permission_denied": (
        "forbidden",
        "the receiver knows us, but does not let us in",
        "ask its operator to allow these credentials to write telemetry",
    ),
    "grpc_unimplemented": (
        "not_found",
        "the receiver speaks gRPC, but takes no OTLP for this signal",
        "correct {source}, or add a pipeline for this signal to the receiver",
    ),
    "grpc_resource_exhausted": (
        "overloaded",
        "the receiver has too much to do",
        "give it more resources, or send less; the library retries while its buffer lasts",
    ),
    "grpc_invalid_argument": (
        "bad_request",
        "the receiver does not understand the request",
        "correct {source}: perhaps it is the port of something else",
    ),
    "token_file": (
        "token_file",
        "the token file cannot be read, or holds no token",
        "correct SMS_OBSERVABILITY_RESTRICTED_TOKEN_FILE, or the rights of the file",
    ),
}
_NO_GRPC: Final = frozenset({"timeout", "connection_lost", "grpc_unavailable", "tls", "grpc_internal", "not_otlp"})


def call(target: Target, body: bytes, timeout: float) -> Finding | None:
    """Send an export request.

    Args:
        target: Where to.
        body: The request.
        timeout: Seconds for the whole exchange.

    Returns:
        What is wrong, or `None` if the item was accepted.
    """
    transport = GrpcTransport(target.endpoint)
    try:
        answer = transport.send(body, timeout)
    finally:
        transport.close()
    if answer.verdict == "delivered" and not answer.rejected:
        return None
    if answer.verdict == "delivered":
        return Finding(
            "partial_success",
            "the receiver answers well, but refuses the item",
            "look into the receiver's configuration: a limit, a filter or a missing pipeline for this signal",
        )
    if answer.cause in _CAUSES:
        code, what, remedy = _CAUSES[answer.cause]
        return Finding(code, f"{what} ({answer.cause})", remedy.format(source=target.source))
    if answer.cause in _NO_GRPC:
        return Finding(
            "no_grpc",
            f"what answers at {target.host} port {target.port} does not speak gRPC ({answer.cause})",
            f"correct {target.source} (OTLP over gRPC usually listens on 4317), or set "
            "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
        )
    return Finding("server_error", f"the receiver fails ({answer.cause})", "look into the receiver's log")
