"""What every panel has to show at the end of the fortnight, computed from the formulas alone.

Of each dashboard: title -> a number, if the panel shows one series, or {name of the series: number}. Nothing here knows
the panels' expressions.
"""

from __future__ import annotations

from collections.abc import Mapping

from dashboards import portal_data as data
from dashboards.portal_data import DAY, END, HOUR, grown, quantile

Expected = Mapping[str, float | Mapping[str, float]]

SIX, FULL = 6 * HOUR, DAY
RATE_6H, RATE_DAY = 480.0, 600.0
"""What Grafana makes of its rate interval: four samples, or a step and a sample."""


def _hours(window: float) -> float:
    return grown(window) / HOUR


def _since(window: float, per_hour: float) -> float:
    return per_hour * _hours(window)


def _second(window: float, per_hour: float) -> float:
    return per_hour * grown(window) / HOUR / window


def _buckets(window: float, per_hour: float, shares: Mapping[str, float]) -> dict[str, float]:
    return {le: _since(window, per_hour * share) for le, share in shares.items()}


REQUESTS = sum(data.REQUESTS.values())
STAGING = 720.0
ALL_REQUESTS = REQUESTS + STAGING
ERRORS = 100 * data.FAILED * REQUESTS / ALL_REQUESTS
ORDERS, FAILED_ORDERS, QUOTES = (sum(each.values()) for each in (data.ORDERS, data.FAILED_ORDERS, data.QUOTES))
COMPLETED = 100 * ORDERS / (ORDERS + FAILED_ORDERS)
REVENUE = ORDERS * data.ORDER_VALUE
BY_COMPANY = {
    company: sum(data.ORDERS[vessel] for vessel in data.VESSELS if data.VESSELS[vessel] == company)
    for company in data.COMPANIES
}
MRR = sum(amount for _, amount in data.COMPANIES.values())
P95, JOURNEY_P95 = quantile(0.95, data.SHARES), quantile(0.95, data.JOURNEY_SHARES)
SERVICES = len(data.SERVICES)
ITEMS = sum(data.SIGNALS.values())
EMITTED = SERVICES * ITEMS + 600.0
# Noon of three hours ago, Monday's and the month's midnight; the fortnight began before them all.
TODAY, WEEK, MONTH = 15 * HOUR, 3 * DAY + 15 * HOUR, 11 * DAY + 15 * HOUR

EXECUTIVE: Expected = {
    "Monthly Recurring Revenue": MRR,
    "Active Vessels": 2,
    "System Health": 1,
    "Active Alerts": {"critical": 1, "warning": 2},
    "Parts Revenue (Today)": _since(TODAY, REVENUE),
    "Parts Revenue (This Week)": _since(WEEK, REVENUE),
    "Parts Revenue (This Month)": _since(MONTH, REVENUE),
    # A day is a day: the wave adds nothing.
    "Revenue Against Yesterday": 0,
    "Availability (30 Days)": 100 * (1 - data.SLOS["portal", "api_availability"][1]),
    "Customer Satisfaction": 4.3,
    "Compliance Status": 99,
    "Order Completion": COMPLETED,
    "Revenue Trend": MRR,
    "Customer Growth": 2,
    "Top Customers by Revenue": {
        company: _since(FULL, orders * data.ORDER_VALUE) for company, orders in BY_COMPANY.items()
    },
    "Churn Risk Indicators": {"cmp_south": 0.9},
}

