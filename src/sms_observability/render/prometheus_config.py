"""Prometheus' configuration: what is scraped, which rules are read, where alerts go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sms_observability.render.document import yaml_document
from sms_observability.render.site import Site

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sms_observability.catalog import Catalog

PATH = "monitoring/prometheus/prometheus.yaml"
RESTRICTED_PATH = "monitoring/prometheus/restricted/prometheus.yaml"

_ABOUT = """\
Everybody's Prometheus (3.16). It scrapes the gateway's page of all services' metrics, the sampler's page of figures
made from spans, and the own metrics of the Collectors, of Prometheus and of Alertmanager.

What is only there at some places is listed in files of targets/<job>/, for instance targets/probe/portal.yaml:
  - targets: [https://parts.example.com/readyz]
    labels: {service: parts-api, environment: production}
Hosts, containers, PostgreSQL and Redis are scraped by the Collector (collector-config/receivers/). Where Prometheus
does it in its place, list them in targets/node/, targets/cadvisor/, targets/postgres/ and targets/redis/; not both.

Start with --enable-feature=exemplar-storage."""

_RESTRICTED_ABOUT = """\
The revenue team's own Prometheus (3.16), which nobody else can reach: it scrapes the restricted page only. Its rules,
thresholds and list of alerts are as restricted as its figures, so it has an Alertmanager of its own as well."""

_INTERVAL = "15s"
_RESTRICTED = {"source_labels": ["__name__"], "regex": "_sms_.+", "action": "drop"}
"""No series of the other side is kept here, whoever mixes up the ports."""


def render_prometheus_config(catalog: Catalog, site: Site | None = None) -> Mapping[str, str]:
    """Render the configurations of the two servers.

    Args:
        catalog: What is declared; the restricted server is for catalogues with something restricted.
        site: Where they are for.
    """
    site = site or Site()
    files = {PATH: yaml_document(_public(site), about=_ABOUT)}
    if any(metric.access == "restricted" for metric in catalog.metrics.values()):
        files[RESTRICTED_PATH] = yaml_document(_restricted(site), about=_RESTRICTED_ABOUT)
    return files


def _public(site: Site) -> dict[str, Any]:
    jobs = [
        # Who a series is of stands in its own labels already.
        _job("gateway", "gateway:9464", honor_labels=True),
        _job("sampler", "sampler:9464", honor_labels=True),
        _job("otelcol", "gateway:8888", "sampler:8888"),
        _job("prometheus", "localhost:9090"),
        _job("alertmanager", "alertmanager:9093"),
        *(_listed(name) for name in ("node", "postgres", "redis")),
        {**_listed("cadvisor"), "metric_relabel_configs": [_RESTRICTED, *_OF_CONTAINERS]},
        _probe(),
    ]
    return _config(site, jobs, alertmanager="alertmanager:9093")


def _restricted(site: Site) -> dict[str, Any]:
    jobs = [
        _job("gateway-restricted", "gateway:9465", honor_labels=True, restricted=True),
        _job("prometheus-restricted", "localhost:9090", restricted=True),
    ]
    return _config(site, jobs, alertmanager="alertmanager-restricted:9093")


def _config(site: Site, jobs: list[dict[str, Any]], *, alertmanager: str) -> dict[str, Any]:
    return {
        "global": {
            "scrape_interval": site.duration(_INTERVAL),
            "scrape_timeout": site.duration("10s"),
            "evaluation_interval": site.duration("30s"),
            # Alerts about what is absent have no series that could say where: their rules take it from here.
            "external_labels": {"environment": site.environment},
        },
        "rule_files": ["rules/*.yaml"],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [alertmanager]}]}]},
        "scrape_configs": jobs,
        # Vessels send what they kept for days, with its own times.
        "storage": {
            # Objectives look back 30 days; the usual retention is 15.
            "tsdb": {"out_of_order_time_window": "7d", "retention": {"time": "40d"}},
            "exemplars": {"max_exemplars": 100_000},
        },
    }


def _job(name: str, *targets: str, honor_labels: bool = False, restricted: bool = False) -> dict[str, Any]:
    job: dict[str, Any] = {"job_name": name, "static_configs": [{"targets": list(targets)}]}
    if honor_labels:
        job["honor_labels"] = True
    if not restricted:
        job["metric_relabel_configs"] = [_RESTRICTED]
    return job


def _listed(name: str) -> dict[str, Any]:
    return {
        "job_name": name,
        "file_sd_configs": [{"files": [f"targets/{name}/*.yaml"]}],
        "metric_relabel_configs": [_RESTRICTED],
    }


_OF_CONTAINERS: list[dict[str, Any]] = [
    # A group of processes that is no container has neither a name nor a pod.
    {"source_labels": ["name", "pod"], "regex": ";", "action": "drop"},
    {"source_labels": ["pod", "name"], "regex": ";(.+)", "target_label": "container"},
]


def _probe() -> dict[str, Any]:
    """Give the job that asks from outside, by a blackbox exporter."""
    return {
        **_listed("probe"),
        "metrics_path": "/probe",
        "params": {"module": ["http_2xx"]},
        "relabel_configs": [
            {"source_labels": ["__address__"], "target_label": "__param_target"},
            {"source_labels": ["__param_target"], "target_label": "instance"},
            {"target_label": "__address__", "replacement": "blackbox:9115"},
        ],
    }
