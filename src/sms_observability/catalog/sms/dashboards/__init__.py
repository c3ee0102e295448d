"""The portal's dashboards: both plan documents' panels, each with a question that can be answered."""

from sms_observability.catalog.sms.dashboards.business import BUSINESS
from sms_observability.catalog.sms.dashboards.collector import COLLECTOR
from sms_observability.catalog.sms.dashboards.environments import ENVIRONMENTS
from sms_observability.catalog.sms.dashboards.executive import EXECUTIVE
from sms_observability.catalog.sms.dashboards.operations import OPERATIONS
from sms_observability.catalog.sms.dashboards.revenue import REVENUE, TECHNICIANS
from sms_observability.catalog.sms.dashboards.security import SECURITY
from sms_observability.catalog.sms.dashboards.slo import SLO
from sms_observability.catalog.sms.dashboards.telemetry import TELEMETRY
from sms_observability.catalog.sms.dashboards.users import USERS
from sms_observability.catalog.sms.dashboards.vessels import VESSELS

DASHBOARDS = (
    EXECUTIVE,
    OPERATIONS,
    BUSINESS,
    USERS,
    SECURITY,
    VESSELS,
    SLO,
    TELEMETRY,
    COLLECTOR,
    ENVIRONMENTS,
    REVENUE,
    TECHNICIANS,
)

__all__ = ["DASHBOARDS"]
