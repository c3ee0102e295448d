# ruff: noqa: E501 - a row of the table is a line
"""What became of the plan's architecture, logs, traces, routes and incidents (sections 1, 5 to 8)."""

from __future__ import annotations

from sms_observability.render.coverage.item import item, prefixed

# fmt: off
_LOGS = "docs/log-storage.md"
_CLASSES = "collector-config/policy/log_classes.yaml"
_STORED = "collector/test_log_storage"
_FLOW = "collector-config/gateway.yaml collector-config/all-in-one.yaml"
_ROUTES = "monitoring/alertmanager/alertmanager.yaml"

ARCHITECTURE = (
    item("1.1", "tool", "Prometheus", "monitoring/prometheus/prometheus.yaml", "stack/test_stack"),
    item("1.1", "tool", "Grafana", "monitoring/grafana/provisioning", "render/test_grafana_schema", "Its server cannot be built in the suite: files are held against its published types, and every query is run."),
    item("1.1", "tool", "AlertManager", _ROUTES, "alerting/test_delivery"),
    item("1.1", "tool", "VictoriaMetrics", "collector-config/exporters/metrics-victoriametrics.yaml", "collector/test_backends"),
    item("1.1", "tool", "Elasticsearch", "monitoring/elasticsearch/ilm collector-config/exporters/logs-elasticsearch-classes.yaml", _STORED),
    item("1.1", "tool", ("Logstash", "Fluentd"), _LOGS, _STORED, "One Collector does their work, step by step as the page says."),
    item("1.1", "tool", "Kibana", "monitoring/elasticsearch/component_templates/sms-log-mappings.json", _STORED, "Its questions are answered by names of the plan and of Elastic Common Schema; dashboards of logs are panels in Grafana."),
    item("1.1", "tool", "Jaeger", "collector-config/exporters/traces-otlp.yaml", "collector/test_backends"),
    item("1.1", "tool", "Zipkin (backup)", "collector-config/exporters/traces-zipkin.yaml", "collector/test_backends"),
    item("1.1", "tool", "OpenTelemetry", _FLOW, "collector/test_library"),
    item("1.2", "source", "Custom metrics via Prometheus client libraries", "docs/metrics.md", "metrics/test_sources", "Through OpenTelemetry: one library for all three signals, and vessels keep their own timestamps."),
    item("1.2", "source", "Structured logging with correlation IDs", "docs/logs.md", "logs/test_line"),
    item("1.2", "source", "Distributed tracing with OpenTelemetry", "docs/journeys.md", "journeys/test_span"),
    item("1.2", "source", "Business event streaming", "collector-config/exporters/traces-kafka.yaml", "collector/test_backends", "Kept traces, the journeys among them, are a topic in Kafka."),
    item("1.2", "source", "Node exporters on all servers", "collector-config/receivers/node.yaml", "collector/test_receivers"),
    item("1.2", "source", "Container metrics via cAdvisor", "collector-config/receivers/cadvisor.yaml", "collector/test_receivers"),
    item("1.2", "source", "Database metrics (PostgreSQL, Redis)", "collector-config/receivers/postgresql.yaml collector-config/receivers/redis.yaml", "collector/test_receivers"),
    item("1.2", "source", "Network metrics via eBPF", "collector-config/receivers/node.yaml", "collector/test_receivers", "Bytes and errors of interfaces come from the node exporter; what one service sends to another, from spans. eBPF needs rights in the kernel and adds neither a rule nor a panel of the plan."),
    item("1.2", "source", "Revenue tracking (anonymized)", "docs/privacy.md", "privacy/test_catalogue", "By company, without markup; the identities by which it could be calculated are refused."),
    item("1.2", "source", "User behavior analytics", "monitoring/grafana/dashboards/sms-users.json", "dashboards/test_values"),
    item("1.2", "source", "Feature usage metrics", "docs/catalog.md", "collector/test_metric_names"),
    item("1.2", "source", "Conversion funnel tracking", "monitoring/grafana/dashboards/sms-business.json", "dashboards/test_values"),
    item("1.3", "part", "monitoring_architecture.edge_collection: prometheus_pushgateway", "collector-config/vessel.yaml", "collector/test_week", "A push gateway forgets time and never forgets a dead vessel: the Collector on board keeps points with their time in a queue on disk."),
    item("1.3", "part", "monitoring_architecture.edge_collection: vector_aggregator", "collector-config/vessel.yaml collector-config/receivers/files.yaml", "collector/test_vessel_lines", "One program on board, not three."),
    item("1.3", "part", "monitoring_architecture.edge_collection: otlp_collector", "collector-config/vessel.yaml", "collector/test_vessel"),
    item("1.3", "part", "monitoring_architecture.central_processing: prometheus_federation", "collector-config/exporters/metrics-remote-write.yaml", "collector/test_backends", "Each gateway writes to one store: federation would ask again for what has arrived already, and lose the late points of vessels."),
    item("1.3", "part", "monitoring_architecture.central_processing: elasticsearch_cluster", "monitoring/elasticsearch/index_templates", _STORED, "One replica of each shard, so that one node of three may fail."),
    item("1.3", "part", "monitoring_architecture.central_processing: jaeger_backend", "collector-config/exporters/traces-otlp.yaml", "collector/test_backends"),
    item("1.3", "part", "monitoring_architecture.central_processing: kafka_metrics_stream", "collector-config/exporters/traces-kafka.yaml", "collector/test_backends", "Of traces: metrics need no stream in between, remote write keeps them in order."),
    item("1.3", "part", "monitoring_architecture.visualization: grafana_dashboards", "monitoring/grafana/dashboards", "render/test_dashboards"),
    item("1.3", "part", "monitoring_architecture.visualization: kibana_dashboards", "monitoring/elasticsearch/component_templates/sms-log-mappings.json", _STORED, "Logs are panels in Grafana; Kibana finds its own field names as aliases."),
    item("1.3", "part", "monitoring_architecture.visualization: custom_business_ui", "monitoring/grafana/restricted/dashboards/sms-revenue.json", "dashboards/test_preview", "A dashboard of finance's own organisation; no further program to protect."),
    item("1.3", "part", "monitoring_architecture.visualization: mobile_ops_app", "monitoring/alertmanager/templates/pagerduty.tmpl", "alerting/test_delivery", "PagerDuty's own: it gets summary, value, runbook and panel."),
    item("1.3", "part", prefixed("monitoring_architecture.alerting: ", "alertmanager_cluster; pagerduty_integration; slack_notifications; sms_critical_alerts"), _ROUTES, "alerting/test_delivery"),
)

