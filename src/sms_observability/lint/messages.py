"""A log message is a constant text: what belongs to it goes into fields, which have a class each."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LEVELS: Final = frozenset(("debug", "info", "warning", "warn", "error", "critical", "fatal", "exception", "msg"))
_LOGGERS: Final = frozenset(("log", "logger", "_log", "_logger", "logging", "slog"))


@dataclass(frozen=True, slots=True)
class MovingMessage:
    """A log call whose message is put together at run time.

    Attributes:
        path: The file.
        line: Where the message begins.
        how: What it is made with.
    """

    path: str
    line: int
    how: str

    def __str__(self) -> str:
        """Say where it is and what to write."""
        return (
            f"{self.path}:{self.line}: the log message is made with {self.how}: write a constant text, and give what "
            'belongs to it as a field: log.info("Quote sent", quote_id=quote.id)'
        )


def check_messages(paths: Iterable[str | Path]) -> list[MovingMessage]:
    """Look for log calls with an f-string, `%`, `+` or `.format` in files and folders of Python code.

    Args:
        paths: Files and folders. A file that is no Python is left out.

    Returns:
        What was found, in the order of the files.
    """
    found: list[MovingMessage] = []
    for file in _files(paths):
        try:
            tree = ast.parse(file.read_bytes())
        except (SyntaxError, ValueError, OSError):
            continue
        found += _in_tree(tree, str(file))
    return found


def _files(paths: Iterable[str | Path]) -> Iterator[Path]:
    for path in map(Path, paths):
        yield from sorted(path.rglob("*.py")) if path.is_dir() else (path,)


def _in_tree(tree: ast.AST, path: str) -> Iterator[MovingMessage]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _is_log_call(node.func) and node.args:
            how = _moving(node.args[0])
            if how:
                yield MovingMessage(path, node.args[0].lineno, how)


def _is_log_call(function: ast.expr) -> bool:
    if not isinstance(function, ast.Attribute) or function.attr not in _LEVELS:
        return False
    owner = function.value
    name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
    return name.lower() in _LOGGERS or (isinstance(owner, ast.Call) and _is_get_logger(owner.func))


def _is_get_logger(function: ast.expr) -> bool:
    name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
    return name in ("get_logger", "getLogger")


def _moving(message: ast.expr) -> str:
    """Say what a message is made with, or nothing for a constant."""
    match message:
        case ast.JoinedStr(values=values) if any(isinstance(value, ast.FormattedValue) for value in values):
            return "an f-string"
        case ast.BinOp(op=ast.Mod()):
            return "%"
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            constant = isinstance(left, ast.Constant) and isinstance(right, ast.Constant)
            return "" if constant else "+"
        case ast.Call(func=ast.Attribute(attr="format")):
            return ".format"
        case _:
            return ""
