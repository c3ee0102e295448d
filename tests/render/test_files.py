"""Rendered files as a whole: each has one renderer, stays below its root, and is written only when it changed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from sms_observability import render
from sms_observability.catalog import SMS_CATALOG, Catalog, Field
from sms_observability.render.files import compare_files, render_with, write_files


def one(path: str) -> render.Renderer:
    """Give a renderer of one file."""

    def renderer(catalog: Catalog) -> Mapping[str, str]:
        return {path: "text\n"}

    return renderer


def test_two_renderers_cannot_write_one_file() -> None:
    """The second would undo the first."""
    with pytest.raises(ValueError, match="two renderers"):
        render_with([one("docs/a.md"), one("docs/a.md")], SMS_CATALOG)


@pytest.mark.parametrize("path", ["/etc/passwd", "../a.md", "docs/../../a.md"])
def test_no_file_leaves_the_root(path: str) -> None:
    """A renderer has no business elsewhere."""
    with pytest.raises(ValueError, match="leaves the root"):
        render_with([one(path)], SMS_CATALOG)


def test_a_file_that_is_right_is_not_touched(tmp_path: Path) -> None:
    """So that builds see no change where there is none."""
    files = {"a/b.md": "one\n", "c.md": "two\n"}
    assert write_files(files, tmp_path) == ["a/b.md", "c.md"]
    before = (tmp_path / "c.md").stat().st_mtime_ns
    assert write_files({**files, "a/b.md": "three\n"}, tmp_path) == ["a/b.md"]
    assert (tmp_path / "c.md").stat().st_mtime_ns == before


def test_drift_says_what_differs(tmp_path: Path) -> None:
    """Missing and changed files, the latter with the lines; bytes that are no text are a change as well."""
    (tmp_path / "a.md").write_bytes(b"one\n\xff\n")
    missing_and_changed = compare_files({"b.md": "x\n", "a.md": "one\ntwo\n"}, tmp_path)
    assert [(each.path, each.kind) for each in missing_and_changed] == [("a.md", "changed"), ("b.md", "missing")]
    assert "+two" in missing_and_changed[0].difference


def test_rendering_is_the_same_every_time() -> None:
    """No clock, no environment, no order of sets."""
    assert render.render(SMS_CATALOG) == render.render(SMS_CATALOG.extend())


def test_a_service_renders_its_own_catalogue(tmp_path: Path) -> None:
    """What it declares appears in the Collector's allow list and in the page; the library's types do not."""
    catalog = SMS_CATALOG.extend(fields=[Field("refund_reference", description="Number of the refund")])
    written = render.write(tmp_path, catalog)
    assert written == sorted(render.render(SMS_CATALOG))
    assert "refund_reference" in (tmp_path / "collector-config/policy/redaction.yaml").read_text("utf-8")
    assert "| `refund_reference` | public |" in (tmp_path / "docs/catalog.md").read_text("utf-8")
    assert [drift.path for drift in render.check(tmp_path)] == [
        "collector-config/policy/redaction.yaml",
        "collector-config/stock/redaction.yaml",
        "docs/catalog.md",
        "docs/privacy.md",
    ]
