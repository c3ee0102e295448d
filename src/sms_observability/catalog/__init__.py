"""The catalogue: what is measured, which journeys are promised, and who may see which field. Pure data."""

from sms_observability.catalog.catalog import Catalog
from sms_observability.catalog.errors import CatalogError, nearest
from sms_observability.catalog.field import Access, Field, FieldType
from sms_observability.catalog.journey import Journey, Step
from sms_observability.catalog.metric import Counter, Gauge, Histogram, Metric, UpDownCounter
from sms_observability.catalog.prometheus import MetricKind, prometheus_name, prometheus_series
from sms_observability.catalog.sms import SMS_CATALOG, JourneyName, StepName
from sms_observability.catalog.words import RESTRICTED_PATTERN, is_personal, reveals

__all__ = [
    "RESTRICTED_PATTERN",
    "SMS_CATALOG",
    "Access",
    "Catalog",
    "CatalogError",
    "Counter",
    "Field",
    "FieldType",
    "Gauge",
    "Histogram",
    "Journey",
    "JourneyName",
    "Metric",
    "MetricKind",
    "Step",
    "StepName",
    "UpDownCounter",
    "is_personal",
    "nearest",
    "prometheus_name",
    "prometheus_series",
    "reveals",
]
