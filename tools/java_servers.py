#!/usr/bin/env python3
"""Fetches the backends that run on Java and that the tests read data back from: Kafka, Zipkin, OpenSearch.

    python3 tools/java_servers.py fetch [NAME ...]   fetch what is missing (no NAME: all)
    python3 tools/java_servers.py path NAME          print the folder of its jars; exit 1 if it was not fetched

Each is a folder beside this file, tools/java/NAME, whose pom.xml names one version and whose jars.sha256 locks every
jar by hash. Maven fetches them once; they are kept beside the built programs (tools/servers.py). Java 17 or newer runs
them. Where Java, Maven or their repository is missing, `make servers` says so and goes on: the tests that need them
are then skipped, loudly.

Standard library only; any Python from 3.11 on.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from servers import cache_dir

if TYPE_CHECKING:
    from collections.abc import Sequence

JAVA = Path(__file__).resolve().parent / "java"
NAMES = tuple(sorted(folder.name for folder in JAVA.iterdir() if (folder / "pom.xml").is_file()))
FETCH_SECONDS = 120


class FetchError(Exception):
    """A program could not be fetched; the message says why."""


class TooSlowError(FetchError):
    """The repository does not answer in time, and will not do so for the next program either."""


def path(name: str) -> Path:
    """Give the folder of a program's jars, whether or not it has been fetched."""
    digest = hashlib.sha256((JAVA / name / "pom.xml").read_bytes() + (JAVA / name / "jars.sha256").read_bytes())
    return cache_dir() / "java" / f"{name}-{digest.hexdigest()[:16]}"


def fetch(name: str) -> None:
    """Fetch a program's jars and check each against its hash.

    Raises:
        FetchError: Java or Maven is missing, the repository does not answer, or a jar is not the one that was locked.
    """
    target = path(name)
    if target.is_dir():
        return
    maven = shutil.which("mvn")
    if maven is None or shutil.which("java") is None:
        raise FetchError("java and mvn are needed")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f"{name}.") as scratch:
        jars = Path(scratch) / "jars"
        command = [maven, "-q", "-B", "-f", str(JAVA / name / "pom.xml")]
        command += ["dependency:copy-dependencies", f"-DoutputDirectory={jars}"]
        try:
            said = subprocess.run(command, capture_output=True, text=True, check=False, timeout=FETCH_SECONDS)
        except subprocess.TimeoutExpired:
            raise TooSlowError(f"Maven took longer than {FETCH_SECONDS} s") from None
        if said.returncode:
            raise FetchError(f"Maven failed:\n{(said.stdout + said.stderr)[-2000:]}")
        _check(name, jars)
        try:
            jars.rename(target)
        except OSError:
            if not target.is_dir():  # else somebody else was faster
                raise


def _check(name: str, jars: Path) -> None:
    locked = dict(reversed(line.split()) for line in (JAVA / name / "jars.sha256").read_text("utf-8").splitlines())
    found = {jar.name: hashlib.sha256(jar.read_bytes()).hexdigest() for jar in jars.iterdir()}
    if found != locked:
        wrong = sorted(jar for jar in found.keys() | locked.keys() if found.get(jar) != locked.get(jar))
        raise FetchError(f"not what tools/java/{name}/jars.sha256 locks: {', '.join(wrong)}")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Returns:
        0 = done, 1 = something is missing, 2 = wrong use.
    """
    parser = argparse.ArgumentParser(description="Fetches the backends that run on Java.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("fetch", help="fetch what is missing").add_argument("names", nargs="*", metavar="NAME")
    commands.add_parser("path", help="print where a program's jars are").add_argument("name", choices=NAMES)
    options = parser.parse_args(arguments)
    if options.command == "path":
        if not path(options.name).is_dir():
            _say(f"{options.name} was not fetched: run `python3 tools/java_servers.py fetch {options.name}`")
            return 1
        print(path(options.name))
        return 0
    if unknown := set(options.names) - set(NAMES):
        _say(f"nothing is called {', '.join(sorted(unknown))}; there are: {', '.join(NAMES)}")
        return 2
    failed = 0
    for name in options.names or NAMES:
        try:
            fetch(name)
            _say(f"{name}: ready")
        except FetchError as error:
            failed = 1
            _say(f"{name}: not fetched, its tests will be skipped: {error}")
            if isinstance(error, TooSlowError):
                break
    return failed


if __name__ == "__main__":
    sys.exit(main())
