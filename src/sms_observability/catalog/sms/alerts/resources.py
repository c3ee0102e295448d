"""CPU, memory and disks that run out (targets: above 90 % of CPU or memory)."""

from __future__ import annotations

from sms_observability.catalog.alert import Alert

_HOST = "environment, instance"
_CONTAINER = "environment, namespace, pod, container"

ALERTS = (
    Alert(
        "HighCPUUsage",
        f"max by ({_HOST}) (instance:cpu_usage:percent) > 90",
        "10m",
        severity="warning",
        team="platform",
        summary="{{ $labels.instance }} has no CPU left",
        description="The CPUs of {{ $labels.instance }} are {{ $value | humanize }} % busy; the target is below 80 %.",
        rationale="Everything there becomes slow; what is slow for customers has alerts of its own.",
        dashboard=("sms-operations", "CPU Usage"),
        dependencies=("node exporter, or the Collector's host metrics",),
        labels={"service": "host"},
    ),
    Alert(
        "HighMemoryUsage",
        f"max by ({_HOST}) (instance:memory_usage:percent) > 90",
        "10m",
        severity="warning",
        team="platform",
        summary="{{ $labels.instance }} runs out of memory",
        description="The memory of {{ $labels.instance }} is {{ $value | humanize }} % full; the target is below 85 %.",
        rationale="The next step is that a process is killed.",
        dashboard=("sms-operations", "Memory Usage"),
        dependencies=("node exporter, or the Collector's host metrics",),
        labels={"service": "host"},
    ),
    Alert(
        "DiskAlmostFull",
        f"max by ({_HOST}, mountpoint) (instance_mountpoint:disk_usage:percent) > 90",
        "15m",
        severity="warning",
        team="platform",
        summary="The disk {{ $labels.mountpoint }} of {{ $labels.instance }} is almost full",
        description=(
            "{{ $labels.mountpoint }} is {{ $value | humanize }} % full. The queues of a Collector live on a disk."
        ),
        rationale="There is time to clean up; a full disk loses data.",
        dashboard=("sms-operations", "Disk Usage"),
        dependencies=("node exporter, or the Collector's host metrics",),
        labels={"service": "host"},
    ),
    Alert(
        "ServiceCPUSaturated",
        "sum by (environment, service, instance) (process_cpu_utilization_ratio) > 0.9",
        "10m",
        severity="warning",
        team="platform",
        summary="{{ $labels.service }} uses all CPUs it has",
        description=(
            "{{ $labels.instance }} of {{ $labels.service }} uses {{ $value | humanizePercentage }} of its CPUs."
        ),
        rationale="It becomes slow for its callers; add replicas.",
        dashboard=("sms-operations", "Process CPU"),
    ),
    Alert(
        "ContainerMemoryNearLimit",
        f"max by ({_CONTAINER}) (container_memory_working_set_bytes)\n"
        f"/ (max by ({_CONTAINER}) (container_spec_memory_limit_bytes) > 0) > 0.9",
        "10m",
        severity="warning",
        team="platform",
        summary="Container {{ $labels.container }} is about to be killed",
        description="{{ $labels.pod }} uses {{ $value | humanizePercentage }} of the memory that it may.",
        rationale="One replica dies and comes back; the service goes on.",
        dashboard=("sms-operations", "Process Memory"),
        dependencies=("cAdvisor",),
        labels={"service": "{{ $labels.container }}"},
    ),
    Alert(
        "ContainerCPUThrottled",
        f"sum by ({_CONTAINER}) (rate(container_cpu_cfs_throttled_periods_total[5m]))\n"
        f"/ (sum by ({_CONTAINER}) (rate(container_cpu_cfs_periods_total[5m])) > 0) > 0.5",
        "15m",
        severity="info",
        team="platform",
        summary="Container {{ $labels.container }} is held back",
        description="{{ $labels.pod }} was held back in {{ $value | humanizePercentage }} of its slices of CPU time.",
        rationale="A limit that is too low makes requests slow, without any host being busy.",
        dashboard=("sms-operations", "Process CPU"),
        dependencies=("cAdvisor",),
        labels={"service": "{{ $labels.container }}"},
    ),
)
