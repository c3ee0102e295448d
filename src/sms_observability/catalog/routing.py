"""Everything between an alert and a person, checked as a whole."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from sms_observability.catalog.errors import CatalogError, nearest
from sms_observability.catalog.receiver import PagerDuty, Receiver, Slack, Webhook

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sms_observability.catalog.escalation import Escalation
    from sms_observability.catalog.receiver import Way
    from sms_observability.catalog.route import Inhibition, MuteWindow, Route

_RESTRICTED = {"restricted": "true"}


@dataclass(frozen=True, slots=True)
class Mail:
    """How e-mail leaves.

    Args:
        smarthost: `host:port` of the mail server.
        sender: Its address.
        user: Who we are to the mail server; nobody if empty.
        password: Name of the file that holds the password.
        tls: Refuse to send in the clear.
    """

    smarthost: str = "smtp.example.com:587"
    sender: str = "alertmanager@example.com"
    user: str = "alertmanager"
    password: str = "smtp_password"  # noqa: S105 - the name of a file
    tls: bool = True


@dataclass(frozen=True, slots=True)
class Routing:
    """Receivers, routes, silences and escalations.

    Args:
        receivers: All who can be told.
        routes: In the order in which they are tried; the restricted one first.
        unrouted: Name of the receiver of what fits no route: nobody should ever hear from it.
        inhibitions: What is not told while its cause is.
        mute_windows: When what can wait is not told.
        escalations: How pages climb.
        mail: How e-mail leaves.
        slack_url: Name of the file that holds the address of Slack's webhook.
        secrets: Folder of those files on Alertmanager's machine, absolute.
        pagerduty_url: Where pages go; only tests and proxies need another.
        sns_url: Where text messages go; Amazon's own if empty.
        group_by: Alerts with the same values of these are told in one message.

    Raises:
        CatalogError: A name is unknown, a restricted alert could reach others, or a critical one could be muted.
    """

    receivers: tuple[Receiver, ...]
    routes: tuple[Route, ...]
    _: KW_ONLY
    unrouted: str
    inhibitions: tuple[Inhibition, ...] = ()
    mute_windows: tuple[MuteWindow, ...] = ()
    escalations: tuple[Escalation, ...] = ()
    mail: Mail = Mail()
    slack_url: str = "slack_url"
    secrets: str = "/etc/alertmanager/secrets"
    pagerduty_url: str = "https://events.pagerduty.com/v2/enqueue"
    sns_url: str = ""
    group_by: tuple[str, ...] = ("alertname", "environment", "service")

    def __post_init__(self) -> None:
        names = _unique("receivers", (receiver.name for receiver in self.receivers))
        windows = _unique("mute windows", (window.name for window in self.mute_windows))
        _known("receiver", self.unrouted, names)
        for route in self.routes:
            _known("receiver", route.receiver, names)
            for window in route.muted:
                _known("mute window", window, windows)
        self._check_restricted()
        for route in self.routes:
            if route.muted and not route.excludes("severity", "critical"):
                msg = (
                    f"the route to {route.receiver!r} may take critical alerts, which nothing may mute: give it a "
                    "matcher of severity, such as 'severity=\"warning\"'"
                )
                raise CatalogError(msg)
        if self.receiver(self.unrouted).text != "unrouted":
            msg = f"what has no route may be restricted: give receiver {self.unrouted!r} text='unrouted'"
            raise CatalogError(msg)
        services = {way.service for _, way in self.ways() if isinstance(way, PagerDuty)}
        for escalation in self.escalations:
            _known("PagerDuty service", escalation.service, services)

    def receiver(self, name: str) -> Receiver:
        """Give the receiver of this name.

        Raises:
            CatalogError: There is none; the message names the nearest.
        """
        named = {receiver.name: receiver for receiver in self.receivers}
        _known("receiver", name, named)
        return named[name]

    def route_of(self, labels: Mapping[str, str]) -> Route | None:
        """Give the route that takes an alert with these labels, or `None`."""
        return next((route for route in self.routes if route.takes(labels)), None)

    def receiver_of(self, labels: Mapping[str, str]) -> str:
        """Give the name of the receiver that is told of an alert with these labels.

        Example:
            >>> from sms_observability.catalog import SMS_CATALOG
            >>> SMS_CATALOG.routing.receiver_of({"severity": "critical", "team": "revenue"})
            'revenue_critical'
        """
        route = self.route_of(labels)
        return route.receiver if route else self.unrouted

    def ways(self) -> Iterable[tuple[Receiver, Way]]:
        """Give each way of each receiver."""
        return ((receiver, way) for receiver in self.receivers for way in receiver.ways)

    def secret_files(self) -> tuple[str, ...]:
        """Give the names of all files that must lie in the folder of secrets."""
        names = {self.slack_url, *((self.mail.password,) if self.mail.user else ())}
        for _, way in self.ways():
            match way:
                case PagerDuty(key=name) | Webhook(url=name):
                    names.add(name)
                case Slack(url=name) if name:
                    names.add(name)
                case _:
                    pass
        return tuple(sorted(names))

    def _check_restricted(self) -> None:
        if not self.routes or not self.routes[0].excludes("restricted", ""):
            msg = "the first route must take what is restricted, and nothing else: write matchers=('restricted!=\"\"',)"
            raise CatalogError(msg)
        only = self.routes[0].receiver
        first = tuple(takewhile(lambda route: route.receiver == only, self.routes))
        if not all(route.excludes("restricted", "") for route in first) or not first[-1].takes(_RESTRICTED):
            msg = f"the routes to {only!r} take what is restricted and nothing else: end with 'restricted!=\"\"'"
            raise CatalogError(msg)
        if self.receiver(only).text != "neutral":
            raise CatalogError(f"receiver {only!r} hears of what is restricted: give it text='neutral'")
        if only == self.unrouted or any(route.receiver == only for route in self.routes[len(first) :]):
            raise CatalogError(f"receiver {only!r} hears of what is restricted: no other route may lead to it")


def _unique(what: str, names: Iterable[str]) -> set[str]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise CatalogError(f"{what}: {name!r} is declared twice: give the second another name, or drop it")
        seen.add(name)
    return seen


def _known(what: str, name: str, names: Iterable[str]) -> None:
    if name not in set(names):
        raise CatalogError(f"no {what} is called {name!r}{nearest(name, names)}")
