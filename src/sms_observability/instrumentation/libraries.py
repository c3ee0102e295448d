"""Which libraries are watched, and from when on."""

from __future__ import annotations

import importlib
import importlib.util
import logging
import sys
from functools import partial
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, Final

from sms_observability.imports import WhenImported
from sms_observability.instrumentation.patch import Patches

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sms_observability.instrumentation.options import InstrumentationOptions

_logger = logging.getLogger("sms_observability.instrumentation")

LIBRARIES: Final = {"httpx": "httpx", "requests": "requests", "sqlalchemy": "sqlalchemy", "threads": "threading"}
"""Our own instrumentations and the module that each one watches."""

# What an application is watched by is given with `app=`; naming it here changes nothing.
_APPLICATIONS: Final = frozenset({"fastapi", "starlette", "asgi"})
_PACKAGE: Final = __name__.rpartition(".")[0]


def instrument_libraries(names: Sequence[str] | None, options: InstrumentationOptions) -> list[Patches]:
    """Watch libraries: those that are imported already at once, the others when they are.

    Args:
        names: Which ones; `None` for all of ours whose library is installed. A name that is not ours is looked up
            among the installed OpenTelemetry contrib instrumentations (`redis`, `celery`, …). `fastapi`, `starlette`
            and `asgi` do nothing here: applications are watched by `instrument_app`.
        options: The ports of the instrumentation.

    Returns:
        What undoes it. A library that is absent, or whose version has another inside, is no error: one warning names it
        if it was asked for.
    """
    wanted = list(LIBRARIES) if names is None else [name for name in dict.fromkeys(names) if name not in _APPLICATIONS]
    undo: list[Patches] = []
    later: dict[str, Callable[[], None]] = {}
    for name in wanted:
        module = LIBRARIES.get(name)
        if module is None:
            undo.append(_guarded(name, partial(_instrument_contrib, name)))
        elif module in sys.modules:
            undo.append(_guarded(name, partial(_instrument, name, options)))
        elif _is_installed(module):
            later[module] = partial(_instrument_later, name, options, undo)
        elif names is not None:
            _logger.warning("%s is not instrumented: it is not installed", name)
    if later:
        waiting = Patches()
        waiting.on_undo(WhenImported(later).remove)
        undo.append(waiting)
    everything = Patches()
    # What comes later is appended to `undo` after this function has returned it.
    everything.on_undo(lambda: _undo_all(undo))
    return [everything]


def _undo_all(undo: list[Patches]) -> None:
    for patches in reversed(undo):
        patches.undo()
    undo.clear()


def _guarded(name: str, instrument: Callable[[Patches], None]) -> Patches:
    patches = Patches()
    try:
        instrument(patches)
    except Exception as error:  # noqa: BLE001 - a library of another version must not stop the service
        patches.undo()
        _logger.warning("%s is not instrumented: %s; is its version supported?", name, type(error).__name__)
    return patches


def _instrument(name: str, options: InstrumentationOptions, patches: Patches) -> None:
    importlib.import_module(f"{_PACKAGE}.{name}").instrument(options, patches)


def _instrument_later(name: str, options: InstrumentationOptions, undo: list[Patches]) -> None:
    undo.append(_guarded(name, partial(_instrument, name, options)))


def _instrument_contrib(name: str, patches: Patches) -> None:
    for entry in entry_points(group="opentelemetry_instrumentor", name=name):
        instrumentor: Any = entry.load()()
        instrumentor.instrument()
        patches.on_undo(instrumentor.uninstrument)
        return
    _logger.warning(
        "%s is not instrumented: known are %s, and whatever has an installed opentelemetry-instrumentation package",
        name,
        ", ".join(LIBRARIES),
    )


def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False
