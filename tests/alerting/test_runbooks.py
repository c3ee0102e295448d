"""Who is called at night finds a page, and what stands in it works."""

from __future__ import annotations

import functools
import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from docs.page import blocks
from servers.alertmanager import firing, start
from servers.programs import ROOT, binary
from sms_observability.catalog import SMS_CATALOG
from sms_observability.catalog.words import RESTRICTED_TEXT_PATTERN
from sms_observability.cli import main
from sms_observability.cli.commands import commands
from sms_observability.render.site import Site

RUNBOOKS = ROOT / "docs" / "runbooks"
PAGES = {page.stem: page for page in sorted(RUNBOOKS.glob("*.md")) if page.stem != "README"}
HEADINGS = ["Meaning", "Impact", "Diagnosis", "Mitigation"]
SERVICES = {"parts-api", "sync-api", "vessels-api", "payment-processor", "orders-worker"}
MONITORING = {"prometheus", "alertmanager"}
STORES = {"redis"}
MANIFESTS = ROOT / "collector-config" / "deploy" / "kubernetes"
OTHER_PROGRAMS = {"psql", "openssl", "df", "du", "chronyc", "timedatectl", "systemctl", "otelcol", "python"}
PATHS = {
    "LOGS": {"/select/logsql/query"},
    "JAEGER": {"/api/traces"},
    "COLLECTOR": {"/metrics"},
    "PROMETHEUS": {"/-/ready", "/api/v1/targets", "/api/v1/rules"},
    "ALERTMANAGER": {"/-/ready"},
    **{name: {"/livez", "/readyz", "/health"} for name in ("PARTS", "SYNC", "VESSELS", "PAYMENTS")},
}


def test_every_alert_has_a_page_and_every_page_an_alert() -> None:
    """The page that an alert's annotation leads to is called as its slug."""
    assert {alert.runbook for alert in SMS_CATALOG.alerts.values()} == set(PAGES)
    site = Site()
    for rendered in (ROOT / "monitoring" / "prometheus").rglob("rules/*.yaml"):
        for group in yaml.safe_load(rendered.read_text())["groups"]:
            for rule in group["rules"]:
                if "alert" in rule:
                    page = rule["annotations"]["runbook_url"].removeprefix(f"{site.runbook_url}/")
                    assert page in PAGES, rule["alert"]


@pytest.mark.parametrize("alert", SMS_CATALOG.alerts.values(), ids=lambda alert: alert.name)
def test_a_page_says_what_it_means_whom_it_hurts_how_to_find_it_and_what_to_do(alert: Any) -> None:
    """Under the alert's own name, under four headings, none of them empty; a way to look in each diagnosis."""
    text = PAGES[alert.runbook].read_text(encoding="utf-8")
    title, *parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    assert title.strip() == f"# {alert.name}"
    assert parts[::2] == HEADINGS
    sections = dict(zip(parts[::2], (part.strip() for part in parts[1::2]), strict=True))
    assert all(len(section) > 25 for section in sections.values())
    assert "```sh" in sections["Diagnosis"]


def test_pages_lead_to_dashboards_that_exist() -> None:
    """By their uid."""
    for page in PAGES.values():
        for uid in re.findall(r"grafana\.example\.com/d/([\w-]+)", page.read_text(encoding="utf-8")):
            assert uid in SMS_CATALOG.dashboards, f"{page.name}: {uid}"


def test_the_page_of_a_restricted_alert_names_no_figure() -> None:
    """It says where to look, and is read by more people than may see it."""
    for alert in SMS_CATALOG.alerts.values():
        if alert.restricted:
            body = PAGES[alert.runbook].read_text(encoding="utf-8").partition("\n")[2]
            assert not re.search(r"\d|%|\$\d", body), alert.name
            assert not re.search(RESTRICTED_TEXT_PATTERN, body), alert.name


def command_lines() -> list[tuple[str, str]]:
    """Give each line of each block of commands with its page."""
    return [
        (page.name, line)
        for page in (*PAGES.values(), RUNBOOKS / "README.md")
        for block in blocks(page)
        if block.language == "sh"
        for line in block.text.replace("\\\n", "").splitlines()
    ]


def test_questions_to_prometheus_can_be_asked(tmp_path: Path) -> None:
    """Each is held to the catalogue as our rules are: metrics and labels exist, functions fit, sides match."""
    asked = [
        {"name": f"{page}: {found[1]}", "expr": found[1]}
        for page, line in command_lines()
        if (found := re.search(r"promtool query instant \$PROMETHEUS(?:_RESTRICTED)? '([^']+)'", line))
        and "RESTRICTED" not in line
    ]
    assert len(asked) > 80
    file = tmp_path / "runbooks.yaml"
    file.write_text(yaml.safe_dump(asked), encoding="utf-8")
    # The rules come along so that what they record is known.
    rules = [str(each) for each in (ROOT / "monitoring" / "prometheus" / "rules").glob("*.yaml")]
    assert main(["lint-rules", "--retention", "30d", str(file), *rules]) == 0


