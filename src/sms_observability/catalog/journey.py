"""A business transaction with an SLA, and the steps it is made of."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any, Literal, cast

from sms_observability.catalog.errors import CatalogError
from sms_observability.catalog.words import reveals

_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Step:
    """A part of a journey, which becomes a span.

    Args:
        name: Its name in code and, unless it is internal, in traces, such as `"Database.saveQuote"`.
        access: `internal` hides the name: what leaves by the ordinary door carries `public_name`.
        public_name: The neutral name of an internal step.
        server_span: The request itself, for which the server's span stands; no code runs it as a step.
        description: One sentence for people.

    Raises:
        CatalogError: An internal step without a neutral name, or a public one with a telling name.

    Example:
        >>> Step("Pricing.applyRules", access="internal", public_name="Quote.finalize").shown_name
        'Quote.finalize'
    """

    name: str
    _: KW_ONLY
    access: Literal["public", "internal"] = "public"
    public_name: str | None = None
    server_span: bool = False
    description: str = ""

    def __post_init__(self) -> None:
        _check_name("step", self.name)
        if self.access not in ("public", "internal"):
            msg = f"step {self.name!r}: access={self.access!r} is neither 'public' nor 'internal'"
            raise CatalogError(msg)
        if self.access == "internal" and (not self.public_name or self.public_name == self.name):
            msg = f"step {self.name!r} is internal: give the neutral name for others, public_name='Quote.prepare'"
            raise CatalogError(msg)
        if self.access == "public" and self.public_name not in (None, self.name):
            msg = (
                f"step {self.name!r} is public and leaves under its own name: drop public_name or add access='internal'"
            )
            raise CatalogError(msg)
        if _tells(self.shown_name):
            msg = (
                f"step {self.name!r}: {self.shown_name!r} tells of a hidden figure: "
                "write access='internal' and a neutral public_name"
            )
            raise CatalogError(msg)

    @property
    def shown_name(self) -> str:
        """The name under which the step leaves by the ordinary door."""
        return self.public_name or self.name

    def to_json(self) -> dict[str, Any]:
        """Give the declaration as plain data."""
        return {
            "name": self.name,
            "access": self.access,
            "public_name": self.shown_name,
            "server_span": self.server_span,
            "description": self.description,
        }


@dataclass(frozen=True, slots=True)
class Journey:
    """A business transaction whose duration has been promised.

    Args:
        name: Lower-case words with underscores, such as `"parts_ordering_flow"`; the name of its span.
        sla_ms: The promise, in milliseconds.
        steps: Its steps in their usual order.
        revenue: Money depends on it: more of its traces are kept.
        owner: The team that answers for it.
        description: One sentence for people.

    Raises:
        CatalogError: The name or the SLA cannot be used.

    Example:
        >>> refund = Journey("parts_refund_flow", sla_ms=2000, steps=(Step("Payment.refund"),), revenue=True)
        >>> refund.sla_seconds
        2.0
    """

    name: str
    _: KW_ONLY
    sla_ms: float
    steps: tuple[Step, ...] = ()
    revenue: bool = False
    owner: str = "platform"
    description: str = ""

    def __post_init__(self) -> None:
        _check_name("journey", self.name)
        if reveals(self.name):
            msg = f"journey {self.name!r} leaves under its name, which tells of a hidden figure: choose another"
            raise CatalogError(msg)
        _check_sla(self.name, self.sla_ms)
        if type(self.steps) is not tuple:
            object.__setattr__(self, "steps", tuple(self.steps))
        _check_steps(self.name, self.steps)

    @property
    def sla_seconds(self) -> float:
        """The SLA in seconds, as it must stand among the boundaries of `sms.journey.duration`."""
        return self.sla_ms / 1000

    def to_json(self) -> dict[str, Any]:
        """Give the declaration as plain data."""
        return {
            "name": self.name,
            "sla_ms": self.sla_ms,
            "revenue": self.revenue,
            "owner": self.owner,
            "description": self.description,
            "steps": [step.to_json() for step in self.steps],
        }


def _tells(name: str) -> bool:
    # The plan's own `PartsService.getSupplierQuotes` names an activity, not a figure; what betrays the model is markup.
    word = reveals(name)
    return word is not None and not word.lower().startswith(("supplier", "vendor"))


def _check_name(what: str, name: object) -> None:
    if not isinstance(name, str) or not name.strip() or len(name) > 128 or not name.isprintable():
        msg = f"{name!r} is no name of a {what}: write a constant text of at most 128 characters"
        raise CatalogError(msg)


def _check_sla(name: str, sla_ms: object) -> None:
    if type(sla_ms) not in (int, float) or not 0 < cast("float", sla_ms) < _DAY_MS:
        msg = f"journey {name!r}: sla_ms={sla_ms!r} is no duration in milliseconds, such as sla_ms=3000"
        raise CatalogError(msg)


def _check_steps(name: str, steps: tuple[object, ...]) -> None:
    seen: set[str] = set()
    for step in steps:
        if not isinstance(step, Step):
            msg = f"journey {name!r}: steps are Step objects; write Step({step!r})"
            raise CatalogError(msg)
        if step.name in seen:
            msg = f"journey {name!r} lists the step {step.name!r} twice: list it once, it may run more often"
            raise CatalogError(msg)
        seen.add(step.name)
