"""A declared attribute, label or log field, and who may see it."""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass
from typing import Any, Literal

from sms_observability.catalog.errors import CatalogError
from sms_observability.catalog.words import reveals

Access = Literal["public", "internal", "restricted"]
FieldType = Literal["string", "int", "float", "bool", "object"]

_ACCESS = frozenset({"public", "internal", "restricted"})
_TYPES = frozenset({"string", "int", "float", "bool", "object"})

_is_name = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:[.-][A-Za-z0-9_]+)*").fullmatch


@dataclass(frozen=True, slots=True)
class Field:
    """An attribute of spans, a label of metrics or a field of log lines.

    Args:
        name: As it is written in code; words with underscores, dots for a namespace (`order_id`, `sms.order.id`).
        access: `public` leaves by the ordinary door. `internal` is no secret figure but does not belong outside: it
            leaves by the restricted door only. `restricted` is a figure or name from which the markup can be learnt:
            it leaves by the restricted door only, and its presence elsewhere is an incident.
        type: What it holds; other values are made into it where that is safe.
        values: The closed set of a text field; as a label, anything else is counted as `other`.
        identifier: An id of a company, a vessel or another thing of which there are many. As a label it may be taken
            from the request's context and counts against the series limit only.
        personal: It stands for a person; never a label of a metric.
        max_length: Longest text that is kept.
        description: One sentence for people.

    Raises:
        CatalogError: The declaration contradicts itself.

    Example:
        >>> Field("supplier_region", values=("asia", "europe"), description="Where the supplier ships from").access
        'public'
    """

    name: str
    _: KW_ONLY
    access: Access = "public"
    type: FieldType = "string"
    values: tuple[str, ...] | None = None
    identifier: bool = False
    personal: bool = False
    max_length: int = 256
    description: str = ""

    def __post_init__(self) -> None:
        name = self.name
        _check_name(name)
        if self.access not in _ACCESS:
            msg = f"field {name!r}: access={self.access!r} is none of 'public', 'internal', 'restricted'"
            raise CatalogError(msg)
        if self.type not in _TYPES:
            msg = f"field {name!r}: type={self.type!r} is none of 'string', 'int', 'float', 'bool', 'object'"
            raise CatalogError(msg)
        if self.values is not None:
            _check_values(name, self.values, self.type)
        if self.access == "public" and (word := reveals(name)):
            msg = f"field {name!r} cannot be public, {word!r} tells of a hidden figure: write access='restricted'"
            raise CatalogError(msg)

    def same_class(self, other: Field) -> bool:
        """Say whether two declarations of one name agree in what decides about leaving the process."""
        return (
            self.access == other.access
            and self.type == other.type
            and self.identifier == other.identifier
            and self.personal == other.personal
        )

    def to_json(self) -> dict[str, Any]:
        """Give the declaration as plain data."""
        return {
            "name": self.name,
            "access": self.access,
            "type": self.type,
            "values": list(self.values) if self.values is not None else None,
            "identifier": self.identifier,
            "personal": self.personal,
            "max_length": self.max_length,
            "description": self.description,
        }


def _check_name(name: object) -> None:
    if not isinstance(name, str) or len(name) > 128 or not _is_name(name):
        msg = f"{name!r} is no field name: write words of letters and digits, such as 'order_id' or 'sms.order.id'"
        raise CatalogError(msg)


def _check_values(name: str, values: tuple[object, ...], kind: FieldType) -> None:
    if type(values) is not tuple or not values or not all(isinstance(value, str) for value in values):
        msg = f"field {name!r}: values is a tuple of texts, such as values=('low', 'high')"
        raise CatalogError(msg)
    if len(set(values)) != len(values) or kind != "string":
        msg = f"field {name!r}: values must differ from each other, and belong to type='string'"
        raise CatalogError(msg)
