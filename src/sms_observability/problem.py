"""A mistake of a deployment, which never stops a service."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake in the environment: which variable, what is wrong, what to do. Never the value: it may be a secret."""

    variable: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.variable} {self.what}: {self.remedy}"
