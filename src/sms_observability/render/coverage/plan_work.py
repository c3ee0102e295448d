# ruff: noqa: E501 - a row of the table is a line
"""What became of the plan's tasks, principles, compliance and costs (sections 9 to 12)."""

from __future__ import annotations

from sms_observability.render.coverage.item import item, prefixed

# fmt: off
_RULES = "monitoring/prometheus/rules/alerts.yaml"
_BOARDS = "monitoring/grafana/dashboards"
_SECURITY = "monitoring/grafana/dashboards/sms-security.json"
_ALERTS = "monitoring/prometheus/test_alerts"
_TRAIL = "Log lines of the logger `audit` are kept 7 years; the tamper-evident trail is a component of its own, outside of this version."
_ORGANISATION = "For people to do; no file can."

TASKS = (
    item("9.1", "task", "Deploy Prometheus & Grafana", "monitoring/prometheus/prometheus.yaml monitoring/grafana/provisioning", "stack/test_stack"),
    item("9.1", "task", "Set up Elasticsearch cluster", "monitoring/elasticsearch/index_templates docs/log-storage.md", "collector/test_log_storage", "What the cluster is to do; its nodes are the operator's."),
    item("9.1", "task", "Configure Jaeger tracing", "collector-config/exporters/traces-otlp.yaml", "collector/test_backends"),
    item("9.1", "task", "Add Prometheus metrics to APIs", "docs/metrics.md", "metrics/test_sources"),
    item("9.1", "task", "Implement structured logging", "docs/logs.md", "logs/test_line"),
    item("9.1", "task", "Create health check endpoints", "docs/health.md", "health/test_router"),
    item("9.2", "task", "Implement parts order tracking", "docs/catalog.md examples/portal/parts.py", "collector/test_metric_names"),
    item("9.2", "task", "Create markup protection metrics", "docs/privacy.md collector-config/restricted/gateway-restricted.yaml", "collector/test_restricted"),
    item("9.2", "task", "Build revenue dashboards", "monitoring/grafana/restricted/dashboards/sms-revenue.json", "dashboards/test_values"),
    item("9.2", "task", "Set up intrusion detection", f"{_RULES} {_SECURITY}", _ALERTS, "`sms_security_events_total` counts what a service or gateway detects; detecting is theirs."),
    item("9.2", "task", "Implement audit logging", "docs/log-storage.md", "collector/test_log_storage", _TRAIL),
    item("9.2", "task", "Configure SIEM integration", "collector-config/policy/log_classes.yaml", "collector/test_log_storage", "The class `security` is a data stream of its own, from which a SIEM reads."),
    item("9.3", "task", "Deploy anomaly detection", note="Not part of this: a comparison with last week is an alert (`HighChurnRisk`), a model is not."),
    item("9.3", "task", "Create predictive alerts", _RULES, _ALERTS, "`HighChurnRisk`, `ErrorBudgetBurnSlow`, `CertificateExpiringSoon` tell before it happens."),
    item("9.3", "task", "Build capacity planning models", "monitoring/grafana/dashboards/sms-slo.json", "dashboards/test_values", "CPU and memory against their targets over time; a model is not part of this."),
    item("9.3", "task", ("Implement RUM monitoring", "Create mobile app monitoring"), "collector-config/gateway.yaml", "collector/test_flow", "The gateway takes OTLP from browsers and apps; what runs in them is not part of a Python library."),
    item("9.3", "task", "Build user journey tracking", "docs/journeys.md", "journeys/test_span"),
)

PRINCIPLES = (
    item("10.1", "guideline", "naming.pattern: sms_<component>_<measurement>_<unit>", "docs/metrics.md", "catalog/test_metrics"),
    item("10.1", "guideline", prefixed("naming.examples: ", "sms_api_request_duration_seconds; sms_parts_order_value_dollars; sms_database_connections_total"), "docs/catalog.md", "catalog/test_prometheus_names", "The first and last are `http_request_duration_seconds` and `db_connection_pool_used` in the plan's own catalogue, so here too."),
    item("10.1", "guideline", prefixed("labels.required: ", "environment; service; version"), "collector-config/policy/metric_names.yaml", "collector/test_metric_names"),
    item("10.1", "guideline", prefixed("labels.optional: ", "company_id; vessel_id; user_role"), "docs/catalog.md", "metrics/test_labels", "`role`."),
    item("10.1", "guideline", prefixed("labels.avoid: ", "user_id; email; ip_address"), "docs/privacy.md", "catalog/test_metrics", "Refused where a metric is declared."),
    item("10.1", "guideline", ("cardinality.max_series_per_metric: 10000", "cardinality.max_label_values: 100"), "docs/metrics.md", "metrics/test_cells", "Ids of companies and vessels count as series only: a hundred companies are not the end of the business."),
    item("10.1", "guideline", "cardinality.use_recording_rules: True", "monitoring/prometheus/rules/recordings.yaml", _ALERTS),
    item("10.2", "principle", prefixed("dashboard_principles.layout: ", "Most important metrics at top; Group related panels; Use consistent time ranges; Include help text"), _BOARDS, "render/test_dashboards"),
    item("10.2", "principle", ("visualizations.stat: Current values, KPIs", "visualizations.timeseries: Trends, rates", "visualizations.gauge: Percentages, utilization", "visualizations.heatmap: Distributions, patterns", "visualizations.table: Top N, detailed data"), _BOARDS, "render/test_dashboards render/test_grafana_schema"),
    item("10.2", "principle", prefixed("dashboard_principles.interactivity: ", "Drill-down capabilities; Variable selectors; Time range controls; Export functionality"), _BOARDS, "render/test_dashboards dashboards/test_preview", "Export is Grafana's; `sms-observability dashboards preview` makes one page of a dashboard."),
    item("10.3", "standard", prefixed("alert_standards.requirements: ", "Actionable: Clear remediation steps; Contextual: Include relevant data"), "docs/runbooks/README.md", "alerting/test_runbooks"),
    item("10.3", "standard", "alert_standards.requirements: Accurate: Low false positive rate", _RULES, "monitoring/prometheus/test_false_alarms"),
    item("10.3", "standard", "alert_standards.requirements: Timely: Alert before impact", "monitoring/prometheus/rules/slos.yaml", _ALERTS),
    item("10.3", "standard", ("alert_standards.testing: Validate in staging", "alert_standards.testing: Run fire drills"), "examples/stack/fault.py", "stack/test_faults", "`make stack` and its faults are a drill on a laptop."),
    item("10.3", "standard", "alert_standards.testing: Track alert quality metrics", "monitoring/grafana/dashboards/sms-collector.json", "dashboards/test_values", "Rule evaluations and notifications that fail."),
    item("10.3", "standard", "alert_standards.testing: Regular tuning reviews", "src/sms_observability/cli/lint_rules.py", "lint/test_rules", "The command says which rule cannot work; the meeting is for people."),
    item("10.3", "standard", prefixed("alert_standards.documentation: ", "Link to runbook; Include severity rationale; List dependencies; Specify owner team"), f"{_RULES} docs/runbooks/README.md", "alerting/test_runbooks render/test_prometheus"),
)

