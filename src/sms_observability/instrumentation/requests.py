"""requests: a CLIENT span for each request that a session sends, redirects one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from sms_observability.context import suppressed
from sms_observability.instrumentation.outgoing import OutgoingCall

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests

    from sms_observability.instrumentation.options import InstrumentationOptions
    from sms_observability.instrumentation.patch import Patches


def instrument(options: InstrumentationOptions, patches: Patches) -> None:
    """Watch all sessions of requests, those that exist already too.

    Args:
        options: The ports of the instrumentation.
        patches: Takes what undoes it.
    """

    def around(original: Callable[..., Any]) -> Callable[..., Any]:
        def send(self: HTTPAdapter, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
            response: requests.Response
            if suppressed():
                response = original(self, request, *args, **kwargs)
                return response
            call = _call(options, request)
            try:
                response = original(self, request, *args, **kwargs)
            except BaseException as error:
                call.finish(None, error)
                raise
            call.finish(response.status_code)
            return response

        return send

    patches.replace(HTTPAdapter, "send", around)


def _call(options: InstrumentationOptions, request: requests.PreparedRequest) -> OutgoingCall:
    try:
        # As the connection will be made: another parser might see another host in the same text.
        url = parse_url(request.url or "")
        scheme, host, port, path = url.scheme or "http", (url.host or "").strip("[]"), url.port, url.path or "/"
    except LocationParseError:
        scheme, host, port, path = "http", "", None, "/"
    return OutgoingCall(options, request.method or "GET", scheme, host, port, path).start(request.headers)
