"""The rendered files as a whole: what they should be, writing them, and where they differ from it."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from sms_observability.catalog import Catalog

Renderer: TypeAlias = "Callable[[Catalog], Mapping[str, str]]"
"""Makes files of the catalogue: relative path with forward slashes -> text. Pure: no clock, no environment, no disk."""


@dataclass(frozen=True, slots=True)
class Drift:
    """One rendered file that is not as the catalogue wants it.

    Attributes:
        path: Path relative to the root that was checked.
        kind: ``missing`` (not on disk) or ``changed`` (edited by hand, or rendered from another catalogue).
        difference: Unified diff from disk to rendered; empty for a missing file.
    """

    path: str
    kind: Literal["missing", "changed"]
    difference: str = ""


def render_with(renderers: Sequence[Renderer], catalog: Catalog) -> dict[str, str]:
    """Run renderers over a catalogue and join their files.

    Raises:
        ValueError: Two renderers claim one path, or a path would leave the root.
    """
    files: dict[str, str] = {}
    for renderer in renderers:
        for path, text in renderer(catalog).items():
            if path in files:
                raise ValueError(f"two renderers write {path!r}; give each file one renderer")
            if path.startswith("/") or ".." in path.split("/"):
                raise ValueError(f"{path!r} leaves the root; write it relative to the root")
            files[path] = text
    return files


def write_files(files: Mapping[str, str], root: Path) -> list[str]:
    """Bring the files on disk up to date.

    Returns:
        The paths that were written, sorted; files that were right already are not touched.
    """
    written = [drift.path for drift in compare_files(files, root)]
    for path in written:
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(files[path], encoding="utf-8", newline="\n")
    return written


def compare_files(files: Mapping[str, str], root: Path) -> list[Drift]:
    """Compare rendered files with those on disk.

    Returns:
        One entry for each file that is missing or different, sorted by path; empty means no drift.
    """
    drifts: list[Drift] = []
    for path in sorted(files):
        target = root / path
        if not target.is_file():
            drifts.append(Drift(path, "missing"))
            continue
        found = target.read_text(encoding="utf-8", errors="replace")
        if found != files[path]:
            lines = difflib.unified_diff(
                found.splitlines(), files[path].splitlines(), f"{path} (on disk)", f"{path} (rendered)", lineterm=""
            )
            drifts.append(Drift(path, "changed", "\n".join(lines)))
    return drifts