LOGS = (
    item("5.1", "input", "fluentbit.inputs: systemd", _LOGS, "docs/test_log_storage_page", "Services send themselves; of the rest the Collector reads files: its reader of the journal would need the program journalctl."),
    item("5.1", "input", ("fluentbit.inputs: docker", "inputs.files: /var/log/sms/*.log"), "collector-config/receivers/files.yaml", "collector/test_receivers"),
    item("5.1", "filter", "filters.multiline_parser: stacktraces", "docs/logs.md", "logs/test_line", "A stack trace is one field of one line: there is nothing to join."),
    item("5.1", "filter", "filters.record_modifier: add_metadata", _FLOW, "collector/test_library"),
    item("5.1", "output", "outputs.forward: central_aggregator", "collector-config/vessel.yaml", "collector/test_topologies"),
    item("5.1", "output", "outputs.local_buffer: offline_support", "collector-config/vessel.yaml", "collector/test_vessel collector/test_week"),
    item("5.1", "step", "filter.grok: parse_structured_logs", "docs/logs.md", "logs/test_line", "Structured where they are made."),
    item("5.1", "step", "filter.geoip: enhance_ip_data", _LOGS, "collector/test_redaction", "Not done: no address leaves the process."),
    item("5.1", "step", "filter.anonymize: remove_pii", "collector-config/policy/redaction.yaml", "collector/test_redaction"),
    item("5.1", "step", "filter.enrich: add_business_context", "docs/logs.md", "logs/test_line", "`bind_context`, where the work is done."),
    item("5.1", "step", "filter.fingerprint: detect_patterns", "src/sms_observability/lint/messages.py", "lint/test_messages", "Texts of lines are constant, so equal ones are counted by their text."),
    item("5.1", "step", "filter.throttle: rate_limit_alerts", _ROUTES, "alerting/test_routes"),
    item("5.1", "step", "filter.correlation: link_related_events", "docs/logs.md", _STORED, "By trace and correlation id."),
    item("5.1", "step", "filter.aggregate: transaction_tracking", "docs/journeys.md", "journeys/test_outcome", "`@journey` measures where it happens."),
    item("5.1", "step", "filter.ruby: calculate_metrics", "docs/metrics.md", "metrics/test_sources", "Counted in the process, not from lines that are sampled and late."),
    item("5.1", "step", "filter.split: separate_by_severity", _CLASSES, _STORED),
    item("5.1", "index", prefixed("elasticsearch.indices: ", "application-{yyyy.MM.dd}; security-{yyyy.MM.dd}; business-{yyyy.MM.dd}; audit-{yyyy.MM}"), f"monitoring/elasticsearch/index_templates {_CLASSES}", _STORED, "Data streams that roll over at the same pace, one for each class: a lifecycle belongs to an index, and with daily indices for all a debug line lived as long as an error."),
    item("5.1", "lifecycle", prefixed("ilm_policies.", "hot: 7_days; warm: 30_days; cold: 90_days"), "monitoring/elasticsearch/ilm", _STORED, "The same steps where the retention of a class is longer."),
    item("5.1", "lifecycle", "ilm_policies.frozen: 365_days", "monitoring/elasticsearch/enterprise/ilm", _STORED, "Needs an Enterprise licence, so the lifecycles without it are beside them."),
    item("5.2", "field", ("timestamp: 2025-01-05T10:30:45.123Z", "level: INFO", "service: parts-api", "message: Parts quote requested", "company_id: cmp_456", "vessel_id: vsl_789", "context.endpoint: /api/parts/quote", "context.method: POST", "context.duration_ms: 245", "context.status_code: 200", "metadata.version: 1.2.3", "metadata.environment: production", "metadata.region: us-east-1", "metadata.pod: parts-api-7d9f8b-x2np4"), "docs/logs.md monitoring/elasticsearch/component_templates/sms-log-mappings.json", f"logs/test_line {_STORED}", "As they are, and `correlation_id` beside them."),
    item("5.2", "field", ("trace_id: abc123def456", "span_id: 789ghi012"), "docs/logs.md", "logs/test_line", "32 and 16 hexadecimal digits, as W3C has them."),
    item("5.2", "field", "user_id: usr_123", "docs/privacy.md", "privacy/test_pseudonyms", "A pseudonym where the service sets one."),
    item("5.3", "policy", ("audit_logs.retention: 7_years", "security_logs.retention: 1_year", "debug_logs.retention: 7_days", "by_severity.error: 180_days", "by_severity.warning: 90_days", "by_severity.info: 30_days", "by_severity.debug: 7_days"), "monitoring/elasticsearch/ilm monitoring/victorialogs/instances.yaml", f"catalog/test_log_classes {_STORED}"),
    item("5.3", "policy", "application_logs.retention: 90_days", "monitoring/elasticsearch/ilm", "catalog/test_log_classes", "By severity: the plan gives an application's errors 180 days, its info lines 30."),
    item("5.3", "policy", "application_logs.sampling: full", _CLASSES, _STORED),
    item("5.3", "policy", "debug_logs.sampling: 10_percent", _CLASSES, _STORED, "By whole traces."),
    item("5.3", "policy", "audit_logs.compliance: SOX, Maritime", "monitoring/elasticsearch/slm/sms-audit.json", _STORED, "Nothing is deleted that is in no snapshot. Whether that is compliant is for an auditor to say."),
    item("5.3", "policy", "audit_logs.immutable: True", _LOGS, "docs/test_log_storage_page", "No log store is immutable: whoever administers it can delete. What must be is written to storage that refuses it."),
    item("5.3", "policy", "security_logs.analysis: ML_anomaly_detection", _LOGS, "docs/test_log_storage_page", "Not part of this: Elasticsearch's own jobs work on the data streams as they are."),
)

