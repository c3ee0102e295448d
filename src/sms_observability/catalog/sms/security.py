"""Who gets in, what is tried, and whether rules are kept (monitoring plan, section 11; targets document)."""

from __future__ import annotations

from sms_observability.catalog.field import Field
from sms_observability.catalog.metric import Metric

THREAT = Field(
    "threat",
    values=("sql_injection", "xss", "unusual_access", "data_exfiltration", "brute_force"),
    description="What was tried",
)
CHANGE = Field(
    "change",
    values=("privilege_escalation", "permission", "role", "configuration", "system"),
    description="What somebody changed",
)
INTEGRATION = Field("integration", max_length=64, description="The program of a customer or partner, in snake_case")
DATASET = Field("dataset", max_length=64, description="What was exported, such as orders")
SEVERITY = Field("severity", values=("critical", "high", "medium", "low"), description="How bad it is")
CHECK = Field("check", max_length=64, description="The rule that was checked, such as age_verification")
RESULT = Field("result", values=("passed", "failed"), description="How a check ended")
PRIVACY_REQUEST = Field(
    "privacy_request",
    values=("access", "deletion", "consent_given", "consent_withdrawn"),
    description="What a person asked for under data protection law",
)

METRICS = (
    Metric.counter(
        "sms.security.events",
        unit="{event}",
        labels=(THREAT,),
        description="Attempts at something forbidden that were noticed",
        owner="security",
        initialise=({},),
        prometheus="sms_security_events_total",
    ),
    Metric.counter(
        "sms.access.changes",
        unit="{change}",
        labels=(CHANGE,),
        description="Changes of permissions and configuration",
        owner="security",
        initialise=({"change": "privilege_escalation"},),
        prometheus="sms_access_changes_total",
    ),
    Metric.counter(
        "sms.api.key.usage",
        unit="{use}",
        labels=(INTEGRATION,),
        description="Requests that came with an API key",
        owner="security",
        prometheus="sms_api_key_usage_total",
    ),
    Metric.counter(
        "sms.data.exports",
        unit="{export}",
        labels=(DATASET,),
        description="Exports of data",
        owner="security",
        initialise=({},),
        prometheus="sms_data_exports_total",
    ),
    Metric.gauge(
        "sms.security.vulnerabilities",
        unit="{vulnerability}",
        labels=(SEVERITY,),
        description="Known vulnerabilities that the last scan found",
        owner="security",
        prometheus="sms_security_vulnerabilities",
    ),
    Metric.gauge(
        "sms.security.score",
        unit="{score}",
        description="What the last scan gave the portal, from 0 to 100",
        owner="security",
        prometheus="sms_security_score",
    ),
    Metric.gauge(
        "sms.security.incidents.open",
        unit="{incident}",
        labels=(SEVERITY,),
        description="Security incidents that are being handled",
        owner="security",
        prometheus="sms_security_incidents_open",
    ),
    Metric.counter(
        "sms.compliance.checks",
        unit="{check}",
        labels=(CHECK, RESULT),
        description="Checks of what rules demand",
        owner="security",
        prometheus="sms_compliance_checks_total",
    ),
    Metric.counter(
        "sms.privacy.requests",
        unit="{request}",
        labels=(PRIVACY_REQUEST,),
        description="What people asked for under data protection law",
        owner="security",
        initialise=({},),
        prometheus="sms_privacy_requests_total",
    ),
)
