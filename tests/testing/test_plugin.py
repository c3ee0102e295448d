"""The plugin in a pytest of its own, as it is installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

OPTIONS = ("-q", "-p", "no:cacheprovider", "-W", "error")


def pytest_in(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run pytest in a folder of its own."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", *OPTIONS, *options],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


@pytest.fixture
def service(tmp_path: Path) -> Path:
    (tmp_path / "test_parts.py").write_text(
        """
from sms_observability.journeys import journey


def test_quote(telemetry):
    with journey("parts_ordering_flow"):
        pass
    assert [span["name"] for span in telemetry.spans] == ["parts_ordering_flow"]
    assert telemetry.spans[0]["trace_id"] == "0" * 31 + "1"
    telemetry.assert_no_restricted()


def test_again(telemetry):
    assert telemetry.spans == telemetry.logs == telemetry.metrics == []
""",
        encoding="utf-8",
    )
    return tmp_path


@pytest.mark.slow
def test_the_fixture_is_there_without_a_word(service: Path) -> None:
    """By its entry point, with warnings as errors."""
    done = pytest_in(service)
    assert "2 passed" in done.stdout, done.stdout + done.stderr


@pytest.mark.slow
def test_it_can_be_switched_off(service: Path) -> None:
    """As any plugin."""
    done = pytest_in(service, "-p", "no:sms_observability")
    assert "fixture 'telemetry' not found" in done.stdout


def test_a_run_that_does_not_use_it_does_not_pay_for_it() -> None:
    """Loading the plugin imports neither OpenTelemetry's SDK nor our rooms."""
    code = (
        "import sys, sms_observability.testing.plugin\n"
        "heavy = ('opentelemetry.sdk', 'structlog', 'fastapi', 'google.protobuf', 'sms_observability.setup.house')\n"
        "print(*[name for name in heavy if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "", "")
