"""`init_observability`: one call, once a process."""

from __future__ import annotations

import os
from threading import RLock
from typing import TYPE_CHECKING, Any, Final

from sms_observability import lifecycle
from sms_observability.catalog import SMS_CATALOG, Catalog
from sms_observability.journeys import use_catalog
from sms_observability.settings import SettingsError, resolve
from sms_observability.setup.held import held_lines
from sms_observability.setup.house import House
from sms_observability.setup.observability import Observability

if TYPE_CHECKING:
    from typing import Unpack

    from sms_observability.settings import Keywords


class _State:
    """What runs in this process."""

    __slots__ = ("house", "lock", "observability")

    def __init__(self) -> None:
        self.lock = RLock()
        self.house: House | None = None
        self.observability: Observability | None = None


_state: Final = _State()


def init_observability(
    service_name: str | None = None,
    *,
    app: Any = None,
    catalog: Catalog = SMS_CATALOG,
    **settings: Unpack[Keywords],
) -> Observability:
    """Make this process observable: traces, metrics and JSON logs, sent by OTLP and flushed at the end.

    A second call with the same settings returns the same object and instruments a further `app`. After `shutdown`, a
    new call starts afresh. A mistake in the environment never raises: what it concerns is off or at its default, and
    one ERROR line says so.

    Args:
        service_name: The name of the service, such as `"parts-api"`; else `OTEL_SERVICE_NAME`.
        app: A FastAPI or Starlette application that serves the requests; none for a worker or a script. See
            `Observability.wrap` for others.
        catalog: What is measured: `SMS_CATALOG`, or `SMS_CATALOG.extend(…)`.
        settings: Every other setting, see `docs/settings.md`. A keyword beats the environment, the environment beats
            the default.

    Returns:
        The handle to flush, shut down and account.

    Raises:
        SettingsError: There is no service name, a keyword is unknown or has a wrong value, or the process is
            observable already with other settings.
        CatalogError: A declared journey or step that is used is missing in the catalogue; or the markup follows from
            what `catalog` declares public.
        TypeError: `app` is no application, `catalog` no catalogue.

    Example:
        >>> observability = init_observability("parts-api", traces="none", metrics="none", logs="none")
        >>> observability is init_observability("parts-api", traces="none", metrics="none", logs="none")
        True
        >>> reset()
    """
    if not isinstance(catalog, Catalog):
        msg = f"init_observability(catalog=…) takes a Catalog such as SMS_CATALOG, not a {type(catalog).__name__}"
        raise TypeError(msg)
    if app is not None and not hasattr(app, "build_middleware_stack"):
        msg = (
            f"init_observability(app=…) takes a FastAPI or Starlette application, not a {type(app).__name__}; "
            "around another ASGI application write app = observability.wrap(app)"
        )
        raise TypeError(msg)
    resolved, problems = resolve(service_name, settings, os.environ)
    with _state.lock:
        house, observability = _state.house, _state.observability
        if house is None or observability is None or not house.is_open:
            if catalog is not SMS_CATALOG:
                from sms_observability.lint import refuse_derivations  # tests have looked through the portal's own

                refuse_derivations(catalog)
            if not resolved.disabled:
                use_catalog(catalog)  # it refuses before anything has taken effect
            lifecycle.stop_draining()
            with held_lines():
                house = House(resolved, catalog, problems)
                house.open()
            observability = Observability(house)
            _state.house, _state.observability = house, observability
        else:
            differences = house.settings.differences(resolved)
            if not _is_same(house.catalog, catalog):
                differences.append("catalog")
            if differences:
                msg = (
                    f"this process is observable already as {house.settings.service_name!r}; a second "
                    f"init_observability({resolved.service_name!r}) differs in {', '.join(differences)}: use the same "
                    "settings, or call shutdown() on the first one before"
                )
                raise SettingsError(msg)
        if app is not None:
            house.watch(app)
        return observability


def _is_same(one: Catalog, other: Catalog) -> bool:
    """Say whether two catalogues declare the same for a running service; metrics are the objects that record."""
    return one is other or all(
        getattr(one, what) == getattr(other, what) for what in ("metrics", "journeys", "steps", "fields", "messages")
    )


def reset() -> None:
    """Undo `init_observability` entirely, for tests: what waits is dropped, log lines go where they went before."""
    with _state.lock:
        house, _state.house, _state.observability = _state.house, None, None
        if house is not None:
            house.shutdown(0.0)
            house.restore()
        lifecycle.stop_draining()


def _after_fork() -> None:
    # Another thread may have held it at the fork; nobody would ever release it in the child.
    _state.lock = RLock()


lifecycle.on_fork(_after_fork)
