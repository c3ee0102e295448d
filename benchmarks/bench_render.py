"""How long it takes to render every file of the catalogue, as a share of the two seconds that it may take.

Rounds are processes of their own. What counts is their CPU time, which on an idle machine is the time that passes.
Run it with `python -m benchmarks.bench_render [rounds]`.
"""

from __future__ import annotations

import subprocess
import sys
from statistics import median

LIMIT = 2.0
"""Seconds."""

_IN_MEMORY = """
from time import process_time
from sms_observability.catalog import SMS_CATALOG
from sms_observability.render import render
before = process_time()
files = render(SMS_CATALOG)
print(process_time() - before, process_time(), len(files), sum(map(len, files.values())))
"""


def main(rounds: int = 5) -> dict[str, float]:
    """Measure, tell, and give the shares of the limit."""
    whole: list[float] = []
    rendering: list[float] = []
    said = ""
    for _ in range(rounds):
        done = subprocess.run([sys.executable, "-c", _IN_MEMORY], capture_output=True, text=True, check=True)
        alone, all_of_it, said = done.stdout.split(maxsplit=2)
        rendering.append(float(alone))
        whole.append(float(all_of_it))
    files, characters = said.split()
    print(f"{files} files, {int(characters):,} characters")
    print(f"rendering {median(rendering):.2f} s, with the interpreter's start and all imports {median(whole):.2f} s")
    return {
        "all files rendered, of 2 s": median(rendering) / LIMIT,
        "with start and imports, of 2 s": median(whole) / LIMIT,
    }


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
