"""Where lines go: standard output, as it is at that moment, in one write a line."""

from __future__ import annotations

import io
import json
import os
import re
import sys
from typing import TYPE_CHECKING, Any, Final, TextIO

if TYPE_CHECKING:
    from sms_observability.logs.options import Format


_BEYOND_ASCII: Final = re.compile(r"[^\x00-\x7f]+")


def _escaped(found: re.Match[str]) -> str:
    # As JSON has it, so that a line stays JSON.
    return json.dumps(found[0])[1:-1]


def _write_text(stream: TextIO, line: str) -> None:
    try:
        stream.write(line)
    except UnicodeError:
        stream.write(_BEYOND_ASCII.sub(_escaped, line))
    stream.flush()


def _file_beneath(stream: Any) -> io.FileIO | None:
    """Give the file of an ordinary stream of UTF-8, which is written to at once in half the time; else `None`."""
    if type(stream) is not io.TextIOWrapper or os.linesep != "\n" or stream.encoding.lower() not in ("utf-8", "utf8"):
        return None
    file: Any = getattr(stream.buffer, "raw", None)
    return file if type(file) is io.FileIO and type(stream.buffer) is io.BufferedWriter else None


class Output:
    """Writes lines; a closed, full or missing stream is nobody's trouble.

    Args:
        stream: Where to; `None` for whatever `sys.stdout` is.
    """

    __slots__ = ("_file", "_seen", "_stream")

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        # The stream that was written to last, and the file beneath it.
        self._seen: TextIO | None = None
        self._file: io.FileIO | None = None

    def write(self, line: str) -> None:
        """Write a line that ends in a newline."""
        stream: TextIO | None = self._stream or sys.stdout
        if stream is None:
            return
        try:
            if stream is not self._seen:
                self._file, self._seen = _file_beneath(stream), stream
            file = self._file
            if file is None:
                _write_text(stream, line)
                return
            stream.flush()  # what others have written comes first
            content = line.encode(errors="backslashreplace")
            written = file.write(content)
            while written != len(content):
                if not written:  # it would wait, and the stream does with that what it does
                    stream.buffer.write(content)
                    stream.flush()
                    return
                content = content[written:]
                written = file.write(content)
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001  # closed, full, or somebody's own stream: the copy leaves all the same
            return

    def is_terminal(self) -> bool:
        """Say whether a person is reading."""
        try:
            stream: TextIO | None = self._stream or sys.stdout
            return stream is not None and bool(stream.isatty())
        except Exception:  # noqa: BLE001  # closed, or somebody's own stream
            return False

    def has_colours(self) -> bool:
        """Say whether colours are understood there and wanted: `NO_COLOR`, and `TERM=dumb`, say that they are not."""
        return self.is_terminal() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def as_json(format: Format, output: Output) -> bool:  # noqa: A002
    """Say whether lines are JSON."""
    return format == "json" or (format == "auto" and not output.is_terminal())
