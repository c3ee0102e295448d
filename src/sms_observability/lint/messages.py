"""A log message is a constant text: what belongs to it goes into fields, which have a class each."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LEVELS: Final = frozenset(
    (
        *("trace", "debug", "info", "notice", "warning", "warn", "error", "critical", "fatal", "exception", "msg"),
        *("adebug", "ainfo", "awarning", "aerror", "acritical", "afatal", "aexception"),
    )
)
_is_logger_name: Final = re.compile(r"(?i)(.*_)?s?log(ger|ging)?|structlog").fullmatch
_MESSAGES: Final = ("msg", "event", "message")


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
    """Look for log calls whose message is an f-string, or made with `%`, `+`, `.format` and the like.

    Args:
        paths: Files and folders of Python code. A file that is no Python is left out.

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
    given = _Given(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            message = given.message(node)
            how = "" if message is None else given.moving(message)
            if message is not None and how:
                yield MovingMessage(path, message.lineno, how)


class _Given:
    """What the names of a module were given: loggers, functions that give one, texts."""

    def __init__(self, tree: ast.AST) -> None:
        self._makers = {"get_logger", "getLogger"}
        self._functions: set[str] = set()
        self._loggers: set[str] = set()
        self._texts: dict[str, str] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    if alias.name in self._makers:
                        self._makers.add(alias.asname or alias.name)
                    elif node.module == "logging" and alias.name in _LEVELS:
                        self._functions.add(alias.asname or alias.name)
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                names = {_name(target) for target in targets} - {""}
                if isinstance(node.value, ast.Call) and self._is_logger(node.value):
                    self._loggers |= names
                elif isinstance(node.value, ast.JoinedStr) and (how := self.moving(node.value)):
                    self._texts |= dict.fromkeys(names, how)

    def message(self, call: ast.Call) -> ast.expr | None:
        """Give the message of a log call; of any other call, nothing."""
        function, place = call.func, 0
        if isinstance(function, ast.Attribute):
            place = int(function.attr == "log")
            if not (place or function.attr in _LEVELS) or not self._is_logger(function.value):
                return None
        elif not isinstance(function, ast.Name) or function.id not in self._functions:
            return None
        if len(call.args) > place:
            return call.args[place]
        return next((keyword.value for keyword in call.keywords if keyword.arg in _MESSAGES), None)

    def moving(self, message: ast.expr) -> str:
        """Say what a message is made with, or nothing for a constant."""
        match message:
            case ast.JoinedStr(values=values) if any(isinstance(value, ast.FormattedValue) for value in values):
                return "an f-string"
            case ast.BinOp(op=ast.Mod()):
                return "%"
            case ast.BinOp(op=ast.Add(), left=left, right=right):
                return "" if _is_constant(left) and _is_constant(right) else "+"
            case ast.Call(func=ast.Attribute(attr="format" | "format_map" | "join" | "substitute" as method)):
                return f".{method}"
            case ast.Call(func=ast.Name(id="str" | "repr" | "format" as function)):
                return f"{function}()"
            case ast.IfExp(body=one, orelse=other):
                return self.moving(one) or self.moving(other)
            case ast.Name(id=name):
                return self._texts.get(name, "")
            case _:
                return ""

    def _is_logger(self, owner: ast.expr) -> bool:
        if isinstance(owner, ast.Call):
            # `get_logger()`, and what a logger gives: `log.bind(…)`.
            made = _name(owner.func) in self._makers
            return made or (isinstance(owner.func, ast.Attribute) and self._is_logger(owner.func.value))
        name = _name(owner)
        return name in self._loggers or _is_logger_name(name) is not None


def _name(expression: ast.expr) -> str:
    match expression:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _is_constant(text: ast.expr) -> bool:
    match text:
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return _is_constant(left) and _is_constant(right)
        case _:
            return isinstance(text, ast.Constant)
