"""The stack as one thing: everything that runs, its table, its faults."""

from collections.abc import Mapping
from pathlib import Path
from typing import Self

from rich.table import Table

from examples.stack.backends import backends
from examples.stack.collectors import collectors, write_keys
from examples.stack.fault import turn
from examples.stack.monitoring import monitoring
from examples.stack.placeholders import settings as read_settings
from examples.stack.places import Places
from examples.stack.portal import create_database, portal
from examples.stack.supervise import Supervisor
from examples.stack.tempo import USUAL, Tempo

READY_WITHIN = 120.0


class Stack:
    """The whole stack on this machine.

    Args:
        folder: For all its files; short, because a socket lies in it.
        tempo: How fast it lives.
        any_ports: Use ports that are free instead of the usual ones.
        settings: What `stack.env` and the environment say, unless given.

    Raises:
        StackError: Something is missing that it cannot start without.
    """

    def __init__(
        self, folder: Path, *, tempo: Tempo = USUAL, any_ports: bool = False, settings: Mapping[str, str] | None = None
    ) -> None:
        self.folder = folder
        self.places = Places(any_free=any_ports)
        found = read_settings() if settings is None else settings
        write_keys(folder)
        self.programs = [
            *backends(self.places, folder),
            *monitoring(self.places, folder, tempo, found["SMS_STACK_ENVIRONMENT"]),
            *collectors(self.places, folder, found),
            *portal(self.places, folder, found, tempo),
        ]
        self.supervisor = Supervisor(self.programs, folder)

    def __enter__(self) -> Self:
        create_database(self.folder)
        self.supervisor.__enter__()
        try:
            self.supervisor.wait_until_ready(READY_WITHIN)
            list(self.supervisor.changes())  # from here on, another process is news
        except BaseException:
            self.supervisor.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.supervisor.stop()

    def switch(self, fault: str, *, on: bool) -> None:
        """Switch a fault on or off.

        Args:
            fault: One of :data:`examples.stack.fault.SWITCHES`.
            on: Whether it is to happen from now on.
        """
        turn(self.folder, fault, on=on)

    def table(self) -> Table:
        """Give what runs, and where to look at it."""
        table = Table(box=None, pad_edge=False)
        for title in ("program", "look at", "what is there"):
            table.add_column(title, overflow="fold", no_wrap=title != "what is there")
        for program in self.programs:
            page = program.page or f"log/{program.name}.log"
            table.add_row(program.name, page, program.shows or "its log")
        return table
