"""What a program of the stack is, and where built ones are."""

import functools
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from examples.portal.processes import ROOT


class StackError(Exception):
    """The stack cannot be started; the message says why and what to do."""


@dataclass(frozen=True)
class Program:
    """One program that runs as long as the stack does.

    Attributes:
        name: What it is called, and its log file.
        command: The program and its arguments.
        environment: Its variables, beside a few of everybody's.
        ready: URL that answers 2xx when it works; empty for a program that answers nobody.
        shows: What a person sees there, for the table.
        page: The URL for a person; empty for a program that has nothing to show.
        killed: What happens when it is killed, in half a line.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    ready: str = ""
    shows: str = ""
    page: str = ""
    killed: str = ""


def optional(name: str) -> Path | None:
    """Give the place of a store that the stack has if it is built, and if nobody wants a lean stack."""
    return None if os.environ.get("SMS_STACK_LEAN") else built(name)


@functools.cache
def built(name: str) -> Path | None:
    """Give the place of a program that `make servers` has built, or nothing."""
    found = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, str(ROOT / "tools" / "servers.py"), "path", name], capture_output=True, text=True, check=False
    )
    return None if found.returncode else Path(found.stdout.strip())


def needed(name: str) -> str:
    """Give the place of a built program.

    Raises:
        StackError: It has not been built.
    """
    place = built(name)
    if place is None:
        msg = f"{name} has not been built: run `make servers` (about 15 minutes the first time)"
        raise StackError(msg)
    return str(place)
