"""No public set may complete an equation by which the markup follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sms_observability.catalog.errors import CatalogError
from sms_observability.catalog.identities import IDENTITIES, ONE_ORDER, PART

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sms_observability.catalog import Catalog, Metric
    from sms_observability.catalog.identities import Identity, Term


@dataclass(frozen=True, slots=True)
class Finding:
    """A public set from which a hidden figure follows.

    Attributes:
        equation: The equation that it completes.
        derived: The hidden figure.
        pieces: What holds the other terms, as `metric name`, `label name` or `field name`.
        linked_by: How the pieces find to each other.
        remedy: What to write instead.
    """

    equation: str
    derived: str
    pieces: tuple[str, ...]
    linked_by: str
    remedy: str

    def __str__(self) -> str:
        """Say it in one line."""
        return (
            f"{', '.join(self.pieces)}: public, and {self.linked_by}, so that {self.derived} follows "
            f"({self.equation}); {self.remedy}"
        )


def check_derivations(catalog: Catalog) -> list[Finding]:
    """Look for public metrics, labels, exemplars and fields from which a hidden figure follows.

    Everything public can be read by the same person. Fields of spans and log lines are linked by their trace, metrics
    by company, vessel or the interval in which one order was counted; so any public holders of the terms are linked.

    Args:
        catalog: The whole catalogue, with what a service added.

    Returns:
        What was found; empty if nothing follows.

    Example:
        >>> from sms_observability.catalog import SMS_CATALOG, Field
        >>> check_derivations(SMS_CATALOG)
        []
        >>> print(check_derivations(SMS_CATALOG.extend(fields=[Field("purchase_amount")]))[0].derived)
        supplier cost
    """
    pieces = dict(_pieces(catalog))
    findings: list[Finding] = []
    for identity in IDENTITIES:
        findings += _completed(identity, pieces)
    findings += [_exemplar(metric) for metric in catalog.metrics.values() if _shows_amounts(metric)]
    findings += [found for metric in catalog.metrics.values() for found in _single(metric)]
    return findings


def refuse_derivations(catalog: Catalog) -> None:
    """Refuse a catalogue from which a hidden figure follows.

    Raises:
        CatalogError: With the pieces and the remedy.
    """
    findings = check_derivations(catalog)
    if findings:
        raise CatalogError("\n".join(map(str, findings)))


def _pieces(catalog: Catalog) -> Iterator[tuple[str, str]]:
    """Give what is public: how it is called in a finding, and its name."""
    labels = {label.name for metric in catalog.metrics.values() if metric.access == "public" for label in metric.labels}
    for metric in catalog.metrics.values():
        if metric.access == "public":
            yield f"metric {metric.otel_name}", metric.otel_name
    for name, field in catalog.fields.items():
        # A truth value holds no figure.
        if field.access == "public" and field.type != "bool":
            yield f"{'label' if name in labels else 'field'} {name}", name


def _completed(identity: Identity, pieces: Mapping[str, str]) -> Iterator[Finding]:
    held = {term.name: [piece for piece, name in pieces.items() if term.is_held_by(name)] for term in identity.terms}
    for term in identity.terms:
        if not term.hidden:
            continue
        if held[term.name]:
            yield _finding(identity, term, held[term.name], "it is that figure by its name")
            continue
        others = [other for other in identity.terms if other is not term]
        if others and _are_apart([held[other.name] for other in others]):
            found = [piece for other in others for piece in held[other.name]]
            yield _finding(
                identity, term, list(dict.fromkeys(found)), "linked by trace, by company or vessel, or by interval"
            )


def _are_apart(held: list[list[str]], taken: frozenset[str] = frozenset()) -> bool:
    """Say whether each term has a piece of its own: one that could be two figures is one of them only."""
    if not held:
        return True
    return any(_are_apart(held[1:], taken | {piece}) for piece in held[0] if piece not in taken)


def _finding(identity: Identity, term: Term, pieces: list[str], linked_by: str) -> Finding:
    return Finding(identity.equation, term.name, tuple(pieces), linked_by, identity.remedy)


def _single(metric: Metric) -> Iterator[Finding]:
    if metric.access != "public" or not metric.money:
        return
    for label in metric.labels:
        if ONE_ORDER.is_held_by(label.name) or PART.is_held_by(label.name):
            yield Finding(
                "sum over a group of one = the amount of one",
                "the amount of one order or part",
                (f"metric {metric.otel_name}", f"label {label.name}"),
                "each of its series is one order or part",
                f"leave {label.name} out of its labels: groups such as a company or a vessel are large enough",
            )


def _shows_amounts(metric: Metric) -> bool:
    """Say whether the exemplars of a public metric would tie an amount of money to a trace."""
    if metric.access != "public" or metric.money or metric.kind != "histogram":
        return False
    return any(term.is_held_by(metric.otel_name) for identity in IDENTITIES for term in identity.terms)


def _exemplar(metric: Metric) -> Finding:
    return Finding(
        "exemplar = amount + trace",
        "the amount of one order",
        (f"metric {metric.otel_name}",),
        "its exemplars link amounts to traces",
        "measure it in unit='dollars' or declare it with money=True, then it has no exemplars",
    )
