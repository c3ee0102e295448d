"""The group of all commands, and how each of them ends."""

from __future__ import annotations

import sys
from io import TextIOWrapper
from typing import TYPE_CHECKING

import click

from sms_observability.cli.catalog import catalog
from sms_observability.cli.dashboards import dashboards
from sms_observability.cli.demo import demo
from sms_observability.cli.doctor import doctor
from sms_observability.cli.explain_sampling import explain_sampling
from sms_observability.cli.incident import incident
from sms_observability.cli.lint_rules import lint_rules
from sms_observability.cli.receive import receive
from sms_observability.cli.render import render

if TYPE_CHECKING:
    from collections.abc import Sequence

FINDINGS = 1


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit status: 0 all is well, 1 findings, 2 wrong use.",
)
@click.version_option(package_name="sms-observability", prog_name="sms-observability")
def commands() -> None:
    """Observability of the SMS portal: look at it, check it, render what belongs to it."""


for _command in (demo, receive, doctor, render, dashboards, catalog, explain_sampling, lint_rules, incident):
    commands.add_command(_command)


def run(arguments: Sequence[str]) -> int:
    """Run a command and give its exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # Not every terminal has every letter.
            stream.reconfigure(errors="backslashreplace")
    try:
        status = commands.main(list(arguments), prog_name="sms-observability", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        sys.stderr.write("Stopped.\n")
        return FINDINGS
    except BrokenPipeError:
        # Whoever read our output has seen enough; the interpreter must not try to flush what is left.
        sys.stdout = None
        return FINDINGS
    return status if isinstance(status, int) else 0
