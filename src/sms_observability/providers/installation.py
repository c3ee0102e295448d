"""The global providers of the OpenTelemetry API: set once, to ours, which then work as whichever is installed.

The API lets its globals be set only once in a process. Ours stay there; installing and uninstalling change what is
behind them, so that tracers, instruments and loggers that a library got early, or got before a restart, keep working.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from opentelemetry import _logs as logs
from opentelemetry import metrics, trace

from sms_observability.providers.logger import LoggerProvider
from sms_observability.providers.meter import MeterProvider
from sms_observability.providers.tracer_provider import TracerProvider

if TYPE_CHECKING:
    from collections.abc import Callable

    from sms_observability.export.records import Signal

# What the API gives while nothing is set.
_UNSET: Final = frozenset({"ProxyTracerProvider", "_ProxyMeterProvider", "ProxyLoggerProvider"})

_tracers: Final = TracerProvider()
_meters: Final = MeterProvider()
_loggers: Final = LoggerProvider()
_lock = Lock()


def install(
    *,
    tracer: TracerProvider | None = None,
    meter: MeterProvider | None = None,
    logger: LoggerProvider | None = None,
) -> dict[Signal, object]:
    """Make providers the global ones. What others got from the API before, works from now on.

    Args:
        tracer: For `opentelemetry.trace`; `None` leaves what is there.
        meter: For `opentelemetry.metrics`.
        logger: For `opentelemetry._logs`.

    Returns:
        The providers of somebody else's that are global already, by signal: give them to `join`. Usually none.

    Example:
        >>> install(tracer=TracerProvider(print))
        {}
        >>> uninstall()
    """
    foreign: dict[Signal, object] = {}
    with _lock:
        if tracer is not None:
            found = _set_once(trace.get_tracer_provider, trace.set_tracer_provider, _tracers)
            if found is None:
                _tracers.use(tracer)
            else:
                foreign["traces"] = found
        if meter is not None:
            found = _set_once(metrics.get_meter_provider, metrics.set_meter_provider, _meters)
            if found is None:
                _meters.use(meter)
            else:
                foreign["metrics"] = found
        if logger is not None:
            found = _set_once(logs.get_logger_provider, logs.set_logger_provider, _loggers)
            if found is None:
                _loggers.use(logger)
            else:
                foreign["logs"] = found
    return foreign


def uninstall() -> None:
    """Let the global providers do nothing again; spans that have not ended still go to where they were started for."""
    with _lock:
        _tracers.use(None)
        _meters.use(None)
        _loggers.use(None)


def after_fork() -> None:
    """Give a child process its own state: metrics start from zero, and no lock is one that the parent held."""
    global _lock
    _lock = Lock()
    # The lock of the global meters is theirs; their pipeline is that of the installed provider.
    _meters.after_fork()


def _set_once(get: Callable[[], object], give: Callable[[Any], None], ours: object) -> object | None:
    """Set a global provider, if there is none; give the one that is there, if it is not ours."""
    found = get()
    if type(found).__name__ in _UNSET:
        give(ours)
        found = get()
    return None if found is ours else found
