#!/usr/bin/env python3
"""Writes tools/collector anew from collector-config/manifest.yaml, with the OpenTelemetry Collector Builder.

    python3 tools/regenerate_collector.py           sources only: for a changed description, or to look for drift
    python3 tools/regenerate_collector.py --tidy    and the locks: after adding, removing or moving a component

Needs the Go that ``tools/servers.py`` would use. Review the difference of go.mod and go.sum before you commit it.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys

import servers

MANIFEST = servers.TOOLS.parent / "collector-config" / "manifest.yaml"
BUILDER = "go.opentelemetry.io/collector/cmd/builder"


def main() -> int:
    """Generate the sources, and on request the locks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tidy", action="store_true", help="also update go.mod and go.sum")
    options = parser.parse_args()

    manifest = MANIFEST.read_text(encoding="utf-8")
    version = re.search(r"^  version: (\S+)$", manifest, re.MULTILINE)
    if version is None:
        print("the manifest has no dist.version", file=sys.stderr)
        return 1

    program = servers.find("otelcol")
    go, environment = servers.install_go(program)
    binaries = servers.cache_dir() / "builder" / version[1]
    install = {**environment, "GOBIN": str(binaries), "GOFLAGS": "-buildvcs=false"}
    subprocess.run([go, "install", f"{BUILDER}@v{version[1]}"], env=install, check=True)

    # The builder's own handling of modules fetches more than a build needs, so it only writes sources ...
    generate = [str(binaries / "builder"), "--skip-compilation", "--config", str(MANIFEST.name)]
    if not options.tidy:
        generate.append("--skip-get-modules")
    path = os.pathsep.join((os.path.dirname(go), environment.get("PATH", "")))  # noqa: PTH120 - go may be a bare name
    status = subprocess.run(
        generate, cwd=MANIFEST.parent, env={**environment, "GOFLAGS": "", "PATH": path}, check=False
    )
    if status.returncode and not options.tidy:
        return 1
    # ... and whether the locks are enough is what a read-only listing says.
    check = [go, "list", "-deps", f"-tags={program.tags}", "."]
    return subprocess.run(
        check, cwd=servers.TOOLS / program.module, env=environment, check=False, stdout=subprocess.DEVNULL
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