OPERATIONS: Expected = {
    "Response Time p95": P95,
    "Error Rate": ERRORS,
    "Throughput": _second(RATE_6H, ALL_REQUESTS),
    "Services Operational": {"reporting": SERVICES, "known": SERVICES},
    "Service Status": {
        **dict.fromkeys(data.SERVICES, 1.0),
        "scrape of gateway gateway:1": 1,
        "scrape of otelcol otelcol:1": 1,
    },
    "Probes From Outside": {"https://portal.example": 1},
    "API Performance": _buckets(RATE_6H, ALL_REQUESTS, data.SHARES),
    "Latency by Endpoint": {f"{service} /api/{service}": P95 for service in data.SERVICES},
    "Throughput by Service": {
        service: _second(RATE_6H, requests + (STAGING if service == "parts-api" else 0))
        for service, requests in data.REQUESTS.items()
    },
    "Journey Duration p95": dict.fromkeys(data.JOURNEYS, JOURNEY_P95),
    "Error Rate by Service": {"parts-api": 100 * data.FAILED * 36_000 / 36_720, "sync-api": 1.0, "vessels-api": 1.0},
    "Requests by Status": {
        "200": _second(RATE_6H, REQUESTS * (1 - data.FAILED - data.REFUSED) + STAGING),
        "500": _second(RATE_6H, REQUESTS * data.FAILED),
        "403": _second(RATE_6H, REQUESTS * data.REFUSED),
    },
    "Failing Calls Between Services": {"parts-api POST /api/parts/quote": _since(SIX, 30)},
    "CPU Usage": {"host-1": 72},
    "Memory Usage": {"host-1": 78},
    "Disk Usage": {"host-1": 60},
    "Process CPU": dict.fromkeys(data.SERVICES, 100 * _second(RATE_6H, 360)),
    "Process Memory": dict.fromkeys(data.SERVICES, 2e8),
    "Disk Input and Output": {"host-1 read": _second(RATE_6H, 7.2e6), "host-1 written": _second(RATE_6H, 3.6e6)},
    "Network Throughput": {"host-1 received": _second(RATE_6H, 3.6e7), "host-1 sent": _second(RATE_6H, 7.2e7)},
    "Network Errors": {"host-1": _second(RATE_6H, 72)},
    "Network Latency": {"https://portal.example": 0.12},
    "Query Duration p95": {"SELECT orders": P95},
    "Connection Pool Usage": {f"{service} main": 40.0 for service in data.SERVICES},
    "Database Connections": {
        **{f"{service} used": 4.0 for service in data.SERVICES},
        **{f"{service} most": 10.0 for service in data.SERVICES},
    },
    "Transaction Duration p95": {"save_quote": P95},
}

BUSINESS: Expected = {
    "Daily Revenue": _since(FULL, REVENUE),
    "Conversion Rate": 100 * ORDERS / QUOTES,
    "Order Completion": COMPLETED,
    "New Customers": _since(FULL, 0.25),
    "Customer Satisfaction": 4.3,
    "Compliance Rate": 99,
    "Revenue by Company": {company: _since(HOUR, orders * data.ORDER_VALUE) for company, orders in BY_COMPANY.items()},
    "Recurring Revenue by Tier": dict(data.COMPANIES.values()),
    "Order Failure Rate": 100 - COMPLETED,
    "Failed Orders by Reason": {"payment": _since(FULL, FAILED_ORDERS)},
    "Quotes and Orders": {
        "quotes": _since(HOUR, QUOTES),
        "orders completed": _since(HOUR, ORDERS),
        "orders failed": _since(HOUR, FAILED_ORDERS),
    },
    "Quotes by Urgency": {"normal": _since(FULL, QUOTES)},
    "Orders by Type": {"standard": _since(FULL, ORDERS)},
    "Churn Rate": {"standard": 2.5},
    "Lifetime Value": {"enterprise": 54_000},
    "Onboarding Progress": {"cmp_north": 100, "cmp_south": 20},
    "Support Tickets": {"high": _since(DAY, 0.5)},
    "Parts Ordered by Category": {"engine": _since(FULL, 24)},
    "Stock by Category": {"engine": 340},
    "New Customers by Channel": {"partner": _since(FULL, 0.25)},
    "Campaign Leads": {"dry_dock": _since(FULL, 1.5)},
    "Campaign Return": {"dry_dock": 35},
    "Compliance Checks Failed": {"age_verification": _since(FULL, 1)},
}

SESSIONS = sum(now for now, _ in data.SESSIONS.values())
UPLOADS, DOCUMENTED = sum(data.UPLOADS.values()), sum(data.ITEMS.values())

