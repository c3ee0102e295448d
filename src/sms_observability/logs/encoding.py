"""A record as one line of JSON: by `orjson` where it is installed (extra `fast`), else by the standard library."""

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


def standard_line(record: dict[str, Any]) -> str:
    """Write a record with the standard library."""
    try:
        return f"{_standard.encode(record)}\n"
    except ValueError:
        return f"{_standard.encode(_finite(record))}\n"


def _best() -> Callable[[dict[str, Any]], str]:
    try:
        import orjson
    except ImportError:
        return standard_line

    dumps, option = orjson.dumps, orjson.OPT_APPEND_NEWLINE

    def quick_line(record: dict[str, Any]) -> str:
        try:
            return dumps(record, _other, option).decode()
        except (TypeError, ValueError):  # a number of more than 64 bits, or a type of a later version's taste
            return standard_line(record)

    return quick_line


line = _best()
"""Writes a record as one line that ends in a newline."""
