"""What carries the requests of an endpoint; the HTTP client is imported by the thread that sends, not by the start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sms_observability import lifecycle
from sms_observability.export.answer import Answer

if TYPE_CHECKING:
    from sms_observability.export.endpoint import Endpoint
    from sms_observability.export.http import HttpTransport
    from sms_observability.export.worker import Transport


def transport_of(endpoint: Endpoint) -> Transport:
    """Give what sends to an endpoint; each kind is imported where it is used."""
    if endpoint.to == "console":
        from sms_observability.export.console import ConsoleTransport

        return ConsoleTransport(endpoint.signal)
    if endpoint.protocol == "grpc":
        from sms_observability.export.grpc import GrpcTransport

        return GrpcTransport(endpoint)
    return OnFirstRequest(endpoint)


class OnFirstRequest:
    """Sends by HTTP, and is ready to only when there is something to send. Used by one thread, but for `abort`.

    Args:
        endpoint: Where to, and with what.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._made: HttpTransport | None = None
        self._aborted = False

    def send(self, body: bytes, timeout: float) -> Answer:
        """Send one request."""
        made = self._made
        if made is None:
            self._aborted = False
            with lifecycle.importing():
                from sms_observability.export.http import HttpTransport

            made = self._made = HttpTransport(self._endpoint)
            if self._aborted:
                return Answer("retry", "timeout")
        return made.send(body, timeout)

    def abort(self) -> None:
        """Break off the request that is under way."""
        self._aborted = True
        if self._made is not None:
            self._made.abort()

    def close(self) -> None:
        """Close the connection."""
        if self._made is not None:
            self._made.close()
