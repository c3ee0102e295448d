"""Every alert fires when it must and keeps quiet when it must: evaluated by promtool, with series as they come."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitoring.case import SITUATIONS, check
from monitoring.prometheus.alert_cases import CASES, NEEDED
from monitoring.prometheus.long_cases import LONG
from sms_observability.catalog import SMS_CATALOG

pytestmark = [pytest.mark.servers, pytest.mark.slow]

EVERY = {**CASES, **LONG}


def test_every_alert_is_tried_in_every_situation() -> None:
    """Firing, not firing, without data, over a restart, with replicas and with little traffic."""
    assert set(EVERY) == set(SMS_CATALOG.alerts)
    for name, cases in EVERY.items():
        assert set(SITUATIONS) <= {case.situation for case in cases}, name


@pytest.mark.parametrize("alert", sorted(EVERY))
def test_alert_in_every_situation(alert: str, tmp_path: Path) -> None:
    """What fires is what should, with the labels by which it is routed."""
    check(tmp_path, alert, EVERY[alert], NEEDED.get(alert, ()))
