"""Objectives whose error budget burns too fast (multi-window, multi-burn-rate), or cannot be seen.

Each of the three stands for all SLOs of the catalogue: service, team and threshold come with the series.
"""

from __future__ import annotations

from sms_observability.catalog.alert import Alert


def _burning(long: str, short: str, factor: str, hours: str) -> str:
    """Say that both windows burn too fast, and that it is not about a handful of events."""
    return (
        f"(max without (sloth_window) (slo:sli_error:ratio_rate{short} "
        f"> on (sloth_id) group_left () {factor} * slo:error_budget:ratio)\n"
        f"and max without (sloth_window) (slo:sli_error:ratio_rate{long} "
        f"> on (sloth_id) group_left () {factor} * slo:error_budget:ratio)\n"
        f"and (avg_over_time(slo:events:rate5m[{long}]) * {hours} "
        ">= on (sloth_id) group_left () slo:minimum_events:count))"
    )


_TEXT = (
    "{{ $labels.sloth_service }} breaks its promise {{ $labels.sloth_slo }}: {{ $value | humanizePercentage }} of the "
    "events go wrong, and {speed}"
)

ALERTS = (
    Alert(
        "ErrorBudgetBurnFast",
        f"{_burning('1h', '5m', '14.4', '1 * 3600')}\nor\n{_burning('6h', '30m', '6', '6 * 3600')}",
        severity="critical",
        team="{{ $labels.team }}",
        owner="platform",
        summary="{{ $labels.sloth_slo }} of {{ $labels.sloth_service }} is burning its error budget",
        description=_TEXT.replace("{speed}", "a month's error budget is used up within days."),
        rationale="2 % of the month's budget within an hour, or 5 % within six: if it goes on, the promise is broken.",
        dashboard=("sms-slo", "Burn Rate"),
        dependencies=("recording rules of the SLO",),
        labels={"sloth_severity": "page", "service": "{{ $labels.sloth_service }}"},
    ),
    Alert(
        "ErrorBudgetBurnSlow",
        f"{_burning('1d', '2h', '3', '24 * 3600')}\nor\n{_burning('3d', '6h', '1', '72 * 3600')}",
        severity="warning",
        team="{{ $labels.team }}",
        owner="platform",
        summary="{{ $labels.sloth_slo }} of {{ $labels.sloth_service }} slowly uses up its error budget",
        description=_TEXT.replace("{speed}", "the error budget will not last the month."),
        rationale="There are days to find the cause: a ticket, no call.",
        dashboard=("sms-slo", "Burn Rate"),
        dependencies=("recording rules of the SLO",),
        labels={"sloth_severity": "ticket", "service": "{{ $labels.sloth_service }}"},
    ),
    # Judged by what a service that lives always sends, not by events: a night without any is no reason to ask.
    Alert(
        "SLITelemetryAbsent",
        "(present_over_time(slo:telemetry:present[1d]) unless present_over_time(slo:telemetry:present[30m]))\n"
        # Nowhere for a day, or never: there is no environment that could be named.
        "or (max by (sloth_id, sloth_service, sloth_slo, team) (sloth_slo_info)\n"
        "  unless on (sloth_id) present_over_time(slo:telemetry:present[1d]))\n"
        "or slo:events:missing",
        "10m",
        severity="warning",
        team="{{ $labels.team }}",
        owner="platform",
        summary="{{ $labels.sloth_slo }} of {{ $labels.sloth_service }} cannot be seen",
        description=("Nothing is measured of {{ $labels.sloth_slo }}, so its promise is not watched."),
        rationale="Nothing may be wrong, but nobody would know.",
        dashboard=("sms-slo", "Events"),
        dependencies=("recording rules of the SLO",),
        labels={"service": "{{ $labels.sloth_service }}"},
    ),
)
