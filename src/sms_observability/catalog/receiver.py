"""Who is told of an alert, and by which ways."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from sms_observability.catalog.errors import CatalogError, nearest

Text: TypeAlias = Literal["alert", "neutral", "unrouted"]
"""What a message says: everything about the alert; only that there is one; that an alert had no route."""

TEXTS: tuple[str, ...] = get_args(Text)

_is_name = re.compile(r"[a-z][a-z0-9_]{1,62}").fullmatch
_is_channel = re.compile(r"#[a-z0-9][a-z0-9_-]{0,78}").fullmatch
_is_address = re.compile(r"[a-z0-9][a-z0-9._+-]*@[a-z0-9-]+(\.[a-z0-9-]+)+").fullmatch
_is_topic = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}").fullmatch


@dataclass(frozen=True, slots=True)
class PagerDuty:
    """A page: an event of PagerDuty's Events API v2, which calls people until somebody acknowledges.

    Args:
        key: Name of the file that holds the integration key.
        service: The service in PagerDuty, to which an escalation policy belongs.

    Example:
        >>> PagerDuty("pagerduty_revenue_key", service="SMS revenue").key
        'pagerduty_revenue_key'
    """

    key: str
    service: str

    def __post_init__(self) -> None:
        _check_secret("PagerDuty", self.key)


@dataclass(frozen=True, slots=True)
class Slack:
    """A message in a Slack channel.

    Args:
        channel: With its `#`.
        url: Name of the file that holds the webhook's address; the common one if left out.

    Example:
        >>> Slack("#alerts-warnings").channel
        '#alerts-warnings'
    """

    channel: str
    url: str = ""

    def __post_init__(self) -> None:
        if not _is_channel(self.channel):
            raise CatalogError(f"{self.channel!r} is no Slack channel: write '#alerts-warnings'")
        if self.url:
            _check_secret("Slack", self.url)


@dataclass(frozen=True, slots=True)
class Email:
    """An e-mail, best to a list.

    Args:
        to: One address.

    Example:
        >>> Email("engineering@example.com").to
        'engineering@example.com'
    """

    to: str

    def __post_init__(self) -> None:
        if not _is_address(self.to):
            raise CatalogError(f"{self.to!r} is no e-mail address: write 'engineering@example.com'")


@dataclass(frozen=True, slots=True)
class Sms:
    """A text message by a topic of Amazon SNS, whose subscriptions hold the telephone numbers.

    Args:
        topic: The topic's ARN; a person's number has no place in a file.

    Example:
        >>> Sms("arn:aws:sns:us-east-1:123456789012:sms-oncall").region
        'us-east-1'
    """

    topic: str

    def __post_init__(self) -> None:
        if not _is_topic(self.topic):
            raise CatalogError(f"{self.topic!r} is no SNS topic: write 'arn:aws:sns:REGION:ACCOUNT:NAME'")

    @property
    def region(self) -> str:
        """The region that the topic is in."""
        return self.topic.split(":")[3]


@dataclass(frozen=True, slots=True)
class Webhook:
    """The alert as JSON to any program of yours.

    Args:
        url: Name of the file that holds the address: whoever knows it may post.

    Example:
        >>> Webhook("deadman_url").url
        'deadman_url'
    """

    url: str

    def __post_init__(self) -> None:
        _check_secret("Webhook", self.url)


Way: TypeAlias = "PagerDuty | Slack | Email | Sms | Webhook"


@dataclass(frozen=True, slots=True)
class Receiver:
    """People, and every way in which they are told.

    Args:
        name: Lower-case words with underscores.
        ways: All of them are used at once.
        text: `alert` says everything about the alert. `neutral` says that there is one and where to look, nothing that
            is in it: for restricted alerts. `unrouted` says that an alert had no route.
        description: Who they are, in one sentence.

    Raises:
        CatalogError: The receiver could not tell anybody, or would tell too much.

    Example:
        >>> Receiver("warnings", (Slack("#alerts-warnings"), Email("engineering@example.com"))).text
        'alert'
    """

    name: str
    ways: tuple[Way, ...]
    text: Text = "alert"
    description: str = ""

    def __post_init__(self) -> None:
        if not _is_name(self.name):
            raise CatalogError(f"{self.name!r} is no name of a receiver: write 'revenue_critical'")
        if not self.ways:
            raise CatalogError(f"receiver {self.name!r} reaches nobody: give it ways, such as (Slack('#alerts'),)")
        if self.text not in TEXTS:
            raise CatalogError(f"receiver {self.name!r}: text={self.text!r} is not known{nearest(self.text, TEXTS)}")
        if self.text != "alert":
            for way in self.ways:
                if isinstance(way, (Webhook, PagerDuty)):
                    kind = type(way).__name__
                    msg = (
                        f"receiver {self.name!r} must not say what is in an alert, and {kind} carries labels and the "
                        "expression: use Slack or Email"
                    )
                    raise CatalogError(msg)


def _check_secret(kind: str, name: str) -> None:
    if not _is_name(name):
        msg = (
            f"{kind} takes the name of a file that holds the secret, such as 'pagerduty_revenue_key', never the secret"
        )
        raise CatalogError(msg)
