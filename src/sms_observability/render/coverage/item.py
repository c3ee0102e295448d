"""One thing that a plan asks for, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    """Things of one section of a document that became the same.

    Attributes:
        section: The section, as the document calls it.
        kind: What they are, such as `alert` or `filter`.
        names: As the document has them.
        files: Where they are now; empty for what lies outside of this library.
        tests: What proves it.
        note: Where we deviate and why, or whose it is.
    """

    section: str
    kind: str
    names: tuple[str, ...]
    files: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    note: str = ""


def item(
    section: str, kind: str, names: str | tuple[str, ...], files: str = "", tests: str = "", note: str = ""
) -> Item:
    """Give an item; files and tests are separated by blanks, names by a tuple."""
    return Item(
        section,
        kind,
        (names,) if isinstance(names, str) else names,
        tuple(files.split()),
        tuple(f"tests/{test}.py" for test in tests.split()),
        note,
    )


def prefixed(prefix: str, names: str) -> tuple[str, ...]:
    """Give names that begin alike; they are separated by `;`."""
    return tuple(f"{prefix}{name.strip()}" for name in names.split(";"))