_STEPS = {
    "parts_ordering_flow": "HTTP POST /api/parts/quote; Auth.validateToken; PartsService.getSupplierQuotes; Database.saveQuote; Cache.invalidate; Webhook.notifyUser",
    "technician_sync_flow": "HTTP POST /api/sync/upload; Auth.validateOfflineToken; SyncService.validateChecksum; ConflictResolver.mergeData; Database.bulkUpsert; QualityScore.calculate; WebSocket.broadcastUpdate",
    "vessel_onboarding_flow": "HTTP POST /api/vessels/create; ValidationService.checkIMO; IntegrationService.fetchVesselData; EquipmentService.generateTemplates; NotificationService.informUsers",
}

TRACES = (
    item("6.1", "instrumentation", "instrumentation.automatic: http_clients", "docs/supported.md", "instrumentation/test_clients"),
    item("6.1", "instrumentation", "instrumentation.automatic: database_queries", "docs/supported.md", "instrumentation/test_sqlalchemy"),
    item("6.1", "instrumentation", prefixed("instrumentation.automatic: ", "cache_operations; message_queues"), "docs/supported.md docs/workers.md", "instrumentation/test_libraries setup/test_celery"),
    item("6.1", "instrumentation", prefixed("instrumentation.manual: ", "business_transactions; complex_calculations; external_api_calls; background_jobs"), "docs/journeys.md docs/workers.md", "journeys/test_forms journeys/test_span"),
    item("6.1", "receiver", ("receivers.otlp_grpc: 4317", "receivers.otlp_http: 4318"), _FLOW, "collector/test_flow"),
    item("6.1", "receiver", "receivers.jaeger_grpc: 14250", "collector-config/receivers/jaeger.yaml", "collector/test_receivers"),
    item("6.1", "processor", "processors.batch: optimize_throughput", _FLOW, "collector/test_configuration", "Batched in the exporters' queues: a batch processor answers before anything is safe."),
    item("6.1", "processor", ("processors.memory_limiter: prevent_oom", "processors.resource_detection: add_metadata"), _FLOW, "collector/test_configuration"),
    item("6.1", "processor", "processors.tail_sampling: smart_sampling", "collector-config/policy/sampling.yaml", "collector/test_sampling"),
    item("6.1", "exporter", "exporters.jaeger: primary_backend", "collector-config/exporters/traces-otlp.yaml", "collector/test_backends", "Jaeger takes OTLP; its own exporter is no more."),
    item("6.1", "exporter", "exporters.prometheus: metrics_from_spans", "collector-config/policy/span_metrics.yaml", "collector/test_flow", "Counted before sampling, so that rates are exact."),
    item("6.1", "exporter", "exporters.logging: debug_exporter", "collector-config/exporters/traces-debug.yaml", "collector/test_backends"),
    item("6.2", "sla", ("parts_ordering_flow.sla: 3000ms", "technician_sync_flow.sla: 10000ms", "vessel_onboarding_flow.sla: 5000ms"), "docs/catalog.md monitoring/prometheus/rules/slos.yaml", "catalog/test_sms_catalog journeys/test_budget", "With an objective of 99 %, a proposal: the plan gives none."),
    *(item("6.2", "span", prefixed(f"{journey}.spans: ", steps), "docs/catalog.md", "catalog/test_sms_catalog journeys/test_span", "The first is the server's own span.") for journey, steps in _STEPS.items()),
    item("6.2", "span", "parts_ordering_flow.spans: MarkupService.calculatePrice", "docs/catalog.md", "journeys/test_hidden", "Others see `QuoteService.prepareQuote`: the name alone tells of a markup."),
    item("6.3", "rule", ("Always sample errors", "Sample slow requests", "Sample revenue operations", "Default sampling"), "collector-config/policy/sampling.yaml", "collector/test_sampling collector/test_explained", "And all that broke their SLA. In the Collector only, after rates and durations are counted."),
)

