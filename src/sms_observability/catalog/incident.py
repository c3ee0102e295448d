"""How bad an incident is, and how soon somebody answers and ends it."""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING

from sms_observability.catalog.errors import CatalogError

if TYPE_CHECKING:
    from datetime import timedelta

_is_code = re.compile(r"P[0-9]").fullmatch


@dataclass(frozen=True, slots=True)
class IncidentClass:
    """A class of incidents with its promises.

    Args:
        code: `P0` is the worst.
        title: Two or three words.
        definition: One sentence: what makes an incident one of this class.
        response: By when somebody works on it.
        resolution: By when it is over.
        examples: What it looks like.
        severities: Alerts of these severities begin such an incident ...
        teams: ... if they are these teams'; of any team if left out.

    Raises:
        CatalogError: It cannot be told from others, or promises nothing.

    Example:
        >>> from datetime import timedelta
        >>> feature = IncidentClass(
        ...     "P2",
        ...     "Feature impact",
        ...     "A feature that can wait is unavailable.",
        ...     response=timedelta(hours=1),
        ...     resolution=timedelta(hours=24),
        ... )
        >>> feature.begins("warning", "product")
        False
    """

    code: str
    title: str
    definition: str
    _: KW_ONLY
    response: timedelta
    resolution: timedelta
    examples: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not _is_code(self.code):
            raise CatalogError(f"{self.code!r} is no incident class: write 'P0', 'P1' or 'P2'")
        if not 0 < self.response.total_seconds() < self.resolution.total_seconds():
            raise CatalogError(
                f"incident class {self.code!r}: it is answered before it is resolved, and neither at once"
            )

    def begins(self, severity: str, team: str) -> bool:
        """Say whether an alert of this severity and team begins such an incident."""
        return severity in self.severities and (not self.teams or team in self.teams)