USERS: Expected = {
    "Active Users": 42,
    "Sessions in the Last Hour": _since(HOUR, SESSIONS),
    "Median Session": quantile(0.5, {"60": 0.25, "300": 0.75, "1200": 1.0}),
    "Page Views": _since(FULL, 640),
    "Active Users by Role": {"captain": 12, "technician": 30},
    "Feature Adoption": {"offline_sync": _since(DAY, 50)},
    "Sessions": {"web": _since(HOUR, SESSIONS)},
    # A week of two an hour after one of ten.
    "Declining Companies": {"cmp_south": _since(7 * DAY, 2)},
    "Equipment Documented by Vessel": {vessel: _since(FULL, items) for vessel, items in data.ITEMS.items()},
    "Average Documentation Time": 210,
    "Documentation Time": _buckets(RATE_DAY, 40, data.TASK_SHARES),
    "Median Documentation Quality": quantile(0.5, data.SCORE_SHARES),
    "Documentation Quality Scores": _buckets(FULL, 100, data.SCORE_SHARES),
    "Photo Upload Trends": {"pump": _since(HOUR, 2 * DOCUMENTED)},
}

SECURITY: Expected = {
    "Security Score": 97,
    "Open Incidents": 1,
    "Known Vulnerabilities": 2,
    "Failed Logins (24 Hours)": _since(DAY, 120),
    "Compliance Score": 99,
    "Failed Logins": {"password": _since(300, 120)},
    "Forbidden Requests": {
        service: _since(300, requests * data.REFUSED) for service, requests in data.REQUESTS.items()
    },
    "Privilege and Permission Changes": {"permission": _since(HOUR, 2)},
    "API Key Usage": {"fleet_erp": _since(FULL, 400)},
    "Security Events": {"sql_injection": _since(HOUR, 6)},
    "Data Sent Out": {
        service: _since(300, requests * data.RESPONSE_BYTES) for service, requests in data.REQUESTS.items()
    },
    "Data Exports": {"orders": _since(FULL, 1)},
    "Certificate Expiry": {"portal https://portal.example": 20 * DAY},
    "Vulnerabilities by Severity": {"low": 2},
    "Open Incidents by Severity": {"medium": 1},
    "Compliance by Rule": {"age_verification": 99},
    "Privacy Requests": {"deletion": _since(FULL, 0.1)},
    "Fields Withheld From Telemetry": {"restricted": _since(HOUR, SERVICES * 120)},
}

VESSELS: Expected = {
    "Vessels Using the Portal": 2,
    "Vessels Known": 3,
    "Uploads (24 Hours)": _since(DAY, UPLOADS),
    "Sync Within 10 s": 100 * 0.98 * 0.995,
    "Vessel Activity": {"vsl_1": 1, "vsl_2": 1, "vsl_3": 0},
    "Time Since Last Contact": {"vsl_1": 600, "vsl_2": 7200, "vsl_3": 200_000},
    "Sync Duration p95": {"small": JOURNEY_P95},
    "Sync Durations": _buckets(RATE_DAY, UPLOADS, data.JOURNEY_SHARES),
    "Uploads by Vessel": {vessel: _since(HOUR, uploads) for vessel, uploads in data.UPLOADS.items()},
    "Sync Outcomes": {"success": _since(HOUR, 300 * 0.98), "failure": _since(HOUR, 300 * 0.02)},
    "Queues on Board": {
        "vsl_1 gateway logs": 45,
        "vsl_1 first logs": 2,
        "vsl_2 gateway logs": 45,
        "vsl_2 first logs": 2,
    },
    "Not Taken on Board": {
        f"{vessel} logs {reason}": _since(900, refused)
        for vessel, refused in data.REFUSED_ON_BOARD.items()
        for reason in ("refused", "queue_full")
    },
    "Batches Put Away": {"vsl_1 put away": 3, "vsl_1 aside": 1, "vsl_2 put away": 0, "vsl_2 aside": 0},
    "Queue Folders Gone": {"vsl_1": 1, "vsl_2": 0},
    "Equipment Documented": {vessel: _since(FULL, items) for vessel, items in data.ITEMS.items()},
    "Photos Uploaded": {vessel: _since(FULL, 2 * items) for vessel, items in data.ITEMS.items()},
    "Orders by Vessel": {vessel: _since(FULL, orders) for vessel, orders in data.ORDERS.items()},
    "Onboarding by Vessel": {"vsl_1": 100, "vsl_2": 50, "vsl_3": 20},
}

