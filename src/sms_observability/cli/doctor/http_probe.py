"""One export over HTTP, and what came back."""

from __future__ import annotations

import time
from http.client import HTTPException
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import urllib3

from sms_observability.cli.doctor.answer import Answer, plain_to_tls
from sms_observability.cli.doctor.connection import client_certificate_fault, speaks_http2, speaks_tls, tls_context
from sms_observability.cli.doctor.deadline import within
from sms_observability.cli.doctor.finding import FaultError
from sms_observability.export.answer import MAX_ANSWER
from sms_observability.export.http import HttpTransport

if TYPE_CHECKING:
    from sms_observability.cli.doctor.target import Target


def post(target: Target, body: bytes, timeout: float) -> Answer:
    """Send an export request, following no redirect and using no proxy.

    Args:
        target: Where to.
        body: The request.
        timeout: Seconds for the whole exchange.

    Raises:
        FaultError: There was no HTTP answer.
    """
    try:
        # Headers, token and compression as the door has them.
        headers, content = HttpTransport(target.endpoint)._prepared(body)
    except OSError:
        raise FaultError(
            "token_file",
            "the token file cannot be read, or holds no token",
            "correct SMS_OBSERVABILITY_RESTRICTED_TOKEN_FILE, or the rights of the file",
        ) from None
    try:
        return within(timeout, lambda: _exchange(target, content, headers, timeout))
    except (TimeoutError, urllib3.exceptions.TimeoutError):
        raise FaultError(
            "hang",
            f"the receiver takes the connection, but does not answer within {timeout:g} s",
            _if_http2(target, timeout) or "see whether the receiver or what it writes to is overloaded",
        ) from None
    except (urllib3.exceptions.HTTPError, HTTPException, OSError) as error:
        raise _no_answer(target, error, timeout) from None


def _exchange(target: Target, body: bytes, headers: dict[str, str], timeout: float) -> Answer:
    pool = _pool(target, timeout)
    try:
        parts = urlsplit(target.endpoint.url)
        path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        answer: Any = pool.urlopen(
            "POST", path, body=body, headers=headers, redirect=False, retries=False, preload_content=False
        )
        try:
            content = answer.read(MAX_ANSWER + 1, decode_content=True)
        except urllib3.exceptions.DecodeError:
            content = b""
        names = {str(name).lower(): str(value) for name, value in answer.headers.items()}
        return Answer(answer.status, names, content, time.time())
    finally:
        pool.close()


def _pool(target: Target, timeout: float) -> urllib3.HTTPConnectionPool:
    limits = urllib3.Timeout(connect=timeout, read=timeout)
    if not target.endpoint.secure:
        return urllib3.HTTPConnectionPool(target.host, target.port, timeout=limits)
    return urllib3.HTTPSConnectionPool(target.host, target.port, timeout=limits, ssl_context=tls_context(target))


def _no_answer(target: Target, error: Exception, timeout: float) -> FaultError:
    cause = f"{type(error).__name__}: {error}"
    if "CERTIFICATE_REQUIRED" in cause or "certificate required" in cause.lower():
        return client_certificate_fault()
    if not target.endpoint.secure and speaks_tls(target, timeout):
        return FaultError(*plain_to_tls(target))
    return FaultError(
        "no_http",
        f"what answers at {target.host} port {target.port} is not HTTP ({_reason(error)})",
        _if_http2(target, timeout)
        or f"this is the port of something else: correct {target.source} (OTLP over HTTP usually listens on 4318)",
    )


def _reason(error: BaseException) -> str:
    while True:
        arguments = [each for each in (*error.args, error.__cause__) if isinstance(each, BaseException)]
        if not arguments:
            break
        error = arguments[0]
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__


def _if_http2(target: Target, timeout: float) -> str:
    if not speaks_http2(target, timeout):
        return ""
    return (
        "this is a gRPC port: use the receiver's HTTP port, usually 4318, or set OTEL_EXPORTER_OTLP_PROTOCOL=grpc "
        "(extra grpc)"
    )
