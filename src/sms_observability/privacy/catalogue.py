"""The policy of a door by the catalogue: what is declared for it leaves, the rest does not."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final, Literal

from sms_observability.catalog.words import is_personal, reveals
from sms_observability.privacy.guard import current_guard
from sms_observability.privacy.keys import KeyTable
from sms_observability.privacy.masking import IDS, MEASURED
from sms_observability.privacy.messages import KEY, held_message
from sms_observability.privacy.names import Names, through
from sms_observability.privacy.pseudonyms import masked_person

if TYPE_CHECKING:
    from collections.abc import Callable

    from sms_observability.catalog import Catalog
    from sms_observability.privacy.policy import Comparison, TextKind
    from sms_observability.sanitise import Value

    Channel = Literal["public", "restricted"]
    Reason = Literal["restricted", "internal", "personal", "unknown", "form"]
    OnRedacted = Callable[[str, str], None]

_MAX_CACHED: Final = 1024


def _ignore(kind: str, reason: str) -> None:
    """Stand in where nobody counts."""


class CataloguePolicy:
    """Default deny: a key that the catalogue does not declare for this door is dropped.

    Args:
        catalog: Every key and name with its class.
        unknown_fields: What becomes of keys and names that it does not know: `drop` them (production), or `keep` them
            (development) with one warning for each key. What is restricted, internal or personal is dropped either way.
        channel: Which door asks. The restricted one is read by finance alone and lets out what is declared, whatever
            its class.
        pseudonym: Gives what stands for the id of a person; without it ids stay as they are. Other personal data, such
            as e-mail and network addresses, never leaves: `[PERSONAL]` does.
        on_redacted: Told of each thing that does not leave: what it was (`key`, `span_name`, …) and why (`restricted`,
            `internal`, `personal`, `unknown`; `form` for a name of no known form). Never told names or values.

    Example:
        >>> from sms_observability.catalog import SMS_CATALOG
        >>> policy = CataloguePolicy(SMS_CATALOG, unknown_fields="drop", channel="public")
        >>> [policy.key(key) for key in ("http.route", "markup_percent")]
        [True, False]
        >>> policy.span_name("MarkupService.calculatePrice")
        'QuoteService.prepareQuote'
    """

    def __init__(
        self,
        catalog: Catalog,
        *,
        unknown_fields: Literal["drop", "keep"],
        channel: Channel = "public",
        pseudonym: Callable[[str], str] | None = None,
        on_redacted: OnRedacted = _ignore,
    ) -> None:
        public = channel == "public"
        self._drops = unknown_fields != "keep"
        self._public = public
        self._on_redacted = on_redacted
        what = "dropped" if self._drops else "kept here, and dropped in production"
        self._unknown = KeyTable(f"the key %(key)s is in no catalogue and is {what}: declare it with %(declaration)s")
        self._masked = KeyTable(
            "a restricted value stood under %(key)s and was masked: record it by a metric with access='restricted', or "
            "make it public with declassify(value, reason=…)"
        )
        self._compared: dict[str, Comparison] = dict.fromkeys(IDS, "fractions")
        self._compared |= {name: "fractions" for name, field in catalog.fields.items() if field.identifier}
        self._compared |= dict.fromkeys(MEASURED, "texts")
        self._names = Names(catalog, public=public, strict=self._drops)
        self._fixed: dict[str, Reason | None] = {
            name: None if not public or field.access == "public" else field.access
            for name, field in catalog.fields.items()
        }
        self._held: dict[str, Callable[[str], str] | None] = dict(self._names.under)
        self._held |= {
            name: pseudonym if field.identifier else masked_person
            for name, field in catalog.fields.items()
            if (field.personal or is_personal(name)) and (pseudonym is not None or not field.identifier)
        }
        self._says_messages = public and bool(catalog.messages)
        if self._says_messages:
            self._fixed[KEY] = None
            self._held[KEY] = held_message
        self._met: dict[str, Reason] = {}
        self._bodies: dict[str, str] = {}

    def key(self, key: str) -> bool:
        """Say whether an attribute, label or log field of this name may leave."""
        fixed = self._fixed
        reason = fixed[key] if key in fixed else self._undeclared(key)
        if reason is None:
            return True
        if reason == "unknown":
            self._unknown.add(key)
            if not self._drops:
                guard = current_guard()
                if not guard.armed or guard.clean_text(key) is key:
                    return True
                self.masked(key)
                return False
        self._count("key", reason)
        return False

    def span_name(self, name: str) -> str:
        """Give the name under which a span leaves."""
        return self._told("span_name", name, self._names.span(name))

    def event_name(self, name: str) -> str:
        """Give the name under which a span event or log event leaves."""
        return self._told("event_name", name, self._names.event(name))

    def scope_name(self, name: str) -> str:
        """Give the name under which an instrumentation scope leaves."""
        return self._told("scope_name", name, self._names.scope(name))

    def metric(self, name: str) -> bool:
        """Say whether a metric of this name may leave."""
        allowed = self._names.metric(name)
        if not allowed:
            self._count("metric", "restricted" if reveals(name) else "unknown")
        return allowed

    def status_text(self, text: str) -> str:
        """Give the status description that leaves with a span."""
        kind, _, message = text.partition(": ")
        if message and self._says_messages and held_message(message) is message:
            # The type of an exception and what it may say.
            return self._told("status_text", kind, self._names.status(kind)) + f": {message}"
        return self._told("status_text", text, self._names.status(text))

    def log_body(self, text: str) -> str:
        """Give the message that leaves with a log record."""
        held = self._bodies.get(text)
        if held is None:
            held = self._names.body(text)
            if len(self._bodies) >= _MAX_CACHED:
                self._bodies.clear()
            self._bodies[text] = held
        return text if held == text else self._told("log_body", text, held)

    def text(self, kind: TextKind, text: str) -> str:
        """Give what leaves of one of the lesser texts of a record."""
        return self._told(kind, text, self._names.text(kind, text))

    def description(self, metric: str, text: str) -> str:
        """Give the description that leaves with a metric."""
        return self._told("description", text, self._names.description(metric, text))

    def names_under(self, key: str) -> Callable[[str], str] | None:
        """Give what a text under this key must pass because it is a name, else `None`."""
        return self._held.get(key)

    def mask(self, key: str, value: Value) -> Value:
        """Give a log field, or the `message`, as it may be written: names held, restricted numbers masked.

        Args:
            key: Its name, which may be written.
            value: Its sanitised value.
        """
        held = self.log_body if key == "message" else self.names_under(key)
        if held is not None:
            value = through(held, value)
        guard = current_guard()
        if guard.armed:
            clean = guard.clean(value, self.comparison(key))
            if clean is not value:
                self.masked(key)
                return clean
        return value

    def holds(self, key: str) -> bool:
        """Say whether `mask` has something to do with the values of a key even where nothing is restricted."""
        return key == "message" or self.names_under(key) is not None

    def comparison(self, key: str) -> Comparison:
        """Say how the value guard looks at the values of a key."""
        return self._compared.get(key, "all")

    def masked(self, key: str) -> None:
        """Count a restricted value that was masked under this key, and tell of the first."""
        self._masked.add(key)
        self._count("value", "restricted")

    def masked_keys(self) -> dict[str, int]:
        """Give under which keys restricted values were masked, with how often."""
        return self._masked.counts()

    def unknown_keys(self) -> dict[str, int]:
        """Give the undeclared keys that were met, with how often each was; those that could be values as `(other)`."""
        return self._unknown.counts()

    def _undeclared(self, key: str) -> Reason:
        reason = self._met.get(key)
        if reason is None:
            reason = "restricted" if reveals(key) else "personal" if is_personal(key) else "unknown"
            if len(self._met) >= _MAX_CACHED:
                self._met.clear()
            self._met[key] = reason
        return reason

    def _count(self, kind: str, reason: str) -> None:
        # Whoever counts must not decide what leaves.
        with suppress(Exception):
            self._on_redacted(kind, reason)

    def _told(self, kind: str, before: str, after: str) -> str:
        if after is not before:
            self._count(kind, "form")
        return after