_SLO = {f"{service} {name}": figures for (service, name), figures in data.SLOS.items()}
_LEFT = {name: left for name, (_, _, left, _) in _SLO.items()}

SLO: Expected = {
    "Lowest Budget": -0.1,
    "Objectives Kept": {"kept": 1, "all": 2},
    "Fastest Burn": 2.0,
    "Error Budget Remaining": _LEFT,
    "Objective": {name: objective for name, (objective, _, _, _) in _SLO.items()},
    "Burn Rate": {name: burn for name, (_, _, _, burn) in _SLO.items()},
    "Error Ratio": {name: errors for name, (_, errors, _, _) in _SLO.items()},
    "Error Budget Over Time": _LEFT,
    "Events": dict.fromkeys(_SLO, 10.0),
    "Journeys Within SLA": {
        "parts_ordering_flow": 100 * 0.98 * 0.98,
        "technician_sync_flow": 100 * 0.98 * 0.995,
        "vessel_onboarding_flow": 100 * 0.98 * 0.99,
    },
    "SLA Breaches": {journey: _since(HOUR, runs * 0.02) for journey, runs in data.JOURNEYS.items()},
    "CPU Against Target": {"host-1": 72},
    "Memory Against Target": {"host-1": 78},
}

_BY_SIGNAL = {signal: SERVICES * items for signal, items in data.SIGNALS.items()}

TELEMETRY: Expected = {
    "Delivered": 100 * (1 - SERVICES * data.DROPPED / EMITTED),
    "Dropped": _since(SIX, SERVICES * data.DROPPED),
    "Failing Exports": _since(300, SERVICES * 12),
    "Waiting": SERVICES * len(data.SIGNALS) * 10,
    "Items Emitted": {
        signal: _second(RATE_6H, items + (600 if signal == "traces" else 0)) for signal, items in _BY_SIGNAL.items()
    },
    "Items Delivered": {
        signal: _second(RATE_6H, items - SERVICES * data.DROPPED) for signal, items in _BY_SIGNAL.items()
    },
    "Dropped by Reason": {"traces restricted": _since(300, SERVICES * data.DROPPED)},
    "Queued": dict.fromkeys(data.SERVICES, 7.0 * len(data.SIGNALS)),
    "Export Duration p95": dict.fromkeys(data.SIGNALS, P95),
    "Export Failures": {"connection": _since(300, SERVICES * 12)},
    "Fields Redacted": {f"{service} restricted": _since(300, 120) for service in data.SERVICES},
    "Measurements Not Kept": {"sms.parts.returns series": _since(SIX, SERVICES * 60)},
    "Cardinality Overflow": {f"{service} sms.parts.returns": _since(900, 60) for service in data.SERVICES},
    "Withheld": {f"{service} traces restricted": _since(900, data.DROPPED) for service in data.SERVICES},
    "Series by Metric": {},
    "Event Loop Lag p99": dict.fromkeys(data.SERVICES, quantile(0.99, data.LAG_SHARES)),
}

_COLLECTED = {name.replace("_", " "): items for name, items in data.COLLECTED.items()}

