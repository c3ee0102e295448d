"""Classes of log lines: a wrong one is refused with what to write, and the plan's times are kept."""

from __future__ import annotations

import pytest

from sms_observability.catalog import SMS_CATALOG, CatalogError, LogClass


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"name": "Application Error"}, "words with dots"),
        ({"severities": ("warn",)}, "warning"),
        ({"loggers": ("Security Things",)}, "such as 'security'"),
        ({"rollover": "one day"}, "'1d'"),
        ({"warm_days": 7, "cold_days": 7}, "later than the one before"),
        ({"frozen_days": 30}, "before the end"),
        ({"retention_days": 0}, "before the end"),
        ({"kept_percent": 0}, "from 1 to 100"),
    ],
)
def test_a_class_that_cannot_work_is_refused(arguments: dict[str, object], said: str) -> None:
    """The message says what to write."""
    with pytest.raises(CatalogError, match=said):
        LogClass(**{"name": "a", "retention_days": 30, "description": "x", **arguments})  # type: ignore[arg-type]


def test_the_plans_times_are_kept() -> None:
    """Seven years for audit, one for security, 180, 90, 30 and 7 days by severity, a tenth of the details."""
    classes = SMS_CATALOG.log_classes
    assert {name: each.retention_days for name, each in classes.items()} == {
        "audit": 2557,
        "security": 365,
        "business": 365,
        "application.error": 180,
        "application.warning": 90,
        "application.info": 30,
        "application.debug": 7,
    }
    assert classes["audit"].retention_days >= 7 * 365
    assert classes["application.debug"].kept_percent == 10


def test_a_service_adds_a_class_that_is_asked_first() -> None:
    """Its lines would else be taken by a class for all loggers."""
    own = LogClass("integration", 14, loggers=("integration",), description="What other systems said")
    assert next(iter(SMS_CATALOG.extend(log_classes=[own]).log_classes.values())) is own
    with pytest.raises(CatalogError, match="declared twice"):
        _ = SMS_CATALOG.extend(log_classes=[LogClass("audit", 1, description="x")]).log_classes
