"""What the door asks before anything leaves: which keys, names and texts are allowed out."""

from __future__ import annotations

from typing import Protocol


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