COLLECTOR: Expected = {
    "Collectors Up": 1,
    "Lost": _since(SIX, 3 * 12),
    "Refused": _since(SIX, 3 * 6),
    "Fullest Queue": 30,
    "Items Accepted": {name: _second(RATE_6H, items) for name, items in _COLLECTED.items()},
    "Items Sent": {name: _second(RATE_6H, items / 2) for name, items in _COLLECTED.items()},
    "Send Failures": {name: _since(300, 12) for name in _COLLECTED},
    "Items Refused": {name: _since(300, 6) for name in _COLLECTED},
    "Queue Usage": {"otlp traces": 30},
    "Sampling": {"sampled: true": _since(300, 600)},
    "Late Spans": {"otelcol:1": _since(600, 60)},
    "Memory": {"otelcol:1": 1.2e8},
    "Collector CPU": {"otelcol:1": 100 * _second(RATE_6H, 180)},
    "Collector Uptime": {"otelcol:1": 7200},
    "Clock Offset": {"host-1": 0.002},
    "Rule Evaluation": {"sms": 0},
    "Notifications": {"slack": 0},
}

ENVIRONMENTS: Expected = {
    "Services Reporting": SERVICES,
    "Request Errors": ERRORS,
    "Orders Completed": _since(FULL, ORDERS),
    "Alerts Firing": 3,
    "Versions Running": {
        **{f"production {service} 1.2.3": 1.0 for service in data.SERVICES},
        "staging parts-api 1.3.0": 1,
    },
    "Request Rate by Environment": {"production": _second(RATE_DAY, REQUESTS), "staging": _second(RATE_DAY, STAGING)},
    "Latency p95 by Environment": {"production": P95, "staging": P95},
    "Error Rate by Environment": {"production": 100 * data.FAILED, "staging": 0},
    "Release Readiness": 50,
    "Release Conditions": {"tests": 1, "changelog": 0},
    "Integration Tests": 100 * 118 / 120,
    "Load Tests": 100,
    "User Acceptance Tests": 90,
    "Build Status": 90,
    "Pipeline Runs": {"success": _since(HOUR, 9), "failure": _since(HOUR, 1)},
    "Test Results": {f"{suite} {result}": float(count) for (suite, result), count in data.TESTS.items()},
    "Deployments": {"production success": _since(FULL, 0.2)},
    "Code Quality": {"coverage": 96},
    "Time to Merge": 14_400,
    "Changes Merged": _since(FULL, 2),
}

REVENUE_PROTECTION: Expected = {
    "Realized Markup %": 19.5,
    "Markup Trend": 19.5,
    "Supplier Cost Trends": data.COST,
    "Margin by Category": {name: 100 * data.MARKUP[name] / data.CATEGORY_VALUE[name] for name in data.MARKUP},
    "Price Sensitivity Analysis": {band: 100 * ordered / offered for band, (offered, ordered) in data.BANDS.items()},
    "Optimal Markup Suggestions": {"engine": 21, "deck": 18},
}

TECHNICIANS: Expected = {
    "Equipment Documented per Tech": {tech: _since(7 * DAY, items) for tech, items in data.TECHNICIANS.items()},
    "Equipment Documented per Day": {"vsl_1": _since(DAY, sum(data.TECHNICIANS.values()))},
}

EXPECTED: Mapping[str, Expected] = {
    "sms-executive": EXECUTIVE,
    "sms-operations": OPERATIONS,
    "sms-business": BUSINESS,
    "sms-users": USERS,
    "sms-security": SECURITY,
    "sms-vessels": VESSELS,
    "sms-slo": SLO,
    "sms-telemetry": TELEMETRY,
    "sms-collector": COLLECTOR,
    "sms-environments": ENVIRONMENTS,
    "sms-revenue": REVENUE_PROTECTION,
    "sms-technicians": TECHNICIANS,
}

VARIABLES = {
    "environment": {"production", "staging"},
    "service": set(data.SERVICES),
    "endpoint": {f"/api/{service}" for service in data.SERVICES},
    "company_id": set(data.COMPANIES),
    "vessel_id": set(data.VESSELS),
    "sloth_service": {service for service, _ in data.SLOS},
    "sloth_slo": {name for _, name in data.SLOS},
}
"""What each variable offers; `instance` and the restricted `vessel_id` differ between dashboards."""
assert END > 0