COMPLIANCE = (
    item("11.1", "track", "Failed login attempts", f"{_RULES} {_SECURITY}", _ALERTS),
    item("11.1", "track", ("Privilege escalations", "User permission changes", "Configuration changes", "System modifications"), f"docs/catalog.md {_SECURITY}", "dashboards/test_values", "`sms_access_changes_total{change}`; who and what is a line of the logger `audit`."),
    item("11.1", "track", ("API key usage", "Data exports"), f"docs/catalog.md {_SECURITY}", "dashboards/test_values"),
    item("11.1", "detect", ("SQL injection attempts", "XSS attempts", "Unusual data access patterns"), f"{_RULES} {_SECURITY}", _ALERTS, "`sms_security_events_total{threat}` and the alert `SecurityEvent`; a service or its gateway detects them."),
    item("11.1", "detect", "Potential data exfiltration", _RULES, _ALERTS),
    item("11.1", "log", "All data access", "docs/log-storage.md", "collector/test_log_storage", _TRAIL),
    item("11.2", "privacy", "privacy_monitoring.pii_handling: Mask sensitive data in logs", "docs/privacy.md collector-config/policy/redaction.yaml", "collector/test_redaction"),
    item("11.2", "privacy", "privacy_monitoring.pii_handling: Encrypt metrics in transit", "collector-config/vessel.yaml", "collector/test_topologies"),
    item("11.2", "privacy", "privacy_monitoring.pii_handling: Limit access to revenue metrics", "collector-config/restricted/gateway-restricted.yaml monitoring/grafana/restricted/dashboards/sms-revenue.json", "collector/test_restricted", "An own door, Prometheus, Alertmanager and organisation in Grafana."),
    item("11.2", "privacy", "privacy_monitoring.pii_handling: Audit all data access", "docs/privacy.md", "privacy/test_channels", "Each reveal of a restricted value is recorded. " + _TRAIL),
    item("11.2", "privacy", "privacy_monitoring.gdpr_compliance: Track data retention", "monitoring/elasticsearch/ilm", "catalog/test_log_classes"),
    item("11.2", "privacy", prefixed("privacy_monitoring.gdpr_compliance: ", "Monitor deletion requests; Log consent changes; Audit data processing"), f"docs/catalog.md {_SECURITY}", "dashboards/test_values", "`sms_privacy_requests_total{privacy_request}`."),
)

COSTS = (
    item("12.1", "strategy", "cost_optimization.strategies: Use metric downsampling", "monitoring/prometheus/rules/recordings.yaml", _ALERTS, "Recording rules keep what is asked for long; a store that thins out series is the operator's."),
    item("12.1", "strategy", "cost_optimization.strategies: Implement smart retention", "monitoring/elasticsearch/ilm", "catalog/test_log_classes"),
    item("12.1", "strategy", "cost_optimization.strategies: Optimize cardinality", "docs/metrics.md", "metrics/test_cells"),
    item("12.1", "strategy", "cost_optimization.strategies: Use sampling for traces", "collector-config/policy/sampling.yaml", "collector/test_sampling"),
    item("12.1", "budget", prefixed("budgets.", "metrics_storage: $500/month; log_storage: $800/month; tracing: $300/month; alerting: $200/month; total: $1,800/month"), note="What a provider charges is no figure of this library; what it costs in CPU and bytes is in docs/performance.md."),
    item("12.2", "return", (*prefixed("monitoring_roi.cost_savings: ", "Prevent one P0 incident: $50,000; Reduce MTTR by 50%: $20,000/month; Improve efficiency: $10,000/month"), *prefixed("monitoring_roi.investment: ", "Infrastructure: $1,800/month; Engineering time: 2 FTE; Training: $5,000 one-time"), "monitoring_roi.roi: 15:1 in first year"), note=_ORGANISATION),
)
