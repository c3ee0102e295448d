"""What the door asks before anything leaves: which keys, names and texts are allowed out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

TextKind = Literal["scope_version", "schema_url", "trace_state", "severity", "unit"]
"""The lesser texts of a record, each of which has a form of its own."""


Comparison = Literal["all", "fractions", "texts"]
"""How the value guard looks at the values of a key: at all of them; only at numbers with a fraction, because it holds
ids; only at texts, because the numbers are what the library measured itself."""


class Policy(Protocol):
    """Decides, for one door, what may leave.

    Every method is total: it never raises and always answers. The encoder caches the answers by key or name (bounded),
    so a policy may take its time and must give the same answer for the same input.
    """

    def key(self, key: str) -> bool:
        """Say whether an attribute, label or log field of this name may leave."""
        ...

    def span_name(self, name: str) -> str:
        """Give the name under which a span leaves."""
        ...

    def event_name(self, name: str) -> str:
        """Give the name under which a span event or log event leaves."""
        ...

    def scope_name(self, name: str) -> str:
        """Give the name under which an instrumentation scope leaves."""
        ...

    def metric(self, name: str) -> bool:
        """Say whether a metric of this name may leave."""
        ...

    def status_text(self, text: str) -> str:
        """Give the status description that leaves with a span."""
        ...

    def log_body(self, text: str) -> str:
        """Give the message that leaves with a log record."""
        ...

    def text(self, kind: TextKind, text: str) -> str:
        """Give what leaves of one of the lesser texts of a record."""
        ...

    def description(self, metric: str, text: str) -> str:
        """Give the description that leaves with a metric."""
        ...

    def names_under(self, key: str) -> Callable[[str], str] | None:
        """Give what a text under this key must pass because it is a name, such as that of a function; else `None`."""
        ...

    def comparison(self, key: str) -> Comparison:
        """Say how the value guard looks at the values of a key."""
        ...

    def masked(self, key: str) -> None:
        """Learn that a restricted value was masked under this key, or in this text of a record (`span name`)."""
        ...


class OpenPolicy:
    """Lets everything pass: for tests and benchmarks, never for a service."""

    def key(self, key: str) -> bool:  # noqa: ARG002
        """Allow every key."""
        return True

    def span_name(self, name: str) -> str:
        """Keep every span name."""
        return name

    def event_name(self, name: str) -> str:
        """Keep every event name."""
        return name

    def scope_name(self, name: str) -> str:
        """Keep every scope name."""
        return name

    def metric(self, name: str) -> bool:  # noqa: ARG002
        """Allow every metric."""
        return True

    def status_text(self, text: str) -> str:
        """Keep every status description."""
        return text

    def log_body(self, text: str) -> str:
        """Keep every message."""
        return text

    def text(self, kind: TextKind, text: str) -> str:  # noqa: ARG002
        """Keep every lesser text."""
        return text

    def description(self, metric: str, text: str) -> str:  # noqa: ARG002
        """Keep every description."""
        return text

    def names_under(self, key: str) -> Callable[[str], str] | None:  # noqa: ARG002
        """Let names pass as values."""
        return None

    def comparison(self, key: str) -> Comparison:  # noqa: ARG002
        """Look at every value."""
        return "all"

    def masked(self, key: str) -> None:
        """Count nothing."""
