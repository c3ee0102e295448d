"""Lines of text with styles: written once, shown with colours by `rich` where it is installed, plainly elsewhere."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TextIO, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Part: TypeAlias = "tuple[str, str]"
"""A text and its style, in rich's words; an empty style is none."""

Line: TypeAlias = "list[Part]"

PLAIN, DIM, BOLD, NAME, GOOD, BAD, WARN = "", "dim", "bold", "cyan", "green", "bold red", "yellow"

# What moves the cursor, and what turns the direction of writing.
_CONTROLS = {
    code: f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}"  # noqa: PLR2004
    for code in (*range(32), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}


def shown(text: object, limit: int = 200) -> str:
    """Give a received text as it may be put on a terminal: no control characters, on one line, not endless."""
    safe = str(text).translate(_CONTROLS).encode("utf-8", "backslashreplace").decode()
    return safe if len(safe) <= limit else f"{safe[: limit - 1]}…"


def plain(line: Line) -> str:
    """Give a line without its styles."""
    return "".join(text for text, _ in line).rstrip()


def table(header: Sequence[str], rows: Iterable[Sequence[Part]], *, right: frozenset[int] = frozenset()) -> list[Line]:
    """Give a table with aligned columns.

    Args:
        header: The names of the columns.
        rows: Their cells.
        right: Columns that are aligned to the right.
    """
    lines = [[(name, DIM) for name in header], *(list(row) for row in rows)]
    widths = [max(len(line[column][0]) for line in lines) for column in range(len(header))]
    return [
        [
            (text.rjust(widths[column]) + "  " if column in right else text.ljust(widths[column] + 2), style)
            for column, (text, style) in enumerate(line)
        ]
        for line in lines
    ]


def write(lines: Iterable[Line], stream: TextIO | None = None) -> None:
    """Write lines, in colours if the stream is a terminal and `rich` is installed.

    Args:
        lines: What to write.
        stream: Where to; standard output if left out.
    """
    stream = stream or sys.stdout
    if stream is None:
        return
    if stream.isatty():
        try:
            from rich.console import Console
            from rich.text import Text
        except ImportError:
            pass
        else:
            console = Console(file=stream, highlight=False, soft_wrap=True)
            for line in lines:
                console.print(Text.assemble(*line))
            return
    for line in lines:
        stream.write(f"{plain(line)}\n")
    stream.flush()
