"""A service level objective: which share of what is asked of a service must go well, over 30 days."""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal
from typing import Any

from sms_observability.catalog.errors import CatalogError

FAST_BURN = Decimal("14.4")
"""A page: 2 % of the month's budget within an hour."""

_HEARTBEAT = "process_uptime_seconds"

_is_name = re.compile(r"[a-z][a-z0-9_]{2,62}").fullmatch
_is_service = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}").fullmatch


@dataclass(frozen=True, slots=True)
class Slo:
    """A share of events that must be good, over 30 days.

    `Slo.availability`, `Slo.latency` and `Slo.journey` write the expressions: three lines are enough for a service.

    Args:
        name: Lower-case words with underscores, such as `"parts_api_availability"`.
        objective: In percent, as people say it: `99.95`; a text keeps all digits.
        service: Whose objective it is.
        good: PromQL: good events a second by environment, over `[5m]`.
        total: PromQL: all events a second by environment, over `[5m]`.
        team: Who is told when the budget burns.
        minimum_events: Fewer events within the alert's long window than this call nobody.
        rare: Events come a few a day: that a service which lives has had none is told after a month, not a week.
        description: What is promised, in one sentence for people.

    Raises:
        CatalogError: The objective is none, so low that no alert could fire, or an expression has the wrong window.

    Example:
        >>> from sms_observability.catalog import SMS_CATALOG, Slo
        >>> catalog = SMS_CATALOG.extend(
        ...     slos=[Slo.availability("sync_api_availability", 99.9, service="sync-api")],
        ... )
        >>> str(catalog.slos["sync_api_availability"].budget)
        '0.001'
    """

    name: str
    objective: float | str
    _: KW_ONLY
    service: str
    good: str
    total: str
    team: str = "platform"
    minimum_events: int = 100
    rare: bool = False
    description: str = ""

    def __post_init__(self) -> None:
        if not _is_name(self.name):
            msg = f"{self.name!r} is no name of an SLO: write lower-case words with underscores"
            raise CatalogError(msg)
        if not _is_service(self.service):
            msg = f"SLO {self.name!r}: service={self.service!r} is no name of a service, such as 'parts-api'"
            raise CatalogError(msg)
        try:
            objective = Decimal(str(self.objective))
        except ArithmeticError:
            msg = f"SLO {self.name!r}: objective={self.objective!r} is no number: write percent, such as 99.9"
            raise CatalogError(msg) from None
        if not 0 < objective < 100:  # noqa: PLR2004 - percent
            msg = f"SLO {self.name!r}: objective={self.objective} is not between 0 and 100: write percent, such as 99.9"
            raise CatalogError(msg)
        if self.budget * FAST_BURN >= 1:
            msg = (
                f"SLO {self.name!r}: objective={self.objective} leaves so much budget that it cannot burn 14.4 times "
                "too fast, so nobody would be called: write an objective above 93.06"
            )
            raise CatalogError(msg)
        for what, expr in (("good", self.good), ("total", self.total)):
            windows = set(re.findall(r"\[([^\]]*)\]", expr))
            if windows != {"5m"} or "environment" not in expr:
                msg = (
                    f"SLO {self.name!r}: {what} is a rate over [5m] by environment, such as "
                    "sum by (environment) (rate(…[5m])); longer windows are made of it"
                )
                raise CatalogError(msg)
        if self.minimum_events < 1:
            msg = f"SLO {self.name!r}: minimum_events={self.minimum_events} is less than one event"
            raise CatalogError(msg)

    @property
    def ratio(self) -> Decimal:
        """The objective as a share, such as `0.9995`."""
        return Decimal(str(self.objective)) / 100

    @property
    def budget(self) -> Decimal:
        """The share that may go wrong, such as `0.0005`."""
        return 1 - self.ratio

    @property
    def sloth_id(self) -> str:
        """What tells its series from those of others, as Sloth names it."""
        return f"{self.service}-{self.name}"

    @property
    def heartbeat(self) -> str:
        """PromQL: the series by which the service is known to live and to be heard, however quiet it is."""
        return _HEARTBEAT if self.service == "portal" else f'{_HEARTBEAT}{{service="{self.service}"}}'

    @classmethod
    def availability(
        cls,
        name: str,
        objective: float | str,
        *,
        service: str = "portal",
        team: str = "platform",
        minimum_events: int = 100,
        description: str = "",
    ) -> Slo:
        """Promise which share of requests does not fail by the service's own fault.

        Args:
            name: The SLO's name.
            objective: In percent.
            service: The service; `portal` stands for all of them.
            team: Who is told.
            minimum_events: Fewer requests than this call nobody.
            description: One sentence for people.
        """
        of = _of_service(service)
        return cls(
            name,
            objective,
            service=service,
            team=team,
            minimum_events=minimum_events,
            # Requests without a status are those that were given up: nobody waits for their answer.
            good=_rate("http_requests_total", of, 'status!~"5.."'),
            total=_rate("http_requests_total", of),
            description=description or f"{objective} % of the requests to {service} do not fail by its fault.",
        )

    @classmethod
    def latency(
        cls,
        name: str,
        objective: float | str,
        *,
        within: float,
        service: str = "portal",
        team: str = "platform",
        minimum_events: int = 100,
        description: str = "",
    ) -> Slo:
        """Promise which share of requests is answered within a time.

        Args:
            name: The SLO's name.
            objective: In percent.
            within: Seconds; a bucket boundary of `http_request_duration_seconds`.
            service: The service; `portal` stands for all of them.
            team: Who is told.
            minimum_events: Fewer requests than this call nobody.
            description: One sentence for people.
        """
        of, family = _of_service(service), "http_request_duration_seconds"
        return cls(
            name,
            objective,
            service=service,
            team=team,
            minimum_events=minimum_events,
            good=_rate(f"{family}_bucket", of, le(within)),
            total=_rate(f"{family}_count", of),
            description=description or f"{objective} % of the requests to {service} take less than {within:g} s.",
        )

    @classmethod
    def journey(
        cls,
        name: str,
        objective: float | str,
        *,
        journey: str,
        within: float,
        service: str,
        team: str = "platform",
        minimum_events: int = 30,
        rare: bool = False,
        description: str = "",
    ) -> Slo:
        """Promise which share of a journey's runs succeeds within its SLA.

        All runs are those that succeed or fail, and those that the client gave up later than the SLA; what a client did
        wrong, or gave up early, is in neither.

        Args:
            name: The SLO's name.
            objective: In percent.
            journey: The journey's name.
            within: Its SLA in seconds, `SMS_CATALOG.journeys[journey].sla_seconds`.
            service: The service that runs it.
            team: Who is told.
            minimum_events: Fewer runs than this call nobody.
            rare: It runs a few times a day.
            description: One sentence for people.
        """
        family, of = "sms_journey_duration_seconds", f'journey="{journey}"'
        ended = _rate(f"{family}_count", of, 'outcome=~"success|failure"')
        given_up = _rate(f"{family}_count", of, 'outcome="cancelled"')
        early = _rate(f"{family}_bucket", of, 'outcome="cancelled"', le(within))
        return cls(
            name,
            objective,
            service=service,
            team=team,
            minimum_events=minimum_events,
            rare=rare,
            good=_rate(f"{family}_bucket", of, 'outcome="success"', le(within)),
            total=f"({ended} + ({given_up} - {early})) or {ended} or ({given_up} - {early})",
            description=description or f"{objective} % of the runs of {journey} succeed within {within:g} s.",
        )

    def to_json(self) -> dict[str, Any]:
        """Give the declaration as plain data."""
        return {
            "name": self.name,
            "objective": float(self.objective),
            "service": self.service,
            "team": self.team,
            "good": self.good,
            "total": self.total,
            "minimum_events": self.minimum_events,
            "rare": self.rare,
            "description": self.description,
        }


def _of_service(service: str) -> str:
    return "" if service == "portal" else f'service="{service}"'


def _rate(family: str, *matchers: str) -> str:
    """Write how often something of a family happens; empty matchers say nothing."""
    selected = ",".join(filter(None, matchers))
    return f"sum by (environment) (rate({family}{f'{{{selected}}}' if selected else ''}[5m]))"


def le(seconds: float) -> str:
    """Give the matcher of a bucket: scraped classic buckets say `3.0`, those that came by OTLP say `3`.

    Example:
        >>> le(0.5)
        'le="0.5"'
    """
    text = f"{seconds:g}"
    return f'le="{text}"' if "." in text else f'le=~"{text}(\\\\.0)?"'
