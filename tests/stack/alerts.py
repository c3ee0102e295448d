"""Which alerts each fault of the portal makes, and what a running stack says of its alerts."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass

from servers.process import http_get
from stack.running import RunningStack, wait_for

Alert = tuple[str, str]
"""Name, and what it is about: the objective, the endpoint, the vessel, else the service."""

_SUBJECTS = ("sloth_slo", "endpoint", "vessel_id", "service")
ALWAYS: Alert = ("Watchdog", "prometheus")


def _burning(*objectives: str) -> set[Alert]:
    return {(name, each) for name in ("ErrorBudgetBurnFast", "ErrorBudgetBurnSlow") for each in objectives}


@dataclass(frozen=True)
class Expected:
    """What a fault makes.

    Attributes:
        must: These fire.
        may: These can fire with them: they depend on how fast the machine is.
    """

    must: frozenset[Alert]
    may: frozenset[Alert] = frozenset()


def _expected(must: Iterable[Alert], may: Iterable[Alert] = ()) -> Expected:
    return Expected(frozenset(must), frozenset(may))


PAY = "/api/parts/orders/{order_id}/payment"
_FAILING = {("HighErrorRate", "parts-api"), *_burning("api_availability", "critical_operation_errors")}

EXPECTED = {
    # The exchange takes no orders and has lost half of its offers.
    "supplier_fails": _expected(
        {
            *_FAILING,
            ("PartsOrderFailureRate", "parts-api"),
            ("APIError", "/api/parts/quote"),
            *_burning("parts_ordering_latency"),
        }
    ),
    "payment_down": _expected(
        {
            *_FAILING,
            ("PartsOrderFailureRate", "parts-api"),
            ("APIError", PAY),
            ("PaymentProcessingDown", "payment-processor"),
        }
    ),
    "slow_database": _expected(
        {
            ("APIHighLatency", "/api/parts/orders"),
            ("APIHighLatency", "/api/vessels/{vessel_id}"),
            ("APILatencyAboveTarget", "parts-api"),
            *_burning("api_latency_p95_500ms"),
        },
        # Paying asks twice, unless the payment processor is down; a vessel that joins asks four times.
        {
            ("APIHighLatency", PAY),
            ("APIHighLatency", "/api/parts/quotes/{vessel_id}"),
            ("APILatencyAboveTarget", "vessels-api"),
            ("DatabaseConnectionPoolExhausted", "parts-api"),
            *_burning("vessel_onboarding_latency"),
        },
    ),
    "login_storm": _expected({("SuspiciousLoginActivity", "vessels-api"), ("UnauthorizedAPIAccess", "vessels-api")}),
    "export_storm": _expected({("DataExfiltrationAttempt", "sync-api")}, {("ServiceCPUSaturated", "sync-api")}),
    "vessel_silent": _expected({("VesselSilent", "vsl_9074729")}),
}

SLOW = {"APIHighLatency", "APILatencyAboveTarget", "DatabaseConnectionPoolExhausted", "ServiceCPUSaturated"}
SLOW_OBJECTIVES = {
    "api_latency_p95_500ms",
    "parts_ordering_latency",
    "technician_sync_latency",
    "vessel_onboarding_latency",
}


def silenced(alerts: Iterable[Alert]) -> set[Alert]:
    """Give those of which Alertmanager need not tell: another one, which fires as well, says more."""
    found = set(alerts)
    held = {each for each in found if each[0] == "ErrorBudgetBurnSlow" and ("ErrorBudgetBurnFast", each[1]) in found}
    if ("PaymentProcessingDown", "payment-processor") in found:
        held.add(("PartsOrderFailureRate", "parts-api"))
    return held & found


def says_the_machine_is_busy(alert: Alert) -> bool:
    """Say whether an alert is about slowness alone, which is true of a machine that others use."""
    name, subject = alert
    return name in SLOW or (name.startswith("ErrorBudgetBurn") and subject in SLOW_OBJECTIVES)


def firing(stack: RunningStack) -> set[Alert]:
    """Give what fires at this moment in the common Prometheus, without what always does."""
    status, text = http_get(f"{stack.base('prometheus')}/api/v1/alerts", timeout=20)
    assert status == 200, text
    found = json.loads(text)["data"]["alerts"]
    return {_subject(each["labels"]) for each in found if each["state"] == "firing"} - {ALWAYS}


def notified(stack: RunningStack, since: float, inbox: str = "inbox") -> dict[str, set[Alert]]:
    """Give what people were told since a time, by `firing` and `resolved`."""
    status, text = http_get(f"{stack.base(inbox)}/notifications", timeout=20)
    assert status == 200, text
    told: dict[str, set[Alert]] = {"firing": set(), "resolved": set()}
    for each in json.loads(text):
        if each["at"] >= since:
            told[each["status"]].add(_subject(each["labels"]))
    return told


def _subject(labels: dict[str, str]) -> Alert:
    return labels["alertname"], next(labels[name] for name in _SUBJECTS if labels.get(name))


def quiet(stack: RunningStack, within: float = 240.0, for_: float = 4.0) -> None:
    """Wait until nothing fires for a while but what a busy machine explains."""
    since = [time.monotonic()]

    def is_quiet() -> bool:
        found = {each for each in firing(stack) if not says_the_machine_is_busy(each)}
        if found:
            since[0] = time.monotonic()
            raise AssertionError(f"still firing: {sorted(found)}")
        return time.monotonic() - since[0] > for_

    wait_for(is_quiet, "silence", within, every=1.0)
