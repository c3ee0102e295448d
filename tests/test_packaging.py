"""The wheel, installed as users install it: without extras, with all of them, on each interpreter there is."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from email import message_from_string
from pathlib import Path

import pytest
import urllib3

from servers.process import free_port
from sms_observability.receiver import Receiver

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements" / "dev.txt"
OLDEST, NEWEST = 11, 14

START = """
import json
from sms_observability import get_logger, init_observability, journey, metrics, step

observability = init_observability("parts-api", traces="none", metrics="none", logs="none", log_format="json")
with journey("parts_ordering_flow"), step("Database.saveQuote"):
    metrics.parts_quotes_requested.add(1, urgency="high")
    get_logger().info("Parts quote requested", duration_ms=245)
print(json.dumps({"shut_down": observability.shutdown(timeout=2)}))
"""

SERVICE = """
from fastapi import FastAPI
from sms_observability import get_logger, health_router, init_observability, journey, step

app = FastAPI()
init_observability("parts-api", app=app, environment="test")
app.include_router(health_router())

@app.post("/api/parts/quote")
@journey("parts_ordering_flow")
async def quote() -> dict[str, int]:
    with step("Database.saveQuote"):
        get_logger().info("Parts quote ready")
    return {"price": 118}
"""


def run(*command: str | Path, status: int = 0, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {
        name: text for name, text in os.environ.items() if not name.startswith(("OTEL_", "SMS_", "PYTEST", "PYTHON"))
    }
    done = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
        env={**kept, **environment},
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done


def environment_of(folder: Path, interpreter: Path | str, *requirements: str) -> Path:
    """Make an empty virtual environment, install into it what the lock pins, and give its programs' folder."""
    uv = (sys.executable, "-m", "uv", "--quiet")
    run(*uv, "venv", "--no-project", "--python", interpreter, folder)
    run(*uv, "pip", "install", "--python", folder / "bin" / "python", "--constraint", LOCK, *requirements)
    return folder / "bin"


def interpreters() -> dict[str, Path]:
    """Give the supported interpreters of this machine beside the one that runs: on the path, and pyenv's."""
    running = (sys.version_info.major, sys.version_info.minor)
    found: dict[str, Path] = {}
    for minor in range(OLDEST, NEWEST + 1):
        versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
        candidates = [*versions.glob(f"3.{minor}.*/bin/python"), shutil.which(f"python3.{minor}")]
        for candidate in filter(None, candidates):
            probe = subprocess.run([candidate, "-c", "import ensurepip"], capture_output=True, check=False)
            if probe.returncode == 0 and (3, minor) != running:
                found[f"3.{minor}"] = Path(candidate)
                break
    return found


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built of a source distribution as a package index would get it."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def bare(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return environment_of(tmp_path_factory.mktemp("bare") / "venv", sys.executable, str(wheel))


