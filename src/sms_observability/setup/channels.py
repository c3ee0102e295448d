"""The two ways out of the process: the public door, and the restricted one that finance reads."""

from __future__ import annotations

import logging
import os
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from sms_observability.context import bound_context
from sms_observability.export import open_door, open_restricted_door
from sms_observability.metrics import CellRegistry, JourneyMetrics
from sms_observability.privacy import CataloguePolicy, declaration, guarded, on_reveal, pseudonyms_from
from sms_observability.privacy.restricted import is_restricted
from sms_observability.privacy.seal import unseal
from sms_observability.settings import Problem
from sms_observability.setup.accounts import total
from sms_observability.setup.reveal import reveal_record
from sms_observability.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sms_observability.catalog import Catalog, Metric
    from sms_observability.export import Door
    from sms_observability.export.records import SpanRecord
    from sms_observability.privacy import Reveal
    from sms_observability.sanitise import Value
    from sms_observability.settings import Settings

_logger: Final = logging.getLogger("sms_observability.setup")

# A door is this much late at most.
_GRACE: Final = 0.2

WITHHELD: Final = "restricted"
"""Why something restricted was dropped: no restricted endpoint is configured."""


def _record_nothing(amount: object, labels: Mapping[str, object], trace: tuple[int, int] | None = None) -> None:
    """Stand in for a metric that is not in the catalogue."""


def _end_nothing() -> None:
    """Stand in while reveals are not recorded."""


def _public_amount(amount: object) -> object:
    return None if is_restricted(amount) else amount


def _restricted_amount(amount: object) -> object:
    return unseal(amount) if is_restricted(amount) else amount


def _pseudonym(settings: Settings, problems: list[Problem]) -> Callable[[str], str] | None:
    if settings.pseudonym_key_file is None:
        return None
    made, usable = pseudonyms_from(settings.pseudonym_key_file)
    if not usable:
        problems.append(
            Problem(
                "SMS_OBSERVABILITY_PSEUDONYM_KEY_FILE",
                "names no file with a key of 16 bytes or more",
                "user ids leave under a key of this process alone",
            )
        )
    return made.of


