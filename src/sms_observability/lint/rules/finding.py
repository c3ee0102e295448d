"""What is wrong with a rule, a panel or an expression, and what to write instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["error", "advice"]


@dataclass(frozen=True, slots=True)
class RuleFinding:
    """One thing that is wrong.

    Attributes:
        file: Where it stands.
        name: The alert, the record, the dashboard and panel, or the name of the expression; empty for the whole file.
        level: `error` if it cannot work or gives wrong figures; `advice` if it works, and probably is not meant so.
        check: Which check found it, such as `unknown-metric`.
        wrong: What is wrong, and why.
        write: What to write instead.
    """

    file: str
    name: str
    level: Level
    check: str
    wrong: str
    write: str

    def __str__(self) -> str:
        """Say it in one line."""
        where = f"{self.file}: {self.name}" if self.name else self.file
        return " ".join(f"{where}: {self.level} [{self.check}]: {self.wrong}; {self.write}".split())

    def to_json(self) -> dict[str, str]:
        """Give it as plain data."""
        return {
            "file": self.file,
            "name": self.name,
            "level": self.level,
            "check": self.check,
            "wrong": self.wrong,
            "write": self.write,
        }
