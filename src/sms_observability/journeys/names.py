"""The names and declared objects that `journey` and `step` are given, and the catalogue that must know them."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast
from weakref import WeakKeyDictionary

from sms_observability.catalog import SMS_CATALOG, CatalogError, Journey, Step, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sms_observability.catalog import Catalog

DefinitionT = TypeVar("DefinitionT", Journey, Step)

# What was decorated with an object before the catalogue came; a decorator that is gone is not asked about.
_waiting: Final[WeakKeyDictionary[Any, Journey | Step]] = WeakKeyDictionary()
_catalog: Catalog | None = None


def use_catalog(catalog: Catalog | None) -> None:
    """Check every `Journey` and `Step` object that decorates something against the catalogue of the service.

    Args:
        catalog: What `init_observability` was given; `None` after shutdown.

    Raises:
        CatalogError: One of them is not in it; the message says how to add it.
    """
    global _catalog
    if catalog is not None and _unknown(catalog) is not None:
        # It may belong to code that is gone and was not yet collected, such as an application that a test made.
        gc.collect()
        unknown = _unknown(catalog)
        if unknown is not None:
            _check_known(unknown, catalog)
    _catalog = catalog


def look_up(definition: object, kind: type[DefinitionT], word: str) -> DefinitionT:
    """Give the declared thing of a name, or the object itself, if the catalogue of the service knows it.

    Args:
        definition: A name, or a `Journey` or `Step`.
        kind: Which of the two is wanted.
        word: What it is called in messages.

    Raises:
        CatalogError: There is none of this name; the message names the nearest one.
        TypeError: It is something else.
    """
    if isinstance(definition, kind):
        if _catalog is not None:
            _check_known(definition, _catalog)
        return definition
    if not isinstance(definition, str):
        if callable(definition):
            msg = f'write @{word}("name"), with the name of the {word}, not @{word} alone'
        else:
            msg = f"{word}(…) takes the name of a {word} or a {kind.__name__}, not a {type(definition).__name__}"
        raise TypeError(msg)
    known = _known(SMS_CATALOG, kind)
    found = known.get(definition)
    if found is None and _catalog is not None:
        known = {**known, **_known(_catalog, kind)}
        found = known.get(definition)
    if found is None:
        msg = f"there is no {word} {definition!r} in the catalogue{nearest(definition, known)}"
        raise CatalogError(msg)
    return found


def check_later(user: object, definition: Journey | Step) -> None:
    """Have an object checked when the catalogue comes, as long as its user lives.

    Args:
        user: The decorator.
        definition: What it was given.
    """
    _waiting[user] = definition


def _known(catalog: Catalog, kind: type[DefinitionT]) -> Mapping[str, DefinitionT]:
    return cast("Mapping[str, DefinitionT]", catalog.journeys if kind is Journey else catalog.steps)


def _unknown(catalog: Catalog) -> Journey | Step | None:
    for definition in list(_waiting.values()):
        if not _is_known(definition, catalog):
            return definition
    return None


def _is_known(definition: Journey | Step, catalog: Catalog) -> bool:
    known: Mapping[str, object] = catalog.journeys if isinstance(definition, Journey) else catalog.steps
    return known.get(definition.name) == definition


def _check_known(definition: Journey | Step, catalog: Catalog) -> None:
    if _is_known(definition, catalog):
        return
    if isinstance(definition, Journey):
        kind, remedy = "journey", f"journeys=[Journey({definition.name!r}, …)]"
    else:
        kind, remedy = "step", f"journeys=[Journey(…, steps=(Step({definition.name!r}),))]"
    msg = (
        f"{kind} {definition.name!r} is used but not in the catalogue: pass "
        f"catalog=SMS_CATALOG.extend({remedy}) to init_observability"
    )
    raise CatalogError(msg)
