# ruff: noqa: E501 - a row of the table is a line
"""What became of the document of targets, "Monitoring dashboard: status tracking"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sms_observability.render.coverage.item import item
from sms_observability.render.coverage.plan_signals import PANEL_TESTS, dashboard_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sms_observability.catalog import Catalog
    from sms_observability.render.coverage.item import Item

# fmt: off
_RULES = "monitoring/prometheus/rules/alerts.yaml"
_SLOS = "monitoring/prometheus/rules/slos.yaml"
_ROUTES = "monitoring/alertmanager/alertmanager.yaml"
_ALERTS = "monitoring/prometheus/test_alerts"
_BOARDS = "monitoring/grafana/dashboards"
_VALUES = "dashboards/test_values"
_PEOPLE = "For people to do; no file can."
_SOURCE = "The service, pipeline or scanner that knows it sets the metric; the catalogue has its name."

_STRUCTURE, _EXAMPLES = "DASHBOARD STRUCTURE", "MONITORING DASHBOARD EXAMPLES"
_METRICS, _TRACKING, _BY_PLACE = "MONITORING METRICS", "MONITORING METRICS TRACKING", "MONITORING DASHBOARDS"

_PANELS = {
    # section: {item: (dashboard, panel that shows it, note)}
    f"{_STRUCTURE} / 1. Executive Dashboard": {
        "Revenue Metrics": ("sms-executive", "Parts Revenue (Today)", "Also by week and month."),
        "Key Performance Indicators": ("sms-executive", "Order Completion", "And six more on the first row."),
        "System Health": ("sms-executive", "System Health", ""),
        "Alerts": ("sms-executive", "Active Alerts", ""),
        "Trends": ("sms-executive", "Revenue Trend", ""),
    },
    f"{_STRUCTURE} / 2. Technical Dashboard": {
        "Service Status": ("sms-operations", "Service Status", ""),
        "Performance Metrics": ("sms-operations", "Response Time p95", "Throughput and errors beside it."),
        "Resource Utilization": ("sms-operations", "CPU Usage", "Memory and disk beside it."),
        "Network Performance": ("sms-operations", "Network Throughput", "Latency and errors beside it."),
        "Database Performance": ("sms-operations", "Query Duration p95", "Connections beside it."),
    },
    f"{_STRUCTURE} / 3. Business Dashboard": {
        "Revenue Analytics": ("sms-business", "Revenue by Company", ""),
        "Customer Metrics": ("sms-business", "New Customers", "Churn and satisfaction beside it."),
        "Product Performance": ("sms-business", "Parts Ordered by Category", "By category of part, and the stock."),
        "Marketing Metrics": ("sms-business", "Campaign Return", _SOURCE),
        "Compliance Status": ("sms-business", "Compliance Rate", _SOURCE),
    },
    f"{_STRUCTURE} / 4. Security Dashboard": {
        "Security Events": ("sms-security", "Security Events", ""),
        "Access Control": ("sms-security", "Failed Logins", "Refusals and changes of permissions beside it."),
        "Vulnerability Management": ("sms-security", "Known Vulnerabilities", _SOURCE),
        "Compliance Monitoring": ("sms-security", "Compliance by Rule", _SOURCE),
        "Incident Response": ("sms-security", "Open Incidents", _SOURCE),
    },
    f"{_EXAMPLES} / Executive Dashboard": {
        "Revenue": ("sms-executive", "Parts Revenue (Today)", "The change against yesterday beside it."),
        "System Health": ("sms-executive", "System Health", ""),
        "Active Alerts": ("sms-executive", "Active Alerts", ""),
        "Customer Satisfaction": ("sms-executive", "Customer Satisfaction", _SOURCE),
        "Compliance Status": ("sms-executive", "Compliance Status", _SOURCE),
    },
    f"{_EXAMPLES} / Technical Dashboard": {
        "Services": ("sms-operations", "Services Operational", ""),
        "Response Time": ("sms-operations", "Response Time p95", ""),
        "Error Rate": ("sms-operations", "Error Rate", ""),
        "Throughput": ("sms-operations", "Throughput", ""),
        "Resource Usage": ("sms-operations", "CPU Usage", "Memory beside it."),
    },
    f"{_EXAMPLES} / Business Dashboard": {
        "Daily Revenue": ("sms-business", "Daily Revenue", ""),
        "Conversion Rate": ("sms-business", "Conversion Rate", "Orders for quotes."),
        "Order Completion": ("sms-business", "Order Completion", ""),
        "Customer Acquisition": ("sms-business", "New Customers", ""),
        "Top Products": ("sms-business", "Parts Ordered by Category", "Kinds of parts: the example's products are not of this portal."),
    },
    f"{_METRICS} / Business Metrics": {
        "Revenue": ("sms-business", "Daily Revenue", ""),
        "Conversions": ("sms-business", "Conversion Rate", ""),
        "User Engagement": ("sms-users", "Median Session", "Page views beside it."),
        "Customer Satisfaction": ("sms-business", "Support Tickets", _SOURCE),
        "Compliance": ("sms-business", "Compliance Rate", _SOURCE),
    },
    f"{_METRICS} / Security Metrics": {
        "Threat Detection": ("sms-security", "Security Events", ""),
        "Vulnerability Scan": ("sms-security", "Vulnerabilities by Severity", _SOURCE),
        "Access Control": ("sms-security", "Forbidden Requests", ""),
        "Data Protection": ("sms-security", "Fields Withheld From Telemetry", ""),
        "Incident Response": ("sms-security", "Open Incidents by Severity", _SOURCE),
    },
    f"{_TRACKING} / Business Metrics": {
        "Daily Revenue": ("sms-business", "Daily Revenue", "$5,000."),
        "Conversion Rate": ("sms-business", "Conversion Rate", "Above 3 %."),
        "Customer Satisfaction": ("sms-business", "Customer Satisfaction", "Above 4 of 5."),
        "Order Completion": ("sms-business", "Order Completion", "Above 95 %."),
        "Compliance Rate": ("sms-business", "Compliance Rate", "100 %."),
    },
    f"{_TRACKING} / Security Metrics": {
        "Security Score": ("sms-security", "Security Score", _SOURCE),
        "Vulnerability Count": ("sms-security", "Known Vulnerabilities", _SOURCE),
        "Failed Logins": ("sms-security", "Failed Logins (24 Hours)", "Below 10 a day."),
        "Security Incidents": ("sms-security", "Open Incidents", _SOURCE),
        "Compliance Score": ("sms-security", "Compliance Score", _SOURCE),
    },
    f"{_TRACKING} / System Metrics": {
        "Service Uptime": ("sms-slo", "Error Budget Remaining", "99.95 % over 30 days."),
        "API Response Time": ("sms-operations", "Response Time p95", "Below 500 ms."),
        "Error Rate": ("sms-operations", "Error Rate", "Below 0.1 %."),
        "Throughput": ("sms-operations", "Throughput", "1,000 a second."),
        "Memory Usage": ("sms-slo", "Memory Against Target", "Below 85 %."),
        "CPU Usage": ("sms-slo", "CPU Against Target", "Below 80 %."),
    },
    f"{_BY_PLACE} / Production Dashboard": {
        "Service Status": ("sms-environments", "Services Reporting", ""),
        "Performance Metrics": ("sms-environments", "Latency p95 by Environment", ""),
        "Business Metrics": ("sms-environments", "Orders Completed", ""),
        "Alerts": ("sms-environments", "Alerts Firing", ""),
        "Trends": ("sms-environments", "Request Rate by Environment", ""),
    },
    f"{_BY_PLACE} / Development Dashboard": {
        "Build Status": ("sms-environments", "Build Status", _SOURCE),
        "Test Results": ("sms-environments", "Test Results", _SOURCE),
        "Deployment Status": ("sms-environments", "Deployments", _SOURCE),
        "Code Quality": ("sms-environments", "Code Quality", _SOURCE),
        "Development Metrics": ("sms-environments", "Changes Merged", _SOURCE),
    },
    f"{_BY_PLACE} / Staging Dashboard": {
        "Test Environment": ("sms-environments", "Services Reporting", "By the variable `environment`."),
        "Performance Testing": ("sms-environments", "Load Tests", _SOURCE),
        "Integration Testing": ("sms-environments", "Integration Tests", _SOURCE),
        "User Acceptance Testing": ("sms-environments", "User Acceptance Tests", _SOURCE),
        "Release Readiness": ("sms-environments", "Release Readiness", ""),
    },
}

_SERVICE_HEALTH = "MONITORING IMPLEMENTATION / Service Health Monitoring"
_PERFORMANCE = "MONITORING IMPLEMENTATION / Performance Monitoring"
_LOGGING = "MONITORING IMPLEMENTATION / Log Monitoring"
_HEALTH = f"{_METRICS} / System Health Metrics"
_LEVELS, _CHANNELS, _ALERT_RULES = (f"ALERTING SYSTEM / Alert {what}" for what in ("Levels", "Channels", "Rules"))
_AUTOMATED = "MONITORING AUTOMATION / Automated Monitoring"
_OPTIMISED = "MONITORING AUTOMATION / Monitoring Optimization"
_APPLICATION, _BUSINESS, _INFRASTRUCTURE = (
    f"MONITORING TOOLS / {what} Monitoring" for what in ("Application", "Business", "Infrastructure")
)
_TECHNICAL = "MONITORING SUCCESS CRITERIA / Technical Success"

_ITEMS = (
    item(_HEALTH, "target", "Service Uptime", _SLOS, _ALERTS, "99.95 % over 30 days, weighted by requests."),
    item(_HEALTH, "target", "Response Time", f"{_SLOS} {_RULES}", _ALERTS, "p95 below 500 ms: objective, and the alert `APILatencyAboveTarget`."),
    item(_HEALTH, "target", "Error Rate", _SLOS, _ALERTS, "Below 0.1 % for critical operations."),
    item(_HEALTH, "target", "Throughput", "docs/performance.md", _VALUES, "1,000 a second is a panel's threshold; what the library costs at that rate is measured."),
    item(_HEALTH, "target", "Resource Utilization", f"{_BOARDS}/sms-slo.json", _VALUES, "80 % CPU and 85 % memory."),
    item(_LEVELS, "severity", ("Critical", "Warning", "Info"), _ROUTES, "alerting/test_routes"),
    item(_LEVELS, "severity", "Success", "monitoring/alertmanager/templates/slack.tmpl", "alerting/test_delivery", "No severity: that something is well again is told by the resolved message, a target that is kept by a green panel."),
    item(_CHANNELS, "channel", ("PagerDuty", "Slack", "Email", "SMS"), _ROUTES, "alerting/test_delivery", "SMS by SNS."),
    item(_CHANNELS, "channel", "Dashboard", f"{_BOARDS}/sms-executive.json", _VALUES),
    item(_ALERT_RULES, "alert", "Service Down", _RULES, _ALERTS, "`ServiceDown`, by absence."),
    item(_ALERT_RULES, "alert", "High Error Rate", _RULES, _ALERTS, "`HighErrorRate`, above 1 %."),
    item(_ALERT_RULES, "alert", "Performance Degradation", _RULES, _ALERTS, "`APILatencyAboveTarget`, p95 above 500 ms."),
    item(_ALERT_RULES, "alert", "Resource Exhaustion", _RULES, _ALERTS, "`HighCPUUsage` and `HighMemoryUsage`, above 90 %."),
    item(_ALERT_RULES, "alert", "Security Incident", _RULES, _ALERTS, "`SecurityEvent`."),
    item(_SERVICE_HEALTH, "check", ("Health Endpoints", "Liveness Probes", "Readiness Probes"), "docs/health.md", "health/test_router", "`/health`, `/livez`, `/readyz`."),
    item(_SERVICE_HEALTH, "check", ("Dependency Checks", "Custom Health Checks"), "docs/health.md", "health/test_checks"),
    item(_PERFORMANCE, "part", ("APM Integration", "Distributed Tracing"), "docs/journeys.md", "collector/test_library"),
    item(_PERFORMANCE, "part", "Custom Metrics", "docs/metrics.md", "metrics/test_labels"),
    item(_PERFORMANCE, "part", "Synthetic Monitoring", "monitoring/prometheus/prometheus.yaml", _ALERTS, "Probes from outside by the blackbox exporter: `probe_success`."),
    item(_PERFORMANCE, "part", "Real User Monitoring", "collector-config/gateway.yaml", "collector/test_flow", "The gateway takes OTLP from browsers; what runs in them is not part of a Python library."),
    item(_LOGGING, "part", "Structured Logging", "docs/logs.md", "logs/test_line"),
    item(_LOGGING, "part", "Log Aggregation", "collector-config/exporters/logs-elasticsearch.yaml", "collector/test_backends"),
    item(_LOGGING, "part", "Log Analysis", f"{_BOARDS}/sms-operations.json docs/log-storage.md", "collector/test_log_storage"),
    item(_LOGGING, "part", "Correlation IDs", "docs/logs.md", "collector/test_log_storage"),
    item(_LOGGING, "part", "Log Retention", "monitoring/elasticsearch/ilm", "catalog/test_log_classes"),
    item(_INFRASTRUCTURE, "tool", "Prometheus", "monitoring/prometheus/prometheus.yaml", "stack/test_stack"),
    item(_INFRASTRUCTURE, "tool", "Grafana", "monitoring/grafana/provisioning", "render/test_grafana_schema"),
    item(_INFRASTRUCTURE, "tool", ("GCP Cloud Monitoring", "Cloud Run", "BigQuery"), note="Of one provider, and its own: the plan's portal runs on Kubernetes. A service on Cloud Run sends to the gateway as anywhere."),
    item(_APPLICATION, "part", "Health Checks", "docs/health.md", "health/test_router"),
    item(_APPLICATION, "part", "Log Analysis", "docs/log-storage.md", "collector/test_log_storage"),
    item(_APPLICATION, "part", "Performance Monitoring", f"{_BOARDS}/sms-operations.json", _VALUES),
    item(_APPLICATION, "part", "Error Tracking", f"{_BOARDS}/sms-operations.json", "collector/test_log_storage", "Panels of recent errors, by type and trace."),
    item(_APPLICATION, "part", "User Experience", f"{_BOARDS}/sms-users.json", _VALUES, "As the services see it."),
    item(_BUSINESS, "part", ("Revenue Tracking", "Conversion Funnels", "Compliance Monitoring", "Operational Metrics"), f"{_BOARDS}/sms-business.json", _VALUES),
    item(_BUSINESS, "part", "Customer Analytics", f"{_BOARDS}/sms-users.json", _VALUES),
    item(_AUTOMATED, "automation", "Health Checks", "docs/health.md", "health/test_checks"),
    item(_AUTOMATED, "automation", "Performance Monitoring", _SLOS, _ALERTS),
    item(_AUTOMATED, "automation", "Alerting", _RULES, "stack/test_faults"),
    item(_AUTOMATED, "automation", "Incident Response", "src/sms_observability/cli/incident", "cli/test_incident"),
    item(_AUTOMATED, "automation", "Reporting", "src/sms_observability/cli/dashboards", "dashboards/test_preview", "`sms-observability dashboards preview` makes a page that can be sent."),
    item(_OPTIMISED, "automation", "Alert Tuning", _RULES, "monitoring/prometheus/test_false_alarms"),
    item(_OPTIMISED, "automation", "Metric Optimization", "src/sms_observability/cli/lint_rules.py", "lint/test_rules"),
    item(_OPTIMISED, "automation", "Dashboard Optimization", _BOARDS, "render/test_dashboards"),
    item(_OPTIMISED, "automation", "Performance Optimization", "docs/performance.md", "export/test_flood"),
    item(_OPTIMISED, "automation", "Cost Optimization", "collector-config/policy/sampling.yaml", "collector/test_sampling"),
    item("MONITORING AUTOMATION / Monitoring Workflows", "workflow", ("Daily", "Weekly", "Monthly", "Quarterly", "Annually"), note=_PEOPLE),
    item(_TECHNICAL, "criterion", "Coverage", "docs/coverage.md", "render/test_coverage"),
    item(_TECHNICAL, "criterion", "Accuracy", _RULES, "monitoring/prometheus/test_false_alarms", "30 healthy days without a page."),
    item(_TECHNICAL, "criterion", "Response Time", "docs/alerting.md", "alerting/test_escalation", "Five minutes to the second level."),
    item(_TECHNICAL, "criterion", "Availability", _RULES, _ALERTS, "`Watchdog`, `CollectorDown`, `TelemetryDeliveryFailing`: monitoring is monitored."),
    item(_TECHNICAL, "criterion", "Performance", "docs/performance.md", "export/test_flood", "Measured, with the goals that are missed."),
    item("MONITORING SUCCESS CRITERIA / Business Success", "criterion", ("Revenue Protection", "User Experience", "Operational Efficiency", "Cost Savings", "Competitive Advantage"), note="Of the business, to be judged by it."),
    item("MONITORING SUCCESS CRITERIA / Process Success", "criterion", ("Automation", "Documentation"), "docs/getting-started.md", "docs/test_pages", "Everything here is rendered, and every page is run."),
    item("MONITORING SUCCESS CRITERIA / Process Success", "criterion", ("Training", "Continuous Improvement", "Knowledge Transfer"), note=_PEOPLE),
    item("MONITORING PHILOSOPHY / Core Principles", "principle", ("Real-Time Monitoring", "Proactive Alerting", "Comprehensive Coverage", "Business Impact Focus"), f"{_RULES} docs/coverage.md", "stack/test_faults"),
    item("MONITORING PHILOSOPHY / Core Principles", "principle", "Automated Response", "docs/runbooks/README.md", "alerting/test_runbooks", "Runbooks with commands; nothing here restarts a service by itself."),
    item("MONITORING PHILOSOPHY / Monitoring Hierarchy", "principle", ("Critical Systems", "Infrastructure", "Application", "Business Metrics", "Security"), _BOARDS, _VALUES),
    item("MONITORING RESOURCES / Documentation", "page", ("Monitoring Guide", "Best Practices", "Tool Documentation"), "docs/getting-started.md docs/command-line.md docs/decisions.md", "docs/test_pages"),
    item("MONITORING RESOURCES / Documentation", "page", ("Case Studies", "Troubleshooting"), "docs/runbooks/README.md docs/reliability.md", "alerting/test_runbooks"),
    item("MONITORING RESOURCES / Training", "training", ("Team Training", "Tool Training", "Process Training", "Best Practices", "Certification"), note=_PEOPLE),
    item("MONITORING RESOURCES / Community", "community", ("Internal Sharing", "External Learning", "Conference Attendance", "Research", "Innovation"), note=_PEOPLE),
    item("MONITORING FEEDBACK LOOP / Continuous Improvement", "habit", ("Monitoring Effectiveness", "Alert Optimization", "Dashboard Enhancement", "Tool Evaluation", "Process Improvement"), note=_PEOPLE),
    item("MONITORING FEEDBACK LOOP / Monitoring Learning", "habit", ("Success Patterns", "Failure Analysis", "Best Practices", "Tool Evaluation", "Process Improvement"), note=_PEOPLE),
    item("NEXT MONITORING ACTIONS / Immediate (This Week)", "task", ("Monitoring Setup", "Dashboard Creation", "Alert Configuration", "Health Checks"), "examples/stack/stack.py", "stack/test_stack", "`make stack`."),
    item("NEXT MONITORING ACTIONS / Short-term (Next Month)", "task", ("Performance Monitoring", "Business Metrics", "Security Monitoring", "Automation"), _BOARDS, _VALUES),
    item("NEXT MONITORING ACTIONS / Long-term (Next Quarter)", "task", "Predictive Monitoring", _RULES, _ALERTS, "`HighChurnRisk`, `ErrorBudgetBurnSlow`, `CertificateExpiringSoon`."),
    item("NEXT MONITORING ACTIONS / Long-term (Next Quarter)", "task", ("Advanced Monitoring", "Automated Response", "Strategic Monitoring"), note="Machine learning and self-healing are not part of this."),
)


def targets(catalog: Catalog) -> Iterator[Item]:
    """Give what became of the document of targets."""
    for section, panels in _PANELS.items():
        for name, (uid, title, note) in panels.items():
            shown = f"Panel “{title}”. {note}".strip() if title != name else note
            tests = " ".join(test.removeprefix("tests/").removesuffix(".py") for test in PANEL_TESTS)
            yield item(section, "panel", name, dashboard_of(catalog, title, uid), tests, shown)
    yield from _ITEMS
