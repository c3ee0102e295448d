"""The way to a receiver, one step after the other: name, port, TLS. Each step has its own faults."""

from __future__ import annotations

import errno
import socket
import ssl
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sms_observability.cli.doctor.deadline import within
from sms_observability.cli.doctor.finding import FaultError

if TYPE_CHECKING:
    from sms_observability.cli.doctor.target import Target

# The preface of HTTP/2 and an empty SETTINGS frame: whoever answers with SETTINGS speaks gRPC's protocol.
_HTTP2_HELLO = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00"
_SETTINGS_FRAME = 4
_CERTIFICATE_EXPIRED, _CERTIFICATE_NOT_YET_VALID, _HOST_MISMATCH, _ADDRESS_MISMATCH = 10, 9, 62, 64
_OTLP_GRPC, _OTLP_HTTP = 4317, 4318


def check_way(target: Target, timeout: float) -> None:
    """Go the whole way to a receiver once, and hang up.

    Args:
        target: Where it is.
        timeout: Seconds for each step.

    Raises:
        FaultError: A step failed; its finding says which, and what to do.
    """
    with _connect(target, _addresses(target, timeout), timeout) as connection:
        if target.endpoint.secure:
            began = time.monotonic()
            with _handshake(target, connection, timeout) as secured:
                took = time.monotonic() - began
                _wait_for_refusal(target, secured, min(timeout, 2 * took + 0.1))


def _wait_for_refusal(target: Target, connection: ssl.SSLSocket, seconds: float) -> None:
    # With TLS 1.3 the receiver judges our certificate after our handshake is done; its alert is lost once we write.
    connection.settimeout(seconds)
    try:
        connection.recv(1)
    except ssl.SSLError as error:
        raise _tls_failure(target, error) from None
    except OSError:
        return


def speaks_http2(target: Target, timeout: float) -> bool:
    """Say whether a receiver speaks HTTP/2 at once, as gRPC servers do."""
    try:
        with _connect(target, _addresses(target, timeout), timeout) as connection:
            if not target.endpoint.secure:
                return _answers_settings(connection)
            with _handshake(target, connection, timeout) as secured:
                return _answers_settings(secured)
    except (FaultError, OSError):
        return False


def speaks_tls(target: Target, timeout: float) -> bool:
    """Say whether a receiver that was addressed by http:// answers a TLS handshake."""
    context = ssl.create_default_context()
    # Only the question whether it is TLS at all; nothing is sent.
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with (
            _connect(target, _addresses(target, timeout), timeout) as connection,
            context.wrap_socket(connection, server_hostname=target.host),
        ):
            return True
    except (FaultError, OSError):
        return False


def _answers_settings(connection: socket.socket) -> bool:
    connection.sendall(_HTTP2_HELLO)
    head = b""
    while len(head) < 9:  # noqa: PLR2004 - the head of a frame
        more = connection.recv(9 - len(head))
        if not more:
            return False
        head += more
    return head[3] == _SETTINGS_FRAME and not head.startswith(b"HTTP/")


def _addresses(target: Target, timeout: float) -> list[tuple[Any, ...]]:
    try:
        return within(timeout, lambda: socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM))
    except TimeoutError:
        raise FaultError(
            "dns",
            f"looking up the name {target.host!r} took longer than {timeout:g} s",
            "the name server of this machine does not answer: check /etc/resolv.conf and the network policy for DNS",
        ) from None
    except (OSError, UnicodeError) as error:
        reason = f" ({error.strerror})" if isinstance(error, OSError) and error.strerror else ""
        raise FaultError(
            "dns",
            f"there is no host {target.host!r}{reason}",
            f"correct the host in {target.source}; inside Kubernetes write it as service.namespace.svc",
        ) from None


def _connect(target: Target, addresses: list[tuple[Any, ...]], timeout: float) -> socket.socket:
    failure: OSError = OSError(errno.EHOSTUNREACH, "no address")
    for family, kind, protocol, _, address in addresses:
        connection = socket.socket(family, kind, protocol)
        connection.settimeout(timeout)
        try:
            connection.connect(address)
        except OSError as error:
            connection.close()
            failure = error
            continue
        return connection
    where = f"{target.host} port {target.port}"
    if isinstance(failure, ConnectionRefusedError):
        raise FaultError("refused", f"nothing listens on {where}", _if_refused(target)) from None
    if isinstance(failure, TimeoutError):
        raise FaultError(
            "timeout",
            f"{where} does not answer within {timeout:g} s",
            "a firewall or network policy drops the packets, or the address is wrong: allow this way, "
            f"or correct {target.source}",
        ) from None
    raise FaultError(
        "unreachable",
        f"{where} cannot be reached ({failure.strerror or type(failure).__name__})",
        f"check the network of this machine, and the address in {target.source}",
    ) from None


