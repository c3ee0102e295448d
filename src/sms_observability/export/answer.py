"""What a receiver's answer says about the data that was sent."""

from __future__ import annotations

import json
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, cast

from sms_observability.export.protobuf import LENGTH, VARINT, MalformedError, fields

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sms_observability.export.records import Signal

Verdict = Literal["delivered", "retry", "refused"]

MAX_ANSWER: Final = 64 * 1024
"""Bytes of an answer that are read; OTLP's own are a few dozen."""

_MAX_WAIT: Final = 300.0
_OK = range(200, 300)
_PARTIAL: Final = 1
_REJECTED: Final = 1
# These alone say that the data is at fault; whatever else comes back says nothing about it.
_DATA_AT_FAULT: Final = frozenset({400, 413, 422})
_RETRY_INFO: Final = b"type.googleapis.com/google.rpc.RetryInfo"
_REJECTED_IN_JSON: Final[dict[Signal, str]] = {
    "traces": "rejectedSpans",
    "logs": "rejectedLogRecords",
    "metrics": "rejectedDataPoints",
}


class Answer(NamedTuple):
    """What became of one request.

    Attributes:
        verdict: `delivered`; `retry`, where nothing is known about the data; `refused`, where it is at fault.
        cause: A code for diagnostics, such as `status_503` or `connection_refused`; never a value.
        retry_after: Seconds that the receiver asks to wait.
        rejected: Items of a delivered request that the receiver did not take.
    """

    verdict: Verdict
    cause: str = ""
    retry_after: float | None = None
    rejected: int = 0


def http_answer(signal: Signal, status: int, headers: Mapping[str, str], body: bytes, *, now: float) -> Answer:
    """Judge an HTTP answer.

    Args:
        signal: What was sent.
        status: The status code.
        headers: The answer's headers; looked up without regard to case.
        body: At most `MAX_ANSWER` + 1 bytes of the body.
        now: The wall clock, against which a date in `Retry-After` is read.
    """
    kind = (headers.get("Content-Type") or "").partition(";")[0].strip().lower()
    if status in _OK:
        rejected = _rejected(signal, kind, body)
        return Answer("retry", "not_otlp") if rejected is None else Answer("delivered", rejected=rejected)
    cause = f"status_{status}"
    if status in _DATA_AT_FAULT:
        # A proxy's page, such as "plain HTTP request was sent to HTTPS port", is not about the data.
        return Answer("retry", "not_otlp") if kind == "text/html" else Answer("refused", cause)
    return Answer("retry", cause, _retry_after(headers.get("Retry-After"), now))


def grpc_answer(signal: Signal, body: bytes) -> Answer:
    """Judge the message of a gRPC call that ended with OK."""
    rejected = _rejected(signal, "", body)
    return Answer("retry", "not_otlp") if rejected is None else Answer("delivered", rejected=rejected)


def retry_info(details: bytes) -> float | None:
    """Read how long to wait from a `google.rpc.Status` with a `RetryInfo`.

    Args:
        details: The metadata `grpc-status-details-bin`.
    """
    try:
        for number, kind, content in fields(details):
            if number != 3 or kind != LENGTH:  # noqa: PLR2004  # details
                continue
            detail = {number: value for number, _, value in fields(cast("bytes", content))}
            if detail.get(1) == _RETRY_INFO:
                delay = {number: value for number, _, value in fields(cast("bytes", detail.get(2, b"")))}
                duration = {number: value for number, _, value in fields(cast("bytes", delay.get(1, b"")))}
                seconds, nanos = cast("int", duration.get(1, 0)), cast("int", duration.get(2, 0))
                return min(seconds + nanos / 1e9, _MAX_WAIT)
    except (MalformedError, TypeError):
        pass
    return None


def _rejected(signal: Signal, content_type: str, body: bytes) -> int | None:
    """Read how many items a success has rejected; nothing if it is no OTLP answer."""
    if not body:
        return 0
    if len(body) > MAX_ANSWER or content_type.startswith("text/"):
        return None
    if content_type == "application/json":
        return _rejected_in_json(signal, body)
    rejected = 0
    try:
        for number, kind, content in fields(body):
            if number != _PARTIAL:
                continue
            if kind != LENGTH:
                return None
            for inner, inner_kind, value in fields(cast("bytes", content)):
                if inner == _REJECTED:
                    if inner_kind != VARINT:
                        return None
                    rejected = cast("int", value)
    except (MalformedError, TypeError):
        return None
    return rejected if rejected < 2**63 else 0


def _rejected_in_json(signal: Signal, body: bytes) -> int | None:
    try:
        answer: Any = json.loads(body)
        if not isinstance(answer, dict):
            return None
        partial: Any = cast("dict[str, Any]", answer).get("partialSuccess") or {}
        # JSON writes 64-bit numbers as texts.
        return max(int(partial.get(_REJECTED_IN_JSON[signal]) or 0), 0)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None


def _retry_after(text: str | None, now: float) -> float | None:
    """Read a number of seconds or a date."""
    if text is None:
        return None
    text = text.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), _MAX_WAIT)
    try:
        return min(max(parsedate_to_datetime(text).timestamp() - now, 0.0), _MAX_WAIT)
    except (ValueError, TypeError, OverflowError):
        return None
