"""httpx: a CLIENT span for each request that a client sends, redirects one by one, whatever its transport."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from sms_observability.context import suppressed
from sms_observability.instrumentation.outgoing import OutgoingCall

if TYPE_CHECKING:
    from collections.abc import Callable

    from sms_observability.instrumentation.options import InstrumentationOptions
    from sms_observability.instrumentation.patch import Patches


def instrument(options: InstrumentationOptions, patches: Patches) -> None:
    """Watch all clients of httpx, those that exist already too.

    Args:
        options: The ports of the instrumentation.
        patches: Takes what undoes it.
    """

    def sync(original: Callable[..., Any]) -> Callable[..., Any]:
        def send(self: httpx.Client, request: httpx.Request) -> httpx.Response:
            response: httpx.Response
            if suppressed():
                response = original(self, request)
                return response
            call = _call(options, request)
            try:
                response = original(self, request)
            except BaseException as error:
                call.finish(None, error)
                raise
            call.finish(response.status_code)
            return response

        return send

    def asynchronous(original: Callable[..., Any]) -> Callable[..., Any]:
        async def send(self: httpx.AsyncClient, request: httpx.Request) -> httpx.Response:
            response: httpx.Response
            if suppressed():
                response = await original(self, request)
                return response
            call = _call(options, request)
            try:
                response = await original(self, request)
            except BaseException as error:
                call.finish(None, error)
                raise
            call.finish(response.status_code)
            return response

        return send

    # One request to one host: `send` follows redirects, and the transport is the user's to choose.
    patches.replace(httpx.Client, "_send_single_request", sync)
    patches.replace(httpx.AsyncClient, "_send_single_request", asynchronous)


def _call(options: InstrumentationOptions, request: httpx.Request) -> OutgoingCall:
    url = request.url
    path = url.raw_path.partition(b"?")[0].decode("latin-1")
    return OutgoingCall(options, request.method, url.scheme, url.host, url.port, path).start(request.headers)
