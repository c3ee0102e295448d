"""The other commands: as a person types them, and in an environment without the extra."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import urllib3

from servers import otlp
from sms_observability.catalog import SMS_CATALOG

Run = Callable[..., tuple[int, str, str]]
RunJson = Callable[..., tuple[int, Any]]

ROOT = Path(__file__).parents[2]


class TestMain:
    """What all commands share."""

    def test_without_the_extra_it_is_named(self) -> None:
        """Wrong use, and the words to install it; nothing else is said."""
        code = textwrap.dedent(
            """
            import sys
            sys.modules["click"] = sys.modules["rich"] = None
            from sms_observability.cli import main
            sys.exit(main(["catalog"]))
            """
        )
        said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
        assert (said.returncode, said.stdout) == (2, "")
        assert 'pip install "sms-observability[cli]"' in said.stderr
        assert "click, rich" in said.stderr
        assert "Traceback" not in said.stderr

    def test_help_names_every_command(self, run: Run) -> None:
        """And the exit statuses."""
        status, out, _ = run("--help")
        assert status == 0
        for name in ("demo", "receive", "doctor", "render", "catalog"):
            assert f"\n  {name} " in out
        assert "2 wrong use" in out

    @pytest.mark.parametrize("arguments", [("catalogue",), ("catalog", "--jason"), ("receive", "--port", "http")])
    def test_wrong_use_ends_with_2(self, run: Run, arguments: tuple[str, ...]) -> None:
        """With an error on standard error."""
        status, out, err = run(*arguments)
        assert (status, out) == (2, "")
        assert "Error" in err

    def test_a_terminal_that_lacks_a_letter_is_no_error(self) -> None:
        """What it cannot show is written as its code."""
        done = subprocess.run(
            [sys.executable, "-m", "sms_observability.cli", "doctor", "--endpoint", "http://127.0.0.1:9"],
            env={**os.environ, "PYTHONIOENCODING": "ascii"},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert (done.returncode, done.stderr) == (1, "")
        assert "\\u2717 traces" in done.stdout

    def test_a_reader_that_has_seen_enough_is_no_error(self) -> None:
        """`sms-observability catalog | head -1` prints no traceback."""
        done = subprocess.run(
            f"{sys.executable} -m sms_observability.cli catalog | head -1",
            shell=True,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert (done.stdout.strip(), done.stderr) == ("Metrics", "")


class TestCatalog:
    """`catalog`."""

    def test_the_json_has_exactly_three_lists(self, run_json: RunJson) -> None:
        """Metrics with all their names, journeys with their steps, fields with their class."""
        status, found = run_json("catalog")
        assert status == 0
        assert list(found) == ["metrics", "journeys", "fields"]
        quotes = next(each for each in found["metrics"] if each["otel_name"] == "sms.parts.quotes.requested")
        assert quotes["prometheus_names"] == ["sms_parts_quotes_requested_total"]
        assert {"otel_name", "prometheus_names", "kind", "unit", "labels", "access"} <= set(quotes)
        assert {each["name"] for each in found["journeys"]} == set(SMS_CATALOG.journeys)
        assert {each["access"] for each in found["fields"]} >= {"public", "restricted"}

    def test_people_see_every_metric_journey_and_field(self, run: Run) -> None:
        """In a pipe nothing is cut."""
        status, out, _ = run("catalog")
        assert status == 0
        for name in (*SMS_CATALOG.metrics, *SMS_CATALOG.journeys, *SMS_CATALOG.fields):
            assert name in out
        assert "…" not in out

    def test_a_word_narrows_it(self, run: Run) -> None:
        """By a name in Prometheus, too; a word that is nowhere is a finding."""
        status, out, _ = run("catalog", "sms_churn_risk")
        assert status == 0
        assert "sms.churn.risk.score" in out
        assert "sms.mrr" not in out
        assert run("catalog", "no such thing")[0] == 1

    def test_a_service_shows_its_own(self, run_json: RunJson, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """`--catalog module:name`, from the folder that one stands in."""
        (tmp_path / "refunds_telemetry.py").write_text(
            "from sms_observability.catalog import SMS_CATALOG, Journey\n"
            'CATALOG = SMS_CATALOG.extend(journeys=[Journey("parts_refund_flow", sla_ms=2000)])\n',
            encoding="utf-8",
        )
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "path", list(sys.path))
        status, found = run_json("catalog", "refund", "--catalog", "refunds_telemetry:CATALOG")
        assert status == 0
        assert [each["name"] for each in found["journeys"]] == ["parts_refund_flow"]

    @pytest.mark.parametrize("given", ["nowhere", "no_such_module:CATALOG", "json:dumps"])
    def test_what_is_no_catalogue_is_wrong_use(self, run: Run, given: str) -> None:
        """With the form in which to write it, or what failed."""
        status, _, err = run("catalog", "--catalog", given)
        assert status == 2
        assert "module:name" in err or "ModuleNotFoundError" in err


class TestRender:
    """`render`."""

    def test_it_writes_checks_and_finds_drift(self, run: Run, run_json: RunJson, tmp_path: Path) -> None:
        """The life of a rendered file: missing, written, right, edited by hand, repaired."""
        root = ("--root", str(tmp_path))
        status, missing = run_json("render", "--check", *root)
        assert status == 1
        assert {each["kind"] for each in missing["drift"]} == {"missing"}
        status, out, _ = run("render", *root)
        assert status == 0
        assert out.count("written") == len(missing["drift"])
        assert run("render", "--check", *root)[0] == 0
        page = tmp_path / "docs" / "settings.md"
        page.write_text(page.read_text("utf-8").replace("`INFO`", "`DEBUG`"), encoding="utf-8")
        status, out, _ = run("render", "--check", *root)
        assert status == 1
        assert "changed docs/settings.md" in out
        assert "+| `log_level`" in out
        assert run_json("render", *root)[1]["written"] == ["docs/settings.md"]

    def test_the_checkout_is_in_order(self, run: Run) -> None:
        """What `make check` asks."""
        status, out, _ = run("render", "--check", "--root", str(ROOT))
        assert (status, out.split()[0]) == (0, "Every"), out

    def test_it_does_not_write_just_anywhere(self, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without --root, only where collector-config/ is."""
        monkeypatch.chdir(tmp_path)
        status, _, err = run("render")
        assert status == 2
        assert "--root" in err
        assert list(tmp_path.iterdir()) == []

    def test_a_folder_that_cannot_be_written_is_said(self, run: Run, tmp_path: Path) -> None:
        """No traceback."""
        (tmp_path / "docs").write_text("a file where a folder should be", encoding="utf-8")
        status, _, err = run("render", "--root", str(tmp_path))
        assert status == 1
        assert "cannot write" in err


