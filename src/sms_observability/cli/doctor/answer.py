"""What the receiver's answer means."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from urllib3 import HTTPHeaderDict

from sms_observability.cli.doctor.finding import Finding
from sms_observability.export.answer import http_answer
from sms_observability.receiver.decode import UndecodableError, read_response
from sms_observability.receiver.line import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sms_observability.cli.doctor.target import Target

_MOST_SKEW = 5.0


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, and when it came by our clock.

    Attributes:
        status: Its status.
        headers: Its headers, names in lower case.
        body: The first part of its body, decompressed.
        received: Seconds since 1970.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    received: float

    @property
    def content_type(self) -> str:
        """The media type, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


def judge(target: Target, answer: Answer) -> Finding | None:
    """Say what is wrong with an answer; `None` if the item was accepted."""
    status = answer.status
    if 200 <= status < 300:  # noqa: PLR2004
        return _accepted(target, answer)
    if 300 <= status < 400:  # noqa: PLR2004
        place = shown(answer.headers.get("location", "").partition("?")[0], 100)
        return Finding(
            "redirect",
            f"the receiver sends us elsewhere (status {status}{f', to {place}' if place else ''})",
            "OTLP does not follow redirects: a portal or proxy answers instead of the receiver; sign in to the "
            f"network, or write the final address in {target.source}",
        )
    if status == 400 and b"HTTP request to an HTTPS server" in answer.body:  # noqa: PLR2004
        return Finding(*plain_to_tls(target))
    known = _STATUSES.get(status)
    if known is not None:
        code, what, remedy = known
        return Finding(code, f"{what} (status {status})", remedy.format(source=target.source))
    if status >= 500:  # noqa: PLR2004
        return Finding(
            "server_error",
            f"the receiver fails (status {status})",
            "look into the receiver's log; the library retries, so nothing is lost while its buffer lasts",
        )
    return Finding(
        "refused_status",
        f"the receiver refuses what we send (status {status})",
        f"check that {target.source} is the address of an OTLP receiver, and look into its log",
    )


def plain_to_tls(target: Target) -> tuple[str, str, str]:
    """Give code, fault and remedy where plain HTTP meets TLS."""
    return (
        "plain_to_tls",
        f"{target.host} port {target.port} speaks TLS, but the endpoint says http://",
        f"write https:// in {target.source}",
    )


_STATUSES = {
    400: (
        "bad_request",
        "the receiver does not understand the request",
        "perhaps {source} is the port of something else: OTLP over HTTP usually listens on 4318",
    ),
    401: (
        "unauthorized",
        "the receiver does not know us",
        "give it credentials: OTEL_EXPORTER_OTLP_HEADERS=Authorization=Bearer%20<token>, or renew the token",
    ),
    403: (
        "forbidden",
        "the receiver knows us, but does not let us in",
        "ask its operator to allow these credentials to write telemetry",
    ),
    404: (
        "not_found",
        "the receiver does not have the path that we send to",
        "write only the base URL in OTEL_EXPORTER_OTLP_ENDPOINT, to which /v1/traces and so on are added",
    ),
    405: (
        "not_otlp",
        "what answers takes no POST on this path",
        "{source} is the address of something else: correct host, port or path",
    ),
    407: (
        "proxy",
        "a proxy stands between and wants credentials",
        "let the way to the receiver bypass the proxy",
    ),
    413: (
        "too_large",
        "the receiver refuses even a single small item as too large",
        "raise the receiver's limit on the size of a request",
    ),
    415: (
        "not_otlp",
        "the receiver does not take OTLP as protobuf",
        "{source} is the address of something else: correct host, port or path",
    ),
    429: (
        "overloaded",
        "the receiver has too much to do",
        "give it more resources, or send less; the library retries while its buffer lasts",
    ),
    503: (
        "overloaded",
        "the receiver is not available now",
        "see whether its own back end is reachable; the library retries while its buffer lasts",
    ),
}


def _accepted(target: Target, answer: Answer) -> Finding | None:
    verdict = http_answer(
        target.signal, answer.status, HTTPHeaderDict(answer.headers), answer.body, now=answer.received
    )
    if verdict.verdict != "delivered":
        return _portal(target, answer)
    if not verdict.rejected:
        return None
    try:
        said = f': "{shown(read_response(target.signal, answer.body)[1])}"'
    except UndecodableError:
        said = ""
    return Finding(
        "partial_success",
        f"the receiver answers {answer.status}, but refuses the item{said}",
        "look into the receiver's configuration: a limit, a filter or a missing pipeline for this signal",
    )


def _portal(target: Target, answer: Answer) -> Finding:
    return Finding(
        "portal",
        f"something else than an OTLP receiver answers (status {answer.status}, "
        f"{shown(answer.content_type, 40) or 'no content type'})",
        f"a portal, proxy or web server stands at this address: sign in to the network, or correct {target.source}",
    )


def clock_skew(answer: Answer) -> Finding | None:
    """Say whether our clock and the receiver's differ by more than their exchange explains."""
    try:
        theirs = parsedate_to_datetime(answer.headers["date"]).timestamp()
    except (KeyError, ValueError, TypeError, OverflowError):
        return None
    # The header has whole seconds, cut off.
    skew = answer.received - (theirs + 0.5)
    if abs(skew) <= _MOST_SKEW:
        return None
    return Finding(
        "clock_skew",
        f"this machine's clock is {_amount(abs(skew))} {'ahead of' if skew > 0 else 'behind'} the receiver's",
        "synchronise both clocks (chrony or systemd-timesyncd; on a vessel, with the ship's time server): "
        "until then traces look torn and data may be refused as too old or from the future",
    )


def _amount(seconds: float) -> str:
    for size, name in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {name}"
    return f"{seconds:.0f} seconds"
