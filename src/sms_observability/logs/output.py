"""Where lines go: standard output, as it is at that moment, in one write a line."""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from sms_observability.logs.options import Format


_BEYOND_ASCII: Final = re.compile(r"[^\x00-\x7f]+")


def _escaped(found: re.Match[str]) -> str:
    # As JSON has it, so that a line stays JSON.
    return json.dumps(found[0])[1:-1]


class Output:
    """Writes lines; a closed, full or missing stream is nobody's trouble.

    Args:
        stream: Where to; `None` for whatever `sys.stdout` is.
    """

    __slots__ = ("_stream",)

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream

    def write(self, line: str) -> None:
        """Write a line that ends in a newline."""
        stream: TextIO | None = self._stream or sys.stdout
        if stream is None:
            return
        try:
            try:
                stream.write(line)
            except UnicodeError:
                stream.write(_BEYOND_ASCII.sub(_escaped, line))
            stream.flush()
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001  # closed, full, or somebody's own stream: the copy leaves all the same
            return

    def is_terminal(self) -> bool:
        """Say whether a person is reading."""
        try:
            stream: TextIO | None = self._stream or sys.stdout
            return stream is not None and stream.isatty()
        except (OSError, ValueError, AttributeError):
            return False


def as_json(format: Format, output: Output) -> bool:  # noqa: A002
    """Say whether lines are JSON."""
    return format == "json" or (format == "auto" and not output.is_terminal())
