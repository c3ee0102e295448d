"""Who is told of what, when, and who next (monitoring plan, section 7).

Where the plan could not work:

- It names receivers by way (`pagerduty_revenue`, `slack_revenue_critical`, `sms_oncall`) and lists several on a route;
  a route has one receiver, so a receiver holds several ways.
- `frequency: first_occurrence` is no label: a warning is repeated after 96 hours only, that is, told once and when it
  is over.
- A cron entry `0 2-4 * * SUN` names three moments, not a window: Sunday 02:00 to 04:00 UTC.
- Nothing counts suppressions: of the flaky service, only what lasts longer than 15 minutes (three times five) is told.
- A cascade cannot last a fixed time: the cause keeps firing for 30 minutes after it was last seen.
- Alertmanager knows no acknowledgement: PagerDuty escalates.
"""

from __future__ import annotations

from sms_observability.catalog.escalation import Escalation, Level
from sms_observability.catalog.receiver import Email, PagerDuty, Receiver, Slack, Sms, Webhook
from sms_observability.catalog.route import Inhibition, MuteWindow, Route
from sms_observability.catalog.routing import Routing

_REVENUE = "SMS revenue"
_PRIMARY = "SMS primary"
_MAINTENANCE = "maintenance"

RECEIVERS = (
    Receiver(
        "revenue_internal",
        (Slack("#revenue-internal", url="slack_revenue_internal_url"), Email("revenue-internal@example.com")),
        text="neutral",
        description="The people who may see restricted figures; nobody else hears of a restricted alert.",
    ),
    Receiver(
        "deadman", (Webhook("deadman_url"),), description="A service outside that calls us when it hears nothing."
    ),
    Receiver(
        "revenue_critical",
        (
            PagerDuty("pagerduty_revenue_key", service=_REVENUE),
            Slack("#revenue-critical"),
            Sms("arn:aws:sns:us-east-1:123456789012:sms-oncall"),
        ),
        description="The revenue team's on-call: paged, in its channel, and by text message.",
    ),
    Receiver(
        "primary_critical",
        (PagerDuty("pagerduty_primary_key", service=_PRIMARY), Slack("#incidents")),
        description="The on-call of everything else.",
    ),
    Receiver(
        "warnings",
        (Slack("#alerts-warnings"), Email("engineering@example.com")),
        description="Engineering, in working hours.",
    ),
    Receiver("info", (Slack("#alerts-info"),), description="Whoever likes to know."),
    Receiver(
        "unrouted",
        (Slack("#monitoring"),),
        text="unrouted",
        description="Those who mend the routes; they learn that an alert had none, not what is in it.",
    ),
)

ROUTES = (
    Route(
        "revenue_internal",
        ('restricted!=""', 'severity!="critical"'),
        repeat_interval="96h",
        muted=(_MAINTENANCE,),
        why="Restricted first, and nowhere else.",
    ),
    Route("revenue_internal", ('restricted!=""',), why="Restricted and critical: nothing mutes it."),
    Route(
        "deadman",
        ('alertname="Watchdog"',),
        group_wait="0s",
        group_interval="1m",
        repeat_interval="5m",
        why="It always fires: when it is not heard outside, alerting is broken.",
    ),
    Route(
        "revenue_critical",
        ('severity="critical"', 'team="revenue"'),
        group_wait="0s",
        group_interval="1m",
        repeat_interval="1h",
        why="Money is being lost: at once, and again every hour.",
    ),
    Route("primary_critical", ('severity="critical"',), group_wait="10s", why="Somebody has to get up."),
    Route(
        "warnings",
        ('severity="warning"', 'service="legacy-integration"'),
        group_wait="15m",
        group_interval="15m",
        repeat_interval="24h",
        muted=(_MAINTENANCE,),
        why="A flaky service: what is over within 15 minutes is never told.",
    ),
    Route(
        "warnings",
        ('severity="warning"',),
        repeat_interval="96h",
        muted=(_MAINTENANCE,),
        why="On its first occurrence, and when it is over.",
    ),
    Route(
        "info",
        ('severity="info"',),
        group_wait="30m",
        group_interval="2h",
        repeat_interval="96h",
        muted=(_MAINTENANCE,),
        why="Together, and late.",
    ),
)

