"""The instrumentation scopes of a process: few, named by whoever asks for a tracer, a meter or a logger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from sms_observability.export.records import Scope
from sms_observability.privacy.guard import current_guard
from sms_observability.sanitise import sanitise_attributes, sanitise_text

if TYPE_CHECKING:
    from sms_observability.sanitise import Value

_MAX_SCOPES: Final = 1024
_scopes: dict[tuple[str, str, str], Scope] = {}


def scope_of(name: object, version: object = None, schema_url: object = None, attributes: object = None) -> Scope:
    """Give the scope of a name; equal ones without attributes give the same object.

    Args:
        name: Anything; no name is the empty one.
        version: Anything.
        schema_url: Anything.
        attributes: A mapping.
    """
    key = (_text(name), _text(version), _text(schema_url))
    safe = sanitise_attributes(attributes)
    guard = current_guard()
    if safe and guard.armed:
        safe = cast("dict[str, Value]", guard.clean(safe))
    if safe:
        return Scope(*key, safe)
    known = _scopes.get(key)
    if known is None:
        if len(_scopes) >= _MAX_SCOPES:
            _scopes.clear()
        known = _scopes[key] = Scope(*key)
    return known


def _text(value: object) -> str:
    return "" if value is None else sanitise_text(value, 256)
