"""httpx: a CLIENT span for each request that a client sends, redirects one by one, whatever its transport."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from sms_observability.context import suppressed
from sms_observability.instrumentation.outgoing import OutgoingCall
from sms_observability.instrumentation.patch import Patches

if TYPE_CHECKING:
    from collections.abc import Callable

    from sms_observability.instrumentation.options import InstrumentationOptions


def instrument(options: InstrumentationOptions) -> Patches:
    """Watch all clients of httpx, those that exist already too.

    Args:
        options: The ports of the instrumentation.
    """

    def sync(original: Callable[..., Any]) -> Callable[..., Any]:
        def send(self: httpx.Client, request: httpx.Request) -> httpx.Response:
            if suppressed():
                return original(self, request)
            call = _call(options, request)
            try:
                response: httpx.Response = original(self, request)
            except BaseException as error:
                call.finish(None, error)
                raise
            call.finish(response.status_code)
            return response

        return send

    def asynchronous(original: Callable[..., Any]) -> Callable[..., Any]:
        async def send(self: httpx.AsyncClient, request: httpx.Request) -> httpx.Response:
            if suppressed():
                return await original(self, request)
            call = _call(options, request)
            try:
                response: httpx.Response = await original(self, request)
            except BaseException as error:
                call.finish(None, error)
                raise
            call.finish(response.status_code)
            return response

        return send

    patches = Patches()
    # One request to one host: `send` follows redirects, and the transport is the user's to choose.
    patches.replace(httpx.Client, "_send_single_request", sync)
    patches.replace(httpx.AsyncClient, "_send_single_request", asynchronous)
    return patches


def _call(options: InstrumentationOptions, request: httpx.Request) -> OutgoingCall:
    url = request.url
    return OutgoingCall(options, request.method, url.scheme, url.host, url.port).start(request.headers)