@pytest.fixture(scope="module")
def full(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return environment_of(tmp_path_factory.mktemp("full") / "venv", sys.executable, f"{wheel}[all]")


class TestTheWheel:
    def test_everything_of_the_package_is_in_it(self, wheel: Path) -> None:
        """Modules, stubs, the mark of a typed package, what a page of dashboards is made of; no tests, no caches."""
        with zipfile.ZipFile(wheel) as archive:
            names = {name for name in archive.namelist() if ".dist-info/" not in name}
        listed = subprocess.run(["git", "ls-files", "src"], cwd=ROOT, capture_output=True, text=True, check=True)
        expected = {line.removeprefix("src/") for line in listed.stdout.splitlines() if (ROOT / line).exists()}
        assert expected <= names
        assert {"sms_observability/py.typed", "sms_observability/metrics/_instruments.pyi"} <= names
        assert all(name.startswith("sms_observability/") for name in names)
        page = "sms_observability/cli/dashboards/page/"
        assert not [
            name for name in names if not name.endswith((".py", ".pyi", ".typed")) and not name.startswith(page)
        ]

    def test_it_says_what_it_needs(self, wheel: Path) -> None:
        """Few dependencies without extras, an extra for everything else, the licence, the command."""
        with zipfile.ZipFile(wheel) as archive:
            (metadata,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
            headers = message_from_string(archive.read(metadata).decode())
            (entries,) = (name for name in archive.namelist() if name.endswith("/entry_points.txt"))
            commands = archive.read(entries).decode()
        always = {
            re.split(r"[<>=~! ]", line)[0] for line in headers.get_all("Requires-Dist", []) if "extra ==" not in line
        }
        assert always == {"opentelemetry-api", "opentelemetry-sdk", "structlog", "urllib3"}
        assert set(headers.get_all("Provides-Extra", [])) >= {
            "cli",
            "fast",
            "fastapi",
            "httpx",
            "requests",
            "sqlalchemy",
        }
        assert headers["License-Expression"] == "Apache-2.0"
        assert headers["Requires-Python"] == f">=3.{OLDEST}"
        assert "sms-observability = sms_observability.cli:main" in commands

    def test_every_dependency_has_its_reason(self, wheel: Path) -> None:
        """What services pay for is justified, line by line."""
        decisions = (ROOT / "docs" / "decisions.md").read_text(encoding="utf-8")
        with zipfile.ZipFile(wheel) as archive:
            (metadata,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
            headers = message_from_string(archive.read(metadata).decode())
        for line in headers.get_all("Requires-Dist", []):
            name = re.split(r"[<>=~!;\[ ]", line)[0]
            assert name == "sms-observability" or re.search(rf"\b{name}\b", decisions, re.IGNORECASE), name


class TestWithoutExtras:
    def test_a_script_runs(self, bare: Path) -> None:
        """Journeys, metrics and log lines need nothing but the core."""
        lines = [json.loads(line) for line in run(bare / "python", "-c", START).stdout.splitlines()]
        assert {"shut_down": True} in lines
        assert "Parts quote requested" in [line.get("message") for line in lines]

    def test_the_command_line_names_its_extra(self, bare: Path) -> None:
        """Whoever calls it without the extra learns what to install."""
        done = run(bare / "sms-observability", "catalog", "--json", status=2)
        assert "sms-observability[cli]" in done.stderr

    def test_health_endpoints_name_their_extra(self, bare: Path) -> None:
        """Whoever wants them without FastAPI learns what to install."""
        done = run(bare / "python", "-c", "import sms_observability as o; o.health_router()", status=1)
        assert "sms-observability[fastapi]" in done.stderr


class TestWithAllExtras:
    def test_a_script_runs(self, full: Path) -> None:
        """Every instrumented library is there, and none is in the way."""
        lines = [json.loads(line) for line in run(full / "python", "-c", START).stdout.splitlines()]
        assert {"shut_down": True} in lines

    def test_the_catalogue_is_printed(self, full: Path) -> None:
        """The command line works from the wheel alone."""
        catalog = json.loads(run(full / "sms-observability", "catalog", "--json").stdout)
        assert "sms.journey.duration" in [metric["otel_name"] for metric in catalog["metrics"]]
        assert len(catalog["journeys"]) == 3

    def test_everything_is_rendered(self, full: Path, tmp_path: Path) -> None:
        """What is rendered from the catalogue is made from the wheel alone, and is as in the repository."""
        written = json.loads(run(full / "sms-observability", "render", "--root", tmp_path, "--json").stdout)["written"]
        assert written
        assert run(full / "sms-observability", "render", "--root", tmp_path, "--check")
        for name in written:
            assert (tmp_path / name).read_text(encoding="utf-8") == (ROOT / name).read_text(encoding="utf-8"), name


@pytest.mark.parametrize("version", interpreters())
def test_a_service_runs_on_other_interpreters(version: str, wheel: Path, tmp_path: Path) -> None:
    """Installed on each supported interpreter of the machine, a service under uvicorn shows its journey."""
    programs = environment_of(tmp_path / "venv", interpreters()[version], f"{wheel}[fastapi]", "uvicorn")
    (tmp_path / "parts.py").write_text(SERVICE, encoding="utf-8")
    with Receiver() as receiver, served(programs, tmp_path, receiver.endpoint) as url:
        answer = urllib3.request("POST", f"{url}/api/parts/quote", retries=False, timeout=10)
        assert answer.json() == {"price": 118}
    names = [span["name"] for span in receiver.spans]
    assert {"POST /api/parts/quote", "parts_ordering_flow", "Database.saveQuote"} <= set(names)
    assert "Parts quote ready" in [log["body"] for log in receiver.logs]


class served:  # noqa: N801 - used as a context manager
    """A service under uvicorn, stopped by SIGTERM."""

    def __init__(self, programs: Path, folder: Path, endpoint: str) -> None:
        port = free_port()
        kept = {name: text for name, text in os.environ.items() if not name.startswith(("OTEL_", "SMS_", "PYTEST"))}
        self._url = f"http://127.0.0.1:{port}"
        self._output = folder / "service.txt"
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                [programs / "python", "-W", "error", "-m", "uvicorn", "parts:app", "--port", str(port)],
                cwd=folder,
                env={**kept, "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint},
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def __enter__(self) -> str:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                if urllib3.request("GET", f"{self._url}/livez", retries=False, timeout=2).status == 200:
                    return self._url
            except urllib3.exceptions.HTTPError:
                time.sleep(0.05)
        self._end()
        raise AssertionError(f"the service does not answer:\n{self._printed()}")

    def __exit__(self, *error: object) -> None:
        self._end()
        assert self._process.returncode in (0, -15), self._printed()

    def _end(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _printed(self) -> str:
        return self._output.read_text(encoding="utf-8", errors="replace")


def test_the_tested_interpreters_are_those_of_the_documentation() -> None:
    """The page on supported versions, the package's metadata and its classifiers name the same range."""
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    named = re.findall(r'"Programming Language :: Python :: 3\.(\d+)"', project)
    assert named == [str(minor) for minor in range(OLDEST, NEWEST + 1)]
    assert f"| CPython | 3.{OLDEST} to 3.{NEWEST} |" in (ROOT / "docs" / "supported.md").read_text(encoding="utf-8")


def test_locks_pin_everything_by_hash_and_name_no_index() -> None:
    """Whoever installs from them gets the same bytes, from any mirror."""
    for lock in (ROOT / "requirements").glob("*.txt"):
        text = lock.read_text(encoding="utf-8")
        packages = re.findall(r"^[A-Za-z0-9][^\n]*==(?:[^\n]*\\\n)+?[^\n\\]*$", text, re.MULTILINE)
        assert len(packages) == len(re.findall(r"^[A-Za-z0-9]", text, re.MULTILINE)) > 20
        assert all("--hash=sha256:" in package for package in packages)
        assert "index" not in text
        assert "http" not in re.sub(r"^[a-z0-9-]*http[a-z0-9-]*==", "", text, flags=re.MULTILINE).replace("httpx", "")
