"""FastAPI and Starlette: our middleware becomes the outermost layer of the application, the one that traces."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final, cast

from sms_observability.instrumentation.asgi import ObservabilityMiddleware

if TYPE_CHECKING:
    from collections.abc import Callable

    from sms_observability.instrumentation.exchange import App
    from sms_observability.instrumentation.options import InstrumentationOptions

_logger = logging.getLogger("sms_observability.instrumentation")

_STOCK: Final = ("opentelemetry.instrumentation.asgi", "OpenTelemetryMiddleware")
_MARK: Final = "_sms_observability"
_BUILD: Final = "build_middleware_stack"
_NATIVE_SIGNALS: Final[tuple[str, ...]] = ("tracing", "metrics", "logs")


def instrument_app(app: Any, options: InstrumentationOptions) -> Any:
    """Watch an application; a second call for the same one does nothing.

    Args:
        app: A FastAPI or Starlette application (it is changed in place) or any ASGI callable.
        options: The ports of the instrumentation.

    Returns:
        The application to serve: `app` itself, or for a plain ASGI callable the middleware around it.

    Raises:
        TypeError: It cannot be called as an ASGI application.
    """
    if not callable(app):
        msg = f"init_observability(app=…) takes a FastAPI or ASGI application, not a {type(app).__name__}"
        raise TypeError(msg)
    if isinstance(app, ObservabilityMiddleware):
        return app
    if not hasattr(app, _BUILD):
        return ObservabilityMiddleware(cast("App", app), options)
    if not hasattr(app, _MARK):
        if _is_traced_already(app):
            _logger.warning(
                "the application is traced by an OpenTelemetry middleware already: its spans are kept below ours; take "
                "it out to save their cost"
            )
        setattr(app, _MARK, _Watch(app, options))
    return app


def uninstrument_app(app: Any) -> None:
    """Take our layer off an application again, for tests and for a fresh `init_observability`.

    Args:
        app: What `instrument_app` was given, or what it returned.
    """
    if isinstance(app, ObservabilityMiddleware):
        app.active = False
        return
    watch = getattr(app, _MARK, None)
    if isinstance(watch, _Watch):
        watch.undo()
        delattr(app, _MARK)


class _Watch:
    """What was changed in one application."""

    def __init__(self, app: Any, options: InstrumentationOptions) -> None:
        self._app = app
        self._layers: list[ObservabilityMiddleware] = []
        self._native = _silence_native(app)
        self._before: Callable[[], Any] = app.build_middleware_stack
        self._was_own = _BUILD in vars(app)  # somebody else has replaced it before us
        self._active = True

        def build() -> Any:
            stack = self._before()
            return self._layer(stack, options) if self._active else stack

        self._build = build
        app.build_middleware_stack = build
        if app.middleware_stack is not None:  # it serves already: its lifespan is over or under way
            app.middleware_stack = self._layer(app.middleware_stack, options)

    def undo(self) -> None:
        """Put back what was there; under a layer of somebody else's, ours stays and does nothing."""
        app = self._app
        self._active = False
        for layer in self._layers:
            layer.active = False
            if app.middleware_stack is layer:
                app.middleware_stack = layer.app
        if getattr(app, _BUILD, None) is self._build:
            if self._was_own:
                app.build_middleware_stack = self._before
            else:
                delattr(app, _BUILD)
        if self._native is not None:
            telemetry, before = self._native
            telemetry.update(before)

    def _layer(self, stack: Any, options: InstrumentationOptions) -> ObservabilityMiddleware:
        layer = ObservabilityMiddleware(stack, options)
        self._layers.append(layer)
        return layer


def _is_traced_already(app: Any) -> bool:
    if getattr(app, "_is_instrumented_by_opentelemetry", False):
        return True
    return any(
        (getattr(middleware.cls, "__module__", ""), getattr(middleware.cls, "__name__", "")) == _STOCK
        for middleware in getattr(app, "user_middleware", ())
    )


def _silence_native(app: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Switch FastAPI's own telemetry off: since 0.142 it starts as soon as a provider is global."""
    telemetry: dict[str, Any] | None = getattr(app, "_telemetry", None)
    if telemetry is None:
        return None
    before = {signal: telemetry[signal] for signal in _NATIVE_SIGNALS if signal in telemetry}
    telemetry.update(dict.fromkeys(before, False))
    return telemetry, before
