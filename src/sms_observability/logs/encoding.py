"""Values as JSON: by `orjson` where it is installed (extra `fast`), else by the standard library."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def _other(value: object) -> object:
    """Write what JSON has no form for; of the safe values only bytes."""
    return b64encode(value).decode("ascii") if isinstance(value, bytes) else f"<{type(value).__name__}>"


def _finite(value: Any) -> Any:
    """Take NaN and the infinities, which JSON does not have, out of a value."""
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):  # noqa: PLR0124
        return None
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}  # pyright: ignore[reportUnknownVariableType]
    return [_finite(inner) for inner in value] if isinstance(value, list) else value  # pyright: ignore[reportUnknownVariableType]


_standard = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_other)


def standard_encoded(value: Any) -> str:
    """Write a value with the standard library."""
    try:
        return _standard.encode(value)
    except ValueError:
        return _standard.encode(_finite(value))


def _best() -> Callable[[Any], str]:
    try:
        import orjson
    except ImportError:
        return standard_encoded

    dumps = orjson.dumps

    def quickly_encoded(value: Any) -> str:
        try:
            return dumps(value, _other).decode()
        except (TypeError, ValueError):  # a number of more than 64 bits, or a type of a later version's taste
            return standard_encoded(value)

    return quickly_encoded


encoded = _best()
"""Writes a safe value as JSON, on one line."""
