"""The catalogue of the SMS portal: the monitoring plan as data, corrected where it could not work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sms_observability.catalog.catalog import Catalog
from sms_observability.catalog.sms import (
    behaviour,
    business,
    conventions,
    customers,
    delivery,
    fields,
    infrastructure,
    journeys,
    own,
    performance,
    restricted,
    scraped,
    security,
    vessels,
)
from sms_observability.catalog.sms.names import JourneyName, StepName

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sms_observability.catalog.alert import Alert
    from sms_observability.catalog.dashboard import Dashboard


def _dashboards() -> Iterable[Dashboard]:
    from sms_observability.catalog.sms.dashboards import DASHBOARDS

    return DASHBOARDS


if TYPE_CHECKING:
    from sms_observability.catalog.incident import IncidentClass
    from sms_observability.catalog.log_class import LogClass
    from sms_observability.catalog.recording import RecordingRule
    from sms_observability.catalog.routing import Routing
    from sms_observability.catalog.slo import Slo


def _incidents() -> tuple[IncidentClass, ...]:
    from sms_observability.catalog.sms.incidents import INCIDENTS

    return INCIDENTS


def _routing() -> Routing:
    from sms_observability.catalog.sms.routes import ROUTING

    return ROUTING


def _alerts() -> tuple[Alert, ...]:
    from sms_observability.catalog.sms.alerts import ALERTS

    return ALERTS


def _slos() -> tuple[Slo, ...]:
    from sms_observability.catalog.sms.slos import SLOS

    return SLOS


def _log_classes() -> tuple[LogClass, ...]:
    from sms_observability.catalog.sms.log_classes import LOG_CLASSES

    return LOG_CLASSES


def _recordings() -> tuple[RecordingRule, ...]:
    from sms_observability.catalog.sms.recordings import RECORDINGS

    return RECORDINGS


SMS_CATALOG = Catalog(
    metrics=(
        *business.METRICS,
        *performance.METRICS,
        *customers.METRICS,
        *behaviour.METRICS,
        *security.METRICS,
        *infrastructure.METRICS,
        *scraped.METRICS,
        *vessels.METRICS,
        *delivery.METRICS,
        *own.METRICS,
        *restricted.METRICS,
    ),
    journeys=journeys.JOURNEYS,
    fields=(*fields.FIELDS, *conventions.FIELDS, *restricted.FIELDS),
    dashboards=_dashboards,
    alerts=_alerts,
    slos=_slos,
    recordings=_recordings,
    log_classes=_log_classes,
    incidents=_incidents,
    routing=_routing,
)
"""Every metric, journey and field of the portal; a service adds its own with `SMS_CATALOG.extend(…)`."""

__all__ = ["SMS_CATALOG", "JourneyName", "StepName"]
