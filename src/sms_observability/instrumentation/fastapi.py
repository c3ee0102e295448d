"""FastAPI and Starlette: our middleware becomes the outermost layer of the application, the only one that traces."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from sms_observability.instrumentation.asgi import ObservabilityMiddleware

if TYPE_CHECKING:
    from sms_observability.instrumentation.options import InstrumentationOptions

_logger = logging.getLogger("sms_observability.instrumentation")

_CONTRIB = ("opentelemetry.instrumentation.asgi", "OpenTelemetryMiddleware")
_MARK = "_sms_observability_instrumented"


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
    if not hasattr(app, "build_middleware_stack"):
        return ObservabilityMiddleware(app, options)
    if getattr(app, _MARK, False):
        return app
    if _traced_by_contrib(app):
        _logger.warning("the application is traced by opentelemetry-instrumentation-fastapi already; ours steps aside")
        return app
    _silence_native(app)
    build = app.build_middleware_stack

    def build_watched() -> Any:
        return ObservabilityMiddleware(build(), options)

    app.build_middleware_stack = build_watched
    if app.middleware_stack is not None:  # it serves already: its lifespan is over or under way
        app.middleware_stack = ObservabilityMiddleware(app.middleware_stack, options)
    setattr(app, _MARK, True)
    return app


def uninstrument_app(app: Any) -> None:
    """Take our layer off an application again, for tests and for a fresh `init_observability`."""
    if not getattr(app, _MARK, False):
        return
    app.__dict__.pop("build_middleware_stack", None)
    if isinstance(app.middleware_stack, ObservabilityMiddleware):
        app.middleware_stack = app.middleware_stack.app
    delattr(app, _MARK)


def _traced_by_contrib(app: Any) -> bool:
    if getattr(app, "_is_instrumented_by_opentelemetry", False):
        return True
    return any(
        (middleware.cls.__module__, middleware.cls.__name__) == _CONTRIB
        for middleware in getattr(app, "user_middleware", ())
        if isinstance(middleware.cls, type)
    )


def _silence_native(app: Any) -> None:
    # FastAPI >= 0.142 traces by itself as soon as a provider is global, which would make a second SERVER span.
    native = getattr(app, "_telemetry", None)
    if isinstance(native, dict):
        native.update({"tracing": False, "metrics": False, "logs": False})
