"""What is counted of each journey: how long it took, how it ended, and whether it broke its promise."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sms_observability.catalog import Journey
    from sms_observability.metrics.labels import Key
    from sms_observability.metrics.registry import CellRegistry


class JourneyMetrics:
    """Records `sms.journey.duration` and `sms.journey.sla.breaches`; `record` belongs in `journeys.ports.record`.

    Args:
        registry: The cells of the public door. Metrics that it does not have are not recorded.

    Example:
        >>> from sms_observability.catalog import SMS_CATALOG
        >>> from sms_observability.metrics import CellRegistry
        >>> registry = CellRegistry(SMS_CATALOG.metrics.values())
        >>> flow = SMS_CATALOG.journeys["parts_ordering_flow"]
        >>> JourneyMetrics(registry).record(flow, "success", 3.2, True, None)
        >>> {data.name: data.points[0].attributes for data in registry.collect()}["sms.journey.sla.breaches"]
        {'journey': 'parts_ordering_flow', 'outcome': 'success'}
    """

    __slots__ = ("_breaches", "_duration", "_keys")

    def __init__(self, registry: CellRegistry) -> None:
        self._duration = registry.get("sms.journey.duration")
        self._breaches = registry.get("sms.journey.sla.breaches")
        self._keys: dict[tuple[str, str], Key | None] = {}

    def record(
        self,
        journey: Journey,
        outcome: str,
        seconds: float,
        breached: bool,  # noqa: FBT001 - the port's signature
        trace: tuple[int, int] | None = None,
    ) -> None:
        """Count one run.

        Args:
            journey: What ran.
            outcome: How it ended.
            seconds: How long it took.
            breached: Whether that is longer than promised.
            trace: Ids of its trace and span, if it is recorded.
        """
        name = journey.name
        duration = self._duration
        if duration is not None:
            try:
                key = self._keys[name, outcome]
            except KeyError:
                key = self._first(name, outcome)
            if key is not None:
                duration.add(key, seconds, trace)
        if breached and self._breaches is not None:
            self._breaches.record(1, {"journey": name, "outcome": outcome})

    def _first(self, name: str, outcome: str) -> Key | None:
        labels = {"journey": name, "outcome": outcome}
        if self._breaches is not None:
            # At zero from its first run on, so that its first breach is an increase.
            self._breaches.initialise((labels,))
        assert self._duration is not None  # noqa: S101 - for the type checker
        key = self._duration.labels.key(labels)
        # Journeys come from the catalogue and outcomes are four; a folded key is counted at each run instead.
        if key == (name, outcome):
            self._keys[name, outcome] = key
        return key
