"""A page of the documentation as the blocks of code in it."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).parents[2]

_FENCE = re.compile(
    r"^(?P<indent> *)```(?P<language>\w+)(?: file=(?P<file>\S+))?\n(?P<text>.*?)^(?P=indent)```$",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the file that it is to be saved as, and what it is said to print."""

    line: int
    language: str
    file: str | None
    text: str
    output: Block | None = None


def pages() -> list[Path]:
    """Give every page that people read: those at the top, and `docs/`."""
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(page: Path) -> list[Block]:
    """Give the blocks of a page in order; a `text` or `json` block right behind code is what the code prints."""
    text = page.read_text(encoding="utf-8")
    found: list[Block] = []
    end = 0
    for fence in _FENCE.finditer(text):
        block = Block(
            line=text.count("\n", 0, fence.start()) + 2,
            language=fence["language"],
            file=fence["file"],
            text=textwrap.dedent(fence["text"]),
        )
        adjacent = not text[end : fence.start()].strip()
        if found and adjacent and block.language in ("text", "json") and found[-1].language == "python":
            found[-1] = replace(found[-1], output=block)
        else:
            found.append(block)
        end = fence.end()
    return found


def shows(expected: str, printed: str, *, spaces: bool = True) -> bool:
    """Say whether something was printed as the page shows it; `…` stands for anything.

    Args:
        expected: What the page shows.
        printed: What was printed.
        spaces: Whether white space counts.
    """
    if not spaces:
        expected, printed = ("".join(each.split()) for each in (expected, printed))
    pattern = ".*".join(re.escape(part) for part in expected.strip().split("…"))
    return re.fullmatch(pattern, printed.strip(), re.DOTALL) is not None
