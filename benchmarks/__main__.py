"""All benchmarks, one after the other, and the table of `docs/performance.md`: `make bench`.

`python -m benchmarks [--rounds N] [--no-write] [NAME…]` runs only those named, which leaves the page as it is.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from benchmarks.figures import FIGURES, Figure
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "performance.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
NAMES = sorted(file.stem for file in HERE.glob("bench_*.py"))
BASES = ("opentelemetry-sdk", "opentelemetry-instrumentation-fastapi", "structlog", "fastapi")

# A process for each, so that what one installs is not in the way of the next.
_CHILD = """
import json, sys
from importlib import import_module
from pathlib import Path
name, file, *rounds = sys.argv[1:]
Path(file).write_text(json.dumps(import_module(f"benchmarks.{name}").main(*map(int, rounds))), encoding="utf-8")
"""


def run(name: str, rounds: list[str], console: Console) -> dict[str, float]:
    """Run a benchmark, show what it prints, and give its ratios by case."""
    kept = {key: text for key, text in os.environ.items() if not key.startswith(("OTEL_", "SMS_"))}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ratios.json"
        done = subprocess.run(
            [sys.executable, "-c", _CHILD, name, str(file), *rounds],
            cwd=HERE.parent,
            env={**kept, "PYTHONPATH": str(HERE.parent)},
            capture_output=True,
            text=True,
            check=False,
        )
        console.print(f"[bold]{name}[/]\n{done.stdout}", highlight=False, markup=True)
        if done.returncode:
            console.print(done.stderr, style="red", markup=False, highlight=False)
            raise SystemExit(f"{name} failed")
        ratios = json.loads(file.read_text(encoding="utf-8"))
    if not isinstance(ratios, dict):
        raise SystemExit(f"{name}.main() must return its ratios by case")
    return ratios


def verdict(figure: Figure, ratio: float) -> str:
    """Say whether a goal is reached, and if not, by how much it is missed and why."""
    if ratio <= figure.goal:
        return "reached"
    return f"missed by {ratio / figure.goal - 1:.0%}. {figure.if_missed}".rstrip()


def table(ratios: dict[str, dict[str, float]]) -> str:
    """Make the table of the page."""
    versions = ", ".join(f"{name} {version(name)}" for name in BASES)
    lines = [
        BEGIN,
        f"Measured on {os.cpu_count()} cores with CPython {platform.python_version()}; {versions}.",
        "",
        "| # | what | against | goal | measured | |",
        "|---|---|---|---|---|---|",
    ]
    for figure in FIGURES:
        ratio = ratios[figure.bench][figure.case]
        digits = 3 if figure.goal < 0.1 else 2
        lines.append(
            f"| {figure.number} | {figure.what} | {figure.base} | ≤ {figure.goal:.{digits}f} | **{ratio:.{digits}f}** "
            f"| {verdict(figure, ratio)} |"
        )
    lines += ["", "Everything that was measured, as ratios to the base of its benchmark:", ""]
    for name in sorted(ratios):
        cases = "; ".join(f"{case} **{ratio:.3g}**" for case, ratio in ratios[name].items())
        lines.append(f"- `{name}`: {cases}")
    return "\n".join([*lines, END])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *NAMES], metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--rounds", type=int, help="how often; each benchmark knows its own number")
    parser.add_argument("--no-write", action="store_true", help="leave the page as it is")
    given = parser.parse_args()
    console = Console()
    rounds = [] if given.rounds is None else [str(given.rounds)]
    ratios = {}
    names = given.names or NAMES
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=len(names))
        for name in names:
            progress.update(task, description=name)
            ratios[name] = run(name, rounds, progress.console)
            progress.advance(task)
    for figure in FIGURES:
        if figure.bench in ratios:
            ratio = ratios[figure.bench][figure.case]
            style = "green" if ratio <= figure.goal else "yellow"
            console.print(f"{figure.number}  {figure.what}: {ratio:.3f}, {verdict(figure, ratio)}", style=style)
    if given.names or given.no_write:
        return
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(before + table(ratios) + after, encoding="utf-8")
    console.print(f"written: {PAGE.relative_to(HERE.parent)}")


if __name__ == "__main__":
    main()
