"""How long which log lines are kept (monitoring plan, section 5.3).

The plan says it three times, and each time otherwise: 365 days for all, 90 for those of applications, 30 for an info
and 7 for a debug line. The severity decides for applications, the kind of log for the rest.
"""

from __future__ import annotations

from sms_observability.catalog.log_class import LogClass

LOG_CLASSES = (
    LogClass(
        "audit",
        2557,
        store="audit",
        loggers=("audit",),
        rollover="30d",
        warm_days=7,
        cold_days=30,
        frozen_days=90,
        after_snapshot=True,
        description="Who did what: 7 years, for SOX and the maritime authorities; the audit trail itself is elsewhere",
    ),
    LogClass(
        "security",
        365,
        store="year",
        loggers=("security",),
        warm_days=7,
        cold_days=30,
        frozen_days=90,
        description="Logins, permissions, refusals, exports",
    ),
    LogClass(
        "business",
        365,
        store="year",
        loggers=("business",),
        warm_days=7,
        cold_days=30,
        frozen_days=90,
        description="What customers began and finished",
    ),
    LogClass(
        "application.error",
        180,
        severities=("error",),
        warm_days=7,
        cold_days=30,
        frozen_days=90,
        description="Errors of services, critical ones too",
    ),
    LogClass(
        "application.warning",
        90,
        severities=("warning",),
        warm_days=7,
        cold_days=30,
        description="Warnings of services",
    ),
    LogClass("application.info", 30, severities=("info",), warm_days=7, description="What services do"),
    LogClass(
        "application.debug",
        7,
        severities=("debug",),
        rollover="12h",
        kept_percent=10,
        description="Details; a tenth of them, by whole traces",
    ),
)
