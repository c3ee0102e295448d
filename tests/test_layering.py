"""The house stands: imports go down, nothing goes round, files stay small, names stay what was promised."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "sms_observability"
PACKAGE = "sms_observability"

# A room may import from floors below its own, and from itself. What is not listed here has no place in the house.
FLOORS = {
    "catalog": 0,
    "environment": 0,
    "imports": 0,
    "sanitise": 0,
    "problem": 0,
    "settings": 0,
    "variables": 0,
    "version": 0,
    "context": 1,
    "lifecycle": 1,
    "lint": 1,
    "render": 1,
    "sampling": 1,
    "trust": 1,
    "privacy": 2,
    "export": 3,
    "receiver": 3,
    "providers": 4,
    "logs": 5,
    "metrics": 5,
    "journeys": 6,
    "health": 7,
    "instrumentation": 7,
    "setup": 8,
    "": 8.5,  # the public names
    "testing": 9,
    "cli": 10,
}
SAME_FLOOR = {
    ("environment", "problem"),
    ("environment", "variables"),  # what is wrong with those of the table
    ("settings", "environment"),
    ("settings", "problem"),
}

MOST_LINES = 300
LONGER = {
    "catalog/metric.py": "the docstrings of the three ways to declare a metric are what an editor shows",
    "export/foreign.py": "each field of the three kinds of records that somebody else's SDK makes",
    "export/records.py": "the plain records of all signals; nothing in them acts",
    "providers/span.py": "one class, the whole interface of a span, on the hottest path",
}

PUBLIC = {
    *("init_observability", "Observability", "reset", "SettingsError"),
    *("journey", "step"),
    *("get_logger", "bind_context", "unbind_context", "current_correlation_id"),
    *("metrics", "Restricted", "declassify", "RestrictedValueError"),
    *("health_router", "HealthCheck"),
    *("SMS_CATALOG", "Catalog", "CatalogError", "Metric", "Journey", "Step", "Field"),
}

MODULES = sorted(SOURCE.rglob("*.py"))
NAMES = {module: ".".join((PACKAGE, *module.relative_to(SOURCE).with_suffix("").parts)) for module in MODULES}
NAMES = {module: name.removesuffix(".__init__") for module, name in NAMES.items()}
KNOWN = set(NAMES.values())


def room(name: str) -> str:
    """Give the room of a module: what stands behind the package's name."""
    return name.removeprefix(PACKAGE).lstrip(".").partition(".")[0]


def imports(module: Path) -> Iterator[tuple[str, int]]:
    """Give what a module imports from the package, wherever it does, and in which line."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((name.name, node.lineno) for name in node.names if name.name.split(".")[0] == PACKAGE)
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == PACKAGE:
            for name in node.names:
                full = f"{node.module}.{name.name}"
                yield (full if full in KNOWN else node.module), node.lineno


def tracked() -> list[Path]:
    """Give every file that is under version control, and on the disk."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_every_module_has_its_floor() -> None:
    """A new room is put on a floor before anything stands in it."""
    assert {room(name) for name in KNOWN} <= set(FLOORS)


def test_imports_only_go_downwards() -> None:
    """A room knows those below it, and neither its neighbours nor who builds on it."""
    upwards = [
        f"{module.relative_to(ROOT)}:{line}: {room(name) or PACKAGE} imports {room(target) or PACKAGE}"
        for module, name in NAMES.items()
        if room(name) != ""
        for target, line in imports(module)
        if room(target) != room(name)
        and (room(name), room(target)) not in SAME_FLOOR
        and FLOORS[room(target)] >= FLOORS[room(name)]
    ]
    assert not upwards, "\n".join(upwards)


def test_no_imports_go_in_circles() -> None:
    """No module needs one that needs it, not even in a function or for its types: each can be read by itself."""
    graph = {
        name: {target for target, _ in imports(module) if target not in (name, PACKAGE)}
        for module, name in NAMES.items()
        if name != PACKAGE
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


def test_modules_are_small() -> None:
    """A file has one noun and at most 300 lines, or a reason to be longer."""
    lengths = {
        str(module.relative_to(SOURCE)): len(module.read_text(encoding="utf-8").splitlines()) for module in MODULES
    }
    assert not {name: length for name, length in lengths.items() if length > MOST_LINES and name not in LONGER}
    assert not {name for name in LONGER if lengths.get(name, 0) <= MOST_LINES}, "these need no exception any more"


def undocumented(node: ast.Module | ast.ClassDef, name: str = "") -> Iterator[tuple[int, str]]:
    """Give line and name of what is public and says nothing: the node itself, and what stands directly in it."""
    if not (ast.get_docstring(node) or "").strip():
        yield getattr(node, "lineno", 1), name or "the module"
    for inner in node.body:
        if isinstance(inner, ast.ClassDef) and inner.name[0] != "_":
            yield from undocumented(inner, inner.name)
        elif isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef) and inner.name[0] != "_":
            overloaded = any("overload" in ast.unparse(each) for each in inner.decorator_list)
            if not overloaded and not (ast.get_docstring(inner) or "").strip():
                yield inner.lineno, f"{name}.{inner.name}".lstrip(".")


def test_everything_public_says_what_it_is() -> None:
    """Each module, and each public class and function in it, begins its documentation with a sentence."""
    silent = [
        f"{module.relative_to(ROOT)}:{line} {name}"
        for module in MODULES
        for line, name in undocumented(ast.parse(module.read_text(encoding="utf-8")))
    ]
    assert not silent, "\n".join(silent)


def test_the_public_names_are_those_that_were_promised() -> None:
    """Services import exactly these, and `import *` gives no more."""
    import sms_observability

    assert set(sms_observability.__all__) == PUBLIC
    assert all(hasattr(sms_observability, name) for name in PUBLIC)


# Written so that this file does not hold what it looks for.
_MACHINE = re.compile(
    r"/(?:work|root)/[a-z.]"
    r"|/home/(?!nonroot)[a-z]+/"
    r"|\b(?:pypi|pythonhosted|debian|npmjs|crates|maven|golang)\.(?:org|io|com)/simple"
    r"|\bfiles\.pythonhosted\b|--(?:extra-)?index-url\b|\bproxy\.golang\b"
)


def test_no_file_names_a_machine_or_an_index() -> None:
    """Whatever is checked in works on any machine, with any mirror."""
    found = []
    for file in tracked():
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        found += [f"{file.relative_to(ROOT)}:{number}" for number, line in enumerate(lines, 1) if _MACHINE.search(line)]
    assert found == [f"tests/{Path(__file__).name}:{number}" for number in _own_lines()]


def _own_lines() -> list[int]:
    lines = Path(__file__).read_text(encoding="utf-8").splitlines()
    return [number for number, line in enumerate(lines, 1) if _MACHINE.search(line)]
