"""Something goes wrong in the running portal: the right alerts fire on the real servers, are told, and go."""

from __future__ import annotations

import os
import time

import pytest
from examples.stack.fault import SWITCHES, turn

from servers.process import http_get
from stack.alerts import ALWAYS, EXPECTED, Alert, firing, notified, quiet, says_the_machine_is_busy, silenced
from stack.running import RunningStack, wait_for

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(900)]

FIRE_SECONDS = 150.0
RESOLVE_SECONDS = 200.0
STARVED = 4.0
"""Load for each CPU above which a portal fails by itself: what fires in addition proves nothing then."""


def test_every_fault_that_can_be_switched_on_has_its_alerts() -> None:
    """What is expected is written down for each, and each alert is one of the catalogue."""
    from sms_observability.catalog import SMS_CATALOG

    assert set(EXPECTED) == set(SWITCHES)
    for expected in EXPECTED.values():
        assert expected.must
        assert {name for name, _ in expected.must | expected.may} <= set(SMS_CATALOG.alerts)


# Faults of one round have no alert in common that could hide which of them made it, but for what both must make.
@pytest.mark.parametrize(
    "faults",
    [("supplier_fails", "login_storm", "vessel_silent"), ("payment_down", "slow_database", "export_storm")],
    ids="+".join,
)
def test_faults_fire_exactly_their_alerts_and_these_resolve(stack: RunningStack, faults: tuple[str, ...]) -> None:
    """Three at a time: all that each must make fires and is told, nothing else is, and all of it is told to be over."""
    happens(stack, faults)


@pytest.mark.soak
@pytest.mark.parametrize("fault", SWITCHES)
def test_each_fault_alone_fires_exactly_its_alerts_and_these_resolve(stack: RunningStack, fault: str) -> None:
    """The long form: one after the other, so that each alert is the work of one fault."""
    happens(stack, (fault,))


def test_finances_alert_is_in_finances_prometheus_only_and_its_message_says_no_figure(stack: RunningStack) -> None:
    """The restricted rules are evaluated on the restricted side, and no other page knows of them."""
    rules = http_get(f"{stack.base('prometheus-restricted')}/api/v1/rules")[1]
    assert "MarkupMarginBelowTarget" in rules
    wait_for(lambda: stack.query("_sms_parts_markup_realized_percent", "prometheus-restricted"), "the markup")
    for page in (
        f"{stack.base('prometheus')}/api/v1/rules",
        f"{stack.base('prometheus')}/api/v1/alerts",
        f"{stack.base('alertmanager')}/api/v2/alerts",
        f"{stack.base('inbox')}/notifications",
        f"{stack.base('inbox')}/",
    ):
        status, text = http_get(page)
        assert status == 200
        assert "arkup" not in text, page


def happens(stack: RunningStack, faults: tuple[str, ...]) -> None:
    """Let it happen, and see what is said of it in Prometheus and in the inbox."""
    folder = stack.folder / "stack"
    must = frozenset().union(*(EXPECTED[fault].must for fault in faults))
    may = frozenset().union(*(EXPECTED[fault].may for fault in faults))
    tell = must - silenced(must)
    quiet(stack)
    began = time.time()
    seen: set[Alert] = set()
    try:
        for fault in faults:
            turn(folder, fault, on=True)

        def all_fire() -> bool:
            seen.update(firing(stack))
            if missing := must - seen:
                raise AssertionError(f"not yet: {sorted(missing)}")
            return True

        wait_for(all_fire, f"the alerts of {faults}", FIRE_SECONDS, every=0.5)
        wait_for(lambda: _told(stack, began, "firing", tell), "their notifications", every=0.5)
    finally:
        for fault in faults:
            turn(folder, fault, on=False)

    def all_resolved() -> bool:
        now = firing(stack)
        seen.update(now)
        if left := must & now:
            raise AssertionError(f"still firing: {sorted(left)}")
        return True

    wait_for(all_resolved, f"the end of the alerts of {faults}", RESOLVE_SECONDS, every=0.5)
    wait_for(lambda: _told(stack, began, "resolved", tell), "the notifications of their end", every=0.5)
    told = notified(stack, began)["firing"] - {ALWAYS}
    unexpected = {each for each in (seen | told) - must - may if not says_the_machine_is_busy(each)}
    load = max(os.getloadavg()[:2]) / (os.cpu_count() or 1)
    assert not unexpected or load > STARVED, f"{faults} made {sorted(unexpected)} as well"


def _told(stack: RunningStack, since: float, status: str, wanted: frozenset[Alert]) -> bool:
    if missing := wanted - notified(stack, since)[status]:
        raise AssertionError(f"nobody was told of {sorted(missing)}")
    return True
