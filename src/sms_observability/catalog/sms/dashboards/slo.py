"""The dashboard of objectives and error budgets; its records bear Sloth's names, so that its public ones work too."""

from __future__ import annotations

from sms_observability.catalog.dashboard import Dashboard, Row, Variable
from sms_observability.catalog.sms import targets
from sms_observability.catalog.sms.dashboards.asking import show
from sms_observability.catalog.sms.journeys import JOURNEYS

_SLO = '{sloth_service=~"$sloth_service", sloth_slo=~"$sloth_slo"}'
_BUDGET = f"slo:period_error_budget_remaining:ratio{_SLO}"
_NAME = "{{sloth_service}} {{sloth_slo}}"


def _share(journey: str, seconds: float) -> str:
    """Give the share of a journey's runs that kept its SLA; the two spellings of a boundary are the two Prometheis'."""
    of = f'journey="{journey}"'
    bound = f"{seconds:g}".replace(".", "\\\\.")
    return (
        f'100 * (sum(increase(sms_journey_duration_seconds_bucket{{{of}, outcome="success", '
        f'le=~"{bound}(\\\\.0)?"}}$over)) or vector(0)) / '
        f'sum(increase(sms_journey_duration_seconds_count{{{of}, outcome=~"success|failure"}}$over))'
    )


SLO = Dashboard(
    "sms-slo",
    "SLO and Error Budgets",
    "For everybody who promises something: how much of each error budget is left, how fast it burns, and whether "
    "hosts keep their targets. No budget left: stop releases, mend first.",
    range="now-24h",
    runbook="error-budget-burn-fast",
    tags=("slo",),
    variables=(
        Variable("sloth_service", "Service", "sloth_slo_info"),
        Variable("sloth_slo", "Objective", 'sloth_slo_info{sloth_service=~"$sloth_service"}'),
    ),
    rows=(
        Row(
            "Budgets",
            (
                show(
                    "stat",
                    "Lowest Budget",
                    "The objective with the least error budget left in 30 days. At nought the promise is broken.",
                    f"min({_BUDGET})",
                    unit="percentunit",
                    minimum=-1,
                    target=targets.BUDGET,
                ),
                show(
                    "stat",
                    "Objectives Kept",
                    "Objectives with budget left, of all.",
                    (f"count({_BUDGET} >= 0) or vector(0)", "kept"),
                    (f"count({_BUDGET})", "all"),
                ),
                show(
                    "stat",
                    "Fastest Burn",
                    "How many times faster than allowed the worst objective uses its budget now. 1 uses it up in 30 "
                    "days, 14.4 in two days: that pages.",
                    f"max(slo:current_burn_rate:ratio{_SLO})",
                    target=targets.BURN_PAGE,
                ),
            ),
        ),
        Row(
            "Objectives",
            (
                show(
                    "bargauge",
                    "Error Budget Remaining",
                    "What is left of each 30-day budget, weighted by traffic.",
                    (f"sort({_BUDGET})", _NAME),
                    unit="percentunit",
                    minimum=-1,
                    target=targets.BUDGET,
                ),
                show(
                    "table",
                    "Objective",
                    "What is promised, as a share of good events.",
                    (f"sort_desc(slo:objective:ratio{_SLO})", _NAME),
                    unit="percentunit",
                    columns={"sloth_service": "Service", "sloth_slo": "Objective"},
                ),
                show(
                    "timeseries",
                    "Burn Rate",
                    "How fast each budget is used: 1 is just allowed. Above 14.4 over an hour, or 6 over six hours, "
                    "somebody is paged.",
                    (f"slo:current_burn_rate:ratio{_SLO}", _NAME),
                    target=targets.BURN_PAGE,
                    minimum=0,
                ),
                show(
                    "timeseries",
                    "Error Ratio",
                    "Share of bad events within five minutes.",
                    (f"slo:sli_error:ratio_rate5m{_SLO}", _NAME),
                    unit="percentunit",
                ),
                show(
                    "timeseries",
                    "Error Budget Over Time",
                    "What was left of each 30-day budget. A step is an incident, a slope is a habit.",
                    (_BUDGET, _NAME),
                    unit="percentunit",
                    minimum=-1,
                    target=targets.BUDGET,
                ),
            ),
        ),
        Row(
            "Journeys",
            (
                show(
                    "timeseries",
                    "Events",
                    "Events a second that each objective judges. None may be a quiet night; that the service is not "
                    "heard for half an hour is alerted.",
                    (f"slo:events:rate5m{_SLO}", _NAME),
                    unit="cps",
                    minimum=0,
                    width=8,
                ),
                show(
                    "bargauge",
                    "Journeys Within SLA",
                    "Share of each journey's runs in the chosen time that succeeded within its SLA. Errors of the "
                    "client count neither way.",
                    *((_share(journey.name, journey.sla_seconds), journey.name) for journey in JOURNEYS),
                    unit="percent",
                    target=targets.JOURNEY_SHARE,
                    width=8,
                ),
                show(
                    "timeseries",
                    "SLA Breaches",
                    "Journeys within an hour that took longer than promised.",
                    ("sum by (journey) (increase(sms_journey_sla_breaches_total[1h]))", "{{journey}}"),
                    draw="bars",
                    minimum=0,
                    width=8,
                ),
            ),
        ),
        Row(
            "Resources",
            (
                show(
                    "timeseries",
                    "CPU Against Target",
                    "How busy each host is. The target is below 80 %; above 90 % it is alerted.",
                    ("max by (instance) (instance:cpu_usage:percent)", "{{instance}}"),
                    unit="percent",
                    target=(targets.CPU, targets.CPU_ALERT),
                ),
                show(
                    "timeseries",
                    "Memory Against Target",
                    "How full each host's memory is. The target is below 85 %; above 90 % it is alerted.",
                    ("max by (instance) (instance:memory_usage:percent)", "{{instance}}"),
                    unit="percent",
                    target=(targets.MEMORY, targets.MEMORY_ALERT),
                ),
            ),
        ),
    ),
)
