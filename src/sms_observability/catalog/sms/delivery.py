"""What builds, tests and reviews tell (targets document: development and staging dashboards).

They come from the CI system, through OpenTelemetry's conventions for pipelines and version control (the Collector's
GitHub and GitLab receivers emit them) and, for tests and quality, from the pipelines' own steps.
"""

from __future__ import annotations

from sms_observability.catalog.field import Field
from sms_observability.catalog.metric import Counter, Gauge, Histogram, Metric

_names = "environment cicd_pipeline_name cicd_pipeline_result vcs_repository_name suite result check"
_labels = {name: Field(name) for name in _names.split()}


def _declare(kind: type[Metric], name: str, labels: str, description: str, unit: str = "") -> Metric:
    fields = tuple(_labels[label] for label in labels.split())
    return kind(name, unit=unit, labels=fields, description=description, source="external", owner="platform")


METRICS = (
    _declare(
        Histogram,
        "cicd_pipeline_run_duration_seconds",
        "environment cicd_pipeline_name cicd_pipeline_result",
        "How long a run of a pipeline took, and how it ended: success, failure, error, timeout, cancellation, skip",
        "s",
    ),
    _declare(
        Histogram,
        "vcs_change_time_to_merge_seconds",
        "vcs_repository_name",
        "How long a change waited from its opening to its merge",
        "s",
    ),
    _declare(
        Gauge, "sms_delivery_tests", "environment suite result", "Tests of the last run: unit, integration, load, uat"
    ),
    _declare(Gauge, "sms_delivery_quality_percent", "check", "What the last build measured, such as coverage", "%"),
    _declare(
        Gauge,
        "sms_delivery_release_ready",
        "check",
        "1 where a condition of the next release is fulfilled, else 0",
    ),
    _declare(Counter, "sms_delivery_deployments_total", "environment result", "Deployments, and how they ended"),
)
