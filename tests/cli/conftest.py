"""The command line, called as a person would from a shell with nothing set."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

import pytest

from sms_observability.cli import main


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of the machine counts, and the command is not taken for a test."""
    for name in os.environ:
        if name.startswith(("OTEL_", "SMS_OBSERVABILITY_", "PYTEST_")):
            monkeypatch.delenv(name)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run a command; gives its exit status, output and notes."""

    def command(*arguments: str) -> tuple[int, str, str]:
        status = main(arguments)
        out, err = capsys.readouterr()
        return status, out, err

    return command


@pytest.fixture
def run_json(run: Callable[..., tuple[int, str, str]]) -> Callable[..., tuple[int, Any]]:
    """Run a command with `--json`; gives its exit status and what it wrote."""

    def command(*arguments: str) -> tuple[int, Any]:
        status, out, _ = run(*arguments, "--json")
        return status, json.loads(out)

    return command
