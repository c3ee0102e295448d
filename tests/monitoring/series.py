"""Series in promtool's notation, one value a minute, and the six situations of alerts that ask alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from monitoring.case import Case, Labels

MINUTES = 100
PLACE = {"environment": "production"}


def growing(a_minute: float, minutes: int = MINUTES) -> str:
    """Give a counter that grows."""
    return f"0+{a_minute:g}x{minutes}"


def restarting(a_minute: float, every: int = 13, times: int = 8) -> str:
    """Give a counter that begins anew again and again."""
    return " ".join(f"{a_minute:g}+{a_minute:g}x{every - 1}" for _ in range(times))


def flat(value: float, minutes: int = MINUTES) -> str:
    """Give a gauge that does not move."""
    return f"{value:g}x{minutes}"


def gone(values: str, after: int) -> str:
    """Give a series that ends: values until then, and a mark that it is gone."""
    return f"{values}x{after} stale"


def of(name: str, labels: Mapping[str, str] | None = None, /, **more: str) -> str:
    """Give a selector."""
    pairs = {**PLACE, **(labels or {}), **more}
    return name + "{" + ",".join(f'{key}="{value}"' for key, value in pairs.items() if value) + "}"


def counted(
    name: str,
    above: float,
    labels: Labels,
    fires: Labels,
    *,
    window: int = 5,
    at: str = "40m",
    by_instance: bool = False,
) -> tuple[Case, ...]:
    """Give the situations of an alert on how often something happens within a window, over all replicas.

    Args:
        name: The counter.
        above: What the increase within the window must exceed.
        labels: Labels of its series, besides the environment.
        fires: Labels of the alert.
        window: Minutes.
        at: When to look.
        by_instance: Each replica is alerted for itself.
    """
    much, little = max(above, 1) * 2 / window, above * 0.4 / window
    a, b = (of(name, labels, instance=instance) for instance in "ab")
    once = ({**fires, "instance": "a"},) if by_instance else (fires,)
    both = tuple({**fires, "instance": each} for each in "ab") if by_instance else (fires,)
    each = much if by_instance else much * 0.35
    return (
        Case("fire", {a: growing(much)}, once, at),
        Case("not fire", {a: growing(little)}, (), at),
        Case("no data", {}, (), at),
        Case("restart", {a: restarting(little), b: growing(little / 4)}, (), at),
        Case("restart while it is bad", {a: restarting(much)}, once, at),
        Case("replica", {a: growing(each), b: growing(each)}, both, at),
        Case("low traffic", {a: flat(3), b: growing(little / 50)}, (), at),
    )


def measured(
    name: str,
    bad: float,
    good: float,
    labels: Labels,
    fires: Labels,
    *,
    at: str = "40m",
    also: Mapping[str, str] | None = None,
) -> tuple[Case, ...]:
    """Give the situations of an alert on a gauge.

    Args:
        name: The gauge.
        bad: A value that is alerted.
        good: A value of an ordinary day.
        labels: Labels of its series, besides the environment.
        fires: Labels of the alert.
        at: When to look.
        also: Series that are there in every situation with data.
    """
    others = dict(also or {})
    here = of(name, labels)
    twin = of(name, labels, replica="b")
    return (
        Case("fire", {here: flat(bad), **others}, (fires,), at),
        Case("not fire", {here: flat(good), **others}, (), at),
        Case("no data", {}, (), at),
        Case("restart", {here: f"{good:g}x20 stale _x2 {good:g}x40", **others}, (), at),
        Case("replica", {here: flat(good / 2), twin: flat(good / 2), **others}, (), at),
        Case("replica that is bad", {here: flat(bad), twin: flat(bad), **others}, (fires,), at),
        # A moment is no reason to call anybody.
        Case("low traffic", {here: f"{good:g}x37 {bad:g} {good:g}x30", **others}, (), at),
    )


def shared(
    bad: tuple[str, Labels],
    rest: tuple[str, Labels],
    limit: float,
    least: float,
    fires: Labels,
    *,
    at: str = "40m",
    silent_without_rest: bool = False,
) -> tuple[Case, ...]:
    """Give the situations of an alert on the share of bad events.

    Args:
        bad: The counter of bad events, and its labels.
        rest: The counter of good ones, or of all.
        limit: The share that is alerted.
        least: Fewer events than this within five minutes are too few.
        fires: Labels of the alert.
        at: When to look.
        silent_without_rest: Without good events there is nothing to see.
    """
    busy = max(least * 4, 40) / 5

    def split(
        share: float, events: float, replicas: str = "a", *, write: Callable[[float], str] = growing
    ) -> dict[str, str]:
        series: dict[str, str] = {}
        for instance in replicas:
            part = events / len(replicas)
            series[of(bad[0], bad[1], instance=instance)] = write(part * share)
            series[of(rest[0], rest[1], instance=instance)] = write(part * (1 - share))
        return series

    nothing_else = {of(bad[0], bad[1], instance="a"): growing(busy)}
    return (
        Case("fire", split(limit * 2, busy), (fires,), at),
        Case("not fire", split(limit / 2, busy), (), at),
        Case("no data", {}, (), at),
        Case("restart", split(limit / 2, busy, write=restarting), (), at),
        Case("restart while it is bad", split(min(limit * 4, 0.9), busy, write=restarting), (fires,), at),
        Case("replica", split(limit * 2, busy, "abc"), (fires,), at),
        Case("low traffic", split(min(limit * 10, 0.9), least * 0.5 / 5), (), at),
        Case("everything is bad", nothing_else, () if silent_without_rest else (fires,), at),
    )
