"""Shapes of conditions that several alerts share."""

from __future__ import annotations

HEARTBEAT = "process_uptime_seconds"
"""It grows with each export of each process, so it stands still when nothing arrives from any."""

BY_SERVICE = "environment, service"


def silent(selector: str) -> str:
    """Say that nothing arrives from a service: all its processes stand still, or none is there any more.

    The gateway shows the last values of a dead process for a quarter of an hour, so that absence alone would be late.
    A process that has just started does not stand still: what it shows is not what was there three minutes ago.

    Args:
        selector: Matchers of the service, such as `service="parts-api"`.
    """
    series = f"{HEARTBEAT}{{{selector}}}"
    return (
        f"(group by ({BY_SERVICE}) ({series})\n"
        f"  unless group by ({BY_SERVICE}) ({series} unless ({series} == {series} offset 3m)))\n"
        f"or (group by ({BY_SERVICE}) (last_over_time({series}[6h])) unless group by ({BY_SERVICE}) ({series}))"
    )


def down(selector: str) -> str:
    """Say that a service does not answer a probe, or is silent and no probe says that it answers."""
    return (
        f"(max by ({BY_SERVICE}) (probe_success{{{selector}}}) == 0)\n"
        f"or ((\n{silent(selector)}\n) unless on ({BY_SERVICE}) (probe_success{{{selector}}} == 1))"
    )


def never(selector: str) -> str:
    """Say that nothing was heard of a service for long, and no probe asks for it: in no environment.

    Where one asks, `down` says what it is told; both at once would be the same alert twice, which Prometheus refuses.
    """
    return f"(absent_over_time({HEARTBEAT}{{{selector}}}[6h]) unless on () probe_success{{{selector}}})"


def share(part: str, rest: str, by: str, window: str = "5m") -> str:
    """Give the share that a counter has of itself and another; the other may never have been seen."""
    a = f"sum by ({by}) (rate({part}[{window}]))"
    b = f"(sum by ({by}) (rate({rest}[{window}])) or 0 * {a})"
    return f"{a} / ({a} + {b})"


def events(part: str, rest: str, by: str, window: str = "5m") -> str:
    """Give how often two counters grew together; the second may never have been seen."""
    a = f"sum by ({by}) (increase({part}[{window}]))"
    return f"({a} + (sum by ({by}) (increase({rest}[{window}])) or 0 * {a}))"
