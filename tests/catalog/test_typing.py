"""What a type checker knows of the catalogue."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from sms_observability.catalog import SMS_CATALOG
from sms_observability.metrics import _instruments
from sms_observability.render.stubs import STUB, main, render_instruments

SNIPPETS = Path(__file__).parents[1] / "typing"
ROOT = Path(__file__).parents[2]


def test_the_stub_is_as_the_catalogue_wants_it() -> None:
    """After a change: `python -m sms_observability.render.stubs`."""
    assert STUB.read_text("utf-8") == render_instruments(SMS_CATALOG)
    assert main(["--check"]) == 0


def test_the_stub_is_written_and_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stub that drifted fails the check until it is written anew."""
    drifted = tmp_path / "_instruments.pyi"
    drifted.write_text("# old", "utf-8")
    monkeypatch.setattr("sms_observability.render.stubs.STUB", drifted)
    assert main(["--check"]) == 1
    assert main([]) == 0
    assert main(["--check"]) == 0


def test_every_instrument_of_the_stub_exists_and_none_is_missing() -> None:
    """What the type checker promises, the run time has."""
    text = STUB.read_text("utf-8")
    public = set(re.findall(r"^(\w+): Final\[", text, re.MULTILINE)) - {"restricted"}
    restricted = set(re.findall(r"^    (\w+): Final\[", text, re.MULTILINE))
    own = [metric for metric in SMS_CATALOG.metrics.values() if metric.source == "sms"]
    assert public == {metric.python_name for metric in own if metric.access == "public"}
    assert (
        restricted
        == {metric.python_name for metric in own if metric.access == "restricted"}
        == set(dir(_instruments.restricted))
    )
    for metric in own:
        holder = _instruments if metric.access == "public" else _instruments.restricted
        assert getattr(holder, metric.python_name) is metric


def test_a_wrong_instrument_is_answered_with_the_nearest_one() -> None:
    """A misspelling costs seconds, not a search."""
    with pytest.raises(AttributeError, match="did you mean 'parts_quotes_requested'"):
        _instruments.parts_quote_requested  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(AttributeError, match="did you mean 'parts_markup_realized'"):
        _instruments.restricted.parts_markup_realised  # type: ignore[attr-defined]  # noqa: B018


def _mypy(snippet: str) -> set[int]:
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--follow-imports=silent", "--no-error-summary", str(SNIPPETS / snippet)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return {int(line) for line in re.findall(rf"{re.escape(snippet)}:(\d+): error", done.stdout)}


def test_the_type_checker_accepts_right_use_and_refuses_each_wrong_one() -> None:
    """Wrong labels, values, amounts and names are found before the code runs."""
    lines = (SNIPPETS / "refused.py").read_text("utf-8").splitlines()
    marked = {number for number, line in enumerate(lines, 1) if line.endswith("# refused")}
    assert len(marked) == 32
    assert _mypy("refused.py") == marked
    assert _mypy("accepted.py") == set()
