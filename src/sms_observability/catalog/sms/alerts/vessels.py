"""A ship's own Collector: what waits, what it refuses, what it has put away."""

from __future__ import annotations

from sms_observability.catalog.alert import Alert

_OWN = "sms_vessel_collector"
_SHIP = "environment, vessel_id"
_FAILED = f"{_OWN}_items_failed_total"
_LOST = f'{_FAILED}{{reason="send_failed"}}'
# What comes every five minutes, or not for a while, is looked for in the last quarter of an hour.
_WINDOW = "[15m]"


def _latest(name: str, by: str) -> str:
    return f"max by ({_SHIP}, {by}) (last_over_time({_OWN}_{name}{_WINDOW}))"


def _alert(
    name: str,
    expr: str,
    for_: str,
    *,
    summary: str,
    description: str,
    rationale: str,
    panel: str,
) -> Alert:
    return Alert(
        name,
        expr,
        for_,
        severity="warning",
        team="platform",
        summary=summary,
        description=description,
        rationale=rationale,
        dashboard=("sms-vessels", panel),
        dependencies=("vessel Collector", "Collector gateway"),
        labels={"service": "otelcol-vessel"},
    )


ALERTS = (
    _alert(
        "VesselQueueFilling",
        f"{_latest('queue_size', 'queue, signal')}\n/ {_latest('queue_capacity', 'queue, signal')} > 0.8",
        "15m",
        summary="The queue {{ $labels.queue }} of {{ $labels.vessel_id }} fills",
        description=(
            "{{ $value | humanizePercentage }} of the room for {{ $labels.signal }} is used: more is made on board "
            "than the agreed rate lets out, or the ship was away for long."
        ),
        rationale="Nothing is lost until it is full; then services on board must keep what is new.",
        panel="Queues on Board",
    ),
    _alert(
        "VesselCollectorRefusing",
        f'sum by ({_SHIP}, signal, reason) (increase({_FAILED}{{reason!="send_failed"}}{_WINDOW})) > 0',
        "5m",
        summary="The Collector of {{ $labels.vessel_id }} refuses {{ $labels.signal }}",
        description=(
            "{{ $value | humanize }} {{ $labels.signal }} were not taken within 15 minutes: {{ $labels.reason }}."
        ),
        rationale="Services on board keep and repeat what is refused, for a while.",
        panel="Not Taken on Board",
    ),
    # The series exists from the first loss on, which is then no increase.
    _alert(
        "VesselCollectorLosing",
        f"sum by ({_SHIP}, signal) (increase({_LOST}{_WINDOW})) > 0\n"
        f"or count by ({_SHIP}, signal) (timestamp({_LOST} unless {_LOST} offset 15m)) > 0",
        "1m",
        summary="The Collector of {{ $labels.vessel_id }} loses {{ $labels.signal }}",
        description="{{ $labels.signal }} were given up on board within 15 minutes; that should never happen.",
        rationale="They are lost; the portal works.",
        panel="Not Taken on Board",
    ),
    _alert(
        "VesselBatchesRefused",
        f"{_latest('batches_refused', 'queue')} > 0",
        "5m",
        summary="{{ $labels.vessel_id }} has put away what nobody takes",
        description=(
            "{{ $value | humanize }} batches of the queue {{ $labels.queue }} were refused while others passed; they "
            "lie in files on board."
        ),
        rationale="They are on the ship's disk and will not be sent by themselves; the rest arrives.",
        panel="Batches Put Away",
    ),
    _alert(
        "VesselQueueFolderGone",
        f"{_latest('folder_gone', 'queue')} > 0",
        "1m",
        summary="The queue's folder was deleted on {{ $labels.vessel_id }}",
        description=(
            "The Collector on board still sends what it holds open, but what waits in the queue {{ $labels.queue }} "
            "does not survive its end."
        ),
        rationale="Nothing is lost while the process lives: let it drain, then restart it.",
        panel="Queue Folders Gone",
    ),
)