_SYMPTOMS = "APIError|APIHighLatency|APILatencyAboveTarget|HighErrorRate"
_DELIVERY = "TelemetryDeliveryFailing|TelemetryQueueGrowing"
_BUDGET = "ErrorBudgetBurnFast|ErrorBudgetBurnSlow"

INHIBITIONS = (
    Inhibition(
        ('alertname="PartsOrderingSystemDown"',),
        (f'alertname=~"PartsOrderFailureRate|PartsOrderingTelemetryAbsent|{_SYMPTOMS}|{_BUDGET}"',),
        equal=("environment", "service"),
        why="Who is down fails, is slow and says nothing.",
    ),
    Inhibition(
        ('alertname="PaymentProcessingDown"',),
        ('alertname="PartsOrderFailureRate"',),
        equal=("environment",),
        why="Orders that cannot be paid fail.",
    ),
    Inhibition(
        ('alertname="ServiceDown"',),
        (f'alertname=~"SyncFailure|SLITelemetryAbsent|{_SYMPTOMS}|{_BUDGET}"',),
        equal=("environment", "service"),
        why="Who is down fails, is slow and says nothing.",
    ),
    Inhibition(
        ('alertname="DatabaseDown"',),
        (f'alertname=~"SyncFailure|DatabaseConnectionPoolExhausted|{_SYMPTOMS}"',),
        equal=("environment",),
        why="The plan's cascade: without the database every service fails, until 30 minutes after it is back.",
    ),
    Inhibition(
        ('alertname="CollectorDown"',),
        (f'alertname=~"PartsOrderingTelemetryAbsent|SLITelemetryAbsent|LowUserEngagement|TargetDown|{_DELIVERY}"',),
        equal=("environment",),
        why="Without the Collector nothing is heard of anybody.",
    ),
    Inhibition(
        ('alertname="ErrorBudgetBurnFast"',),
        ('alertname="ErrorBudgetBurnSlow"',),
        equal=("environment", "sloth_id"),
        why="Whoever was called needs no ticket.",
    ),
    Inhibition(
        ('alertname="CertificateExpiring"',),
        ('alertname="CertificateExpiringSoon"',),
        equal=("environment", "service", "instance"),
        why="Two days are less than two weeks.",
    ),
    Inhibition(
        ('alertname="CollectorQueueFull"',),
        ('alertname="CollectorQueueFilling"',),
        equal=("environment", "instance", "exporter"),
        why="What is full has been filling.",
    ),
    Inhibition(
        ('severity="critical"',),
        ('severity=~"warning|info"',),
        equal=("alertname", "environment", "service"),
        why="Of one problem only the worst is told.",
    ),
)

MUTE_WINDOWS = (
    MuteWindow(
        _MAINTENANCE,
        days=("sunday",),
        start="02:00",
        end="04:00",
        time_zone="UTC",
        why="Maintenance: what is not critical waits until it is over.",
    ),
)

ESCALATIONS = (
    Escalation(
        "revenue_critical",
        _REVENUE,
        (
            Level(0, schedules=("oncall_revenue_primary",)),
            Level(5, schedules=("oncall_revenue_secondary",), people=("revenue_manager",)),
            Level(15, people=("cto", "ceo")),
        ),
        description="Revenue is being lost.",
    ),
    Escalation(
        "standard_critical",
        _PRIMARY,
        (
            Level(0, schedules=("oncall_primary",)),
            Level(10, schedules=("oncall_secondary",), people=("team_lead",)),
            Level(30, people=("engineering_manager",)),
        ),
        description="Everything else that cannot wait.",
    ),
)

ROUTING = Routing(
    RECEIVERS,
    ROUTES,
    unrouted="unrouted",
    inhibitions=INHIBITIONS,
    mute_windows=MUTE_WINDOWS,
    escalations=ESCALATIONS,
)
