"""The page about log storage says what is rendered, and names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

from sms_observability.catalog import SMS_CATALOG
from sms_observability.render.log_policy import dataset

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "log-storage.md").read_text(encoding="utf-8")


def test_the_table_of_classes_is_the_catalogues() -> None:
    """Name, data stream, days, instance and share."""
    rows = re.findall(
        r"^\| `([a-z.]+)` \| (.+?) \| `(logs-[a-z.-]+\*)` \| (\d+) days \| `(\w+)` \|$", PAGE, re.MULTILINE
    )
    assert [(name, stream, int(days), store) for name, _, stream, days, store in rows] == [
        (each.name, f"logs-{dataset(each)}.otel-*", each.retention_days, each.store)
        for each in SMS_CATALOG.log_classes.values()
    ]
    for name, lines, *_ in rows:
        log_class = SMS_CATALOG.log_classes[name]
        assert all(f"`{logger}`" in lines for logger in log_class.loggers)
        assert all(severity in lines for severity in log_class.severities)
        assert (f"{log_class.kept_percent} %" in lines) == (log_class.kept_percent < 100)


def test_every_file_that_the_page_names_exists() -> None:
    """Tests, folders and configurations."""
    named = set(re.findall(r"`((?:tests|collector-config|monitoring)/[\w./-]+)`", PAGE))
    assert named
    assert not [each for each in named if not (ROOT / each).exists()]
