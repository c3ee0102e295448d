"""What a Collector must be told: the placeholders of its files, and which of them have no default.

An unset variable is empty for the Collector, which then says something about a port or an address. The stack looks
before it starts anything, and names the variable.
"""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from examples.portal.processes import ROOT
from examples.stack.program import StackError

CONFIG = ROOT / "collector-config"
SETTINGS = Path(__file__).with_name("stack.env")

_PLACEHOLDER = re.compile(r"\$\{env:(\w+)(:-[^}]*)?\}")
_OWN = ("SMS_COLLECTOR_", "SMS_STACK_")


def settings(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Give what `stack.env` says, and above it what the environment does.

    Raises:
        StackError: A line of the file is no `NAME=value`.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(SETTINGS.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, sign, text = line.partition("=")
        if not sign or not name.startswith(_OWN):
            msg = f"{SETTINGS.name}, line {number}: write SMS_COLLECTOR_…=value"
            raise StackError(msg)
        found[name] = text.strip()
    given = os.environ if environ is None else environ
    found.update({name: text for name, text in given.items() if name.startswith(_OWN)})
    return found


def mandatory(configs: Sequence[Path]) -> dict[str, Path]:
    """Give the variables that have no default in any of these files, each with the file that needs it."""
    needed: dict[str, Path] = {}
    optional: set[str] = set()
    for config in configs:
        lines = config.read_text(encoding="utf-8").splitlines()
        text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
        for name, default in _PLACEHOLDER.findall(text):
            if default:
                optional.add(name)
            else:
                needed.setdefault(name, config)
    return {name: config for name, config in needed.items() if name not in optional}


def require(configs: Sequence[Path], environment: Mapping[str, str]) -> None:
    """Refuse to go on while a variable is missing that the files need.

    Raises:
        StackError: It names every such variable, the file, and the meaning in the table of the README.
    """
    missing = [(name, config) for name, config in mandatory(configs).items() if not environment.get(name, "").strip()]
    if missing:
        told = [f"{name} is not set: {_where(config)} needs it ({_meaning(name)})" for name, config in missing]
        raise StackError("\n".join([*told, f"Set it in {_where(SETTINGS)} or in the environment."]))


def _where(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def _meaning(name: str) -> str:
    readme = (CONFIG / "README.md").read_text(encoding="utf-8")
    found = re.search(rf"^\| `{name}` \| [^|]* \| (.+?) \|$", readme, re.MULTILINE)
    return found[1] if found else "see collector-config/README.md"
