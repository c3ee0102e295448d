"""The recording rules of an objective, under the names of Sloth, which public dashboards know.

The ratio over 5 minutes is computed from the service's own series; longer windows are sums over what was recorded, so
that each is weighted by its traffic and reads a few series instead of thousands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sms_observability.catalog import Slo

WINDOWS = ("30m", "1h", "2h", "6h", "1d", "3d", "30d")
"""Windows that are made of the shortest; the last one is the period."""

_SHORTEST = "5m"
_UNSEEN, _UNSEEN_RARE = "7d", "30d"
"""For how long a service that lives may have no event: a week holds every weekend and most holidays."""
_PERIOD_DAYS = 30


def slo_groups(slo: Slo) -> list[dict[str, Any]]:
    """Give the two groups of rules of an objective.

    Args:
        slo: The objective.

    Returns:
        Groups of Prometheus' rule files.
    """
    labels = {
        "sloth_id": slo.sloth_id,
        "sloth_service": slo.service,
        "sloth_slo": slo.name,
        "team": slo.team,
    }
    name = f"{slo.service}-{slo.name}"
    return [
        {"name": f"sloth-slo-sli-recordings-{name}", "interval": "1m", "rules": _indicators(slo, labels)},
        {"name": f"sloth-slo-meta-recordings-{name}", "interval": "1m", "rules": _figures(slo, labels)},
    ]


def _indicators(slo: Slo, labels: dict[str, str]) -> list[dict[str, Any]]:
    of = f'{{sloth_id="{slo.sloth_id}"}}'
    # In a total outage there is no good event and so no series of one: nought good ones, not an unknown number.
    good = f"(({slo.good}) or 0 * ({slo.total}))"
    rules = [
        _record("slo:events:rate5m", slo.total, labels),
        _record("slo:error_events:rate5m", f"clamp_min(({slo.total}) - {good}, 0)", labels),
        # A ratio of nothing is no number, and no ratio is not a good one: no traffic is no sample.
        _record(
            f"slo:sli_error:ratio_rate{_SHORTEST}",
            f"slo:error_events:rate5m{of} / (slo:events:rate5m{of} > 0)",
            {**labels, "sloth_window": _SHORTEST},
        ),
    ]
    rules += [
        _record(
            f"slo:sli_error:ratio_rate{window}",
            f"sum_over_time(slo:error_events:rate5m{of}[{window}])\n"
            f"/ (sum_over_time(slo:events:rate5m{of}[{window}]) > 0)",
            {**labels, "sloth_window": window},
        )
        for window in WINDOWS
    ]
    return rules


def _figures(slo: Slo, labels: dict[str, str]) -> list[dict[str, Any]]:
    of = f'{{sloth_id="{slo.sloth_id}"}}'
    unseen = _UNSEEN_RARE if slo.rare else _UNSEEN
    budget = f"on (sloth_id, sloth_slo, sloth_service) group_left () slo:error_budget:ratio{of}"
    return [
        _record("slo:objective:ratio", f"vector({slo.ratio})", labels),
        _record("slo:error_budget:ratio", f"vector({slo.budget})", labels),
        _record("slo:time_period:days", f"vector({_PERIOD_DAYS})", labels),
        # A quiet night has no events, and after a restart not even series of them; a service that is heard has these.
        _record("slo:telemetry:present", f"group by (environment) (slo:events:rate5m{of} or {slo.heartbeat})", labels),
        _record(
            "slo:events:missing",
            f"slo:telemetry:present{of} and slo:telemetry:present{of} offset {unseen}\n"
            f"unless present_over_time(slo:events:rate5m{of}[{unseen}])",
            labels,
        ),
        _record("slo:minimum_events:count", f"vector({slo.minimum_events})", labels),
        _record(
            "slo:current_burn_rate:ratio",
            f"max without (sloth_window) (slo:sli_error:ratio_rate{_SHORTEST}{of}) / {budget}",
            labels,
        ),
        _record(
            "slo:period_burn_rate:ratio",
            f"max without (sloth_window) (slo:sli_error:ratio_rate{WINDOWS[-1]}{of}) / {budget}",
            labels,
        ),
        _record("slo:period_error_budget_remaining:ratio", f"1 - slo:period_burn_rate:ratio{of}", labels),
        _record(
            "sloth_slo_info",
            "vector(1)",
            {
                **labels,
                "sloth_mode": "sms-observability",
                "sloth_spec": "prometheus/v1",
                "traffic": "rare" if slo.rare else "steady",
                "sloth_objective": f"{slo.ratio * 100:f}".rstrip("0").rstrip("."),
            },
        ),
    ]


def _record(name: str, expr: str, labels: dict[str, str]) -> dict[str, Any]:
    return {"record": name, "expr": expr, "labels": dict(labels)}
