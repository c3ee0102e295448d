"""A provider whose spans are kept, and the encoder that they must pass without being mended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from opentelemetry.sdk.resources import Resource

from sms_observability.providers import Span, TracerProvider

RESOURCE = Resource({"service.name": "parts-api"})


class Kept(list[Any]):
    """The spans that reached the door, and what was dropped before it."""

    def __init__(self) -> None:
        super().__init__()
        self.dropped: list[tuple[str, str]] = []

    def count(self, signal: str, reason: str) -> None:
        self.dropped.append((signal, reason))

    @property
    def only(self) -> Any:
        (one,) = self
        return one


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def provider_of(kept: Kept) -> Callable[..., TracerProvider]:
    def make(**settings: Any) -> TracerProvider:
        return TracerProvider(kept.append, resource=RESOURCE, count_dropped=kept.count, **settings)

    return make


@pytest.fixture
def tracer(provider_of: Callable[..., TracerProvider]) -> Any:
    return provider_of().get_tracer("parts", "1.2")


def names(spans: list[Span]) -> list[str]:
    return [span.name_ for span in spans]
