"""What dashboards and data sources call each other by."""

from __future__ import annotations

PROMETHEUS = "sms-prometheus"
PROMETHEUS_NAME = "SMS Prometheus"
RESTRICTED = "sms-prometheus-restricted"
RESTRICTED_NAME = "SMS Prometheus (restricted)"
LOGS = "sms-logs"
TRACES = "sms-traces"

FROM_VARIABLE = {"type": "prometheus", "uid": "${datasource}"}
FROM_LOGS = {"type": "elasticsearch", "uid": LOGS}

# Told apart by people who do not see red and green, too (Okabe and Ito).
COLOURS = {"good": "#0072B2", "warning": "#E69F00", "bad": "#D55E00"}
