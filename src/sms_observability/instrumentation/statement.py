"""What may be said of an SQL statement: its operation and its table; never its text, for that may hold values."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_MOST_READ: Final = 4000
_MOST_NAME: Final = 128
_AMBIGUOUS: Final = "\\'"

_SPACE: Final = r"(?:\s|--[^\n]*(?:\n|\Z)|/\*.*?\*/)"
_OPERATION: Final = re.compile(rf"{_SPACE}*\(*([A-Za-z]+)", re.DOTALL)
# Texts, the unfinished one at the end of what was read too, and comments. In double quotes, a word is a name.
_VALUE: Final = re.compile(
    r"""'[^']*(?:'|\Z)|("\w+")|"[^"]*(?:"|\Z)|\$(\w*)\$.*?(?:\$\2\$|\Z)|--[^\n]*|/\*.*?(?:\*/|\Z)""", re.DOTALL
)
_NAME: Final = r'(?:["`\[]?\w+["`\]]?\.){0,2}["`\[]?(\w+)'
_TABLE: Final = re.compile(
    rf"\b(?:FROM|INTO|UPDATE|JOIN|TABLE(?:\s+IF\s+(?:NOT\s+)?EXISTS)?)\s+(?:ONLY\s+)?{_NAME}", re.IGNORECASE
)
_KNOWN: Final = re.compile(
    "SELECT|INSERT|UPDATE|DELETE|MERGE|REPLACE|WITH|CREATE|DROP|ALTER|TRUNCATE|BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE"
    "|PRAGMA|EXPLAIN|VACUUM|ANALYZE|SET|SHOW|CALL|COPY|GRANT|REVOKE|LOCK"
)


def operation_and_table(statement: str) -> tuple[str, str | None]:
    """Give the operation of a statement and the first table that it names.

    Args:
        statement: SQL text; only its first 4,000 characters are read.

    Returns:
        The operation in capitals, `OTHER` for one that is not known; the table as it is written, without its schema.

    Example:
        >>> operation_and_table("SELECT id FROM quotes WHERE part = 'from abroad'")
        ('SELECT', 'quotes')
    """
    return _read(statement[:_MOST_READ])


def _only_names(found: re.Match[str]) -> str:
    return found.group(1) or " "


@lru_cache(maxsize=512)
def _read(text: str) -> tuple[str, str | None]:
    found = _OPERATION.match(text)
    operation = found.group(1).upper() if found else ""
    if _KNOWN.fullmatch(operation) is None:
        return "OTHER", None
    # Some databases escape a quote with a backslash, others end the text there: nobody knows what is a text here.
    table = None if _AMBIGUOUS in text else _TABLE.search(_VALUE.sub(_only_names, text))
    return operation, table.group(1)[:_MOST_NAME] if table else None
