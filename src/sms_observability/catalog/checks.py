"""What a declared metric must not be, and what to write instead."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sms_observability.catalog.errors import CatalogError
from sms_observability.catalog.field import Access, Field
from sms_observability.catalog.prometheus import is_known_unit
from sms_observability.catalog.words import STAFF_IDS, is_personal, reveals

if TYPE_CHECKING:
    from collections.abc import Mapping

RESTRICTED_NAMESPACE = "_sms"
"""What the restricted pipeline's exporter puts before each name."""

_is_own_name = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+").fullmatch
_is_label = re.compile(r"[a-zA-Z][a-zA-Z0-9]*(?:[._][a-zA-Z0-9]+)*").fullmatch


def check_own(name: object, unit: str, access: Access) -> None:
    """Refuse a name or unit of ours that exporters would not agree on, or that tells too much.

    Raises:
        CatalogError: With what to write instead.
    """
    if not isinstance(name, str) or len(name) > 255 or not _is_own_name(name):
        msg = f"{name!r} is no metric name: write lower-case words joined by dots, such as 'sms.parts.returns'"
        raise CatalogError(msg)
    if access not in ("public", "restricted"):
        msg = f"metric {name!r}: access={access!r} is neither 'public' nor 'restricted'"
        raise CatalogError(msg)
    if access == "restricted" and name.startswith("sms."):
        msg = (
            f"metric {name!r} is restricted: write {name.removeprefix('sms.')!r}; the restricted exporter puts "
            f"{RESTRICTED_NAMESPACE}_ in front, and a name with 'sms.' could be routed as a public one"
        )
        raise CatalogError(msg)
    if access == "public" and (word := reveals(name)):
        msg = f"metric {name!r} cannot be public, {word!r} tells of a hidden figure: write access='restricted'"
        raise CatalogError(msg)
    if unit == "1" or (unit and not is_known_unit(unit)):
        msg = (
            f"metric {name!r}: unit {unit!r} gives different names in different exporters: write 's', 'By', '%', "
            "'dollars' or what is counted in braces, such as '{order}'"
        )
        raise CatalogError(msg)


def check_labels(name: str, labels: tuple[object, ...]) -> None:
    """Refuse labels that are no fields, or that stand twice.

    Raises:
        CatalogError: With what to write instead.
    """
    seen: set[str] = set()
    for label in labels:
        if not isinstance(label, Field):
            msg = f"metric {name!r}: labels are Field objects or names, not {type(label).__name__}"
            raise CatalogError(msg)
        if label.name in seen:
            msg = f"metric {name!r} has the label {label.name!r} twice: drop one"
            raise CatalogError(msg)
        seen.add(label.name)


def check_own_labels(
    name: str, labels: tuple[Field, ...], access: Access, initialise: tuple[Mapping[str, str], ...]
) -> None:
    """Refuse labels of ours that change their name in Prometheus, stand for a person, or tell too much.

    Raises:
        CatalogError: With what to write instead.
    """
    for label in labels:
        if not _is_label(label.name):
            msg = f"metric {name!r}: label {label.name!r} changes its name in Prometheus: write words joined by '_'"
            raise CatalogError(msg)
        _check_person(name, label, access)
        if access != "restricted":
            _check_public(name, label)
    known = {label.name for label in labels}
    for start in initialise:
        if not known.issuperset(start):
            msg = f"metric {name!r}: initialise names {sorted(set(start) - known)}, which is no label of it"
            raise CatalogError(msg)


def _check_person(name: str, label: Field, access: Access) -> None:
    if label.name in STAFF_IDS:
        if access != "restricted" or label.access != "restricted":
            msg = (
                f"metric {name!r}: label {label.name!r} stands for one person of the staff: drop it, or declare a "
                f"restricted metric with Field({label.name!r}, access='restricted')"
            )
            raise CatalogError(msg)
    elif label.personal or is_personal(label.name):
        msg = (
            f"metric {name!r}: label {label.name!r} is personal data, which no metric carries: count by 'role' or "
            "'company_id' instead, and leave the person to the log line"
        )
        raise CatalogError(msg)


def _check_public(name: str, label: Field) -> None:
    if label.access != "public":
        msg = (
            f"metric {name!r} is public but its label {label.name!r} is {label.access}: drop the label, or make the "
            "metric access='restricted'"
        )
        raise CatalogError(msg)
