"""Our own parts of the Collector: their Go tests run with the Go and the locks that build it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from servers.collector import CONFIG
from servers.programs import ROOT, binary

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(300)]

# tools/ is no package: its script is asked, as regenerate_collector.py does.
FIND_GO = """\
import json
import servers

print(json.dumps(servers.install_go(servers.find("otelcol"))))
"""


@pytest.mark.parametrize(("part", "tests"), [("scrub", 12), ("retry", 12), ("weight", 2)])
def test_the_go_tests_of_our_own_part_pass(part: str, tests: int) -> None:
    """The part does what its tests say, all of them ran, and the compiler's vet has nothing to say."""
    binary("otelcol")  # fails or skips where the servers were not built: then there may be no Go either
    found = subprocess.run(
        [sys.executable, "-c", FIND_GO], cwd=ROOT / "tools", capture_output=True, text=True, check=True, timeout=120
    )
    go, environment = json.loads(found.stdout)
    said = subprocess.run(
        [go, "test", "-count=1", "-v", "./..."],
        cwd=CONFIG / part,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert said.returncode == 0, said.stdout + said.stderr
    assert said.stdout.count("--- PASS") == tests, said.stdout
