"""`make stack`: one command, every program, killed and started again, a clean end."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from examples.stack.fault import SWITCHES
from examples.stack.placeholders import CONFIG, mandatory
from examples.stack.stack import Stack

from servers.process import http_get
from servers.programs import ROOT, binary
from stack.alerts import EXPECTED
from stack.running import PROGRAMS, RunningStack, wait_for

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(900)]


def test_what_the_portal_does_is_seen_in_prometheus_and_finances_figures_only_in_the_restricted_one(
    stack: RunningStack,
) -> None:
    """Services, ship, spans and the Collectors' own metrics on the public side; `_sms_` names on the other."""
    for query in (
        'sum(http_requests_total{job="parts-api",status="201"}) > 0',
        'sms_journey_duration_seconds_count{journey="technician_sync_flow",job="vessel-agent"} > 0',
        'traces_span_metrics_calls_total{service_name="parts-api"} > 0',
        'sms_parts_orders_completed_total{job="orders-worker"} > 0',
        "otelcol_process_uptime > 0",
    ):
        wait_for(lambda query=query: stack.query(query), query)
    finance = "prometheus-restricted"
    wait_for(lambda: stack.query("_sms_parts_markup_realized_dollars_sum > 0", finance), "the realised markup")
    assert stack.query('{__name__=~"_sms_.+"}') == []
    assert stack.query('{__name__=~"sms_.+|http_.+"}', finance) == []


def test_a_person_sees_the_running_portal_in_the_dashboards(stack: RunningStack) -> None:
    """Each page is made of what the Prometheuses hold now; only finance's has finance's dashboard with data."""

    def panels_with_data(program: str) -> int:
        status, text = http_get(stack.page(program), timeout=100)
        assert (status, text.count("<html")) == (200, 1)
        return int(re.findall(r"^(\d+) of \d+ panels have data", stack.log(program), re.MULTILINE)[-1])

    wait_for(lambda: panels_with_data("dashboards") >= 60, "public panels with data", 200, every=5)
    wait_for(lambda: panels_with_data("dashboards-restricted") > 0, "finance's panels with data", 200, every=5)
    assert "sms-revenue" not in stack.log("dashboards")


def test_the_page_on_deployment_says_of_each_program_what_happens_when_it_is_killed() -> None:
    """The table of `docs/deploy.md` is what the programs say of themselves, of stores that are built as well."""
    with tempfile.TemporaryDirectory() as folder:
        programs = {each.name: each.killed for each in Stack(Path(folder), any_ports=True).programs}
    text = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    section = text.split("| killed | until it is back |")[1].split("\n\n")[0]
    table = dict(re.findall(r"^\| `([\w-]+)` \| (.+) \|$", section, re.MULTILINE))
    optional = {"jaeger", "victoria-metrics", "victoria-logs", "log-store"}
    assert {name: table[name] for name in programs} == programs
    assert table.keys() - programs.keys() <= optional
    faults = re.findall(r"^\| `(\w+)` \| .+ \| (.+) \|$", text, re.MULTILINE)
    assert {fault for fault, _ in faults} == set(SWITCHES)
    for fault, fires in faults:
        named = {name for name, _ in EXPECTED[fault].must if not name.startswith("ErrorBudget")}
        assert set(re.findall(r"\b[A-Z]\w+[a-z][A-Z]\w+\b|\bAPI\w+\b", fires)) == named


@pytest.mark.parametrize("program", ["gateway", "vessel", "sampler", "parts-api", "prometheus"])
def test_whatever_is_killed_is_reported_and_started_again(stack: RunningStack, program: str) -> None:
    """It has a new process, the terminal says so, and the portal's orders are seen to grow again."""
    before = stack.processes()[program]
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: stack.processes().get(program, before) != before, f"a new process of {program}")
    wait_for(lambda: f"{program} was started again" in stack.said(), "the line in the terminal")
    wait_for(lambda: http_get(stack.page(program))[0] == 200, f"{program} answers")
    orders = "sum(http_requests_total{job='parts-api',endpoint='/api/parts/quote',status='201'})"
    seen = wait_for(lambda: stack.value(orders), "orders after it")
    wait_for(lambda: stack.value(orders) not in (0, seen), "further orders")


_SUPERVISED = """
import sys, time
from pathlib import Path
from examples.stack.program import Program
from examples.stack.supervise import Supervisor
sleeper = Program("sleeper", (sys.executable, "-c", "import time; time.sleep(600)"))
with Supervisor([sleeper], Path(sys.argv[1])) as supervisor:
    while not supervisor.status().get("sleeper", {}).get("pid"):
        time.sleep(0.1)
    print(supervisor.status()["sleeper"]["pid"], flush=True)
    time.sleep(600)
"""


def test_killed_itself_it_leaves_nothing_behind() -> None:
    """Whoever kills the command does not have to look for its programs."""
    with tempfile.TemporaryDirectory(prefix="sms-st-") as folder:
        process = subprocess.Popen(
            [sys.executable, "-c", _SUPERVISED, folder], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        sleeper = int(process.stdout.readline())
        assert Path(f"/proc/{sleeper}").exists()
        process.kill()
        process.communicate(timeout=30)
        wait_for(lambda: not Path(f"/proc/{sleeper}").exists(), "the end of the program", 60)
        wait_for(lambda: not (Path(folder) / "supervisord.pid").exists(), "the end of the supervisor", 60)


@pytest.mark.parametrize("state", ["missing", "empty"])
def test_without_a_mandatory_variable_it_does_not_start_and_names_it(state: str) -> None:
    """Which variable, which file needs it, what it means, and where to set it."""
    for program in PROGRAMS:
        binary(program)
    assert set(mandatory([CONFIG / "vessel.yaml"])) == {"SMS_COLLECTOR_GATEWAY", "SMS_COLLECTOR_VESSEL"}
    environment = {**os.environ, "SMS_COLLECTOR_VESSEL": "" if state == "empty" else "  "}
    done = subprocess.run(
        [sys.executable, "-m", "examples.stack", "--any-ports"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 1
    for part in ("SMS_COLLECTOR_VESSEL", "collector-config/vessel.yaml", "its id", "stack.env"):
        assert part in done.stdout
