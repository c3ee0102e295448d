"""The dashboard of vessels and of work done without a network."""

from __future__ import annotations

from sms_observability.catalog.dashboard import Dashboard, Row
from sms_observability.catalog.sms import targets
from sms_observability.catalog.sms.dashboards.asking import ENVIRONMENT, VESSEL, show

_SYNC = "sms_offline_sync_duration_seconds"
_FLOW = '{$env, journey="technician_sync_flow"%s}'

VESSELS = Dashboard(
    "sms-vessels",
    "Vessels and Offline Sync",
    "For fleet support: which ships use the portal, which have fallen silent, and whether what is documented at sea "
    "arrives ashore.",
    range="now-24h",
    runbook="vessel-silent",
    tags=("vessels",),
    variables=(ENVIRONMENT, VESSEL),
    rows=(
        Row(
            "Now",
            (
                show(
                    "stat",
                    "Vessels Using the Portal",
                    "Vessels that use the portal at this moment.",
                    "count(max by (vessel_id) (sms_vessel_active{$ship}) == 1) or vector(0)",
                ),
                show(
                    "stat",
                    "Vessels Known",
                    "Vessels that were heard of within the last day.",
                    "count(count by (vessel_id) (last_over_time(sms_vessel_active{$ship}[1d])))",
                ),
                show(
                    "stat",
                    "Uploads (24 Hours)",
                    "Uploads of work done without a network that reached the portal.",
                    f"sum(increase({_SYNC}_count{{$ship}}[1d])) or vector(0)",
                ),
                show(
                    "gauge",
                    "Sync Within 10 s",
                    "Share of the uploads in the chosen time that were taken over within the 10 s that are promised.",
                    "100 * sum(increase(sms_journey_duration_seconds_bucket"
                    + _FLOW % ', outcome="success", le=~"10(\\\\.0)?"'
                    + "$over)) / sum(increase(sms_journey_duration_seconds_count"
                    + _FLOW % ', outcome=~"success|failure"'
                    + "$over))",
                    unit="percent",
                    minimum=90,
                    target=targets.JOURNEY_SHARE,
                ),
            ),
        ),
        Row(
            "Contact",
            (
                show(
                    "state-timeline",
                    "Vessel Activity",
                    "When each vessel used the portal. A gap is a ship without a network, or one that has left.",
                    ("max by (vessel_id) (sms_vessel_active{$ship})", "{{vessel_id}}"),
                    states={1: "active", 0: "idle"},
                    target=targets.UP,
                ),
                show(
                    "table",
                    "Time Since Last Contact",
                    "How long ago each vessel last synchronised, the longest first. Longer than it may be offline "
                    "(a day, unless it says otherwise) is alerted.",
                    (
                        "sort_desc(time() - max by (vessel_id) (vessel:last_contact:timestamp_seconds{$ship}))",
                        "{{vessel_id}}",
                    ),
                    unit="s",
                    target=targets.SILENT,
                    columns={"vessel_id": "Vessel"},
                ),
            ),
        ),
        Row(
            "Offline sync",
            (
                show(
                    "timeseries",
                    "Sync Duration p95",
                    "p95 of the time an upload took, by its size. Large ones may take longer; small ones must not.",
                    (
                        (
                            f"histogram_quantile(0.95, sum by (le, data_size_category) "
                            f"(rate({_SYNC}_bucket{{$ship}}[1h])))"
                        ),
                        "{{data_size_category}}",
                    ),
                    unit="s",
                    target=targets.SYNC,
                ),
                show(
                    "heatmap",
                    "Sync Durations",
                    "How the times of uploads are distributed.",
                    (f"sum by (le) (increase({_SYNC}_bucket{{$ship}}$rate))", "{{le}}"),
                    unit="s",
                ),
                show(
                    "timeseries",
                    "Uploads by Vessel",
                    "Uploads of each vessel within an hour.",
                    (f"sum by (vessel_id) (increase({_SYNC}_count{{$ship}}[1h]))", "{{vessel_id}}"),
                    draw="bars",
                    minimum=0,
                ),
                show(
                    "timeseries",
                    "Sync Outcomes",
                    "How uploads ended within an hour: client_error is a damaged upload, which the tablet repeats.",
                    (
                        "sum by (outcome) (increase(sms_journey_duration_seconds_count" + _FLOW % "" + "[1h]))",
                        "{{outcome}}",
                    ),
                    draw="area",
                    minimum=0,
                ),
            ),
        ),
        Row(
            "Collector on board",
            (
                show(
                    "timeseries",
                    "Queues on Board",
                    "How full the queues of ships are, the fullest ten. It comes ashore every few minutes.",
                    (
                        (
                            "topk(10, 100 * max by (vessel_id, queue, signal) "
                            "(last_over_time(sms_vessel_collector_queue_size{$ship}[15m]))"
                            " / max by (vessel_id, queue, signal) "
                            "(last_over_time(sms_vessel_collector_queue_capacity{$ship}[15m])))"
                        ),
                        "{{vessel_id}} {{queue}} {{signal}}",
                    ),
                    unit="percent",
                    target=targets.QUEUE,
                    minimum=0,
                    width=6,
                ),
                show(
                    "timeseries",
                    "Not Taken on Board",
                    "Items within 15 minutes that a ship's Collector refused (senders repeat) or lost (send_failed).",
                    (
                        (
                            "topk(10, sum by (vessel_id, signal, reason) "
                            "(increase(sms_vessel_collector_items_failed_total{$ship}[15m])))"
                        ),
                        "{{vessel_id}} {{signal}} {{reason}}",
                    ),
                    draw="bars",
                    target=targets.NONE,
                    minimum=0,
                    width=6,
                ),
                show(
                    "timeseries",
                    "Batches Put Away",
                    "Batches that a ship keeps in files because they alone were refused, and those that stand aside.",
                    (
                        (
                            "topk(10, sum by (vessel_id) "
                            "(last_over_time(sms_vessel_collector_batches_refused{$ship}[15m])))"
                        ),
                        "{{vessel_id}} put away",
                    ),
                    (
                        (
                            "topk(10, sum by (vessel_id) "
                            "(last_over_time(sms_vessel_collector_batches_aside{$ship}[15m])))"
                        ),
                        "{{vessel_id}} aside",
                    ),
                    target=targets.NONE,
                    minimum=0,
                    width=6,
                ),
                show(
                    "timeseries",
                    "Queue Folders Gone",
                    "1 where the folder of a ship's queue was deleted: what waits does not survive the Collector.",
                    (
                        ("topk(10, max by (vessel_id) (last_over_time(sms_vessel_collector_folder_gone{$ship}[15m])))"),
                        "{{vessel_id}}",
                    ),
                    target=targets.NONE,
                    minimum=0,
                    width=6,
                ),
            ),
        ),
        Row(
            "On board",
            (
                show(
                    "bargauge",
                    "Equipment Documented",
                    "Items that were documented in the chosen time.",
                    (
                        "topk(10, sum by (vessel_id) (increase(sms_equipment_documented_total{$ship}$over)))",
                        "{{vessel_id}}",
                    ),
                    width=6,
                ),
                show(
                    "bargauge",
                    "Photos Uploaded",
                    "Photos that were uploaded in the chosen time, by vessel.",
                    ("topk(10, sum by (vessel_id) (increase(sms_photos_uploaded_total{$ship}$over)))", "{{vessel_id}}"),
                    width=6,
                ),
                show(
                    "bargauge",
                    "Orders by Vessel",
                    "Orders of each vessel that were completed in the chosen time.",
                    (
                        (
                            "topk(10, sum by (vessel_id) (increase(sms_parts_orders_completed_total{$ship,"
                            ' vessel_id!=""}'
                            "$over)))"
                        ),
                        "{{vessel_id}}",
                    ),
                    width=6,
                ),
                show(
                    "table",
                    "Onboarding by Vessel",
                    "How far each vessel's onboarding has come, the least first.",
                    ("sort(max by (vessel_id) (sms_onboarding_progress_percent{$ship}))", "{{vessel_id}}"),
                    unit="percent",
                    target=targets.ONBOARDING,
                    columns={"vessel_id": "Vessel"},
                    width=6,
                ),
            ),
        ),
    ),
)
