"""Files rendered from the catalogue and the settings, so that nothing in them can drift from the code.

The policy of the Collector (``collector-config/policy/``), monitoring (``monitoring/``) and the reference pages; each
further kind of file is one more renderer in :data:`RENDERERS`. In this library's own checkout the types of the
instruments are rendered too.

    >>> from sms_observability.catalog import SMS_CATALOG
    >>> files = render(SMS_CATALOG)
    >>> "collector-config/policy/redaction.yaml" in files and "monitoring/alertmanager/alertmanager.yaml" in files
    True

Needs PyYAML (extra ``cli``).
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sms_observability.render.alerting_page import render_alerting, render_runbook_index
from sms_observability.render.alertmanager import render_alertmanager
from sms_observability.render.cardinality_page import render_cardinality
from sms_observability.render.collector_metric_names import render_metric_names
from sms_observability.render.collector_redaction import render_redaction
from sms_observability.render.collector_sampling import render_sampling, render_span_metrics
from sms_observability.render.coverage import render_coverage
from sms_observability.render.dashboards_page import render_dashboards_page
from sms_observability.render.elasticsearch import render_elasticsearch
from sms_observability.render.escalation import render_escalation
from sms_observability.render.files import Drift, Renderer, compare_files, render_with, write_files
from sms_observability.render.grafana import render_dashboards, render_provisioning
from sms_observability.render.log_policy import render_log_policy
from sms_observability.render.pages import render_catalog, render_settings
from sms_observability.render.privacy_page import render_privacy
from sms_observability.render.prometheus_config import render_prometheus_config
from sms_observability.render.prometheus_rules import render_prometheus_rules
from sms_observability.render.site import Site
from sms_observability.render.victorialogs import render_victorialogs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sms_observability.catalog import Catalog

__all__ = ["RENDERERS", "SITE_RENDERERS", "Drift", "Renderer", "Site", "check", "render", "write"]

_STUB = "src/sms_observability/metrics/_instruments.pyi"

RENDERERS: tuple[Renderer, ...] = (
    render_redaction,
    render_sampling,
    render_span_metrics,
    render_metric_names,
    render_settings,
    render_catalog,
    render_privacy,
    render_provisioning,
    render_dashboards_page,
    render_alertmanager,
    render_escalation,
    render_cardinality,
    render_alerting,
    render_runbook_index,
    render_log_policy,
    render_elasticsearch,
    render_victorialogs,
    render_coverage,
)
"""What is rendered. A further renderer is a function from the catalogue to ``{path: text}``."""

SITE_RENDERERS: tuple[Callable[[Catalog, Site], Mapping[str, str]], ...] = (
    render_prometheus_config,
    render_prometheus_rules,
    render_dashboards,
)
"""What is rendered for a place: a function from the catalogue and its `Site` to ``{path: text}``."""


def render(catalog: Catalog, site: Site | None = None) -> dict[str, str]:
    """Render every file in memory.

    Args:
        catalog: The declared metrics, journeys and fields.
        site: Where the files are for: addresses in links, and how fast time goes; left out, placeholders.

    Returns:
        Path relative to the repository's root (forward slashes) -> text.
    """
    here = site or Site()
    return render_with(
        (*RENDERERS, *(partial(renderer, site=here) for renderer in SITE_RENDERERS)),  # type: ignore[call-arg]
        catalog,
    )


def write(root: str | Path, catalog: Catalog | None = None, site: Site | None = None) -> list[str]:
    """Write every rendered file below a root; files that are right already are not touched.

    Args:
        root: Folder that holds ``collector-config/``; missing folders are made.
        catalog: The declared metrics, journeys and fields; left out, those of the portal (``SMS_CATALOG``).
        site: Where the files are for; left out, placeholders.

    Returns:
        The paths that changed, sorted.

    Raises:
        OSError: A file cannot be written.
    """
    return write_files(_below(Path(root), _or_ours(catalog), site), Path(root))


def check(root: str | Path, catalog: Catalog | None = None, site: Site | None = None) -> list[Drift]:
    """Say which files below a root are not what the catalogue renders.

    Args:
        root: Folder that holds ``collector-config/``.
        catalog: The declared metrics, journeys and fields; left out, those of the portal (``SMS_CATALOG``).
        site: Where the files are for; left out, placeholders.

    Returns:
        One :class:`Drift` a file; an empty list means that all is well.
    """
    return compare_files(_below(Path(root), _or_ours(catalog), site), Path(root))


def _below(root: Path, catalog: Catalog, site: Site | None) -> dict[str, str]:
    """Render what belongs below this root: the instruments' types only where the library itself is developed."""
    from sms_observability.catalog import SMS_CATALOG
    from sms_observability.render.stubs import render_instruments

    files = render(catalog, site)
    if (root / _STUB).is_file():
        files[_STUB] = render_instruments(SMS_CATALOG)
    return files


def _or_ours(catalog: Catalog | None) -> Catalog:
    if catalog is not None:
        return catalog
    from sms_observability.catalog import SMS_CATALOG

    return SMS_CATALOG
