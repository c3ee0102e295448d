"""Where lines go: standard output, as it is at that moment, in one write a line."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from sms_observability.logs.options import Format


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
        try:
            if stream is not None:
                stream.write(line)
                stream.flush()
        except UnicodeError:
            self._write_ascii(line)
        except (OSError, ValueError, AttributeError):  # closed, full, or no stream at all
            return

    def _write_ascii(self, line: str) -> None:
        self.write(line.encode("ascii", "backslashreplace").decode("ascii"))

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
