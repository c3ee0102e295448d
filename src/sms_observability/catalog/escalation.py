"""Who is called, and who next while nobody answers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from sms_observability.catalog.errors import CatalogError

_is_name = re.compile(r"[a-z][a-z0-9_]{1,62}").fullmatch


@dataclass(frozen=True, slots=True)
class Level:
    """Who is called after so many minutes without an acknowledgement.

    Args:
        after: Minutes since the page.
        schedules: Names of on-call schedules.
        people: Roles that one person has.

    Example:
        >>> Level(0, schedules=("oncall_primary",)).after
        0
    """

    after: int
    schedules: tuple[str, ...] = ()
    people: tuple[str, ...] = ()

    @property
    def targets(self) -> tuple[str, ...]:
        """All who are called: schedules first, then people."""
        return (*self.schedules, *self.people)


@dataclass(frozen=True, slots=True)
class Escalation:
    """A page climbs until somebody acknowledges it.

    Alertmanager knows no acknowledgement, so PagerDuty does it.

    Args:
        name: Lower-case words with underscores.
        service: The service in PagerDuty whose pages climb like this.
        levels: The first one after 0 minutes.
        rounds: How often to begin again from the first level.
        description: One sentence for people.

    Raises:
        CatalogError: A level calls nobody, or comes before the one below it.

    Example:
        >>> standard = Escalation(
        ...     "standard_critical", "SMS primary", (Level(0, ("oncall_primary",)), Level(10, people=("team_lead",)))
        ... )
        >>> standard.waits
        (10, 10)
    """

    name: str
    service: str
    levels: tuple[Level, ...]
    rounds: int = 2
    description: str = ""

    def __post_init__(self) -> None:
        if not _is_name(self.name):
            raise CatalogError(f"{self.name!r} is no name of an escalation: write 'revenue_critical'")
        if not self.levels or self.levels[0].after != 0:
            raise CatalogError(f"escalation {self.name!r} calls nobody at once: begin with Level(0, …)")
        for level in self.levels:
            if not level.targets or not all(_is_name(target) for target in level.targets):
                msg = f"escalation {self.name!r}: the level after {level.after} minutes calls nobody, or no known name"
                raise CatalogError(msg)
        # PagerDuty's shortest wait with more than one target.
        if any(after.after - before.after < _SHORTEST for before, after in pairwise(self.levels)):
            msg = f"escalation {self.name!r}: a level comes less than {_SHORTEST} minutes after the one below it"
            raise CatalogError(msg)

    @property
    def waits(self) -> tuple[int, ...]:
        """Minutes that PagerDuty waits in each level; after the last one it begins again, after as long as the last."""
        waits = [after.after - before.after for before, after in pairwise(self.levels)]
        return (*waits, waits[-1] if waits else _SHORTEST)


_SHORTEST = 5
