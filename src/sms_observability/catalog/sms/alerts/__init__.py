"""What people are called for (monitoring plan, section 3, and the targets document's alert rules).

The plan's own expressions could mostly not fire, or fired for ever; each alert here says at its place what was changed.
"""

from sms_observability.catalog.sms.alerts import (
    business,
    monitoring,
    objectives,
    performance,
    resources,
    revenue,
    security,
    services,
    telemetry,
    vessels,
)

ALERTS = (
    *revenue.ALERTS,
    *services.ALERTS,
    *performance.ALERTS,
    *objectives.ALERTS,
    *resources.ALERTS,
    *security.ALERTS,
    *business.ALERTS,
    *telemetry.ALERTS,
    *monitoring.ALERTS,
    *vessels.ALERTS,
)