ROUTING = (
    item("7.1", "route", "severity: critical, team: revenue", _ROUTES, "alerting/test_routes alerting/test_delivery", "One receiver with three ways, where the plan has a list of receivers; after the restricted route, which is first."),
    item("7.1", "route", "severity: critical", _ROUTES, "alerting/test_routes alerting/test_delivery"),
    item("7.1", "route", "severity: warning, frequency: first_occurrence", _ROUTES, "alerting/test_routes", "`frequency` is no label: a long repeat interval. `continue: true` had no effect."),
    item("7.1", "route", "severity: info", _ROUTES, "alerting/test_routes"),
    item("7.2", "policy", (*prefixed("revenue_critical.levels ", "level 1; level 2; level 3"), *prefixed("standard_critical.levels ", "level 1; level 2; level 3")), "monitoring/pagerduty/escalation.tf.json docs/alerting.md", "alerting/test_escalation", "PagerDuty's: Alertmanager knows no acknowledgement. 0/5/15 and 0/10/30 minutes."),
    item("7.3", "rule", "Maintenance window", _ROUTES, "alerting/test_delivery", "Sunday 02:00 to 04:00 UTC: the cron entry names three moments."),
    item("7.3", "rule", "Known flaky service", _ROUTES, "alerting/test_routes", "Nothing counts suppressions: what is over within 15 minutes is not told."),
    item("7.3", "rule", "Cascade prevention", _ROUTES, "alerting/test_delivery", "The cause keeps firing for 30 minutes; `DatabaseDown`, `APIError` and `SyncFailure` are alerts now."),
)

_DOWN = "docs/runbooks/parts-api-down.md"

INCIDENTS = (
    item("8.1", "class", prefixed("incident_classification.", "P0_revenue_critical; P1_service_degraded; P2_feature_impact"), "docs/alerting.md", "cli/test_incident"),
    item("8.2", "symptom", prefixed("parts_api_down.symptoms: ", "Alert: PartsOrderingSystemDown; Users report quote failures; Revenue dashboard shows $0"), _DOWN, "alerting/test_runbooks"),
    item("8.2", "step", ("Check service health", "Review recent deployments", "Check database connectivity", "Application logs", "Infrastructure metrics", "Recent changes", "Rollback deployment", "Scale horizontally", "Failover to DR"), _DOWN, "alerting/test_runbooks"),
    item("8.2", "afterwards", prefixed("parts_api_down.post_incident: ", "Update status page; Notify affected customers; Schedule RCA meeting; Update runbook if needed"), "docs/runbooks/README.md", "alerting/test_runbooks", "The same after every incident."),
    item("8.3", "template", ("incident_start.slack", "status_update.email", "incident_resolved.status_page"), "src/sms_observability/cli/incident", "cli/test_incident", "Filled in by `sms-observability incident`; nothing restricted can be."),
)