def _if_refused(target: Target) -> str:
    usual = _OTLP_GRPC if target.endpoint.protocol == "grpc" else _OTLP_HTTP
    start = "start the Collector, or look at what arrives with: sms-observability receive"
    if target.port == usual:
        return start
    hint = "without a port in the URL that is the port; " if not target.port_is_given else ""
    return f"{hint}OTLP over {target.endpoint.protocol} usually listens on {usual}: correct {target.source}; or {start}"


def _handshake(target: Target, connection: socket.socket, timeout: float) -> ssl.SSLSocket:
    context = tls_context(target)
    try:
        return context.wrap_socket(connection, server_hostname=target.host)
    except ssl.SSLCertVerificationError as error:
        raise _untrusted(target, error) from None
    except ssl.SSLError as error:
        raise _tls_failure(target, error) from None
    except TimeoutError:
        raise FaultError(
            "tls",
            f"the receiver accepts connections, but does not answer TLS within {timeout:g} s",
            f"perhaps it speaks plain HTTP: write http:// in {target.source}",
        ) from None
    except OSError as error:
        raise FaultError(
            "tls",
            f"the receiver hangs up during the TLS handshake ({error.strerror or type(error).__name__})",
            f"perhaps it speaks plain HTTP: write http:// in {target.source}",
        ) from None
    finally:
        with suppress(OSError):
            connection.settimeout(timeout)


def tls_context(target: Target) -> ssl.SSLContext:
    """Give the TLS settings of a target.

    Raises:
        FaultError: A file of a certificate or key cannot be used.
    """
    try:
        # As the door's: with a file of authorities, the system's do not count.
        context = ssl.create_default_context(cafile=target.endpoint.certificate)
    except (OSError, ssl.SSLError) as error:
        raise FaultError(
            "certificate_file",
            f"the file of authorities cannot be used ({_reason(error)})",
            "correct the path (OTEL_EXPORTER_OTLP_CERTIFICATE): a readable PEM file",
        ) from None
    try:
        if target.endpoint.client_certificate:
            context.load_cert_chain(target.endpoint.client_certificate, target.endpoint.client_key or None)
    except (OSError, ssl.SSLError) as error:
        raise FaultError(
            "client_certificate_file",
            f"the client certificate or its key cannot be used ({_reason(error)})",
            "correct OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE and _CLIENT_KEY: readable PEM files that belong together",
        ) from None
    return context


def _reason(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return (error.reason or "not a PEM file").replace("_", " ").lower()
    return error.strerror or type(error).__name__


def _untrusted(target: Target, error: ssl.SSLCertVerificationError) -> FaultError:
    if error.verify_code == _CERTIFICATE_EXPIRED:
        return FaultError(
            "tls_expired",
            "the receiver's certificate has expired (or this machine's clock is ahead)",
            "renew the certificate on the receiver; check the clock with: timedatectl",
        )
    if error.verify_code == _CERTIFICATE_NOT_YET_VALID:
        return FaultError(
            "tls_expired",
            "the receiver's certificate is not valid yet: one of the two clocks is wrong",
            "check the clock with: timedatectl",
        )
    if error.verify_code in (_HOST_MISMATCH, _ADDRESS_MISMATCH):
        return FaultError(
            "tls_hostname",
            f"the receiver's certificate is not for {target.host!r}",
            f"use a name that the certificate has in {target.source}, or issue the certificate for this name",
        )
    return FaultError(
        "tls_untrusted",
        f"the receiver's certificate is not trusted ({error.verify_message})",
        "give the authority that signed it: OTEL_EXPORTER_OTLP_CERTIFICATE=/path/to/ca.pem",
    )


def _tls_failure(target: Target, error: ssl.SSLError) -> FaultError:
    reason = (error.reason or type(error).__name__).replace("_", " ").lower()
    if error.reason in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG"):
        return FaultError(
            "tls_to_plain",
            f"{target.host} port {target.port} speaks no TLS, but the endpoint says https://",
            f"write http:// in {target.source}, or switch TLS on at the receiver",
        )
    if "CERTIFICATE" in (error.reason or "") or "HANDSHAKE_FAILURE" in (error.reason or ""):
        return client_certificate_fault()
    return FaultError(
        "tls",
        f"the TLS handshake failed ({reason})",
        "both sides must share a TLS version and cipher: look into the receiver's log",
    )


def client_certificate_fault() -> FaultError:
    """Give the fault of a receiver that wants to know who we are."""
    return FaultError(
        "client_certificate",
        "the receiver wants a client certificate and got none that it accepts",
        "set OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE and OTEL_EXPORTER_OTLP_CLIENT_KEY",
    )