def test_commands_are_complete_and_name_what_there_is() -> None:
    """Shell that parses; services, paths and programs that the portal has; our own commands with options they take."""
    lines = command_lines()
    script = "\n".join(line for _, line in lines)
    parsed = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True, check=False, timeout=30)
    assert parsed.returncode == 0, parsed.stderr
    for page, line in lines:
        for part in re.split(r" \| (?=[a-z])(?![^']*'$)", line):
            check(page, shlex.split(part))


@functools.cache
def manifests() -> dict[str, set[str]]:
    """Give what the Collector's manifests deploy, and how its pods are labelled."""
    found: dict[str, set[str]] = {"workloads": set(), "labels": set()}
    for file in MANIFESTS.glob("*.yaml"):
        for document in yaml.safe_load_all(file.read_text(encoding="utf-8")):
            if document and document["kind"] in ("Deployment", "StatefulSet"):
                found["workloads"].add(f"{document['kind'].lower()}/{document['metadata']['name']}")
                labels = document["spec"]["template"]["metadata"]["labels"]
                found["labels"] |= {f"{name}={value}" for name, value in labels.items()}
    return found


def check(page: str, words: list[str]) -> None:
    """Check one command."""
    where = f"{page}: {' '.join(words)}"
    program, *rest = words
    if program == "curl":
        (url,) = [word for word in rest if word.startswith(("$", "http://"))]
        if found := re.fullmatch(r"\$([A-Z]+)(/[^?]*)(\?.*)?", url):
            assert found[2] in PATHS[found[1]], where
    elif program == "kubectl":
        namespace = rest[rest.index("-n") + 1]
        workloads = set(re.findall(r"\b((?:deployment|statefulset)/[\w-]+)", " ".join(rest)))
        labels = set(re.findall(r"(app[\w./]*=[\w-]+)", " ".join(rest)))
        if namespace == "sms-observability":
            assert workloads <= manifests()["workloads"], where
            assert labels <= manifests()["labels"], where
        else:
            names = {each.partition("/")[2] for each in workloads}
            assert names <= {"production": SERVICES | STORES, "monitoring": MONITORING}[namespace], where
            assert not labels, where
    elif program == "sms-observability" or "sms-observability" in rest:
        ours = words[words.index("sms-observability") + 1 :]
        command: click.Command = commands
        context = click.Context(commands)
        while isinstance(command, click.Group) and ours:
            found_command = command.get_command(context, ours.pop(0))
            assert found_command is not None, where
            command = found_command
        options = {name for parameter in command.params for name in parameter.opts}
        assert {word for word in ours if word.startswith("--")} <= options, where
    elif program in ("promtool", "amtool"):
        for word in rest:
            if word.startswith("monitoring/"):
                assert list(ROOT.glob(word)), where
    else:
        assert program in OTHER_PROGRAMS | {"export", "cd", "grep", "sort", "tail"}, where


@pytest.mark.servers
@pytest.mark.slow
def test_checks_of_configurations_pass() -> None:
    """What the pages tell people to check is all right as it is shipped."""
    checks = [
        shlex.split(line)
        for _, line in command_lines()
        if re.match(r"(promtool check|amtool check-config|sms-observability (lint-rules|render))", line)
    ]
    assert len(checks) >= 5
    for program, *rest in checks:
        files = [file for word in rest for file in (sorted(map(str, ROOT.glob(word))) if "*" in word else [word])]
        if program != "sms-observability":
            done = subprocess.run(
                [binary(program), *files], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
            )
            assert done.returncode == 0, f"{program} {rest}: {done.stdout}{done.stderr}"
    (validation,) = [line for _, line in command_lines() if line.startswith("otelcol validate")]
    done = subprocess.run(
        [binary("otelcol"), *shlex.split(validation)[1:]],
        cwd=ROOT / "collector-config",
        env={**os.environ, "SMS_COLLECTOR_SAMPLERS": "127.0.0.1:4337"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.servers
@pytest.mark.slow
def test_questions_to_alertmanager_are_answered(tmp_path: Path) -> None:
    """Silences, lists and routes, by a real one with the shipped configuration."""
    lines = {line for _, line in command_lines() if line.startswith("amtool --alertmanager.url=$ALERTMANAGER")}
    assert len(lines) >= 5
    with start(ROOT / "monitoring" / "alertmanager" / "alertmanager.yaml", tmp_path) as alertmanager:
        alertmanager.tell(firing("Watchdog", severity="info"))
        for line in sorted(lines):
            words = shlex.split(line.replace("$ALERTMANAGER", alertmanager.url))
            done = subprocess.run(
                [binary("amtool"), *words[1:], *(["--author=test"] if "add" in words else [])],
                capture_output=True,
                text=True,
                check=False,
                timeout=60,
            )
            assert done.returncode == 0, f"{line}: {done.stdout}{done.stderr}"
            assert done.stdout.strip(), f"{line} is answered with nothing"


def test_the_messages_that_pages_ask_for_are_written(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each command of an incident, as it stands there."""
    monkeypatch.setenv("USER", "kim")
    lines = [line for _, line in command_lines() if line.startswith("sms-observability incident")]
    assert len(lines) >= 3
    for line in lines:
        assert main([word.replace("$USER", "kim") for word in shlex.split(line)[1:]]) == 0, line
        assert "INCIDENT DECLARED" in capsys.readouterr().out
