"""How VictoriaLogs keeps log lines: one instance for each time that they are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sms_observability.render.document import yaml_document

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sms_observability.catalog import Catalog

PATH = "monitoring/victorialogs/instances.yaml"

_ABOUT = """\
The light alternative to Elasticsearch: VictoriaLogs keeps everything in one instance for the same time, so there is one
instance for each. Start each with its flags; collector-config/exporters/logs-victorialogs-classes.yaml sends to them.
A class whose lines may go earlier is kept as long as the longest one of its instance."""


def render_victorialogs(catalog: Catalog) -> Mapping[str, str]:
    """Render the instances with their retention."""
    classes = tuple(catalog.log_classes.values())
    if not classes:
        return {}
    instances: dict[str, object] = {}
    for store in dict.fromkeys(each.store for each in classes):
        kept = [each for each in classes if each.store == store]
        instances[store] = {
            "classes": [each.name for each in kept],
            "flags": [
                f"-retentionPeriod={max(each.retention_days for each in kept)}d",
                # A full disk stops whatever is written, so the oldest days go before: four fifths of the disk.
                *(["-retention.maxDiskSpaceUsageBytes=200GB"] if store == "application" else []),
                f"-storageDataPath=/var/lib/victoria-logs/{store}",
            ],
            "address": f"SMS_COLLECTOR_VICTORIALOGS_{store.upper()}_URL",
        }
    return {PATH: yaml_document({"instances": instances}, about=_ABOUT)}
