"""The SDK's metrics, pulled: a reader that hands over when it is asked, and a provider with nothing but that reader.

It is the largest part of the SDK, and a start needs none of it: it is imported with the first instrument.
"""

from __future__ import annotations

import os
from threading import Lock
from typing import TYPE_CHECKING, Any

from opentelemetry.sdk.environment_variables import OTEL_METRICS_EXEMPLAR_FILTER
from opentelemetry.sdk.metrics import AlwaysOffExemplarFilter, MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader, MetricsData

from sms_observability.environment import mistakes_put_aside

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from opentelemetry.sdk.metrics.export import AggregationTemporality
    from opentelemetry.sdk.metrics.view import Aggregation, View
    from opentelemetry.sdk.resources import Resource


class PullReader(MetricReader):
    """A reader that collects when it is asked to, and hands over what it got."""

    def __init__(
        self,
        temporality: Mapping[type, AggregationTemporality] | None = None,
        aggregation: Mapping[type, Aggregation] | None = None,
    ) -> None:
        super().__init__(
            preferred_temporality=None if temporality is None else dict(temporality),
            preferred_aggregation=None if aggregation is None else dict(aggregation),
        )
        self._lock = Lock()
        self._taken: MetricsData | None = None

    def take(self) -> MetricsData | None:
        """Collect; `None` if there is nothing."""
        with self._lock:
            self._taken = None
            self.collect()
            return self._taken

    def _receive_metrics(self, metrics_data: MetricsData, timeout_millis: float = 10_000, **kwargs: Any) -> None:  # noqa: ARG002
        self._taken = metrics_data

    def force_flush(self, timeout_millis: float = 10_000) -> bool:  # noqa: ARG002
        """Do nothing: whoever pulls decides when."""
        return True

    def shutdown(self, timeout_millis: float = 30_000, **kwargs: Any) -> None:
        """Do nothing: there is nothing to stop."""


def pulled_provider(reader: PullReader, resource: Resource, views: Sequence[View]) -> MeterProvider:
    """Make a provider of the SDK that one reader pulls from.

    Args:
        reader: Who pulls.
        resource: What the SDK is told of this process.
        views: Of the SDK.
    """
    with mistakes_put_aside():
        return MeterProvider(
            metric_readers=[reader],
            resource=resource,
            views=views,
            shutdown_on_exit=False,
            # Exemplars carry the labels that a view has taken away.
            exemplar_filter=None if OTEL_METRICS_EXEMPLAR_FILTER in os.environ else AlwaysOffExemplarFilter(),
        )
