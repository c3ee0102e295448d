"""The global tracer is ours, its spans are kept, and what journeys count is kept too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.sdk.resources import Resource

from sms_observability.journeys import ports, use_catalog
from sms_observability.providers import TracerProvider, current_span, install, uninstall


class Watched:
    """What the journeys of a test left behind."""

    def __init__(self) -> None:
        self.spans: list[Any] = []
        self.recorded: list[tuple[Any, ...]] = []

    def record(self, journey: Any, outcome: str, seconds: float, breached: bool, trace: Any) -> None:  # noqa: FBT001
        self.recorded.append((journey.name, outcome, seconds, breached, trace))

    @property
    def only(self) -> Any:
        (span,) = self.spans
        return span

    def named(self, name: str) -> Any:
        (span,) = [span for span in self.spans if span.name_ == name]
        return span

    @property
    def outcomes(self) -> list[str]:
        return [span.attributes_["sms.journey.outcome"] for span in self.spans if _is_journey(span)]


def _is_journey(span: Any) -> bool:
    return "sms.journey.name" in span.attributes_


@pytest.fixture
def watched() -> Iterator[Watched]:
    kept = Watched()
    assert install(tracer=TracerProvider(kept.spans.append, resource=Resource({"service.name": "parts-api"}))) == {}
    before = ports.record
    ports.record, ports.enabled = kept.record, True
    yield kept
    ports.record, ports.enabled = before, False
    uninstall()
    use_catalog(None)
    assert current_span() is None
