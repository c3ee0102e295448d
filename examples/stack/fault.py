"""Lets something go wrong in a running stack: `python -m examples.stack.fault FOLDER FAULT on|off`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from examples.portal.faults import FAULTS, switch
from examples.stack.supervise import Supervisor

PAYMENT_DOWN = "payment_down"
SWITCHES: tuple[str, ...] = (*FAULTS, PAYMENT_DOWN)


def turn(folder: Path, name: str, *, on: bool) -> None:
    """Switch a fault on or off.

    Args:
        folder: Of the running stack.
        name: One of :data:`SWITCHES`.
        on: Whether it is to happen from now on.

    Raises:
        ValueError: There is no such fault.
    """
    if name == PAYMENT_DOWN:
        supervisor = Supervisor((), folder)
        (supervisor.stop_program if on else supervisor.start_program)("payment-processor")
        return
    for fault in FAULTS:
        if fault == name:
            switch(folder / "faults", fault, on=on)
            return
    msg = f"there is no fault {name!r}; there are: {', '.join(SWITCHES)}"
    raise ValueError(msg)


def main(arguments: Sequence[str] | None = None) -> int:
    """Do it.

    Args:
        arguments: Of the command line.

    Returns:
        The exit status.
    """
    parser = argparse.ArgumentParser(prog="fault", description=__doc__)
    parser.add_argument("folder", type=Path, help="of the running stack; it says so when it starts")
    parser.add_argument("fault", choices=SWITCHES)
    parser.add_argument("state", choices=("on", "off"))
    options = parser.parse_args(arguments)
    if not (options.folder / "supervisor.sock").exists():
        sys.stderr.write(f"no stack runs in {options.folder}\n")
        return 1
    turn(options.folder, options.fault, on=options.state == "on")
    return 0


if __name__ == "__main__":
    sys.exit(main())