class Channels:
    """The doors, and the metrics that leave by each.

    Args:
        settings: The resolved settings.
        catalog: What may be measured; says by which door.
        resource: Who the process is.
        problems: Gets the mistakes that are found in the environment.
    """

    def __init__(
        self, settings: Settings, catalog: Catalog, resource: Mapping[str, Value], problems: list[Problem]
    ) -> None:
        pseudonym = _pseudonym(settings, problems)
        self._policy = CataloguePolicy(
            catalog,
            unknown_fields=settings.unknown_fields,
            channel="public",
            pseudonym=pseudonym,
            on_redacted=self._redacted,
        )
        self.public: Door
        self.public, found = open_door(settings, os.environ, self._policy, resource)
        problems += found
        restricted, found = open_restricted_door(
            settings,
            os.environ,
            CataloguePolicy(catalog, unknown_fields=settings.unknown_fields, channel="restricted", pseudonym=pseudonym),
            resource,
        )
        problems += found
        self.restricted: Door | None = restricted
        self.doors: tuple[Door, ...] = (self.public,) if restricted is None else (self.public, restricted)
        recorded = [metric for metric in catalog.metrics.values() if metric.source in ("sms", "semconv")]
        self.registry = self._registry(recorded, "public", _public_amount)
        self._secret = [metric for metric in recorded if metric.access == "restricted"]
        self._restricted_registry = self._registry(recorded, "restricted", _restricted_amount)
        self.journeys = JourneyMetrics(self.registry)
        self._end_reveals: Callable[[], None] = _end_nothing
        self.public.on_export = self._exported
        if restricted is not None:
            restricted.add_metric_source(self._restricted_registry.collect)

    def _registry(self, metrics: list[Metric], access: str, unwrap: Callable[[object], object]) -> CellRegistry:
        return CellRegistry(
            [metric for metric in metrics if (metric.access == "restricted") == (access == "restricted")],
            bound=bound_context,
            unwrap=unwrap,
            guarded=guarded if access == "public" else None,
            version=VERSION,
        )

    def metric(self, otel_name: str) -> Callable[..., None]:
        """Give what records a convention's metric, for the instrumentations."""
        cells = self.registry.get(otel_name)
        return _record_nothing if cells is None else cells.record

    def record_lag(self, seconds: float) -> None:
        """Record how late an event loop was."""
        self.metric("sms.eventloop.lag")(seconds, {})

    def allow_key(self, key: str) -> bool:
        """Say whether a log field of this name may be written."""
        return self._policy.key(key)

    def mask(self, key: str, value: Value) -> Value:
        """Give a log field, or the message, as it may be written."""
        return self._policy.mask(key, value)

    def holds(self, key: str) -> bool:
        """Say whether `mask` has something to do with the values of a log field where nothing is restricted."""
        return self._policy.holds(key)

    def bind(self) -> None:
        """Let the instruments of the catalogue record."""
        self.registry.bind()
        self._end_reveals = on_reveal(self._record_reveal)
        if self.restricted is not None:
            self._restricted_registry.bind()
            return
        for metric in self._secret:
            metric.connect(self._withhold)
        _logger.info(
            "Restricted metrics, internal steps and the record of reveals are dropped in the process: there is no "
            "restricted endpoint (SMS_OBSERVABILITY_RESTRICTED_ENDPOINT)"
        )

    def emit_hidden(self, span: SpanRecord) -> None:
        """Let an internal step leave under its true name, by the restricted door alone."""
        if self.restricted is None:
            self.public.count_dropped("traces", WITHHELD)
        else:
            self.restricted.emit_span(span)

    def unbind(self) -> None:
        """Let the instruments do nothing again."""
        self.registry.unbind()
        self._restricted_registry.unbind()
        self._end_reveals()
        for metric in self._secret:
            metric.disconnect()

    def accounting(self) -> dict[str, dict[str, Any]]:
        """Add up the accounts of the doors."""
        return total(door.accounting() for door in self.doors)

    def figures(self) -> dict[str, dict[str, Any]]:
        """Give the accounts, and how many requests failed for what."""
        figures = self.accounting()
        for signal, failures in self.public.failures().items():
            figures[signal]["failures"] = failures
        return figures

    def undeclared(self) -> dict[str, dict[str, Any]]:
        """Give the undeclared keys that were met, with how often, and the line that declares each."""
        counts = self._policy.unknown_keys()
        return {
            key: {"count": counts[key], "declaration": declaration(key) if key.isidentifier() or "." in key else ""}
            for key in sorted(counts)
        }

    def flush(self, timeout: float) -> bool:
        """Flush the doors side by side."""
        return self._each(lambda door, left: door.flush(left), timeout)

    def shutdown(self, timeout: float) -> bool:
        """Shut the doors down side by side."""
        return self._each(lambda door, left: door.shutdown(left), timeout)

    def after_fork(self, resource: Mapping[str, Value]) -> None:
        """Start anew in a child."""
        for registry in (self.registry, self._restricted_registry):
            registry.reset()
        for door in self.doors:
            door.after_fork(resource)

    def _exported(self, signal: str, seconds: float) -> None:
        self.metric("sms.telemetry.export.duration")(seconds, {"signal": signal})

    def _redacted(self, kind: str, reason: str) -> None:  # noqa: ARG002
        self.metric("sms.telemetry.redacted")(1, {"reason": reason})

    def _record_reveal(self, reveal: Reveal) -> None:
        if self.restricted is None:
            self.public.count_dropped("logs", WITHHELD)
        else:
            self.restricted.emit_log(reveal_record(reveal))

    def _withhold(self, amount: object, labels: Mapping[str, object]) -> None:  # noqa: ARG002
        self.public.count_dropped("metrics", WITHHELD)

    def _each(self, call: Callable[[Door, float], bool], timeout: float) -> bool:
        if self.restricted is None:
            return call(self.public, timeout)
        deadline = monotonic() + timeout
        restricted, answers = self.restricted, list[bool]()
        thread = Thread(target=lambda: answers.append(call(restricted, timeout)), daemon=True)
        try:
            thread.start()
        except RuntimeError:  # the interpreter is ending and takes no new threads: one after the other, then
            first = call(self.public, timeout)
            return call(restricted, max(deadline - monotonic(), 0.0)) and first
        first = call(self.public, timeout)
        thread.join(max(deadline - monotonic(), 0.0) + _GRACE)
        return first and answers == [True]
