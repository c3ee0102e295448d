"""From text to a tree: PromQL as the real parser reads it, with Grafana's variables made readable."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from promql_parser import Expr

MOST_CHARACTERS = 32_768
MOST_OPERATIONS = 300
"""The parser is compiled: what is nested more deeply than its stack would end the process."""

VARIABLE = "grafana_variable_"
"""Stands before the name of a variable that takes the place of a name or a label."""

_WINDOW = "59997s"
_RANGE = "59998s"
_STEP = "59999s"
_DURATIONS = {"__rate_interval": _WINDOW, "__range": _RANGE, "__interval": _STEP}
CHOSEN_WINDOW, CHOSEN_RANGE, CHOSEN_STEP = 59997.0, 59998.0, 59999.0
"""Seconds that stand for `$__rate_interval`, `$__range` and `$__interval`: no person writes these."""
CHOSEN = frozenset((CHOSEN_WINDOW, CHOSEN_RANGE, CHOSEN_STEP))

# A quote in a comment begins no text, and a hash in a text begins no comment: whichever comes first.
_strings = re.compile(r'#[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|`[^`]*`')
_variable = re.compile(
    r"\$\{(\w+)(?:\.[\w.-]+)?(?::[^{}]*)?\}|\[\[(\w+)(?::\w+)?\]\]|\$(\w+)",
)
_operations = re.compile(r"[(\[\-+*/%^<>]|==|!=|\b(?:and|or|unless|atan2)\b", re.IGNORECASE)
_looks_like_logs = re.compile(r"\|[=~]|!~\s*[\"`]|\|\s*(?:json|logfmt|line_format)\b")


class PromqlError(ValueError):
    """An expression cannot be read.

    Args:
        wrong: What is wrong, and why.
        write: What to write instead.
    """

    def __init__(self, wrong: str, write: str) -> None:
        super().__init__(f"{wrong}; {write}")
        self.wrong = wrong
        self.write = write


@dataclass(frozen=True, slots=True)
class Parsed:
    """An expression that can be read.

    Attributes:
        tree: What the parser made of it.
        text: The text that it was made of, with the variables replaced.
    """

    tree: Expr
    text: str


def parse(text: str) -> Parsed:
    """Read an expression of a rule or of a Grafana panel.

    Args:
        text: PromQL; variables of Grafana may stand in it.

    Raises:
        PromqlError: It is none, or it is nested too deeply to be read safely.
        ModuleNotFoundError: `promql-parser` is not installed.
    """
    import promql_parser

    if not text.strip():
        raise PromqlError("the expression is empty", "write PromQL, or remove it")
    _refuse_monsters(text)
    reason = ""
    for candidate in _candidates(text):
        try:
            return Parsed(promql_parser.parse(candidate), candidate)
        except ValueError as error:
            reason = reason or " ".join(str(error).split())[:200]
        except BaseException as error:
            # The parser's own panics are no Exception.
            if type(error).__name__ != "PanicException":
                raise
            reason = reason or "the parser gave up"
    if _looks_like_logs.search(_strings.sub('""', text)):
        raise PromqlError(
            f"this is no PromQL ({reason}): it looks like a query of logs",
            "ask the logs' own data source, such as Elasticsearch with log.level:ERROR AND message:exception",
        )
    raise PromqlError(f"this is no PromQL ({reason})", _remedy(text))


def _remedy(text: str) -> str:
    if re.search(r"^\s*[a-zA-Z_:][\w:]*\s+(?:by|without)\s*\(", text):
        return "a metric cannot be grouped: write sum by (…) (rate(…)), or a ratio of two such sums"
    return "correct it until `promtool check rules` reads it"


def _refuse_monsters(text: str) -> None:
    bare = _strings.sub("", text)
    if len(text) > MOST_CHARACTERS or len(_operations.findall(bare)) > MOST_OPERATIONS:
        raise PromqlError(
            f"the expression has more than {MOST_CHARACTERS} characters or {MOST_OPERATIONS} operations",
            "divide it into recording rules",
        )


def _candidates(text: str) -> Iterator[str]:
    """Give the text with its variables replaced, in each way that they may be meant."""
    yielded: set[str] = set()
    for bare in (f"{VARIABLE}{{}}", "1", "5m"):
        made = _replaced(text, bare)
        if made not in yielded:
            yielded.add(made)
            yield made


def _replaced(text: str, bare: str) -> str:
    pieces: list[str] = []
    end = 0
    for string in _strings.finditer(text):
        # A variable within a label's value is left alone: what it becomes is not known.
        kept = "" if string.group().startswith("#") else string.group()
        pieces += [_outside(text[end : string.start()], bare), kept]
        end = string.end()
    return "".join((*pieces, _outside(text[end:], bare)))


def _outside(text: str, bare: str) -> str:
    def replaced(found: re.Match[str]) -> str:
        name = next(filter(None, found.groups()))
        if name in _DURATIONS:
            return _DURATIONS[name]
        if name in ("__interval_ms", "__range_s", "__range_ms", "__from", "__to"):
            return "60"
        before = text[: found.start()].rstrip()
        if before.endswith(("[", ":")) or re.search(r"\boffset\s*-?$", before):
            return _RANGE
        return bare.format(name)

    return _variable.sub(replaced, text)


def has_variable(value: str) -> bool:
    """Say whether a label's value holds a variable of Grafana."""
    return _variable.search(value) is not None
