"""How the portal's panels ask: short forms for what every question repeats, and the variables behind them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sms_observability.catalog.dashboard import Variable
from sms_observability.catalog.panel import Kind, Panel, Query, Unit

if TYPE_CHECKING:
    from sms_observability.catalog.target import Target

_SHORT = {
    "on": 'environment=~"$environment", service=~"$service"',
    "who": 'environment=~"$environment", company_id=~"$company_id"',
    "ship": 'environment=~"$environment", vessel_id=~"$vessel_id"',
    "env": 'environment=~"$environment"',
    "rate": "[$__rate_interval]",
    "over": "[$__range]",
}
# Whole words: a variable's own name may begin like one of them.
_short = re.compile(rf"\$({'|'.join(_SHORT)})\b")

ENVIRONMENT = Variable("environment", "Environment", "sms_telemetry_emitted_total")
SERVICE = Variable("service", "Service", 'sms_telemetry_emitted_total{environment=~"$environment"}')
ENDPOINT = Variable(
    "endpoint", "Endpoint", 'http_requests_total{environment=~"$environment", service=~"$service"}', every=".*"
)
# Series that start at zero have no company and no vessel yet; "All" must count them too.
COMPANY = Variable("company_id", "Company", 'sms_company_active{environment=~"$environment"}', every=".*")
VESSEL = Variable("vessel_id", "Vessel", 'sms_vessel_active{environment=~"$environment"}', every=".*")
HOST = Variable("instance", "Host", "instance:cpu_usage:percent")


def ask(expr: str, legend: str, *, buckets: bool = False) -> Query:
    """Give a query whose expression may hold `$on`, `$who`, `$ship`, `$env`, `$rate` and `$over`.

    Example:
        >>> ask("sum(sms_mrr_dollars{$env})", "MRR").expr
        'sum(sms_mrr_dollars{environment=~"$environment"})'
    """
    return Query(_short.sub(lambda found: _SHORT[found[1]], expr), legend, buckets=buckets)


def show(
    kind: Kind,
    title: str,
    description: str,
    *questions: str | tuple[str, str],
    unit: Unit = "short",
    target: Target | tuple[Target, ...] = (),
    **more: Any,
) -> Panel:
    """Give a panel of a kind.

    Args:
        kind: How it is shown.
        title: What is shown.
        description: What it tells and what to do about it.
        questions: Expressions, each with its legend; one alone is called as the panel is.
        unit: Grafana's unit.
        target: What the figure should be.
        more: Further arguments of `Panel`.
    """
    pairs = [question if isinstance(question, tuple) else (question, title) for question in questions]
    buckets = kind == "heatmap" or more.pop("distribution", False)
    return Panel(
        title,
        kind,
        description,
        unit=unit,
        queries=tuple(ask(expr, legend, buckets=buckets) for expr, legend in pairs),
        targets=target if isinstance(target, tuple) else (target,),
        **more,
    )
