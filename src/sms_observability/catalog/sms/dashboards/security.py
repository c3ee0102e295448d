"""The security dashboard (targets document: security dashboard; monitoring plan, section 11)."""

from __future__ import annotations

from sms_observability.catalog.dashboard import Dashboard, Row
from sms_observability.catalog.panel import LogQuery, Panel
from sms_observability.catalog.sms import targets
from sms_observability.catalog.sms.dashboards.asking import ENVIRONMENT, SERVICE, show

_NOW = Row(
    "Now",
    (
        show(
            "stat",
            "Security Score",
            "What the last scan gave the portal, of 100. Below 100, Vulnerabilities says what to mend.",
            "min(sms_security_score{$env})",
            target=targets.SECURITY_SCORE,
            width=4,
        ),
        show(
            "stat",
            "Open Incidents",
            "Security incidents that are being handled. The aim is none.",
            "sum(max by (severity) (sms_security_incidents_open{$env})) or vector(0)",
            target=targets.NONE,
            width=4,
        ),
        show(
            "stat",
            "Known Vulnerabilities",
            "What the last scan found. The aim is none.",
            "sum(max by (severity) (sms_security_vulnerabilities{$env})) or vector(0)",
            target=targets.NONE,
            width=4,
        ),
        show(
            "stat",
            "Failed Logins (24 Hours)",
            "Logins that were refused. Usual are fewer than ten a day.",
            "sum(increase(sms_login_failures_total{$on}[1d]))",
            target=targets.FAILED_LOGINS_DAY,
            width=4,
        ),
        show(
            "stat",
            "Compliance Score",
            "Share of the last day's checks that were passed.",
            '100 * sum(increase(sms_compliance_checks_total{$env, result="passed"}[1d])) / '
            "sum(increase(sms_compliance_checks_total{$env}[1d]))",
            unit="percent",
            target=targets.COMPLIANCE,
            width=4,
        ),
    ),
)

_ACCESS = Row(
    "Access control",
    (
        show(
            "timeseries",
            "Failed Logins",
            "Refused logins within five minutes, by how somebody tried. More than ten is alerted: is it one account, "
            "or one address? The log says.",
            (
                'sum by (login_method) (increase(sms_login_failures_total{$on, login_method!=""}[5m]))',
                "{{login_method}}",
            ),
            target=targets.FAILED_LOGINS,
            minimum=0,
        ),
        show(
            "timeseries",
            "Forbidden Requests",
            "Requests within five minutes that were answered by 401 or 403. More than 50 is alerted.",
            (
                'sum by (service) (increase(http_requests_total{$on, status=~"401|403"}[5m]))',
                "{{service}}",
            ),
            target=targets.REFUSALS,
            minimum=0,
        ),
        show(
            "timeseries",
            "Privilege and Permission Changes",
            "Changes within an hour, by what was changed. Each must belong to a request that somebody approved.",
            ("sum by (change) (increase(sms_access_changes_total{$on}[1h]))", "{{change}}"),
            draw="bars",
            minimum=0,
        ),
        show(
            "table",
            "API Key Usage",
            "Which programs of customers and partners used their keys most in the chosen time.",
            ("topk(10, sum by (integration) (increase(sms_api_key_usage_total{$on}$over)))", "{{integration}}"),
            columns={"integration": "Integration"},
        ),
    ),
)

_THREATS = Row(
    "Threat detection",
    (
        show(
            "timeseries",
            "Security Events",
            "Attempts within an hour that were noticed, by kind. Any is worth a look; many are an incident.",
            ('sum by (threat) (increase(sms_security_events_total{$on, threat!=""}[1h]))', "{{threat}}"),
            draw="bars",
            minimum=0,
        ),
        show(
            "timeseries",
            "Data Sent Out",
            "Bytes of answers within five minutes, by service. Above 1 GB it is alerted as a possible exfiltration.",
            ("sum by (service) (increase(http_response_size_bytes_sum{$on}[5m]))", "{{service}}"),
            unit="bytes",
            target=targets.SENT_OUT,
            minimum=0,
        ),
        show(
            "bargauge",
            "Data Exports",
            "Exports in the chosen time, by what was exported.",
            ('sort_desc(sum by (dataset) (increase(sms_data_exports_total{$on, dataset!=""}$over)))', "{{dataset}}"),
        ),
        Panel(
            "Security Log",
            "logs",
            "Refused logins and access changes, as they were logged. Open a line for its correlation id.",
            logs=LogQuery(
                "log.logger:(security* OR audit*) OR message:(refused OR denied OR forbidden)",
                'logger:~"^(security|audit)" OR refused OR denied OR forbidden',
            ),
        ),
    ),
)

_RULES = Row(
    "Vulnerabilities and rules",
    (
        show(
            "table",
            "Certificate Expiry",
            "For how long each certificate is still good, the shortest first. Below two weeks it is alerted.",
            (
                "sort(min by (service, instance) (probe_ssl_earliest_cert_expiry) - time())",
                "{{service}} {{instance}}",
            ),
            unit="s",
            target=targets.CERTIFICATE,
            columns={"service": "Service", "instance": "Address"},
        ),
        show(
            "bargauge",
            "Vulnerabilities by Severity",
            "What the last scan found. Critical ones are mended within a day.",
            ("max by (severity) (sms_security_vulnerabilities{$env})", "{{severity}}"),
            target=targets.NONE,
        ),
        show(
            "bargauge",
            "Open Incidents by Severity",
            "Security incidents that are being handled.",
            ("max by (severity) (sms_security_incidents_open{$env})", "{{severity}}"),
            target=targets.NONE,
        ),
        show(
            "table",
            "Compliance by Rule",
            "Share of checks in the chosen time that were passed, the worst rule first.",
            (
                (
                    'sort(100 * (sum by (check) (increase(sms_compliance_checks_total{$env, result="passed"}$over)) or '
                    "0 * sum by (check) (increase(sms_compliance_checks_total{$env}$over))) / "
                    "sum by (check) (increase(sms_compliance_checks_total{$env}$over)))"
                ),
                "{{check}}",
            ),
            unit="percent",
            target=targets.COMPLIANCE,
            columns={"check": "Rule"},
        ),
        show(
            "bargauge",
            "Privacy Requests",
            "What people asked for in the chosen time. A deletion must be done within a month.",
            (
                'sum by (privacy_request) (increase(sms_privacy_requests_total{$env, privacy_request!=""}$over))',
                "{{privacy_request}}",
            ),
        ),
        show(
            "timeseries",
            "Fields Withheld From Telemetry",
            "Fields that the library kept from leaving within an hour, by the reason. A step up: new code logs what it "
            "should not.",
            ("sum by (reason) (increase(sms_telemetry_redacted_total{$on}[1h]))", "{{reason}}"),
            draw="area",
            minimum=0,
        ),
    ),
)

SECURITY = Dashboard(
    "sms-security",
    "Security",
    "For the security team: who is kept out, what is tried, what leaves, and whether the rules are kept.",
    range="now-24h",
    runbook="suspicious-login-activity",
    tags=("security",),
    variables=(ENVIRONMENT, SERVICE),
    rows=(_NOW, _ACCESS, _THREATS, _RULES),
)
