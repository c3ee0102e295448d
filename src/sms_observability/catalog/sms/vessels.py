"""What a ship's Collector tells of itself ashore.

Its own page stays on board. `vessel.yaml` reads it every few minutes, gives the little that people ashore must know
these names, and sends it with what goes first: a queue that is full could not tell of itself.
"""

from __future__ import annotations

from sms_observability.catalog.field import Field
from sms_observability.catalog.metric import Counter, Gauge, Metric
from sms_observability.catalog.sms.labels import REASON, SIGNAL, VESSEL_ID

_QUEUE = Field(
    "queue",
    values=("gateway", "first", "restricted"),
    description="The way from ship to shore: bulk, or what goes first",
)


def _declare(kind: type[Metric], name: str, shown: str, labels: tuple[Field, ...], description: str) -> Metric:
    return kind(
        f"sms.vessel.collector.{name}",
        prometheus=f"sms_vessel_collector_{shown}",
        labels=(VESSEL_ID, *labels),
        description=description,
        source="scraped",
    )


METRICS = (
    _declare(Gauge, "queue.size", "queue_size", (_QUEUE, SIGNAL), "Bytes that wait on a ship"),
    _declare(Gauge, "queue.capacity", "queue_capacity", (_QUEUE, SIGNAL), "Bytes that may wait on a ship"),
    _declare(
        Counter,
        "items.failed",
        "items_failed_total",
        (SIGNAL, REASON),
        "Items that a ship's Collector refused (some because of memory_limit or queue_full) or lost (send_failed)",
    ),
    _declare(Gauge, "batches.aside", "batches_aside", (_QUEUE,), "Batches of a ship that stand aside"),
    _declare(
        Gauge,
        "batches.refused",
        "batches_refused",
        (_QUEUE,),
        "Files on a ship of batches that were put away because they alone were refused",
    ),
    _declare(Gauge, "folder.gone", "folder_gone", (_QUEUE,), "1 where a ship's queue folder was deleted under it"),
)
