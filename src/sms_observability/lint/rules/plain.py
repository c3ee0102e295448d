"""Plain data of YAML and JSON, taken for what it should be, or for nothing."""

from __future__ import annotations

from typing import Any, cast


def mapping(value: object) -> dict[str, Any]:
    """Give a mapping with texts as keys; empty if it is none."""
    if not isinstance(value, dict):
        return {}
    return {str(key): each for key, each in cast("dict[object, Any]", value).items()}


def items(value: object) -> list[Any]:
    """Give a list; empty if it is none."""
    return list(cast("list[object]", value)) if isinstance(value, list) else []


def text(value: object) -> str:
    """Give a text; empty for nothing."""
    return "" if value is None else str(value)


def texts(value: object) -> dict[str, str]:
    """Give a mapping of texts."""
    return {key: text(each) for key, each in mapping(value).items()}
