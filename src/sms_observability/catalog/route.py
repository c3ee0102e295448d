"""Which alert goes where, what it is silenced by, and when."""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from sms_observability.catalog.durations import seconds
from sms_observability.catalog.errors import CatalogError

if TYPE_CHECKING:
    from collections.abc import Mapping

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

_matcher = re.compile(r'([a-zA-Z_]\w*)(=~|!~|!=|=)"([^"\\]*)"').fullmatch
_is_time = re.compile(r"([01]\d|2[0-4]):[0-5]\d").fullmatch


def matches(matcher: str, labels: Mapping[str, str]) -> bool:
    """Say whether labels fit a matcher, as Alertmanager does: an absent label is an empty one.

    Args:
        matcher: Such as `severity="critical"` or `severity=~"warning|info"`.
        labels: Of an alert.

    Raises:
        CatalogError: It is no matcher.

    Example:
        >>> matches('team!="revenue"', {"severity": "critical"})
        True
    """
    name, sign, wanted = _parts(matcher)
    value = labels.get(name, "")
    equal = value == wanted if sign in ("=", "!=") else re.fullmatch(wanted, value) is not None
    return equal != sign.startswith("!")


@dataclass(frozen=True, slots=True)
class MuteWindow:
    """Hours of a week in which nobody is told of what can wait.

    Args:
        name: Lower-case words with underscores.
        days: The weekdays on which it begins and ends.
        start: `HH:MM`.
        end: `HH:MM`, not included; `24:00` is midnight. A window over midnight is two windows.
        time_zone: Name of a time zone. `UTC` knows no daylight saving: elsewhere the night of the change has an hour
            twice or not at all, and it is a Sunday's.
        why: One sentence for people.

    Raises:
        CatalogError: It never begins, or nobody knows when.

    Example:
        >>> MuteWindow("maintenance", days=("sunday",), start="02:00", end="04:00").time_zone
        'UTC'
    """

    name: str
    _: KW_ONLY
    days: tuple[Weekday, ...]
    start: str
    end: str
    time_zone: str = "UTC"
    why: str = ""

    def __post_init__(self) -> None:
        for time in (self.start, self.end):
            if not _is_time(time) or time > "24:00":
                raise CatalogError(f"mute window {self.name!r}: {time!r} is no time of a day: write '02:00'")
        if self.start >= self.end:
            msg = f"mute window {self.name!r} ends before it starts: a window over midnight is two windows"
            raise CatalogError(msg)
        if not _is_zone(self.time_zone):
            msg = f"mute window {self.name!r}: {self.time_zone!r} is no time zone: write 'UTC' or 'Europe/Oslo'"
            raise CatalogError(msg)


@dataclass(frozen=True, slots=True)
class Route:
    """Alerts that fit, and who is told of them; the first route that fits takes an alert, and no further one.

    Args:
        receiver: Name of the receiver.
        matchers: All must fit.
        group_wait: How long the first message waits for further alerts of its group; what is over by then is never
            told.
        group_interval: How long news of a group waits for further news.
        repeat_interval: When to tell again while nothing changes; below Alertmanager's retention of 120 h.
        muted: Names of mute windows.
        why: One sentence for people.

    Raises:
        CatalogError: It fits everything, or nothing can be told in that time.

    Example:
        >>> page = Route("primary", ('severity="critical"',), group_wait="10s")
        >>> page.takes({"severity": "critical"})
        True
    """

    receiver: str
    matchers: tuple[str, ...]
    _: KW_ONLY
    group_wait: str = "30s"
    group_interval: str = "5m"
    repeat_interval: str = "4h"
    muted: tuple[str, ...] = ()
    why: str = ""

    def __post_init__(self) -> None:
        if not self.matchers:
            raise CatalogError(f"route to {self.receiver!r} takes everything: give it matchers")
        for matcher in self.matchers:
            _parts(matcher)
        _pause(self.group_wait)
        interval, repeat = _pause(self.group_interval), _pause(self.repeat_interval)
        if interval <= 0 or not interval <= repeat < _RETENTION:
            msg = (
                f"route to {self.receiver!r}: repeat_interval={self.repeat_interval!r} is not between group_interval "
                "and 120h, after which Alertmanager has forgotten what it told"
            )
            raise CatalogError(msg)

    def takes(self, labels: Mapping[str, str]) -> bool:
        """Say whether an alert with these labels fits."""
        return all(matches(matcher, labels) for matcher in self.matchers)

    def excludes(self, label: str, value: str) -> bool:
        """Say whether no alert fits whose label has this value, whatever its other labels are."""
        return any(_parts(each)[0] == label and not matches(each, {label: value}) for each in self.matchers)


_RETENTION = seconds("120h")


def _pause(duration: str) -> float:
    # In weeks and years nothing is told: Alertmanager has forgotten it by then.
    if not set(duration).isdisjoint("wy"):
        raise CatalogError(f"{duration!r} is no duration for a pause: write '30s', '5m' or '4h'")
    return seconds(duration)


@dataclass(frozen=True, slots=True)
class Inhibition:
    """While one alert fires, others that follow from it are not told.

    Args:
        cause: Matchers of the alert that explains.
        effect: Matchers of what is not told meanwhile.
        equal: Labels that must be the same on both; one that is absent on both counts as the same.
        why: One sentence for people.

    Raises:
        CatalogError: It would silence everything.

    Example:
        >>> Inhibition(('alertname="DatabaseDown"',), ('alertname="SyncFailure"',), equal=("environment",)).equal
        ('environment',)
    """

    cause: tuple[str, ...]
    effect: tuple[str, ...]
    _: KW_ONLY
    equal: tuple[str, ...]
    why: str = ""

    def __post_init__(self) -> None:
        if not self.cause or not self.effect or not self.equal:
            raise CatalogError("an inhibition without cause, effect or equal labels would silence too much: give all")
        for matcher in (*self.cause, *self.effect):
            _parts(matcher)

    def silences(self, effect: Mapping[str, str], cause: Mapping[str, str]) -> bool:
        """Say whether one alert is not told while the other fires."""
        return (
            all(matches(matcher, effect) for matcher in self.effect)
            and all(matches(matcher, cause) for matcher in self.cause)
            and all(effect.get(label, "") == cause.get(label, "") for label in self.equal)
        )


def _is_zone(name: str) -> bool:
    if name == "UTC":
        return True
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        # Small containers have no list of time zones at all; Alertmanager brings its own.
        return not available_timezones()
    return True


def _parts(matcher: str) -> tuple[str, str, str]:
    found = _matcher(matcher)
    if found is None:
        raise CatalogError(f"{matcher!r} is no matcher: write 'severity=\"critical\"' or 'severity=~\"warning|info\"'")
    name, sign, wanted = found.groups()
    if sign in ("=~", "!~"):
        try:
            re.compile(wanted)
        except re.error:
            raise CatalogError(f"{matcher!r} holds no regular expression") from None
    return name, sign, wanted
