"""Where the built programs are, and what a test does when one is missing."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "servers.py"


@functools.cache
def _find(name: str) -> tuple[Path | None, str]:
    found = subprocess.run(
        [sys.executable, str(TOOL), "path", name], capture_output=True, text=True, check=False, timeout=30
    )
    if found.returncode == 0:
        return Path(found.stdout.strip()), ""
    return None, found.stderr.strip()


def binary(name: str) -> Path:
    """Give the path of a built program; a missing one skips the test loudly, or fails it where CI says so.

    Args:
        name: A program of ``tools/servers.py``.
    """
    place, reason = _find(name)
    if place is None:
        if os.environ.get("CI"):
            pytest.fail(f"{reason} (nothing is skipped while CI is set)", pytrace=False)
        pytest.skip(f"NOT TESTED: {reason}")
    return place
