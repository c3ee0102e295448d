"""What README and `docs/` show is what happens."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from docs import run_blocks
from docs.page import ROOT, Block, blocks, pages, shows
from docs.terminal import Terminals, environment
from sms_observability.receiver import Receiver

PAGES = {str(page.relative_to(ROOT)): blocks(page) for page in pages()}
FOLLOWED = [name for name, found in PAGES.items() if any(block.language in ("python", "console") for block in found)]

_LINK = re.compile(r"\[[^\]]+\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")


def followed(name: str) -> tuple[list[Block], list[Block], list[Block]]:
    """Give the files of a page, its Python blocks and its terminals."""
    found = PAGES[name]
    return (
        [block for block in found if block.file],
        [block for block in found if block.language == "python" and not block.file],
        [block for block in found if block.language == "console"],
    )


def printed_by(name: str, python: list[Block], folder: Path, endpoint: str) -> list[str]:
    """Run Python blocks in one process and give what each printed, without log lines where it is told to print text."""
    done = subprocess.run(
        [sys.executable, run_blocks.__file__],
        input=json.dumps({"page": name, "blocks": [{"line": block.line, "text": block.text} for block in python]}),
        cwd=folder,
        env=environment(endpoint),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return [part.partition("\n")[2] for part in done.stdout.split(run_blocks.MARK)[1:]]


@pytest.mark.slow
@pytest.mark.parametrize("name", FOLLOWED)
def test_a_page_can_be_followed(name: str, tmp_path: Path) -> None:
    """Every piece of Python runs and prints what is shown, every service starts, answers and ends as shown."""
    files, python, consoles = followed(name)
    for block in files:
        (tmp_path / str(block.file)).write_text(block.text, encoding="utf-8")
    with Receiver() as receiver, Terminals(tmp_path, receiver.endpoint) as terminals:
        for console in consoles:
            terminals.run(console)
        terminals.end()
        printed = printed_by(name, python, tmp_path, receiver.endpoint) if python else []
    for block, text in zip(python, printed, strict=True):
        if block.output is None:
            continue
        where = f"{name}, line {block.output.line}; printed was:\n{text}"
        if block.output.language == "json":
            assert any(shows(block.output.text, line, spaces=False) for line in text.splitlines()), where
        else:
            plain = [line for line in text.splitlines() if not line.startswith('{"timestamp"')]
            assert shows(block.output.text, "\n".join(plain)), where


@pytest.mark.slow
@pytest.mark.parametrize("name", ["README.md", "docs/getting-started.md"])
def test_the_first_service_shows_its_journey_in_the_receiver(name: str, tmp_path: Path) -> None:
    """Twenty lines, written by following the page, show the journey, its step, its log line and its metric."""
    files, _, consoles = followed(name)
    for block in files:
        (tmp_path / str(block.file)).write_text(block.text, encoding="utf-8")
    with Terminals(tmp_path, "http://127.0.0.1:9") as terminals:
        for console in consoles:
            terminals.run(console)
        terminals.end()
    seen = terminals.receiver_output
    for expected in (
        "parts_ordering_flow",
        "PartsService.getSupplierQuotes",
        "Parts quote ready",
        "sms_parts_quotes_requested_total",
        "sms_journey_duration_seconds",
    ):
        assert expected in seen, f"{expected} is not in:\n{seen}"
    assert "livez" not in seen


def test_the_first_service_is_twenty_lines() -> None:
    """A beginner has little to type."""
    (service,) = followed("README.md")[0]
    lines = [line for line in service.text.splitlines() if line.strip()]
    assert len(lines) <= 20


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    """Every link to a file of the repository, and to a heading in it, finds it."""
    page = ROOT / name
    for path, heading in _LINK.findall(page.read_text(encoding="utf-8")):
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{name} links to {path}, which is not there"
        if heading:
            text = target.read_text(encoding="utf-8")
            anchors = {
                re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
                for title in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
            }
            assert heading in anchors, f"{name} links to {path}#{heading}, which is no heading there"


def test_python_in_the_pages_is_formatted(tmp_path: Path) -> None:
    """Code in the documentation looks as code in the repository does."""
    for name, found in PAGES.items():
        for block in found:
            if block.language == "python":
                place = tmp_path / f"{name.replace('/', '_')}_{block.line}.py"
                place.write_text(block.text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length=120", "--diff", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
