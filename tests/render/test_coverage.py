"""Nothing of the two plan documents is missing from the page of coverage, and all that it names exists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from render.plan_items import plan_items, target_items
from sms_observability.catalog import SMS_CATALOG, Catalog
from sms_observability.render.coverage import Item, plan, render_coverage, targets

ROOT = Path(__file__).parents[2]


def names(items: Iterable[Item]) -> Counter[tuple[str, str]]:
    """Give section and name of all that is covered."""
    return Counter((each.section, name) for each in items for name in each.names)


def test_the_documents_are_read() -> None:
    """The reader finds what everybody can see in them: 13 alerts, 25 panels, 24 metrics, and the rest."""
    found = Counter(section.partition(".")[0] for section, _ in plan_items())
    assert (found["2"], found["3"], found["4"]) == (24, 13, 26)
    assert {section.partition(".")[0] for section, _ in plan_items()} == {str(number) for number in range(1, 13)}
    assert len(plan_items()) > 300
    assert len(target_items()) > 200
    assert ("MONITORING METRICS TRACKING / System Metrics", "Service Uptime") in target_items()


@pytest.mark.parametrize("document", ["plan", "targets"])
def test_nothing_of_a_document_is_missing(document: str) -> None:
    """Each thing is covered once, and nothing is covered that the document does not ask for."""
    asked = plan_items() if document == "plan" else target_items()
    covered = names(plan(SMS_CATALOG) if document == "plan" else targets(SMS_CATALOG))
    assert sorted(asked - covered.keys()) == []
    assert sorted(covered.keys() - asked) == []
    assert [name for name, count in covered.items() if count > 1] == []


def test_every_file_and_test_that_is_named_exists() -> None:
    """And what has no file says why."""
    items = [*plan(SMS_CATALOG), *targets(SMS_CATALOG)]
    missing = sorted({path for each in items for path in (*each.files, *each.tests) if not (ROOT / path).exists()})
    assert missing == []
    unexplained = [each.names for each in items if not each.note and not (each.files and each.tests)]
    assert unexplained == []


def test_a_renamed_panel_is_noticed() -> None:
    """Rendering fails rather than naming a panel that is gone."""
    others = Catalog(
        metrics=SMS_CATALOG.metrics.values(),
        alerts=SMS_CATALOG.alerts.values(),
        dashboards=[each for each in SMS_CATALOG.dashboards.values() if each.uid != "sms-security"],
    )
    with pytest.raises(KeyError, match="correct render/coverage"):
        render_coverage(others)


def test_another_catalogue_has_no_such_page() -> None:
    """A service that renders its own files does not get the portal's plan."""
    assert render_coverage(Catalog()) == {}
