"""What the demo claims, each checked on what has really arrived."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from examples.portal.driver import GONE, Sent
from examples.portal.suppliers import MARKET
from sms_observability.receiver import JourneyFigures, Receiver, journeys

Accounts = Mapping[str, Mapping[str, Mapping[str, Any]]]


@dataclass(frozen=True)
class Evidence:
    """All that a run of the demo has left.

    Attributes:
        receiver: What has arrived.
        sent: What the driver sent.
        accounts: What each service says became of its telemetry.
        flushed: Whether each service says that all was delivered.
        graceful: Whether each process ended by itself when asked to.
        sampled: Whether a Collector sampled in between.
        undeclared: Fields that no catalogue declares, with the line that declares each.
    """

    receiver: Receiver
    sent: list[Sent]
    accounts: Accounts
    flushed: Mapping[str, bool]
    graceful: Mapping[str, bool]
    sampled: bool
    undeclared: Mapping[str, str]


def broken_claims(evidence: Evidence) -> list[str]:
    """Check every claim; give those that are not so."""
    return [claim for claim, holds in _claims(evidence) if not holds]


def _claims(evidence: Evidence) -> Iterator[tuple[str, bool]]:
    yield "every request was answered as it should be", all(each.status == each.expected for each in evidence.sent)
    yield "every process ended by itself", all(evidence.graceful.values())
    yield "every service delivered all that it emitted", all(evidence.flushed.values())
    for service, signals in evidence.accounts.items():
        for signal, account in signals.items():
            left = account["delivered"] + account["queued"] + account["spooled"] + sum(account["dropped"].values())
            yield f"{service} accounts for each of its {signal}", account["emitted"] == left
    found = {figures.name: figures for figures in journeys(evidence.receiver.spans)}
    yield from _journey_claims(found, sampled=evidence.sampled)
    yield "a trace crosses the services", _longest_journey(evidence.receiver) > 1
    yield "one correlation id joins a failure and its retry", _joined_lines(evidence.receiver) > 1
    yield "nothing restricted has arrived", not any(_restricted(evidence.receiver))


def _journey_claims(found: Mapping[str, JourneyFigures], *, sampled: bool) -> Iterator[tuple[str, bool]]:
    ordering = found.get("parts_ordering_flow")
    slow = ordering.breaches if ordering else Counter()
    yield "a slow supplier broke the SLA of parts_ordering_flow", slow["PartsService.getSupplierQuotes"] > 0
    outcomes = ordering.outcomes if ordering else Counter()
    yield "parts_ordering_flow failed where the supplier did", outcomes["failure"] > 0
    if sampled:  # of what is fast and well, the Collector keeps a share only
        return
    yield "parts_ordering_flow succeeded", outcomes["success"] > 0
    yield "a client that goes away is no failure", outcomes["cancelled"] > 0
    expected = {
        "parts_ordering_flow",
        "technician_sync_flow",
        "vessel_onboarding_flow",
        "order_fulfilment_flow",
    }
    yield f"all journeys have run: {', '.join(sorted(expected))}", expected <= found.keys()


def _longest_journey(receiver: Receiver) -> int:
    services: dict[str, set[Any]] = {}
    for span in receiver.spans:
        services.setdefault(span["trace_id"], set()).add(span["resource"].get("service.name"))
    return max(map(len, services.values()), default=0)


def _joined_lines(receiver: Receiver) -> int:
    traces = {log["trace_id"] for log in receiver.logs if "retry-of-filter" in json.dumps(log["attributes"])}
    return len(traces)


def _restricted(receiver: Receiver) -> Iterator[str]:
    """Search everything that has arrived for what nobody may learn: the costs, and words that tell of the markup."""
    costs = {cost for listing in MARKET.values() for cost in listing.unit_costs}
    words = ("markup", "0.1873", *costs)
    everything: Iterable[Any] = (*receiver.spans, *receiver.logs, *receiver.metrics)
    for item in everything:
        text = json.dumps(item, default=str).lower()
        yield from (word for word in words if word in text)


def unexpected(sent: Iterable[Sent]) -> list[str]:
    """Say which requests were answered otherwise than expected."""
    say: Callable[[int], str] = lambda status: "no answer" if status == GONE else str(status)  # noqa: E731
    return [
        f"{each.what}: {say(each.status)} instead of {say(each.expected)}"
        for each in sent
        if each.status != each.expected
    ]
