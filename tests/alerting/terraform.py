"""What Terraform would say of a configuration in its JSON syntax, by a provider's own schema."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_REFERENCE = re.compile(r"\$\{[^}]+\}")
_SCALARS: Mapping[str, tuple[type, ...]] = {"string": (str,), "number": (int, float), "bool": (bool,)}


def mistakes(document: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    """Give what is wrong with the blocks of resources and data: each with its place.

    Args:
        document: The configuration.
        schema: By `resource` and `data`, then by kind: the block that `terraform providers schema -json` tells.
    """
    found: list[str] = []
    for side in ("resource", "data"):
        for kind, named in document.get(side, {}).items():
            if kind not in schema[side]:
                found.append(f"{side}.{kind}: no such kind")
                continue
            for name, body in named.items():
                found += _block(body, schema[side][kind], f"{kind}.{name}")
    return found


def _block(body: Any, block: Mapping[str, Any], place: str) -> Iterator[str]:
    if not isinstance(body, dict):
        yield f"{place}: a block is needed"
        return
    attributes, inner = block.get("attributes", {}), block.get("block_types", {})
    for name, value in body.items():
        where = f"{place}.{name}"
        if name in attributes:
            yield from _argument(value, attributes[name], where)
        elif name in inner:
            yield from _blocks(value, inner[name], where)
        else:
            yield f"{where}: not expected here"
    for name, attribute in attributes.items():
        if attribute.get("required") and name not in body:
            yield f"{place}.{name}: missing"
    for name, nested in inner.items():
        if nested.get("min_items") and name not in body:
            yield f"{place}.{name}: missing"


def _blocks(value: Any, nested: Mapping[str, Any], place: str) -> Iterator[str]:
    assert nested["nesting_mode"] in {"list", "set"}, f"{place}: write how {nested['nesting_mode']} is checked"
    bodies = value if isinstance(value, list) else [value]
    if len(bodies) < nested.get("min_items", 0):
        yield f"{place}: too few"
    if len(bodies) > nested.get("max_items", len(bodies)):
        yield f"{place}: too many"
    if nested["block"].get("deprecated"):
        yield f"{place}: deprecated"
    for number, body in enumerate(bodies):
        yield from _block(body, nested["block"], f"{place}[{number}]")


def _argument(value: Any, attribute: Mapping[str, Any], place: str) -> Iterator[str]:
    if not attribute.get("required") and not attribute.get("optional"):
        yield f"{place}: the provider sets it"
    if attribute.get("deprecated"):
        yield f"{place}: deprecated"
    if not _fits(value, attribute["type"]):
        yield f"{place}: not of type {attribute['type']}"


def _fits(value: Any, type_: Any) -> bool:
    if isinstance(value, str) and _REFERENCE.fullmatch(value):
        return True
    if isinstance(type_, str):
        return isinstance(value, _SCALARS[type_]) and (type_ == "bool" or not isinstance(value, bool))
    kind, of = type_
    assert kind in {"list", "set"}, f"write how {kind} is checked"
    return isinstance(value, list) and all(_fits(each, of) for each in value)
