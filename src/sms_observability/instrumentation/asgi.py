"""The ASGI middleware: the outermost layer of an application, one SERVER span and log line a request."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Final

from sms_observability.context import Request, enter_request, exit_request
from sms_observability.instrumentation.exchange import Exchange, Meters, warn

if TYPE_CHECKING:
    from collections.abc import Callable

    from sms_observability.instrumentation.exchange import App, Message, Receive, Scope, Send
    from sms_observability.instrumentation.options import InstrumentationOptions

_SEEN: Final = "sms_observability"
# FastAPI's own telemetry leaves an application alone that is mounted in one with this key.
_NATIVE: Final = "fastapi.telemetry"


class ObservabilityMiddleware:
    """Watch an ASGI application.

    Args:
        app: The application, or what is left of its middleware stack.
        options: The ports that `init_observability` hands down.

    Attributes:
        app: What is watched.
        active: Whether it is watched; `False` passes everything on as it is.
    """

    def __init__(self, app: App, options: InstrumentationOptions) -> None:
        self.app = app
        self.active = True
        self._options = options
        self._meters = Meters(options.metric)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one connection on, watched."""
        kind = scope["type"]
        if not self.active or _SEEN in scope:  # an application that is mounted in one that is watched
            await self.app(scope, receive, send)
        elif kind == "http" or kind == "websocket":  # noqa: PLR1714 - a set costs more than a comparison
            scope[_SEEN] = True
            scope.setdefault(_NATIVE, None)
            if self._is_excluded(scope):
                await self._pass_quietly(scope, receive, send)
                return
            exchange = Exchange(self._options, self._meters, scope, receive, send)
            exchange.start()
            try:
                await self.app(scope, exchange.receive, exchange.send)
            except BaseException as error:
                exchange.finish(error)
                raise
            exchange.finish(None)
        elif kind == "lifespan":
            scope[_SEEN] = True
            await _Lifespan(self._options, receive, send).run(self.app, scope)
        else:
            await self.app(scope, receive, send)

    def _is_excluded(self, scope: Scope) -> bool:
        try:
            path: str = scope["path"]
            if self._options.excluded(path):
                return True
            # Servers put the prefix under which they serve in front of the path.
            root: str = scope.get("root_path") or ""
            return bool(root) and path.startswith(root) and self._options.excluded(path[len(root) :])
        except Exception as error:  # noqa: BLE001 - promise 1
            warn("read the path of a request", error)
            return False

    async def _pass_quietly(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(method=scope.get("method", "GET"), suppressed=True)
        request.scope = scope
        token = enter_request(request)
        try:
            await self.app(scope, receive, send)
        finally:
            exit_request(token)


class _Lifespan:
    """The life of an application in its server; it ends with a flush, also where the application knows of no life."""

    def __init__(self, options: InstrumentationOptions, receive: Receive, send: Send) -> None:
        self._options = options
        self._receive = receive
        self._send = send
        self._asked = False

    async def run(self, app: App, scope: Scope) -> None:
        """Let the application live; live in its place if it turns the scope down without having read from it."""
        try:
            await app(scope, self._receive_for_app, self._send_for_app)
        except Exception:
            if self._asked:
                raise
        if not self._asked:
            await self._live()

    async def _receive_for_app(self) -> Message:
        self._asked = True
        return await self._receive()

    async def _send_for_app(self, message: Message) -> None:
        self._asked = True
        kind = message["type"]
        if kind == "lifespan.startup.complete":
            _quietly(self._options.on_lifespan_startup)
        elif kind == "lifespan.shutdown.complete" or kind == "lifespan.shutdown.failed":  # noqa: PLR1714
            await self._shut_down()
        await self._send(message)

    async def _live(self) -> None:
        while True:
            message = await self._receive()
            if message["type"] == "lifespan.startup":
                _quietly(self._options.on_lifespan_startup)
                await self._send({"type": "lifespan.startup.complete"})
            else:
                await self._shut_down()
                await self._send({"type": "lifespan.shutdown.complete"})
                return

    async def _shut_down(self) -> None:
        try:
            waiting = self._options.on_lifespan_shutdown()
            if inspect.isawaitable(waiting):
                await waiting
        except Exception as error:  # noqa: BLE001 - promise 1
            warn("flush at the end", error)


def _quietly(call: Callable[[], None]) -> None:
    try:
        call()
    except Exception as error:  # noqa: BLE001 - promise 1
        warn("start with the server", error)
