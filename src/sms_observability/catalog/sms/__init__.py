"""The catalogue of the SMS portal: the monitoring plan as data, corrected where it could not work."""

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
    security,
)
from sms_observability.catalog.sms.names import JourneyName, StepName

SMS_CATALOG = Catalog(
    metrics=(
        *business.METRICS,
        *performance.METRICS,
        *customers.METRICS,
        *behaviour.METRICS,
        *security.METRICS,
        *infrastructure.METRICS,
        *delivery.METRICS,
        *own.METRICS,
        *restricted.METRICS,
    ),
    journeys=journeys.JOURNEYS,
    fields=(*fields.FIELDS, *conventions.FIELDS, *restricted.FIELDS),
)
"""Every metric, journey and field of the portal; a service adds its own with `SMS_CATALOG.extend(…)`."""

__all__ = ["SMS_CATALOG", "JourneyName", "StepName"]
