"""requests: a CLIENT span for each request that a session sends, redirects one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests

from sms_observability.context import suppressed
from sms_observability.instrumentation.outgoing import OutgoingCall
from sms_observability.instrumentation.patch import Patches

if TYPE_CHECKING:
    from collections.abc import Callable

    from sms_observability.instrumentation.options import InstrumentationOptions


def instrument(options: InstrumentationOptions) -> Patches:
    """Watch all sessions of requests, those that exist already too.

    Args:
        options: The ports of the instrumentation.
    """

    def around(original: Callable[..., Any]) -> Callable[..., Any]:
        def send(
            self: requests.adapters.HTTPAdapter, request: requests.PreparedRequest, *args: Any, **kwargs: Any
        ) -> requests.Response:
            if suppressed():
                return original(self, request, *args, **kwargs)
            call = _call(options, request)
            try:
                response: requests.Response = original(self, request, *args, **kwargs)
            except BaseException as error:
                call.finish(None, error)
                raise
            call.finish(response.status_code)
            return response

        return send

    patches = Patches()
    patches.replace(requests.adapters.HTTPAdapter, "send", around)
    return patches


def _call(options: InstrumentationOptions, request: requests.PreparedRequest) -> OutgoingCall:
    try:
        parts = urlsplit(request.url or "")
        scheme, host, port = str(parts.scheme), str(parts.hostname or ""), parts.port
    except ValueError:
        scheme, host, port = "http", "", None
    return OutgoingCall(options, request.method or "GET", scheme, host, port).start(request.headers)
