"""A registry over given metrics, and its points by label set."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sms_observability.context import bound_context
from sms_observability.metrics import CellRegistry


class Recorded:
    """One registry, read the way a test wants it."""

    def __init__(self, registry: CellRegistry) -> None:
        self.registry = registry

    def points(self, name: str) -> dict[tuple[tuple[str, Any], ...], Any]:
        """The points of a metric, by their labels."""
        for data in self.registry.collect():
            if data.name == name:
                return {tuple(sorted(point.attributes.items())): point for point in data.points}  # type: ignore[union-attr]
        return {}

    def values(self, name: str) -> dict[tuple[tuple[str, Any], ...], Any]:
        return {labels: point.value for labels, point in self.points(name).items()}

    @property
    def dropped(self) -> dict[tuple[str, str], int]:
        return self.registry.dropped


@pytest.fixture
def recorded() -> Iterator[Callable[..., Recorded]]:
    made: list[CellRegistry] = []

    def make(*metrics: Any, **settings: Any) -> Recorded:
        registry = CellRegistry(metrics, **{"bound": bound_context, **settings})
        registry.bind()
        made.append(registry)
        return Recorded(registry)

    yield make
    for registry in made:
        registry.unbind()
