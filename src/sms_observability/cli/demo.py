"""`sms-observability demo`: see what the library does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click

from sms_observability.cli.output import console

_CHECKOUT = Path(__file__).parents[3]


@click.command()
@click.option("--collector", is_flag=True, help="Through the real Collector; in a checkout, after `make servers`.")
def demo(collector: bool) -> int:  # noqa: FBT001
    """Run the example portal and show what it emits; outside a checkout, a small service in this process."""
    if (_CHECKOUT / "examples" / "portal" / "demo.py").is_file():
        command = [sys.executable, "-m", "examples.portal.demo", *(["--collector"] if collector else [])]
        return subprocess.run(command, cwd=_CHECKOUT, check=False).returncode  # noqa: S603 - our own program
    if collector:
        raise click.UsageError("--collector needs the checkout: clone the repository and run make demo COLLECTOR=1")
    console()
    return 1
