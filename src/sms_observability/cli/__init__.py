"""The command line: `sms-observability demo | receive | doctor | render | catalog | explain-sampling`.

Every command ends with 0 when all is well, 1 when it found something, 2 when it was used wrongly. It needs the extra
`cli`; without it, the command says so.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

_NEEDED = ("click", "rich", "yaml", "opentelemetry.proto")
_WRONG_USE = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: What stands behind the name of the program; that of this process if left out.

    Returns:
        The exit status: 0 all is well, 1 findings, 2 wrong use.

    Example:
        >>> main(["catalog", "--json"])  # doctest: +SKIP
        0
    """
    missing = _missing()
    if missing:
        sys.stderr.write(
            f"sms-observability: the command line needs {', '.join(missing)}: "
            'install it with pip install "sms-observability[cli]"\n'
        )
        return _WRONG_USE
    from sms_observability.cli.commands import run

    return run(list(sys.argv[1:] if arguments is None else arguments))


def _missing() -> list[str]:
    missing: list[str] = []
    for name in _NEEDED:
        try:
            importlib.import_module(name)
        except ImportError:
            missing.append(name)
    return missing