@pytest.fixture
def receiving() -> Iterator[Callable[..., tuple[subprocess.Popen[str], str]]]:
    """Start `receive` in a process of its own on a free port; gives it and its endpoint."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> tuple[subprocess.Popen[str], str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "sms_observability.cli", "receive", "--port", "0", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=dict(os.environ),
        )
        started.append(process)
        assert process.stderr is not None
        greeting = process.stderr.readline()
        return process, greeting.split()[2].rstrip(".")

    yield start
    for process in started:
        process.kill()
        process.communicate()


def send(endpoint: str, path: str, body: bytes) -> None:
    """Send a request to the receiver."""
    headers = {"Content-Type": "application/x-protobuf"}
    with urllib3.PoolManager() as pool:
        assert pool.request("POST", f"{endpoint}{path}", body=body, headers=headers, timeout=10).status == 200


def lines_of(process: subprocess.Popen[str]) -> tuple[list[str], str]:
    """End it with Ctrl-C; gives what it wrote, and its last words."""
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 0, err
    return out.splitlines(), err


class TestReceive:
    """`receive`."""

    def test_what_arrives_is_shown_until_ctrl_c(
        self, receiving: Callable[..., tuple[subprocess.Popen[str], str]]
    ) -> None:
        """A tree for a trace, a line for a log record; a summary at the end, and status 0."""
        process, endpoint = receiving()
        send(endpoint, "/v1/traces", otlp.traces([otlp.span("quote")]).SerializeToString())
        out, err = lines_of(process)
        assert any("quote" in line for line in out)
        assert "Received 1 spans" in err

    def test_json_is_one_object_a_line_at_once(
        self, receiving: Callable[..., tuple[subprocess.Popen[str], str]]
    ) -> None:
        """A program can read each item as it comes."""
        process, endpoint = receiving("--json")
        send(endpoint, "/v1/traces", otlp.traces([otlp.span("quote"), otlp.span("order")]).SerializeToString())
        assert process.stdout is not None
        items: list[Mapping[str, Any]] = [json.loads(process.stdout.readline()) for _ in range(2)]
        assert [(each["signal"], each["name"]) for each in items] == [("traces", "quote"), ("traces", "order")]
        assert lines_of(process)[0] == []

    def test_it_ends_when_nobody_reads_any_more(
        self, receiving: Callable[..., tuple[subprocess.Popen[str], str]]
    ) -> None:
        """`sms-observability receive --json | head -1` does not stay behind."""
        process, endpoint = receiving("--json")
        assert process.stdout is not None
        process.stdout.close()
        body = otlp.traces([otlp.span("quote")]).SerializeToString()
        send(endpoint, "/v1/traces", body)
        assert process.wait(timeout=20) == 1
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()

    def test_a_port_in_use_is_said(self, run: Run, receiving: Callable[..., tuple[subprocess.Popen[str], str]]) -> None:
        """With what may be using it."""
        _, endpoint = receiving()
        status, _, err = run("receive", "--port", endpoint.rpartition(":")[2])
        assert status == 1
        assert "Perhaps a Collector runs there already" in err


class TestDemo:
    """`demo`, where there is no checkout; in one, it runs the real portal, which has its own tests."""

    @pytest.fixture(autouse=True)
    def _no_checkout(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sms_observability.cli.demo._CHECKOUT", tmp_path)

    def test_a_small_portal_shows_every_kind_of_thing(self, run: Run) -> None:
        """Journeys with a broken SLA, traces, log lines, metrics, and what was withheld."""
        status, out, err = run("demo")
        assert (status, err) == (0, "")
        for text in (
            "demo_rush_flow",
            "BREACHED, slowest step Demo.askSuppliers",
            "parts_ordering_flow",
            "Parts quote requested",
            'sms_parts_quotes_requested_total{company_id="nordic-lines", urgency="high", vessel_id="aurora"} 2',
            "restricted",
        ):
            assert text in out
        assert "{" not in out.partition("Journeys")[0]
        # The hidden figures, and the name of the step that makes them.
        for text in ("912.47", "164.24", "MarkupService"):
            assert text not in out

    def test_the_collector_needs_the_checkout(self, run: Run) -> None:
        """Wrong use, with what to do."""
        status, _, err = run("demo", "--collector")
        assert status == 2
        assert "make demo COLLECTOR=1" in err
