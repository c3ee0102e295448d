"""What a check found: what is wrong, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault.

    Attributes:
        code: A constant word for scripts, such as `dns` or `unauthorized`.
        what: What is wrong, in a sentence for people. Never a secret.
        remedy: What to do.
    """

    code: str
    what: str
    remedy: str


class FaultError(Exception):
    """A check that cannot go on."""

    def __init__(self, code: str, what: str, remedy: str) -> None:
        super().__init__(code)
        self.finding = Finding(code, what, remedy)
